"""Lines in and out: which conversation they fall into, and what they do to its marks."""

from typing import Any

import pytest
import sqlalchemy as sa
from small_desk import SmallDesk

from hub.desk.facts import facts_of, thread
from hub.desk.principal import Principal
from hub.desk.projections import check
from hub.protocol import commands as c
from hub.protocol import views
from hub.protocol.errors import Code, Refused
from hub.protocol.states import Delivery
from hub.store.clock import ManualClock

HOUR = 3_600_000


async def row(desk: SmallDesk, conversation_id: int) -> views.Row:
    facts = await desk.hub.store.read(lambda conn: facts_of(conn, [conversation_id]))
    return facts[conversation_id].row


async def opened(desk: SmallDesk, channel: int = 0) -> int:
    made = await desk.say("p1", "Hola", channel)
    await desk.reach("ana")
    conversation_id = int(made["conversation"] or 0)
    await desk.run("ana", "conversation.open", c.Open(conversation_id))
    return conversation_id


async def test_the_first_answer_is_owed_until_the_owners_own_public_reply(desk: SmallDesk) -> None:
    conversation_id = await opened(desk)
    assert (await row(desk, conversation_id)).owed
    await desk.run("ana", "message.note", c.Note(conversation_id, "mirar"))
    assert (await row(desk, conversation_id)).owed, "a note is no answer"
    await desk.run("sofia", "message.send", c.Send(conversation_id, "Soy la supervisora"))
    assert (await row(desk, conversation_id)).owed, "nor is a guest's"
    await desk.run("ana", "message.send", c.Send(conversation_id, "Buenas"))
    answered = await row(desk, conversation_id)
    assert (answered.owed, answered.ans, answered.un) == (False, True, 0)


async def test_the_check_goes_when_the_customer_writes_again(desk: SmallDesk) -> None:
    conversation_id = await opened(desk)
    await desk.run("ana", "message.send", c.Send(conversation_id, "Buenas"))
    await desk.say("p1", "¿Y?")
    now = await row(desk, conversation_id)
    assert (now.ans, now.owed, now.un, now.last) == (False, False, 1, "¿Y?")


async def test_a_supervisors_look_leaves_the_unread_mark_alone(desk: SmallDesk) -> None:
    conversation_id = await opened(desk)
    made = await desk.say("p1", "¿Y?")
    look = c.Read(conversation_id, int(made["message"] or 0))
    await desk.run("sofia", "conversation.read", look)
    assert (await row(desk, conversation_id)).un == 2
    await desk.run("ana", "conversation.read", look)
    assert (await row(desk, conversation_id)).un == 0
    assert await desk.hub.store.read(check) == []


async def test_a_line_within_the_reopening_time_comes_back_to_its_agent(desk: SmallDesk, clock: ManualClock) -> None:
    conversation_id = await opened(desk)
    await desk.run("ana", "message.send", c.Send(conversation_id, "Listo"))
    await desk.run("ana", "conversation.end", c.End(conversation_id))
    clock.advance(HOUR)
    made = await desk.say("p1", "Otra cosa")
    back = await row(desk, conversation_id)
    assert made["conversation"] == conversation_id
    assert (back.state, back.owner, back.owed, back.ended) == ("assigned", desk.ids["ana"], True, None)


async def test_it_goes_to_the_queue_where_its_agent_is_not_there(desk: SmallDesk) -> None:
    conversation_id = await opened(desk)
    await desk.run("ana", "conversation.end", c.End(conversation_id))
    await desk.run("ana", "agent.status", c.SetStatus("lunch"))
    await desk.say("p1", "Otra cosa")
    assert (await row(desk, conversation_id)).state == "waiting"
    await desk.reach("luis")
    assert (await row(desk, conversation_id)).owner == desk.ids["luis"]


async def test_after_the_reopening_time_a_new_one_begins_linked_to_the_old(desk: SmallDesk, clock: ManualClock) -> None:
    conversation_id = await opened(desk)
    await desk.run("ana", "conversation.end", c.End(conversation_id))
    clock.advance(25 * HOUR)
    made = await desk.say("p1", "Buen día")
    assert made["conversation"] != conversation_id
    assert (await row(desk, int(made["conversation"] or 0))).prev == conversation_id


async def test_a_snoozed_one_wakes_when_the_customer_writes(desk: SmallDesk, clock: ManualClock) -> None:
    conversation_id = await opened(desk)
    await desk.run("ana", "conversation.snooze", c.Snooze(conversation_id, clock.now() + HOUR))
    await desk.say("p1", "¿Hola?")
    assert (await row(desk, conversation_id)).state == "open"


async def test_outside_the_channels_window_free_text_is_refused(desk: SmallDesk, clock: ManualClock) -> None:
    conversation_id = await opened(desk, desk.whatsapp)
    ends = (await row(desk, conversation_id)).until
    assert ends == clock.now() + 24 * HOUR
    clock.advance(24 * HOUR + 1)
    with pytest.raises(Refused) as refused:
        await desk.run("ana", "message.send", c.Send(conversation_id, "¿Sigue ahí?"))
    assert refused.value.code is Code.WINDOW_CLOSED
    await desk.run("ana", "message.note", c.Note(conversation_id, "esperar"))
    await desk.say("p1", "Acá estoy", desk.whatsapp)
    await desk.run("ana", "message.send", c.Send(conversation_id, "¡Bien!"))


