"""A command's key leads from the console's log to everything that it did."""

import asyncio
from collections.abc import Awaitable, Callable

from small_desk import SmallDesk, build

from hub.desk.principal import Principal
from hub.desk.trace import Trace, trace
from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol.errors import Refused
from hub.protocol.states import Delivery
from hub.store.clock import ManualClock


async def traced(hub: Hub, named: str) -> Trace | None:
    return await hub.store.read(lambda conn: trace(conn, named))


async def test_the_way_of_a_message_is_found_by_its_key_and_by_any_journal_row_of_it(
    hub: Hub, desk: SmallDesk, clock: ManualClock
) -> None:
    made = await desk.say("p1", "Hola", desk.whatsapp)
    conversation = int(made["conversation"] or 0)
    await desk.reach("ana")
    await desk.run("ana", "conversation.open", c.Open(conversation))
    clock.advance(1500)
    sent = await desk.run("ana", "message.send", c.Send(conversation, "secreto"), "key-of-the-answer")
    other = await desk.run("ana", "message.send", c.Send(conversation, "otro"), "key-of-another")
    message = int(sent["message"] or 0)
    report = c.Report(message=message, state=Delivery.DELIVERED)
    await desk.run(Principal.channel(desk.whatsapp), "message.delivery", report, "key-of-delivery")
    found = await traced(hub, "key-of-the-answer")
    assert found is not None
    answer, *events = found.steps
    assert (answer.seq, answer.who) == (0, f"agent:{desk.ids['ana']}")
    assert f'"message":{message}' in answer.detail
    assert [step.what for step in events] == ["message.sent", "message.delivery"]
    assert [step.key for step in events] == ["key-of-the-answer", "key-of-delivery"]
    assert {step.conversation for step in events} == {conversation}
    assert answer.at == events[0].at == clock.at
    assert "secreto" not in repr(found)
    assert found == await traced(hub, str(events[0].seq))
    assert other["message"] != message


async def test_all_that_a_command_records_bears_its_key_and_nothing_else_does(hub: Hub, desk: SmallDesk) -> None:
    """Also where several commands are made durable together, and one of them is refused."""
    answers = await asyncio.gather(
        *(desk.say(f"p{n}", "Hola") for n in range(5)),
        desk.run("ana", "conversation.open", c.Open(99), "key-of-a-refusal"),
        return_exceptions=True,
    )
    assert isinstance(answers[-1], Refused)
    assert await traced(hub, "key-of-a-refusal") is None
    for n in range(1, 30):
        found = await traced(hub, f"test-key-{n}")
        if found is not None:
            assert {step.key for step in found.steps} == {f"test-key-{n}"}
            kinds = [step.what for step in found.steps if step.seq]
            assert kinds[:1] in (["conversation.changed"], ["message.received"], [])
    assert await traced(hub, "999999") is None
    assert await traced(hub, "no-such-key") is None


async def test_a_timer_names_itself_beside_what_it_did(
    make_hub: Callable[..., Awaitable[Hub]], clock: ManualClock
) -> None:
    hub = await make_hub(recall_seconds=5)
    desk = await build(hub)
    await desk.reach("ana")
    conversation = int((await desk.say("p1", "Hola"))["conversation"] or 0)
    await desk.run("ana", "conversation.open", c.Open(conversation))
    await desk.run("ana", "message.send", c.Send(conversation, "x"), "key-of-the-answer")
    clock.advance(6000)
    await hub.timers.fire_due()
    found = await traced(hub, "key-of-the-answer")
    assert found is not None
    assert [(step.what, step.key.partition(":")[0]) for step in found.steps[1:]] == [
        ("message.held", "key-of-the-answer"),
        ("message.sent", "timer"),
    ]
