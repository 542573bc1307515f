"""Spam and muted customers: what they write is kept and wakes nobody, and all of it can be taken back."""

from typing import Any

import pytest
import sqlalchemy as sa
from scenario import opened, waiting
from small_desk import SmallDesk
from test_company import refused, row

from hub.desk.facts import thread
from hub.desk.projections import check
from hub.desk.tables import conversation
from hub.protocol import commands as c
from hub.protocol.errors import Code
from hub.protocol.spam import Mute, Unspam
from hub.store.clock import ManualClock


async def said(desk: SmallDesk, number: int) -> list[tuple[str, str, str]]:
    lines = await desk.hub.store.read(lambda conn: thread(conn, number, 50))
    return [(line.d, line.b, line.st) for line in lines]


async def how_many(desk: SmallDesk) -> Any:
    return await desk.hub.store.read(lambda conn: conn.scalar(sa.select(sa.func.count()).select_from(conversation)))


async def test_after_spam_what_they_write_is_kept_and_wakes_nobody(desk: SmallDesk, clock: ManualClock) -> None:
    number = await opened(desk)
    await desk.run("ana", "conversation.spam", c.Spam(number))
    was = await row(desk, number)
    assert (was.state, was.out, was.muted, was.owner) == ("closed", "spam", True, desk.ids["ana"])
    clock.advance(60_000)
    made = await desk.say("p1", "¡Gane dinero ya!")
    assert made["conversation"] == number
    now = await row(desk, number)
    assert (now.state, now.un, now.at, now.last) == ("closed", was.un, was.at, "¡Gane dinero ya!")
    assert await how_many(desk) == 1
    assert (await said(desk, number))[-1] == ("in", "¡Gane dinero ya!", "muted")
    assert await desk.hub.store.read(check) == []


async def test_spam_taken_back_is_heard_again(desk: SmallDesk) -> None:
    number = await opened(desk)
    await desk.run("ana", "conversation.spam", c.Spam(number))
    await desk.run("ana", "conversation.unspam", Unspam(number))
    now = await row(desk, number)
    assert (now.state, now.owner, now.muted, now.out) == ("open", desk.ids["ana"], False, None)
    await desk.say("p1", "No soy spam")
    assert (await row(desk, number)).un == 2
    assert await refused(desk, "ana", "conversation.unspam", Unspam(number)) is Code.WRONG_STATE


async def test_a_member_marks_as_spam_what_waits_and_takes_it_back_to_its_place(desk: SmallDesk) -> None:
    number = await waiting(desk)
    was = await row(desk, number)
    await desk.run("luis", "conversation.spam", c.Spam(number))
    assert await refused(desk, "ana", "conversation.unspam", Unspam(number)) is Code.NOT_FOUND
    await desk.run("luis", "conversation.unspam", Unspam(number))
    now = await row(desk, number)
    assert (now.state, now.owner, now.wait) == ("waiting", None, was.wait)


async def test_muting_in_conversation_leaves_what_is_owed_and_unread(desk: SmallDesk, clock: ManualClock) -> None:
    number = await opened(desk)
    await desk.run("ana", "message.send", c.Send(number, "Buenas"))
    await desk.run("ana", "conversation.mute", Mute(number))
    clock.advance(1_000)
    await desk.say("p1", "¿Y?")
    now = await row(desk, number)
    assert (now.state, now.un, now.owed, now.ans, now.muted) == ("open", 0, False, True, True)
    await desk.run("ana", "message.send", c.Send(number, "Basta"))  # it can be answered all the same
    await desk.run("ana", "conversation.mute", Mute(number, False))
    await desk.say("p1", "Perdón")
    assert (await row(desk, number)).un == 1
    assert await desk.hub.store.read(check) == []


@pytest.mark.parametrize("state", ["snoozed", "closed"])
async def test_a_muted_line_brings_nothing_back(desk: SmallDesk, state: str) -> None:
    number = await opened(desk)
    await desk.run("ana", "conversation.mute", Mute(number))
    if state == "snoozed":
        await desk.run("ana", "conversation.snooze", c.Snooze(number, 2_000_000_000_000))
    else:
        await desk.run("ana", "conversation.end", c.End(number))
    await desk.say("p1", "¿Hola?")
    assert (await row(desk, number)).state == state


async def test_mute_is_of_one_person_on_one_channel(desk: SmallDesk) -> None:
    number = await opened(desk)
    await desk.run("ana", "conversation.spam", c.Spam(number))
    other = await desk.say("p1", "Hola", desk.whatsapp)
    assert other["conversation"] != number
    assert not (await row(desk, int(other["conversation"] or 0))).muted
