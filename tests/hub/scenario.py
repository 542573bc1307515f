"""What a command is tried in: scenarios, by its name, each made ready and then done."""

from collections.abc import Awaitable, Callable
from typing import Any

from small_desk import SmallDesk

from hub.protocol import commands as c

Act = Callable[[], Awaitable[Any]]
Scenario = Callable[[SmallDesk], Awaitable[Act]]
SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str) -> Callable[[Scenario], Scenario]:
    def enter(made: Scenario) -> Scenario:
        SCENARIOS[name] = made
        return made

    return enter


async def opened(desk: SmallDesk, person: str = "p1", channel: int = 0) -> int:
    """A conversation that ana has open."""
    conversation = await assigned(desk, person, channel)
    await desk.run("ana", "conversation.open", c.Open(conversation))
    return conversation


async def assigned(desk: SmallDesk, person: str = "p1", channel: int = 0) -> int:
    made = await desk.say(person, "Hola", channel)
    await desk.reach("ana")
    return int(made["conversation"] or 0)


async def waiting(desk: SmallDesk, person: str = "p1") -> int:
    """A conversation that nobody is there to be given."""
    for login in ("ana", "luis"):
        await desk.run(login, "agent.status", c.SetStatus("resting"))
    return int((await desk.say(person, "Hola"))["conversation"] or 0)


async def sent(desk: SmallDesk) -> tuple[int, int]:
    """A message to a service that is handed its messages."""
    conversation = await opened(desk, channel=desk.whatsapp)
    made = await desk.run("ana", "message.send", c.Send(conversation, "Buenas"))
    return conversation, int(made["message"] or 0)


def on_conversation(name: str, args: Callable[[int], c.Args], who: str = "ana", prepare: Any = opened) -> None:
    async def make(desk: SmallDesk) -> Act:
        conversation = await prepare(desk)
        return lambda: desk.run(who, name, args(conversation))

    SCENARIOS[name] = make
