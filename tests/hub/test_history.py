"""What a contact came with before: who may read it, in pages, by words, and on record."""

from typing import Any

import pytest
import sqlalchemy as sa
from api_client import program
from small_desk import Served, SmallDesk

from hub.desk.ask import Listed, ask, parameters
from hub.desk.principal import SYSTEM
from hub.desk.tables import conversation
from hub.live import asks
from hub.protocol import commands as c
from hub.protocol import company
from hub.protocol.errors import Code, Refused
from hub.protocol.queries import QUERIES
from hub.protocol.views import Message, Row
from hub.store.clock import ManualClock


async def asked(desk: SmallDesk, login: str, name: str, **given: str) -> Listed:
    who, hub, query = await desk.who(login), desk.hub, QUERIES[name]
    found = await hub.store.read(lambda conn: ask(hub.asking(conn, who), query, parameters(query, given)))
    assert isinstance(found, Listed)
    return found


async def history(desk: SmallDesk, login: str, number: int, **more: str) -> list[int]:
    found = await asked(desk, login, "history", conversation=str(number), **more)
    return [row.id for row in found.rows if isinstance(row, Row) and not row.hid]


async def with_whom(desk: SmallDesk, login: str, number: int, **more: str) -> list[tuple[int, int | None]]:
    """Those that may not be read, and who has them; nothing else is told of them."""
    found = await asked(desk, login, "history", conversation=str(number), **more)
    hidden = [row for row in found.rows if isinstance(row, Row) and row.hid]
    assert all(
        (row.last, row.num, row.un, row.tags, row.resp, row.upto) == ("", "", 0, [], None, None) for row in hidden
    )
    return [(row.id, row.owner) for row in hidden]


async def lines(desk: SmallDesk, login: str, number: int, of: int) -> list[str]:
    found = await asked(desk, login, "history.lines", conversation=str(number), of=str(of))
    return [line.b for line in found.rows if isinstance(line, Message)]


async def comes(desk: SmallDesk, login: str, *texts: str) -> int:
    """A conversation that comes to an agent, with nobody else there; it is begun to be served."""
    for other in ("ana", "luis"):
        await desk.reach(other, other == login)
    made = 0
    for text in texts:
        made = int((await desk.say("vera", text, name="Vera"))["conversation"] or 0)
    await desk.run(login, "conversation.open", c.Open(made))
    return made


async def thrice(desk: SmallDesk) -> tuple[int, int, int]:
    """Of one customer: with Luis, with Luis again, now with Ana."""
    members = [desk.ids["ana"], desk.ids["luis"]]
    queue = c.SaveQueue("ventas", {"es": "Ventas", "en": "Sales"}, primary=members, reopen_within=0)
    await desk.run(SYSTEM, "queue.save", queue)
    numbers, clock = [], desk.hub.store.clock
    assert isinstance(clock, ManualClock)
    for texts in (("El pedido llegó roto", "Quiero cambiarlo"), ("¿Dónde está mi envío?",)):
        number = await comes(desk, "luis", *texts)
        await desk.run("luis", "message.note", c.Note(number, "ojo con el cambio"))
        await desk.run("luis", "conversation.end", c.End(number))
        numbers.append(number)
        clock.advance(1000)
    return numbers[0], numbers[1], await comes(desk, "ana", "Hola de nuevo")


async def test_whoever_serves_reads_what_was_before_whoever_had_it(desk: SmallDesk) -> None:
    first, second, now = await thrice(desk)
    assert await history(desk, "ana", now) == [second, first]
    assert await lines(desk, "ana", now, first) == ["ojo con el cambio", "Quiero cambiarlo", "El pedido llegó roto"]
    with pytest.raises(Refused):  # it is not in her sight by itself
        await asked(desk, "ana", "messages", conversation=str(first))


async def test_it_comes_in_pages_newest_first(desk: SmallDesk) -> None:
    first, second, now = await thrice(desk)
    page = await asked(desk, "ana", "history", conversation=str(now), limit="1")
    assert page.next == str(second)
    assert await history(desk, "ana", now, limit="1", after=page.next) == [first]
    some = await asked(desk, "ana", "history.lines", conversation=str(now), of=str(first), limit="2")
    rest = await asked(desk, "ana", "history.lines", conversation=str(now), of=str(first), after=some.next or "")
    assert [line.b for line in rest.rows if isinstance(line, Message)] == ["El pedido llegó roto"]


