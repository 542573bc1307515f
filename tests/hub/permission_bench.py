"""Where permissions are tried: what is one's own, what is another's, and what is not there."""

from collections.abc import Iterator
from itertools import count
from typing import Any, Literal

from small_desk import SmallDesk

from hub.desk.principal import SYSTEM
from hub.protocol import commands as c

ABSENT = 2**40
OTHER = "luis"
Relation = Literal["own", "foreign", "absent"]


class Bench:
    """A desk of two queues with a channel each: everybody but luis works in one, luis in the other."""

    def __init__(self, desk: SmallDesk, their_channel: int) -> None:
        self.desk = desk
        self.their_channel = their_channel
        self._people: Iterator[int] = count(1)
        self._last = ""

    async def system(self, name: str, args: c.Args) -> Any:
        return await self.desk.run(SYSTEM, name, args)

    def id(self, login: str) -> int:
        return self.desk.ids[login]

    def hash(self) -> str:
        return f"{next(self._people):064x}"

    async def conversation(self, login: str, relation: Relation, state: str) -> int:
        """One in this state, with `login` or with luis; a waiting one in the queue of either."""
        if relation == "absent":
            return ABSENT
        owner, channel = (login, self.desk.web) if relation == "own" else (OTHER, self.their_channel)
        made = int((await self.desk.say(f"p{next(self._people)}", "Hola", channel))["conversation"] or 0)
        if state == "waiting":
            return made
        await self.system("conversation.assign", c.Assign(made, self.id(owner)))
        if state == "assigned":
            return made
        await self.desk.run(owner, "conversation.open", c.Open(made))
        if state == "held":
            await self.desk.run(owner, "conversation.hold", c.Hold(made))
        elif state == "snoozed":
            await self.desk.run(owner, "conversation.snooze", c.Snooze(made, 2**42))
        elif state == "closed":
            await self.desk.run(owner, "conversation.end", c.End(made))
        return made

    async def line(self, login: str, relation: Relation, key: str = "") -> tuple[int, int]:
        """(conversation, message): an answer of `login`'s, or of luis's."""
        if relation == "absent":
            return ABSENT, ABSENT
        conversation = await self.conversation(login, relation, "open")
        author = login if relation == "own" else OTHER
        made = await self.desk.run(author, "message.send", c.Send(conversation, "Buenas"), key)
        return conversation, int(made["message"] or 0)
