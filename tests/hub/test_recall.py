"""A message that was sent is held back for a moment, in which its author can take it back."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from small_desk import Served, SmallDesk, build

from hub.channels.web import frames_of
from hub.desk.facts import facts_of, thread
from hub.desk.principal import Principal
from hub.desk.projections import check
from hub.desk.tables import message
from hub.desk.talk_tables import held
from hub.hub import Hub
from hub.live.tail import read_changes
from hub.protocol import commands as c
from hub.protocol import views
from hub.protocol.errors import Code, Refused
from hub.protocol.states import Delivery
from hub.store.clock import ManualClock

MakeHub = Callable[..., Awaitable[Hub]]
SECONDS = 5


@pytest.fixture
async def hub(make_hub: MakeHub) -> Hub:
    return await make_hub(recall_seconds=SECONDS)


class Chat:
    """A conversation that ana has open."""

    def __init__(self, desk: SmallDesk, number: int) -> None:
        self.desk, self.number = desk, number

    async def say(self, body: str, who: str = "ana") -> str:
        key = f"key-of-{body.replace(' ', '-')}"
        await self.desk.run(who, "message.send", c.Send(self.number, body), key)
        return key

    async def recall(self, key: str, who: str = "ana") -> None:
        await self.desk.run(who, "message.recall", c.Recall(self.number, key))

    async def lines(self) -> list[tuple[str, str]]:
        found = await self.desk.hub.store.read(lambda conn: thread(conn, self.number, 50))
        return [(m.b, m.st) for m in found if m.d == "out"]

    async def row(self) -> views.Row:
        facts = await self.desk.hub.store.read(lambda conn: facts_of(conn, [self.number]))
        return facts[self.number].row

    async def told(self) -> list[str]:
        """What the visitor's page has been told of ours, in order."""
        changes = await self.desk.hub.store.read(lambda conn: read_changes(conn, 0, 1000))
        said: list[str] = []
        for change in changes:
            for frame in frames_of(change, {}):
                said += [line.b for line in getattr(frame, "lines", []) if line.d == "out" and line.b not in said]
        return said


async def chat_on(desk: SmallDesk, channel: int = 0) -> Chat:
    made = await desk.say("p1", "Hola", channel)
    await desk.reach("ana")
    number = int(made["conversation"] or 0)
    await desk.run("ana", "conversation.open", c.Open(number))
    return Chat(desk, number)


@pytest.fixture
async def chat(desk: SmallDesk) -> Chat:
    return await chat_on(desk)


async def refused(attempt: Awaitable[Any]) -> Code:
    with pytest.raises(Refused) as refusal:
        await attempt
    return refusal.value.code


async def test_a_message_goes_out_once_its_time_to_be_recalled_is_over(chat: Chat, clock: ManualClock) -> None:
    key = await chat.say("Buenas")
    assert await chat.lines() == [("Buenas", "held")]
    clock.advance(SECONDS * 1000 - 1)
    await chat.desk.hub.timers.fire_due()
    assert (await chat.lines(), await chat.told()) == ([("Buenas", "held")], [])
    clock.advance(1)
    await chat.desk.hub.timers.fire_due()
    assert (await chat.lines(), await chat.told()) == ([("Buenas", "sent")], ["Buenas"])
    assert await refused(chat.recall(key)) is Code.NOT_RECALLABLE
    assert await chat.desk.hub.store.read(lambda conn: conn.execute(sa.select(held)).first()) is None


async def test_a_service_is_handed_it_only_then(desk: SmallDesk, clock: ManualClock) -> None:
    chat = await chat_on(desk, desk.whatsapp)
    await chat.say("Buenas")
    assert await chat.lines() == [("Buenas", "held")]
    clock.advance(SECONDS * 1000)
    await desk.hub.timers.fire_due()
    assert await chat.lines() == [("Buenas", "queued")]


async def test_it_goes_out_after_a_restart_of_the_hub_once(make_hub: MakeHub, clock: ManualClock) -> None:
    first = await make_hub(recall_seconds=SECONDS)
    chat = await chat_on(await build(first))
    await chat.say("Buenas")
    await first.stop()
    clock.advance(SECONDS * 1000)
    chat.desk.hub = second = await make_hub(recall_seconds=SECONDS)
    other = await make_hub(recall_seconds=SECONDS)
    await second.timers.fire_due()
    await other.timers.fire_due()
    kinds = [x.kind for x in await second.store.read(lambda conn: read_changes(conn, 0, 1000))]
    assert (await chat.lines(), kinds.count("message.sent")) == ([("Buenas", "sent")], 1)


async def test_a_recalled_one_leaves_no_words_and_no_trace_in_the_marks(chat: Chat, clock: ManualClock) -> None:
    before = await chat.row()
    clock.advance(1000)
    key = await chat.say("Buenas secretas")
    sent = await chat.row()
    assert (sent.owed, sent.ans, sent.last) == (False, True, "Buenas secretas")
    await chat.recall(key)
    after = await chat.row()
    marks = ("owed", "ans", "last", "ld", "at")
    assert [getattr(after, name) for name in marks] == [getattr(before, name) for name in marks]
    assert after.un == 0, "who answers has read"
    clock.advance(SECONDS * 1000)
    await chat.desk.hub.timers.fire_due()
    assert (await chat.lines(), await chat.told()) == ([], [])
    store = chat.desk.hub.store
    assert await store.read(lambda conn: conn.scalars(sa.select(message.c.body)).all()) == ["Hola", ""]
    assert await store.read(check) == []
    assert await refused(chat.recall(key)) is Code.NOT_RECALLABLE


