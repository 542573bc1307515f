"""The scenarios of who else is in a conversation; importing enters them."""

from scenario import Act, on_conversation, opened, scenario, waiting
from small_desk import SmallDesk

from hub.desk.principal import SYSTEM
from hub.protocol import commands as c
from hub.protocol.company import OfferAgain, Postpone


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