async def test_a_page_gets_its_lines_at_once_and_a_service_is_handed_them(desk: SmallDesk) -> None:
    web = await opened(desk)
    await desk.run("ana", "message.send", c.Send(web, "a"))
    made = await desk.say("p2", "Hola", desk.whatsapp)
    whatsapp = int(made["conversation"] or 0)
    await desk.run("ana", "conversation.open", c.Open(whatsapp))
    await desk.run("ana", "message.send", c.Send(whatsapp, "b"))
    states = [(await lines(desk, i))[-1].st for i in (web, whatsapp)]
    assert states == [Delivery.SENT, Delivery.QUEUED]


async def lines(desk: SmallDesk, conversation_id: int) -> list[views.Message]:
    return await desk.hub.store.read(lambda conn: thread(conn, conversation_id, 50))


async def test_reports_never_take_a_message_back_and_a_failed_one_can_be_sent_again(desk: SmallDesk) -> None:
    conversation_id = await opened(desk, desk.whatsapp)
    made = await desk.run("ana", "message.send", c.Send(conversation_id, "Hola"))
    message, who = int(made["message"] or 0), Principal.channel(desk.whatsapp)

    async def report(state: Delivery, error: str = "") -> str:
        await desk.run(who, "message.delivery", c.Report(message, state, error))
        return (await lines(desk, conversation_id))[-1].st

    assert await report(Delivery.SENT) == "sent"
    assert await report(Delivery.FAILED, "blocked") == "failed"
    assert (await lines(desk, conversation_id))[-1].err == "blocked"
    await desk.run("ana", "message.retry", c.Retry(message))
    assert [await report(s) for s in (Delivery.SENT, Delivery.READ, Delivery.DELIVERED)] == ["sent", "read", "read"]
    with pytest.raises(Refused) as refused:
        await desk.run("ana", "message.retry", c.Retry(message))
    assert refused.value.code is Code.NOT_RETRYABLE


async def test_what_the_customer_has_read_takes_the_lines_before_with_it(desk: SmallDesk) -> None:
    conversation_id = await opened(desk)
    made: Any = None
    for body in ("uno", "dos", "tres"):
        made = await desk.run("ana", "message.send", c.Send(conversation_id, body))
    who = Principal.channel(desk.web)
    await desk.run(who, "message.seen", c.Seen(conversation_id, int(made["message"]) - 1, "read"))
    await desk.run(who, "message.seen", c.Seen(conversation_id, int(made["message"]), "delivered"))
    assert [m.st for m in await lines(desk, conversation_id) if m.d == "out"] == ["read", "read", "delivered"]


async def test_a_channel_reaches_only_its_own_conversations(desk: SmallDesk) -> None:
    conversation_id = await opened(desk)
    made = await desk.run("ana", "message.send", c.Send(conversation_id, "Hola"))
    other, message = Principal.channel(desk.whatsapp), int(made["message"] or 0)
    for name, args in (
        ("message.seen", c.Seen(conversation_id, message, "read")),
        ("message.delivery", c.Report(message, Delivery.READ)),
        ("message.receive", c.Receive(desk.web, "p1", "Hola")),
    ):
        with pytest.raises(Refused):
            await desk.run(other, name, args)


async def test_the_journal_holds_no_customers_words(desk: SmallDesk) -> None:
    conversation_id = await opened(desk)
    await desk.say("p9", "secreto-uno", name="Secreta", phone="+595981")
    await desk.run("ana", "message.send", c.Send(conversation_id, "secreto-dos"))
    await desk.run("ana", "message.note", c.Note(conversation_id, "secreto-tres"))
    text = await desk.hub.store.read(lambda conn: " ".join(conn.scalars(sa.text("SELECT data FROM journal"))))
    text += await desk.hub.store.read(lambda conn: " ".join(conn.scalars(sa.text("SELECT result FROM idempotency"))))
    assert "ecret" not in text
    assert "595981" not in text


async def test_outside_the_channels_window_a_failed_one_is_not_sent_again_either(
    desk: SmallDesk, clock: ManualClock
) -> None:
    conversation_id = await opened(desk, desk.whatsapp)
    made = await desk.run("ana", "message.send", c.Send(conversation_id, "Hola"))
    message = int(made["message"] or 0)
    failed = c.Report(message, Delivery.FAILED, "blocked")
    await desk.run(Principal.channel(desk.whatsapp), "message.delivery", failed)
    clock.advance(24 * HOUR + 1)
    with pytest.raises(Refused) as refused:
        await desk.run("ana", "message.retry", c.Retry(message))
    assert refused.value.code is Code.WINDOW_CLOSED
    await desk.say("p1", "Acá estoy", desk.whatsapp)
    await desk.run("ana", "message.retry", c.Retry(message))
