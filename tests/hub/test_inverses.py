"""What a command's spec says takes it back brings the conversation, or the agent, back to where they were."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from form_scenarios import SALE, topic, with_form
from small_desk import SmallDesk
from test_every_command import assigned, opened, waiting

from hub.desk import references
from hub.desk.facts import facts_of
from hub.desk.principal import SYSTEM
from hub.desk.projections import check
from hub.protocol import commands as c
from hub.protocol import views
from hub.protocol.registry import Before, Taken
from hub.protocol.spam import Mute
from hub.protocol.states import Outcome
from hub.store.clock import ManualClock

HOUR = 3_600_000
Case = tuple[str, str, Callable[[SmallDesk], Awaitable[int]], Callable[[SmallDesk, int], c.Args]]


async def held(desk: SmallDesk) -> int:
    conversation = await opened(desk)
    await desk.run("ana", "conversation.hold", c.Hold(conversation))
    return conversation


async def ended(desk: SmallDesk) -> int:
    conversation = await opened(desk)
    await desk.run("ana", "conversation.end", c.End(conversation, Outcome.NO_SHOW))
    return conversation


async def tagged(desk: SmallDesk) -> int:
    conversation = await opened(desk)
    tags = [int((await desk.run(SYSTEM, "tag.save", c.SaveTag(name, "#b07a1e")))["tag"] or 0) for name in ("a", "b")]
    await desk.run("ana", "conversation.tag", c.SetTags(conversation, tags[:1]))
    return conversation


async def classified(desk: SmallDesk) -> int:
    conversation = await opened(desk)
    topics = [await topic(desk, code) for code in ("a", "b")]
    await desk.run("ana", "conversation.topics", c.SetTopics(conversation, topics[:1]))
    return conversation


async def with_a_form(desk: SmallDesk) -> int:
    conversation = await classified(desk)
    await with_form(desk)
    return conversation


async def ended_with_a_form(desk: SmallDesk) -> int:
    conversation = await with_a_form(desk)
    await desk.run("ana", "conversation.end", c.End(conversation, version=1, values=SALE))
    return conversation


async def while_resting(desk: SmallDesk, prepare: Callable[[SmallDesk], Awaitable[int]]) -> int:
    """As prepared, and nobody is there whom dispatch would give it to."""
    conversation = await prepare(desk)
    await desk.run("ana", "agent.status", c.SetStatus("resting"))
    return conversation


async def opened_resting(desk: SmallDesk) -> int:
    return await while_resting(desk, opened)


async def assigned_resting(desk: SmallDesk) -> int:
    return await while_resting(desk, assigned)


async def nothing(desk: SmallDesk) -> int:
    await desk.reach("ana")
    return 0


CASES: list[Case] = [
    ("conversation.take", "luis", waiting, lambda desk, i: c.Take(i)),
    ("conversation.take", "sofia", assigned, lambda desk, i: c.Take(i)),
    ("conversation.assign", "sofia", waiting, lambda desk, i: c.Assign(i, desk.ids["luis"])),
    ("conversation.assign", "sofia", assigned, lambda desk, i: c.Assign(i, desk.ids["luis"])),
    ("conversation.requeue", "sofia", assigned_resting, lambda desk, i: c.Requeue(i)),
    ("conversation.requeue", "ana", opened_resting, lambda desk, i: c.Requeue(i)),
    ("conversation.requeue", "ana", assigned_resting, lambda desk, i: c.Requeue(i)),
    ("conversation.hold", "ana", opened, lambda desk, i: c.Hold(i)),
    ("conversation.resume", "ana", held, lambda desk, i: c.Resume(i)),
    ("conversation.snooze", "ana", opened, lambda desk, i: c.Snooze(i, 2_000_000_000_000)),
    ("conversation.snooze", "ana", held, lambda desk, i: c.Snooze(i, 2_000_000_000_000)),
    ("conversation.snooze", "sofia", waiting, lambda desk, i: c.Snooze(i, 2_000_000_000_000)),
    ("conversation.end", "ana", opened, lambda desk, i: c.End(i, Outcome.SPAM)),
    ("conversation.reopen", "ana", ended, lambda desk, i: c.Reopen(i)),
    ("conversation.tag", "ana", tagged, lambda desk, i: c.SetTags(i, [2])),
    ("conversation.tag", "ana", tagged, lambda desk, i: c.SetTags(i, [])),
    ("conversation.spam", "ana", opened, lambda desk, i: c.Spam(i)),
    ("conversation.spam", "ana", held, lambda desk, i: c.Spam(i)),
    ("conversation.spam", "sofia", opened, lambda desk, i: c.Spam(i)),
    ("conversation.spam", "ana", assigned, lambda desk, i: c.Spam(i)),
    ("conversation.spam", "luis", waiting, lambda desk, i: c.Spam(i)),
    ("conversation.mute", "ana", opened, lambda desk, i: Mute(i)),
    ("conversation.topics", "ana", classified, lambda desk, i: c.SetTopics(i, [2])),
    ("conversation.topics", "ana", classified, lambda desk, i: c.SetTopics(i, [])),
    ("conversation.end", "ana", with_a_form, lambda desk, i: c.End(i, version=1, values=SALE, topics=[2])),
    ("conversation.end", "ana", with_a_form, lambda desk, i: c.End(i, version=1, values=SALE)),
    ("conversation.reopen", "ana", ended_with_a_form, lambda desk, i: c.Reopen(i)),
    ("agent.status", "ana", nothing, lambda desk, i: c.SetStatus("lunch")),
]


async def before(desk: SmallDesk, who: str, conversation: int) -> Before:
    def read(conn: Any) -> Before:
        me = references.items(conn, "agents", [desk.ids[who]])[desk.ids[who]]
        assert isinstance(me, views.Agent)
        return Before(me, facts_of(conn, [conversation])[conversation].row if conversation else None)

    return await desk.hub.store.read(read)


def likeness(was: Before) -> dict[str, Any]:
    """What is compared: everything but when it was changed last, and when it ended or the status began."""
    if was.row is None:
        return {"status": was.me.status, "reach": was.me.reach}
    fields = {name: getattr(was.row, name) for name in was.row.__struct_fields__}
    return {**fields, "rev": 0, "ended": was.row.ended is not None}


def taken_by(was: Before, name: str, args: c.Args) -> Taken | None:
    inverse = c.REGISTRY[name].inverse
    assert inverse is not None
    return inverse(args, was)


def test_every_inverse_is_among_the_cases() -> None:
    assert {name for name, spec in c.REGISTRY.items() if spec.inverse is not None} == {case[0] for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}-{case[2].__name__}")
async def test_what_takes_a_command_back_brings_back_what_was_there(
    desk: SmallDesk, clock: ManualClock, case: Case
) -> None:
    name, who, prepare, make = case
    conversation = await prepare(desk)
    was, args = await before(desk, who, conversation), make(desk, conversation)
    clock.advance(HOUR)
    taken = taken_by(was, name, args)
    assert taken is not None
    await desk.run(who, name, args)
    now = await before(desk, who, conversation)
    about = now.row or now.me
    assert {field: getattr(about, field) for field in taken.after} == taken.after
    clock.advance(HOUR)
    await desk.run(who, taken.name, taken.args)
    assert likeness(await before(desk, who, conversation)) == likeness(was)
    assert await desk.hub.store.read(check) == []


@pytest.mark.parametrize(
    ("name", "who", "prepare", "make"),
    [
        ("conversation.end", "ana", held, c.End),  # reopening would make it open
        ("conversation.end", "sofia", opened, c.End),  # and hers
        ("conversation.take", "sofia", opened, c.Take),  # given back it would be only assigned
        ("conversation.requeue", "ana", held, c.Requeue),
        ("conversation.resume", "sofia", held, c.Resume),  # only its owner holds it
    ],
)
async def test_nothing_takes_back_what_could_not_be_made_as_it_was(
    desk: SmallDesk, name: str, who: str, prepare: Any, make: Any
) -> None:
    conversation = await prepare(desk)
    assert taken_by(await before(desk, who, conversation), name, make(conversation)) is None
