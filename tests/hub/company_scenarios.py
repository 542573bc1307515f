"""The scenarios of who else is in a conversation; importing enters them."""

import sqlalchemy as sa
from scenario import Act, on_conversation, opened, scenario, waiting
from small_desk import SmallDesk

from hub.desk.principal import SYSTEM
from hub.desk.talk_tables import plan
from hub.protocol import commands as c
from hub.protocol.company import OfferAgain, Postpone
from hub.protocol.plans import CancelPlan, FirePlan
from hub.protocol.spam import Mute, Unspam


async def invited(desk: SmallDesk) -> int:
    """A conversation of ana's that luis was invited to."""
    conversation = await opened(desk)
    await desk.run("ana", "conversation.invite", c.Invite(conversation, desk.ids["luis"]))
    return conversation


async def offered(desk: SmallDesk) -> int:
    """A conversation that waits in a queue that offers to ana and luis."""
    primary, support = [desk.ids["ana"]], [desk.ids["luis"]]
    args = c.SaveQueue("ventas", {"es": "Ventas"}, primary=primary, support=support, handout="offer")
    await desk.run(SYSTEM, "queue.save", args)
    return await waiting(desk)


@scenario("conversation.invite")
async def _(desk: SmallDesk) -> Act:
    """Luis begins to see what is ana's."""
    conversation = await opened(desk)
    return lambda: desk.run("ana", "conversation.invite", c.Invite(conversation, desk.ids["luis"]))


@scenario("message.note")
async def _(desk: SmallDesk) -> Act:
    """Luis begins to see what is ana's, and has it among his mentions."""
    conversation = await opened(desk)
    return lambda: desk.run("ana", "message.note", c.Note(conversation, "ojo, @luis"))


on_conversation("conversation.leave", lambda i: c.Leave(i), who="luis", prepare=invited)
on_conversation("offer.postpone", Postpone, who="luis", prepare=offered)


@scenario("offer.again")
async def _(desk: SmallDesk) -> Act:
    conversation = await offered(desk)
    await desk.run("luis", "offer.postpone", Postpone(conversation))
    return lambda: desk.run(SYSTEM, "offer.again", OfferAgain(conversation, desk.ids["luis"]))


on_conversation("conversation.spam", c.Spam)
on_conversation("conversation.mute", Mute)
on_conversation("conversation.contact", lambda i: c.SaveContact(i, "Vera Núñez"))


@scenario("conversation.unspam")
async def _(desk: SmallDesk) -> Act:
    conversation = await opened(desk)
    await desk.run("ana", "conversation.spam", c.Spam(conversation))
    return lambda: desk.run("ana", "conversation.unspam", Unspam(conversation))


# -- what is planned ---------------------------------------------------------------------------------------------------


async def scheduled(desk: SmallDesk, after: int = 60_000) -> tuple[int, int]:
    """(conversation, plan): a message of ana's for later."""
    conversation = await opened(desk)
    args = c.Schedule(conversation, desk.hub.clock.now() + after, "Buen día")
    return conversation, int((await desk.run("ana", "message.schedule", args))["plan"] or 0)


@scenario("message.schedule")
async def _(desk: SmallDesk) -> Act:
    conversation = await opened(desk)
    args = c.Schedule(conversation, desk.hub.clock.now() + 60_000, "Buen día")
    return lambda: desk.run("ana", "message.schedule", args)


@scenario("conversation.remind")
async def _(desk: SmallDesk) -> Act:
    conversation = await opened(desk)
    args = c.Remind(conversation, desk.hub.clock.now() + 60_000, "llamar")
    return lambda: desk.run("ana", "conversation.remind", args)


@scenario("plan.cancel")
async def _(desk: SmallDesk) -> Act:
    _, made = await scheduled(desk)
    return lambda: desk.run("ana", "plan.cancel", CancelPlan(made))


@scenario("plan.fire")
async def _(desk: SmallDesk) -> Act:
    """Its timer is not due, or it would do it by itself."""
    _, made = await scheduled(desk)
    await desk.hub.store.write(lambda unit: unit.conn.execute(sa.update(plan).values(due=unit.now)))
    return lambda: desk.run(SYSTEM, "plan.fire", FirePlan(made))
