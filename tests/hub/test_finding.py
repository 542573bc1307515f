"""Everybody finds everybody's conversations by whom they are with, and nobody by what was said in another's."""

import pytest
import sqlalchemy as sa
from api_client import program
from small_desk import Served, SmallDesk

from hub.desk import finding
from hub.desk.ask import ask, parameters
from hub.desk.principal import SYSTEM
from hub.desk.tables import conversation
from hub.protocol import commands as c
from hub.protocol.queries import QUERIES, Found
from hub.protocol.views import Row
from hub.store.clock import ManualClock

NUMBER = "+595 981 222-333"


async def served_by(desk: SmallDesk, login: str, *, name: str = "José Ñandú", phone: str = NUMBER) -> int:
    await desk.reach(login)
    made = await desk.say(f"{name}-{login}", "clave secreta", name=name, phone=phone)
    number = int(made["conversation"] or 0)
    await desk.run("sofia", "conversation.assign", c.Assign(number, desk.ids[login]))
    await desk.run(login, "conversation.open", c.Open(number))
    return number


async def looked(desk: SmallDesk, login: str, **given: str) -> Found:
    who, hub, query = await desk.who(login), desk.hub, QUERIES["search"]
    found = await hub.store.read(lambda conn: ask(hub.asking(conn, who), query, parameters(query, given)))
    assert isinstance(found, Found)
    return found


async def called(desk: SmallDesk, login: str, words: str) -> list[Row]:
    return (await looked(desk, login, words=words)).called


@pytest.mark.parametrize(
    "words", ["jose", "ÑAND", "nan jos", "595981", "+595 981", "0981222333", "(0981) 222-333", "222333", "jose 981"]
)
async def test_anothers_is_found_by_name_and_number_and_told_without_its_text(desk: SmallDesk, words: str) -> None:
    number = await served_by(desk, "luis")
    await desk.run("luis", "message.note", c.Note(number, "apunte"))
    (mine,) = await called(desk, "luis", words)
    assert (mine.id, mine.hid, mine.num, mine.last) == (number, False, NUMBER, "apunte")
    (other,) = await called(desk, "ana", words)
    whole = Row(number, 0, "chat", "open", desk.web, desk.queue, "José Ñandú", mine.at, mine.begun)
    whole.owner, whole.hid = desk.ids["luis"], True
    assert other == whole, "nothing else is told"


@pytest.mark.parametrize("words", ["{n}", "#{n}", " #{n} "])
async def test_one_is_found_by_its_own_number_and_stands_first(desk: SmallDesk, words: str) -> None:
    number = await served_by(desk, "luis")
    other = await served_by(desk, "luis", name=f"Zoe {number}", phone="")
    found = await called(desk, "ana", words.format(n=number))
    assert found[0].id == number
    assert [row.id for row in found[1:]] == ([] if "#" in words else [other])


async def test_what_was_said_in_it_finds_nobody_elses(desk: SmallDesk) -> None:
    """Nor does it matter for what is found by name whether the words were said there, too."""
    number = await served_by(desk, "luis", name="Clave Uno")
    await served_by(desk, "luis", name="Zoe")
    found = await looked(desk, "ana", words="secreta")
    assert (found.items, found.called, found.next) == ([], [], 0)
    found = await looked(desk, "ana", words="clave")
    assert (found.items, [row.id for row in found.called]) == ([], [number])
    assert len((await looked(desk, "luis", words="secreta")).items) == 2


async def test_what_was_erased_is_found_by_nobody(desk: SmallDesk) -> None:
    number = await served_by(desk, "luis")
    whose = sa.select(conversation.c.contact_id).where(conversation.c.id == number)
    who = await desk.hub.store.read(lambda conn: conn.scalar(whose)) or 0
    await desk.run(SYSTEM, "contact.erase", c.EraseContact(who))
    for words in ("jose", "981", f"#{number}"):
        assert await called(desk, "sofia", words) == []


async def test_more_than_are_shown_are_said_and_come_once(
    desk: SmallDesk, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    monkeypatch.setattr(finding, "SHOWN", 2)
    numbers = []
    for n in range(3):
        numbers.append(int((await desk.say(f"p{n}", "Hola", name=f"Zoe {n}"))["conversation"] or 0))
        clock.advance(1000)
    found = await looked(desk, "sofia", words="zoe")
    assert ([row.id for row in found.called], found.many) == (numbers[:0:-1], True)
    further = await looked(desk, "sofia", words="zoe", before="99")
    assert (further.called, further.many) == ([], False)
    monkeypatch.setattr(finding, "PEOPLE", 1)
    found = await looked(desk, "sofia", words="zoe")
    assert ([row.id for row in found.called], found.many) == (numbers[2:], True)


@pytest.mark.parametrize("words", ["¿?", "* & | ' \" ( ) :", "#", "# 1", "nadie", "0"])
async def test_what_names_nobody_finds_nobody(desk: SmallDesk, words: str) -> None:
    await served_by(desk, "luis", phone="595 981")
    assert await called(desk, "ana", words) == []


async def test_programs_are_told_the_same(served: Served) -> None:
    number = await served_by(served.desk, "luis")
    async with program(served, "ana", "conversation.see") as ana:
        body = (await ana.get("search", words="jose")).body
        assert [(row["id"], row["hid"], "last" in row) for row in body["called"]] == [(number, True, False)]
