"""The state machine: what the table allows happens, and nothing else."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from small_desk import SmallDesk

from hub.desk.principal import SYSTEM
from hub.desk.projections import check
from hub.desk.tables import conversation, leg, period
from hub.protocol import commands as c
from hub.protocol.errors import Code, Refused
from hub.protocol.states import TRANSITIONS, Owner, State, Who, transitions

STATES = (State.WAITING, State.ASSIGNED, State.OPEN, State.HELD, State.SNOOZED, State.CLOSED)
MOVES = sorted(
    {row.command for row in TRANSITIONS if row.command in c.REGISTRY and row.command.startswith("conversation.")}
    - {"conversation.unspam"}  # it leads to what was before the end: test_spam
)
LATER = 2_000_000_000_000


async def row_of(desk: SmallDesk, conversation_id: int) -> Any:
    query = sa.select(conversation).where(conversation.c.id == conversation_id)
    return await desk.hub.store.read(lambda conn: conn.execute(query).one())


async def bring(desk: SmallDesk, state: State, person: str = "p1") -> int:
    """A conversation of ana's in this state, with nobody left to be dispatched to."""
    made = await desk.say(person, "Hola")
    conversation_id = int(made["conversation"] or 0)
    if state is not State.WAITING:
        await desk.run("sofia", "conversation.assign", c.Assign(conversation_id, desk.ids["ana"]))
    if state not in (State.WAITING, State.ASSIGNED):
        await desk.run("ana", "conversation.open", c.Open(conversation_id))
    if state is State.HELD:
        await desk.run("ana", "conversation.hold", c.Hold(conversation_id))
    if state is State.SNOOZED:
        await desk.run("ana", "conversation.snooze", c.Snooze(conversation_id, LATER))
    if state is State.CLOSED:
        await desk.run("ana", "conversation.end", c.End(conversation_id))
    assert (await row_of(desk, conversation_id)).state == state
    return conversation_id


def arguments(name: str, conversation_id: int, desk: SmallDesk) -> c.Args:
    more: dict[str, Any] = {}
    if name == "conversation.assign":
        more = {"agent": desk.ids["luis"]}
    if name == "conversation.snooze":
        more = {"until": LATER}
    if name == "conversation.transfer":
        more = {"queue": desk.queue}
    args: c.Args = msgspec.convert({"conversation": conversation_id, **more}, c.REGISTRY[name].args)
    return args


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("login", ["ana", "luis", "sofia", "system"])
async def test_a_move_happens_only_where_the_table_has_it(desk: SmallDesk, state: State, login: str) -> None:
    conversation_id = 0
    for name in MOVES:
        conversation_id = conversation_id or await bring(desk, state, f"{name}-{state}")
        if await one_move(desk, conversation_id, state, name, login):
            conversation_id = 0  # what was refused has left the other one as it was, which does for the next
    assert await desk.hub.store.read(check) == []


async def one_move(desk: SmallDesk, conversation_id: int, state: State, name: str, login: str) -> bool:
    """Whether it happened."""
    is_owner = login == "ana" and state is not State.WAITING
    related = {
        "ana": {Who.MEMBER} | ({Who.OWNER} if is_owner else set()),
        "luis": {Who.MEMBER},
        "sofia": {Who.MANAGER},
        "system": {Who.SYSTEM, Who.MANAGER},
    }[login]
    sees = login in ("sofia", "system") or is_owner or state is State.WAITING
    rows = [r for r in transitions(state, name) if r.who & related and sees]
    if login == "system":
        rows = [r for r in rows if r.owner is not Owner.ACTOR and not c.REGISTRY[name].personal]
    elif c.REGISTRY[name].actor == "system" or (c.REGISTRY[name].verb == "conversation.manage" and login != "sofia"):
        rows = []
    who = SYSTEM if login == "system" else login
    before = await row_of(desk, conversation_id)
    if not rows:
        with pytest.raises(Refused):
            await desk.run(who, name, arguments(name, conversation_id, desk))
        assert await row_of(desk, conversation_id) == before
        return False
    await desk.run(who, name, arguments(name, conversation_id, desk))
    after = await row_of(desk, conversation_id)
    target = rows[0].target or State.OPEN  # a snoozed one was open before
    assert after.state == target
    expected = {
        Owner.NOBODY: None,
        Owner.SAME: before.owner_id,
        Owner.NAMED: desk.ids["luis"],
        Owner.ACTOR: desk.ids.get(login),
    }
    assert after.owner_id == expected[rows[0].owner]
    return True


async def test_periods_and_legs_account_for_the_whole_life_of_a_conversation(desk: SmallDesk, clock: Any) -> None:
    conversation_id = await bring(desk, State.WAITING)
    clock.advance(10_000)
    await desk.reach("ana")
    clock.advance(5_000)
    await desk.run("ana", "conversation.open", c.Open(conversation_id))
    clock.advance(60_000)
    await desk.run("ana", "conversation.end", c.End(conversation_id))

    def read(conn: sa.Connection) -> tuple[list[Any], list[Any]]:
        periods = conn.execute(sa.select(period).order_by(period.c.id)).all()
        legs = conn.execute(sa.select(leg).order_by(leg.c.id)).all()
        return (
            [(p.state, p.ended_at - p.began_at) for p in periods],
            [(x.owner_id, x.ended_at - x.began_at, x.ended_by) for x in legs],
        )

    periods, legs = await desk.hub.store.read(read)
    assert periods == [("waiting", 10_000), ("assigned", 5_000), ("open", 60_000)]
    assert legs == [(None, 10_000, "dispatch"), (desk.ids["ana"], 65_000, "conversation.end")]


async def test_who_has_it_is_told_to_an_agent_who_has_it_no_more(desk: SmallDesk) -> None:
    conversation_id = await bring(desk, State.OPEN)
    await desk.run("sofia", "conversation.assign", c.Assign(conversation_id, desk.ids["luis"]))
    with pytest.raises(Refused) as refused:
        await desk.run("ana", "message.send", c.Send(conversation_id, "Hola"))
    assert (refused.value.code, refused.value.detail) == (Code.NOT_OWNER, {"owner": desk.ids["luis"]})
