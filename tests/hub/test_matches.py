"""Who may be a contact under another entry: by number, e-mail, document and name; and what is told of them to whom."""

from typing import Any

import pytest
import sqlalchemy as sa
from api_client import program
from form_scenarios import with_form
from small_desk import Served, SmallDesk
from test_finding import served_by

from hub.desk import filled_keys, match_queries, projections
from hub.desk.ask import ask, parameters
from hub.desk.form_tables import filled_key
from hub.desk.match_queries import near, same_number
from hub.desk.principal import SYSTEM
from hub.desk.tables import conversation
from hub.protocol import commands as c
from hub.protocol.errors import Code, Refused
from hub.protocol.forms import Field
from hub.protocol.matches import Matches
from hub.protocol.queries import QUERIES

FIELDS = [
    Field("mail", "email", {"es": "Correo"}),
    Field("paper", "document", {"es": "Documento"}),
    Field("notes", "long", {"es": "Notas"}),
    Field("line", "phone", {"es": "Teléfono"}),
]


async def matched(desk: SmallDesk, login: str, number: int) -> Matches:
    who, hub, query = await desk.who(login), desk.hub, QUERIES["matches"]
    given = {"conversation": str(number)}
    found = await hub.store.read(lambda conn: ask(hub.asking(conn, who), query, parameters(query, given)))
    assert isinstance(found, Matches)
    return found


async def why(desk: SmallDesk, login: str, number: int) -> list[tuple[int, list[str]]]:
    """(conversation, reasons), the strongest first."""
    return [(one.rows[0].id, one.why) for one in (await matched(desk, login, number)).items]


async def begun(desk: SmallDesk, person: str, **more: Any) -> int:
    return int((await desk.say(person, "Hola", **more))["conversation"] or 0)


async def test_each_reason_is_found_and_the_strongest_comes_first(desk: SmallDesk) -> None:
    version = await with_form(desk, FIELDS)
    numbers = {}
    for person, filled in (
        ("at-hand", {"mail": "Ana@Acme.py", "paper": "3.456.789"}),
        ("by-mail", {"mail": "ana@acme.PY "}),
        ("by-paper", {"paper": "3456789"}),
        ("by-neither", {"mail": "otra@acme.py", "paper": "3456780", "notes": "ana@acme.py 3.456.789"}),
    ):
        numbers[person] = await served_by(desk, "luis", name=f"{person} {person[-2:]}", phone="")
        await desk.run("luis", "form.fill", c.Fill(numbers[person], version, filled))
    await desk.run("luis", "conversation.contact", c.SaveContact(numbers["at-hand"], "Ana María López", "0981 222 333"))
    named = await begun(desk, "named", name="López, Ana")
    writes = await begun(desk, "ana@acme.py", name="Buzón")
    phoned = await begun(desk, "phoned", name="Lopez Maria", phone="+595 (981) 222-333")
    assert await why(desk, "sofia", numbers["at-hand"]) == [
        (phoned, ["number", "name"]),
        (writes, ["email"]),
        (numbers["by-mail"], ["email"]),
        (numbers["by-paper"], ["document"]),
        (named, ["name"]),
    ]
    assert (numbers["at-hand"], ["email"]) in await why(desk, "sofia", writes)
    assert await why(desk, "sofia", numbers["by-neither"]) == []


async def test_a_number_in_a_form_is_the_number_of_another_or_of_their_form(desk: SmallDesk) -> None:
    version = await with_form(desk, FIELDS)
    numbers = [await served_by(desk, "luis", name=name, phone="") for name in ("Zoe", "Ana", "Eva", "Ines")]
    filled = ("+595 981 222 333", "0981222333", "+54 981 222 333", "+595 981 222 334")
    for number, phone in zip(numbers, filled, strict=True):
        await desk.run("luis", "form.fill", c.Fill(number, version, {"line": phone}))
    own = await begun(desk, "own", name="Otro", phone="595981222333")
    assert await why(desk, "sofia", numbers[0]) == [(own, ["number"]), (numbers[1], ["number"])]
    assert await why(desk, "sofia", own) == [(numbers[1], ["number"]), (numbers[0], ["number"])]
    assert await why(desk, "sofia", numbers[3]) == []
    assert not await desk.hub.store.read(projections.check)


async def test_what_somebody_may_not_read_is_told_without_its_text(desk: SmallDesk) -> None:
    mine = await served_by(desk, "ana", name="Zoe")
    other = await served_by(desk, "luis", name="Otro nombre")
    (one,) = (await matched(desk, "ana", mine)).items
    (row,) = one.rows
    assert (one.name, one.why) == ("Otro nombre", ["number"])
    assert (row.id, row.hid, row.owner, row.last, row.num) == (other, True, desk.ids["luis"], "", "")
    (one,) = (await matched(desk, "sofia", mine)).items
    assert (one.rows[0].hid, one.rows[0].last) == (False, "clave secreta")
    with pytest.raises(Refused) as refused:
        await matched(desk, "ana", other)
    assert refused.value.code == Code.NOT_FOUND