@pytest.mark.parametrize(
    ("words", "which"), [("ENVIO", (1,)), ("camb", (1, 0)), ("pedi rot", (0,)), ("nada", ()), ("¿?", (1, 0))]
)
async def test_words_are_looked_for_in_its_lines(desk: SmallDesk, words: str, which: tuple[int, ...]) -> None:
    numbers = await thrice(desk)
    assert await history(desk, "ana", numbers[2], words=words) == [numbers[one] for one in which]


async def test_once_it_has_ended_only_sight_counts(desk: SmallDesk) -> None:
    first, second, now = await thrice(desk)
    await desk.run("ana", "conversation.end", c.End(now))
    assert await history(desk, "ana", now) == []
    assert await with_whom(desk, "ana", now) == [(second, desk.ids["luis"]), (first, desk.ids["luis"])]
    assert await with_whom(desk, "ana", now, words="roto") == await with_whom(desk, "ana", now, words="?") == []
    assert await history(desk, "luis", second) == [first]
    assert await with_whom(desk, "luis", second) == [(now, desk.ids["ana"])]
    assert await history(desk, "sofia", now) == [second, first]
    with pytest.raises(Refused) as refused:
        await lines(desk, "ana", now, first)
    assert (refused.value.code, refused.value.field) == (Code.NOT_FOUND, "of")


async def test_what_lives_with_somebody_else_is_not_of_the_past(desk: SmallDesk) -> None:
    first, second, now = await thrice(desk)
    await desk.reach("luis")
    await desk.run("luis", "conversation.reopen", c.Reopen(second))
    assert await history(desk, "ana", now) == [first]
    assert await with_whom(desk, "ana", now) == [(second, desk.ids["luis"])]
    assert await history(desk, "luis", second) == [first]
    page = await asked(desk, "ana", "history", conversation=str(now), limit="1")
    assert page.next == str(second)
    assert await history(desk, "ana", now, limit="1", after=page.next) == [first]


async def test_a_guest_reads_it_too_and_who_is_only_mentioned_does_not(desk: SmallDesk) -> None:
    first, second, now = await thrice(desk)
    made = await desk.run(SYSTEM, "agent.save", c.SaveAgent("eva", "Eva", "agent", password_hash="x"))
    desk.ids["eva"] = int(made["agent"] or 0)
    await desk.run("ana", "message.note", c.Note(now, "mirá esto @eva"))
    assert await history(desk, "eva", now) == []
    await desk.run("ana", "conversation.invite", company.Invite(now, desk.ids["eva"]))
    assert await history(desk, "eva", now) == [second, first]
    assert len(await lines(desk, "eva", now, first)) == 3


async def test_somebody_elses_conversation_opens_nothing(desk: SmallDesk) -> None:
    first, _second, now = await thrice(desk)
    other = int((await desk.say("otro", "Hola", name="Otro"))["conversation"] or 0)
    for login, number, of in (("luis", now, first), ("ana", now, other), ("ana", now, now), ("ana", other, first)):
        with pytest.raises(Refused) as refused:
            await lines(desk, login, number, of)
        assert refused.value.code == Code.NOT_FOUND


async def test_what_was_erased_is_in_no_history(desk: SmallDesk) -> None:
    first, _second, now = await thrice(desk)
    who = sa.select(conversation.c.contact_id).where(conversation.c.id == first)
    person = await desk.hub.store.read(lambda conn: conn.scalar(who))
    await desk.run(SYSTEM, "contact.erase", c.EraseContact(int(person or 0)))
    with pytest.raises(Refused):
        await history(desk, "sofia", now)


async def test_that_somebody_elses_lines_were_read_is_on_record(desk: SmallDesk) -> None:
    first, _second, now = await thrice(desk)
    looked: list[tuple[int, int | None]] = []
    at = desk.hub.looks.at

    async def note(who: Any, number: int, owner: int | None) -> None:
        looked.append((number, owner))
        await at(who, number, owner)

    desk.hub.looks.at = note  # type: ignore[method-assign]
    args = f'{{"conversation":{now},"of":{first}}}'.encode()
    told = await asks.answer(desk.hub, await desk.who("ana"), "history.lines", args)
    assert b"ojo con el cambio" in told
    assert [one for one in looked if one[1] != desk.ids["ana"]] == [(first, desk.ids["luis"])]


async def test_over_http_it_has_addresses_of_its_own(served: Served) -> None:
    first, second, now = await thrice(served.desk)
    async with program(served, "ana", "conversation.see") as ana:
        rows = (await ana.get(f"conversations/{now}/history")).body["items"]
        assert [row["id"] for row in rows] == [second, first]
        read = await ana.get(f"conversations/{now}/history/{first}/messages")
        assert read.body["items"][-1]["b"] == "El pedido llegó roto"
