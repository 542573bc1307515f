"""Drafts at the hub: an agent's own, with versions, on no journal, and nobody else's business."""

import pytest
import sqlalchemy as sa
from small_desk import Served, SmallDesk

from hub.desk.drafts import MOST, Draft
from hub.desk.tables import conversation, draft, leg, message, period, read_mark
from hub.protocol import commands as c
from hub.protocol import frames
from hub.store.schema import head, journal


async def opened(desk: SmallDesk) -> int:
    made = await desk.say("p1", "Hola")
    await desk.reach("ana")
    number = int(made["conversation"] or 0)
    await desk.run("ana", "conversation.open", c.Open(number))
    return number


async def save(
    desk: SmallDesk, number: int, text: str, version: int = 0, who: str = "ana"
) -> tuple[Draft | None, bool]:
    return await desk.hub.drafts.save(await desk.who(who), Draft(number, text, version), lambda heard: None)


async def kept(desk: SmallDesk) -> list[str]:
    return await desk.hub.store.read(lambda conn: list(conn.scalars(sa.select(draft.c.text).order_by(draft.c.version))))


async def test_a_draft_is_taken_only_from_whoever_knows_the_version_that_is_there(desk: SmallDesk) -> None:
    number = await opened(desk)
    first, taken = await save(desk, number, "uno")
    assert first is not None
    assert taken
    second, taken = await save(desk, number, "dos", first.version)
    assert second is not None
    assert (taken, second.version > first.version) == (True, True)
    assert await save(desk, number, "tres", first.version) == (second, False)
    assert await save(desk, number, "dos", first.version) == (second, True), "the same words are no conflict"
    assert await kept(desk) == ["dos"]
    cleared, taken = await save(desk, number, "", second.version)
    assert (cleared and cleared.text, taken, await kept(desk)) == ("", True, [])


async def test_drafts_are_on_no_journal(desk: SmallDesk) -> None:
    number = await opened(desk)
    before = await desk.hub.store.read(lambda conn: conn.scalar(sa.select(head.c.seq)))
    await save(desk, number, "secreto")
    assert await desk.hub.store.read(lambda conn: conn.scalar(sa.select(head.c.seq))) == before
    text = await desk.hub.store.read(lambda conn: " ".join(conn.scalars(sa.select(journal.c.data))))
    assert "secreto" not in text


async def test_an_agent_drafts_only_where_they_see_and_may_clear_anywhere(desk: SmallDesk) -> None:
    number = await opened(desk)
    assert await save(desk, number, "ajeno", who="luis") == (None, False)
    assert await save(desk, 4711, "nada") == (None, False)
    made, _ = await save(desk, number, "mío")
    assert made is not None
    await desk.run("sofia", "conversation.assign", c.Assign(number, desk.ids["luis"]))
    assert (await save(desk, number, "mío y más", made.version))[1] is False
    assert (await save(desk, number, "", made.version))[1] is True
    assert await kept(desk) == []


async def test_an_agent_has_no_more_than_so_many_and_none_makes_room_for_another(
    desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST > 2
    monkeypatch.setattr("hub.desk.drafts.MOST", 2)
    numbers = [int((await desk.say(f"p{n}", "Hola"))["conversation"] or 0) for n in range(3)]
    made = [await save(desk, number, "uno", who="sofia") for number in numbers]
    assert [taken for _, taken in made] == [True, True, False]
    assert made[0][0] is not None
    assert (await save(desk, numbers[0], "dos", made[0][0].version, who="sofia"))[1]
    assert sorted(await kept(desk)) == ["dos", "uno"]


async def test_a_draft_is_erased_with_its_conversation(desk: SmallDesk) -> None:
    number = await opened(desk)
    await save(desk, number, "uno")

    def erase(unit: object) -> None:
        for table in (message, period, leg, read_mark):
            unit.conn.execute(sa.delete(table).where(table.c.conversation_id == number))  # type: ignore[attr-defined]
        unit.conn.execute(sa.delete(conversation).where(conversation.c.id == number))  # type: ignore[attr-defined]

    await desk.hub.store.write(erase)
    assert await kept(desk) == []
    assert await desk.hub.drafts.newer(desk.ids["ana"], {number: 7}) == [Draft(number, "", 7)]


async def test_only_the_agents_own_consoles_hear_and_only_those_that_take_drafts(served: Served) -> None:
    number = await opened(served.desk)
    one, other = await served.join("ana", drafts={}), await served.join("ana", drafts={})
    older, luis = await served.join("ana"), await served.join("luis", drafts={})
    one._put(frames.Draft(number, "Buenas", 0))
    await one.until(lambda: [x for x in one.seen if isinstance(x, frames.Drafted)])
    (answer,) = [frame for frame in one.seen if isinstance(frame, frames.Drafted)]
    assert (answer.c, answer.ok) == (number, True)
    told = [frames.Draft(number, "Buenas", answer.v)]
    await other.until(lambda: [x for x in other.seen if isinstance(x, frames.Draft)] == told)
    late = await served.join("ana", drafts={})
    await late.until(lambda: [x for x in late.seen if isinstance(x, frames.Draft)] == told)
    for watcher in (one, older, luis):
        assert not [frame for frame in watcher.seen if isinstance(frame, frames.Draft)]
    other._put(frames.Draft(number, "otra", 0))
    await other.until(lambda: [x.ok for x in other.seen if isinstance(x, frames.Drafted)] == [False])
    assert [x for x in other.seen if isinstance(x, frames.Draft)] == told * 2, "what there is comes before the refusal"
    one._put(frames.Draft(number, "nulo\0", answer.v))
    await one.until(lambda: [x for x in one.seen if isinstance(x, frames.Error)])
    assert await kept(served.desk) == ["Buenas"]