async def test_a_match_brings_its_newest_conversations_and_says_that_there_are_more(
    desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_queries, "ROWS", 2)
    monkeypatch.setattr(match_queries, "MOST", 2)
    mine = await begun(desk, "p0", name="Zoe Ríos")
    numbers = [await begun(desk, f"p{n}", name="Zoe Rios") for n in (1, 2, 3, 4, 5)]
    first = sa.select(conversation.c.contact_id).where(conversation.c.id == numbers[4]).scalar_subquery()
    one_person = sa.update(conversation).where(conversation.c.id.in_(numbers[2:4])).values(contact_id=first)
    await desk.hub.store.write(lambda unit: unit.conn.execute(one_person))
    found = await matched(desk, "sofia", mine)
    (last,) = [one for one in found.items if len(one.rows) > 1]
    assert ([row.id for row in last.rows], last.more) == ([numbers[4], numbers[3]], True)
    assert found.many


async def test_who_was_erased_matches_nobody(desk: SmallDesk) -> None:
    version = await with_form(desk, FIELDS)
    numbers = [await served_by(desk, "luis", name=name) for name in ("Zoe Ríos", "Zoe  rios ")]
    for number in numbers:
        await desk.run("luis", "form.fill", c.Fill(number, version, {"paper": "A-1"}))
    assert await why(desk, "sofia", numbers[0]) == [(numbers[1], ["number", "document", "name"])]
    whose = sa.select(conversation.c.contact_id).where(conversation.c.id == numbers[1])
    who = await desk.hub.store.read(lambda conn: conn.scalar(whose)) or 0
    await desk.run(SYSTEM, "contact.erase", c.EraseContact(who))
    assert await why(desk, "sofia", numbers[0]) == []
    left = sa.select(sa.func.count()).select_from(filled_key).where(filled_key.c.contact_id == who)
    assert await desk.hub.store.read(lambda conn: conn.scalar(left)) == 0


async def test_what_a_form_tells_follows_it_and_is_mended(desk: SmallDesk) -> None:
    version = await with_form(desk, FIELDS)
    one, other = [await served_by(desk, "luis", name=name, phone="") for name in ("Zoe", "Ana")]
    await desk.run("luis", "form.fill", c.Fill(one, version, {"paper": "1.2", "mail": "a@b.py"}))
    await desk.run("luis", "form.fill", c.Fill(other, version, {"paper": "12"}))
    assert await why(desk, "sofia", one) == [(other, ["document"])]
    await desk.run("luis", "form.fill", c.Fill(other, version, {"paper": "13"}))
    assert await why(desk, "sofia", one) == []
    await desk.run("luis", "form.fill", c.Fill(other, version, {"paper": "1 2"}))

    def spoil(conn: sa.Connection) -> None:
        conn.execute(sa.delete(filled_key).where(filled_key.c.kind == "email"))
        conn.execute(sa.update(filled_key).where(filled_key.c.value == "12").values(value="99"))

    await desk.hub.store.write(lambda unit: spoil(unit.conn))
    (fault,) = await desk.hub.store.read(projections.check)
    assert (fault.count, fault.repairable) == (5, True)
    await desk.hub.store.write(projections.repair)
    assert not await desk.hub.store.read(projections.check)
    assert await why(desk, "sofia", one) == [(other, ["document"])]
    await desk.hub.store.write(lambda unit: unit.conn.execute(sa.delete(filled_key)))
    await desk.hub.store.write(lambda unit: filled_keys.fill(unit.conn))
    assert not await desk.hub.store.read(projections.check)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+595 981 222-333", "0981 222 333", True),
        ("00595981222333", "595981222333", True),
        ("981222333", "+595981222333", True),
        ("+595 981 222-333", "+54 981 222-333", False),
        ("0981 222 333", "0981 222 334", False),
        ("222 333", "222333", False),
        ("", "", False),
    ],
)
def test_a_number_is_the_same_however_it_is_written(one: str, other: str, same: bool) -> None:
    assert same_number(one, other) == same_number(other, one) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ana lopez", "lopez ana", True),
        ("ana lopez", "ana maria lopez diaz", True),
        ("ana gimenez", "ana jimenez", True),
        ("ana benitez", "ana benites", True),
        ("ana benitez", "ana benetiz", False),
        ("jorge benitez", "jroge benitez", True),
        ("ana lopez", "ana", False),
        ("zoe", "zoe", True),
        ("zoe", "zoe rios", False),
        ("ana rios", "ana rico", False),
        ("ana rios", "eva rios", False),
        ("ana ana", "ana lopez", False),
        ("", "", False),
    ],
)
def test_a_name_is_near_in_any_order_give_or_take_a_letter(one: str, other: str, same: bool) -> None:
    assert near(one.split(), other.split()) == near(other.split(), one.split()) == same


async def test_programs_are_told_the_same(served: Served) -> None:
    mine = await served_by(served.desk, "ana", name="Zoe")
    other = await served_by(served.desk, "luis", name="Ana")
    async with program(served, "ana", "conversation.see") as ana:
        (one,) = (await ana.get(f"conversations/{mine}/matches")).body["items"]
        assert (one["why"], one["rows"][0]["id"], one["rows"][0]["hid"]) == (["number"], other, True)
