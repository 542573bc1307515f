"""The scenarios of what hands conversations on and of where they wait; importing enters them."""

from scenario import Act, on_conversation, opened, scenario, waiting
from small_desk import SmallDesk

from hub.desk.principal import SYSTEM
from hub.protocol import commands as c
from hub.protocol.bulk import Bulk, EachAssign
from hub.protocol.handing import Dispatch
from hub.protocol.queues import SaveBranch, SaveDepartment

on_conversation("conversation.transfer", lambda i: c.Transfer(i, 1, comment="quiere precios"))
on_conversation("conversation.priority", lambda i: c.SetPriority(i, 1))


@scenario("conversation.dispatch")
async def _(desk: SmallDesk) -> Act:
    conversation = await waiting(desk)
    return lambda: desk.run(SYSTEM, "conversation.dispatch", Dispatch(conversation))


@scenario("conversation.bulk")
async def _(desk: SmallDesk) -> Act:
    """Two go to luis, one of them from ana; the third is not there."""
    conversations = [await opened(desk), int((await desk.say("p2", "Hola"))["conversation"] or 0), 2**40]
    return lambda: desk.run("sofia", "conversation.bulk", Bulk(conversations, EachAssign(desk.ids["luis"])))


@scenario("conversation.team")
async def _(desk: SmallDesk) -> Act:
    """Luis begins to see what is ana's, as one of the team."""
    conversation = await opened(desk)
    team = await desk.run(SYSTEM, "team.save", c.SaveTeam("a", {"es": "A"}, [desk.ids["luis"]]))
    return lambda: desk.run("ana", "conversation.team", c.SetTeam(conversation, int(team["team"] or 0)))


@scenario("team.save")
async def _(desk: SmallDesk) -> Act:
    """Ana leaves the team, luis comes."""
    conversation = await opened(desk)
    made = await desk.run(SYSTEM, "team.save", c.SaveTeam("a", {"es": "A"}, [desk.ids["ana"]]))
    await desk.run("ana", "conversation.team", c.SetTeam(conversation, int(made["team"] or 0)))
    return lambda: desk.run(SYSTEM, "team.save", c.SaveTeam("a", {"es": "A"}, [desk.ids["luis"]]))


@scenario("branch.save")
async def _(desk: SmallDesk) -> Act:
    return lambda: desk.run(SYSTEM, "branch.save", SaveBranch("centro", {"es": "Centro"}, "America/Asuncion"))


@scenario("department.save")
async def _(desk: SmallDesk) -> Act:
    made = await desk.run(SYSTEM, "branch.save", SaveBranch("centro", {"es": "Centro"}, "America/Asuncion"))
    args = SaveDepartment("comercial", {"es": "Comercial"}, int(made["branch"] or 0))
    return lambda: desk.run(SYSTEM, "department.save", args)


@scenario("agent.intake")
async def _(desk: SmallDesk) -> Act:
    await desk.reach("ana")
    await desk.run("ana", "agent.intake", c.SetIntake("paused"))
    await desk.say("p1", "Hola")
    return lambda: desk.run("ana", "agent.intake", c.SetIntake("push"))
