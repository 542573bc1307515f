"""What one connection says and hears of who else is in a conversation: who types, and who looks at it."""

from collections.abc import Callable, Coroutine, Set
from typing import Any, Protocol

from hub.desk.principal import Principal
from hub.live.commands import Work
from hub.live.presence import Presence
from hub.live.projection import Windows
from hub.protocol import frames

Say = Callable[[frames.HubFrame], Coroutine[Any, Any, None]]


class Seat(Protocol):
    """A connection, as far as this has to do with it."""

    who: Principal
    windows: Windows


class Company:
    """What comes while the connection has much to do is dropped."""

    def __init__(self, presence: Presence, seat: Seat, work: Work, say: Say) -> None:
        self._presence = presence
        self._seat = seat
        self._work = work
        self._say = say
        self._at = 0  # the conversation that the client looks at
        self._told: dict[int, list[int]] = {}  # visitors of other ones, as the client knows them

    def join(self) -> None:
        self._presence.listen(self._typed, notes=True)
        self._presence.pass_by(self._visited)

    def part(self) -> None:
        self._presence.deafen(self._typed)
        self._presence.go_home(self._visited)
        self._presence.look(self._looking, self._seat.who.id, 0)

    def take(self, frame: frames.Typing | frames.Look) -> None:
        """Only of what the client watches, as it goes on."""
        here = self._seat.windows.is_live(frame.c)
        if isinstance(frame, frames.Look):
            before, self._at = self._at, frame.c if here else 0
            me, own = self._seat.who.id, self._seat.windows.owner_of(self._at) == self._seat.who.id
            self._presence.look(self._looking, me, self._at, own=own)
            self._told.pop(self._at, None)  # of what is looked at, all who look are told
            self.passing({before} - {0})
        elif here:
            self._presence.typing(frame.c, self._seat.who.id, frame.on, note=frame.note)

    def _typed(self, conversation: int, by: int | None, on: bool) -> None:
        """A colleague is told of only where the client looks: a line may be slow, and many threads watched."""
        meant = by is None or (by != self._seat.who.id and conversation == self._at)
        if meant and self._seat.windows.is_live(conversation):
            self._tell(frames.Typed(conversation, by, on))

    def _looking(self, conversation: int, agents: list[int]) -> None:
        if self._seat.windows.is_live(conversation):
            self._tell(frames.Looking(conversation, [one for one in agents if one != self._seat.who.id]))

    def passing(self, conversations: Set[int]) -> None:
        """These may have come into view as rows of a tray: tell who visits them."""
        for conversation in conversations & self._presence.visited():
            self._visited(conversation, self._presence.visitors(conversation))

    def _visited(self, conversation: int, agents: list[int]) -> None:
        """One's own looking, and an agent's at what is theirs, is no news: so what a tray is told of stays little."""
        others = [one for one in agents if one != self._seat.who.id]
        known = self._told.get(conversation, [])
        if conversation == self._at or others == known or not (known or self._seat.windows.has_row(conversation)):
            return
        self._told[conversation] = others
        if not others:
            del self._told[conversation]
        self._tell(frames.Looking(conversation, others))

    def _tell(self, frame: frames.HubFrame) -> None:
        if not self._work.crowded:
            self._work.start(self._say(frame))