async def test_nobody_but_its_author_recalls_it(chat: Chat) -> None:
    key = await chat.say("Buenas")
    assert await refused(chat.recall(key, "sofia")) is Code.NOT_FOUND
    assert await refused(chat.recall("no-such-key")) is Code.NOT_FOUND
    assert await chat.lines() == [("Buenas", "held")]


async def test_its_author_recalls_it_also_where_somebody_else_has_the_conversation_now(chat: Chat) -> None:
    key = await chat.say("Buenas")
    await chat.desk.run("sofia", "conversation.assign", c.Assign(chat.number, chat.desk.ids["luis"]))
    assert not (await chat.row()).owed
    await chat.recall(key)
    row = await chat.row()
    assert (row.owed, row.ans, await chat.lines()) == (True, False, [])
    assert await chat.desk.hub.store.read(check) == []


async def test_one_that_went_back_to_its_queue_is_unread_again_when_its_answer_is_recalled(chat: Chat) -> None:
    await chat.desk.reach("ana", False)
    key = await chat.say("Buenas")
    await chat.desk.run("ana", "conversation.requeue", c.Requeue(chat.number))
    assert (await chat.row()).un == 0
    await chat.recall(key)
    row = await chat.row()
    assert (row.owner, row.un, row.owed, row.ans) == (None, 1, True, False)
    assert await chat.desk.hub.store.read(check) == []


async def test_later_lines_keep_their_marks_when_an_earlier_one_is_recalled(chat: Chat) -> None:
    first, second = await chat.say("uno"), await chat.say("dos")
    await chat.recall(first)
    row = await chat.row()
    assert (row.owed, row.ans, row.last) == (False, True, "dos")
    await chat.desk.say("p1", "¿Y?")
    await chat.recall(second)
    row = await chat.row()
    assert (row.owed, row.ans, row.last) == (True, False, "¿Y?")


async def test_a_supervisors_word_in_between_changes_no_marks_when_it_is_recalled(chat: Chat) -> None:
    key = await chat.say("Soy la supervisora", "sofia")
    await chat.say("Buenas")
    await chat.recall(key, "sofia")
    row = await chat.row()
    assert (row.owed, row.ans, await chat.lines()) == (False, True, [("Buenas", "held")])


async def test_messages_go_out_in_order_and_one_more_hurries_none(chat: Chat, clock: ManualClock) -> None:
    await chat.say("uno")
    clock.advance(3000)
    await chat.say("dos")
    clock.advance(2000)
    await chat.desk.hub.timers.fire_due()
    assert await chat.lines() == [("uno", "sent"), ("dos", "held")]
    clock.advance(3000)
    await chat.desk.hub.timers.fire_due()
    assert await chat.told() == ["uno", "dos"]


async def test_the_end_of_the_conversation_lets_it_go_out_at_once(chat: Chat) -> None:
    key = await chat.say("Buenas")
    await chat.say("Gracias por escribir")
    await chat.desk.run("ana", "conversation.end", c.End(chat.number))
    assert await chat.told() == ["Buenas", "Gracias por escribir"]
    assert await refused(chat.recall(key)) is Code.NOT_RECALLABLE


async def test_turned_off_everything_goes_out_at_once_and_nothing_overtakes(
    make_hub: MakeHub, chat: Chat, clock: ManualClock
) -> None:
    await chat.say("uno")
    chat.desk.hub = await make_hub(recall_seconds=0)
    await chat.say("dos")
    assert await chat.lines() == [("uno", "sent"), ("dos", "sent")]
    clock.advance(SECONDS * 1000)
    await chat.desk.hub.timers.fire_due()
    assert await chat.told() == ["uno", "dos"]


async def test_no_report_of_a_channel_takes_it_out_of_its_time(desk: SmallDesk) -> None:
    chat = await chat_on(desk, desk.whatsapp)
    await chat.say("Buenas")
    number = await desk.hub.store.read(lambda conn: conn.scalar(sa.select(held.c.message_id)))
    await desk.run(Principal.channel(desk.whatsapp), "message.delivery", c.Report(number, Delivery.READ))
    await desk.run(Principal.channel(desk.whatsapp), "message.seen", c.Seen(chat.number, number, "read"))
    assert await chat.lines() == [("Buenas", "held")]


async def test_notes_are_never_held(chat: Chat) -> None:
    await chat.desk.run("ana", "message.note", c.Note(chat.number, "ojo"), "key-of-the-note")
    assert await refused(chat.recall("key-of-the-note")) is Code.NOT_FOUND


async def test_clients_are_told_for_how_long(served: Served) -> None:
    watcher = await served.join("ana")
    assert watcher.mirror.me is not None
    assert watcher.mirror.me.recall == SECONDS
