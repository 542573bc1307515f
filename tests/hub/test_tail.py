"""What follows the journal: whom a change wakes, and what is kept ready for many."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from small_desk import Served, SmallDesk

from hub.desk import references
from hub.desk.principal import SYSTEM
from hub.desk.tables import message
from hub.live.connection import Connection
from hub.live.kept_references import KeptReferences
from hub.live.tail import Changes, Waiter
from hub.protocol import commands as c
from hub.store.compiled import Listed
from hub.store.schema import head


async def test_whom_a_change_means_nothing_sleeps_on_and_misses_nothing_that_comes_after(desk: SmallDesk) -> None:
    looked: list[int] = []

    def not_from_two(changes: Changes) -> bool:
        looked.extend(change.seq for change in changes)
        return not any(m.b == "dos" for change in changes for m in change.messages)

    async def caught_up() -> int:
        end = await desk.hub.store.read(lambda conn: int(conn.scalar(sa.select(head.c.seq)) or 0))
        while tail.seq < end:
            await tail.after(tail.seq)
        return tail.seq

    tail, woken = desk.hub.tail, asyncio.Event()
    begin = await caught_up()
    waiter = tail.wait(Waiter(begin, woken.set, not_from_two))
    await desk.say("p1", "uno")
    end = await caught_up()
    assert waiter.seq == end
    assert not woken.is_set()
    await desk.say("p1", "dos")
    await woken.wait()
    found = tail.since(waiter.seq)
    assert [m.b for change in found for m in change.messages] == ["dos"]
    assert looked == [*range(begin + 1, found[-1].seq + 1)]


async def test_a_line_for_one_agent_wakes_only_that_one_and_the_others_are_told_no_gap(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, woken = served.desk, list[str]()
    made = await desk.say("p1", "Hola")
    await served.join("ana")
    await served.join("luis")
    await desk.run("ana", "conversation.open", c.Open(int(made["conversation"] or 0)))
    await served.settle()
    tell = Connection._tell

    async def noted(self: Connection, changes: Changes) -> None:
        woken.append(next(login for login, number in desk.ids.items() if number == self.who.id))
        await tell(self, changes)

    monkeypatch.setattr(Connection, "_tell", noted)
    await desk.say("p1", "¿Siguen ahí?")
    await served.settle()
    assert set(woken) == {"ana"}
    await desk.say("p2", "Otra cosa")  # waits, and both may see it
    await served.settle()
    assert set(woken) == {"ana", "luis"}


async def test_reference_data_is_made_once_for_all_until_it_changes(
    desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, made = KeptReferences(), list[str]()
    ana, luis = await desk.who("ana"), await desk.who("luis")
    await desk.run("ana", "shortcut.save", c.SaveShortcut("mio", "Solo para mí"))

    def counted(conn: sa.Connection, name: str) -> Any:
        made.append(name)
        return whole(conn, name)

    whole = references.whole
    monkeypatch.setattr(references, "whole", counted)

    async def told(who: Any, held: dict[str, int]) -> dict[str, Any]:
        return {ref.name: ref for ref in await desk.hub.store.read(lambda conn: kept.newer(conn, held, who))}

    first = await told(ana, {})
    assert sorted(made) == sorted(first) == sorted(references.REFERENCES)
    assert b"Solo para" in b"".join(bytes(raw) for raw in first["shortcuts"].items)
    assert b"Solo para" not in b"".join(bytes(raw) for raw in (await told(luis, {}))["shortcuts"].items)
    assert len(made) == len(first)
    held = {name: ref.version for name, ref in first.items()}
    assert await told(ana, held) == {}
    await desk.run(SYSTEM, "tag.save", c.SaveTag("urgente", "#c0392b"))
    again = await told(ana, held)
    assert [*again] == ["tags"]
    assert b"urgente" in bytes(again["tags"].items[-1])


async def test_a_list_of_any_length_gives_each_row_once(desk: SmallDesk) -> None:
    numbers = [int((await desk.say("p1", f"línea {n}"))["message"] or 0) for n in range(9)]
    lines = Listed(sa.select(message.c.id, message.c.body).order_by(message.c.id), message.c.id)
    for length in (0, 1, 2, 3, 5, 8, 9):
        wanted = numbers[:length]
        rows = await desk.hub.store.read(lambda conn, wanted=wanted: lines.all(conn, wanted))  # type: ignore[misc]
        assert [(row.id, row.body) for row in rows] == [(number, f"línea {n}") for n, number in enumerate(wanted)]
