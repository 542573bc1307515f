"""A contact is saved under a name: who may, what shows it, and that it is found by it."""

import pytest
import sqlalchemy as sa
from small_desk import Served, SmallDesk

from hub.desk.principal import SYSTEM
from hub.desk.tables import contact, conversation
from hub.protocol import commands as c
from hub.protocol.errors import Code, Refused

NUMBER = "+595 981 222 333"


async def kept(desk: SmallDesk, number: int) -> tuple[str, str, str, bool]:
    query = (
        sa.select(contact.c.name, contact.c.phone, contact.c.folded, contact.c.saved)
        .join(conversation, conversation.c.contact_id == contact.c.id)
        .where(conversation.c.id == number)
    )
    name, phone, folded, saved = await desk.hub.store.read(lambda conn: conn.execute(query).one())
    return name, phone, folded, bool(saved)


async def begun(desk: SmallDesk) -> int:
    await desk.reach("ana")
    return int((await desk.say("vera", "Hola", phone=NUMBER))["conversation"] or 0)


async def test_it_is_saved_with_the_words_that_it_is_found_by(desk: SmallDesk) -> None:
    number = await begun(desk)
    await desk.run("ana", "conversation.contact", c.SaveContact(number, "  Ana  López "))
    assert await kept(desk, number) == ("Ana López", NUMBER, " ana lopez 595981222333", True)
    await desk.run("ana", "conversation.contact", c.SaveContact(number, "Ana Núñez", "0981 1"))
    assert await kept(desk, number) == ("Ana Núñez", "0981 1", " ana nunez 09811", True)
    await desk.say("vera", "otra", name="Otro nombre")
    assert (await kept(desk, number))[0] == "Ana Núñez"


@pytest.mark.parametrize("name", ["", "   ", "¿?", "🌸"])
async def test_a_name_without_a_letter_is_refused_by_field(desk: SmallDesk, name: str) -> None:
    number = await begun(desk)
    with pytest.raises(Refused) as refused:
        await desk.run("ana", "conversation.contact", c.SaveContact(number, name))
    assert (refused.value.code, refused.value.field) == (Code.BAD_ARGS, "name")
    assert (await kept(desk, number))[3] is False


async def test_saving_what_is_saved_changes_nothing(desk: SmallDesk) -> None:
    number = await begun(desk)
    await desk.run("ana", "conversation.contact", c.SaveContact(number, "Ana"))
    rev = sa.select(conversation.c.rev).where(conversation.c.id == number)
    before = await desk.hub.store.read(lambda conn: conn.scalar(rev))
    await desk.run("ana", "conversation.contact", c.SaveContact(number, "Ana"))
    assert await desk.hub.store.read(lambda conn: conn.scalar(rev)) == before


async def test_all_their_living_conversations_show_it_at_once(served: Served) -> None:
    desk = served.desk
    number = await begun(desk)
    other = int((await desk.say("vera-wa", "Hola", desk.whatsapp))["conversation"] or 0)
    whose = sa.select(conversation.c.contact_id).where(conversation.c.id == number).scalar_subquery()
    one_person = sa.update(conversation).where(conversation.c.id == other).values(contact_id=whose)
    await desk.hub.store.write(lambda unit: unit.conn.execute(one_person))
    ana = await served.join("ana")
    await desk.run("ana", "conversation.contact", c.SaveContact(number, "Ana"))
    await served.settle()
    rows = {row.id: (row.name, row.saved) for row in ana.mirror.trays["pending"].rows}
    assert rows == {number: ("Ana", True), other: ("Ana", True)}


async def test_who_was_erased_is_not_saved_again(desk: SmallDesk) -> None:
    number = await begun(desk)
    whose = sa.select(conversation.c.contact_id).where(conversation.c.id == number)
    await desk.run(
        SYSTEM, "contact.erase", c.EraseContact(int(await desk.hub.store.read(lambda conn: conn.scalar(whose)) or 0))
    )
    with pytest.raises(Refused) as refused:
        await desk.run("ana", "conversation.contact", c.SaveContact(number, "Ana"))
    assert refused.value.code == Code.ERASED
