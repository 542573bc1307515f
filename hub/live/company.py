"""What one connection says and hears of who else is in a conversation: who types, and who looks at it."""

from collections.abc import Callable, Coroutine
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

    def join(self) -> None:
        self._presence.listen(self._typed, notes=True)

    def part(self) -> None:
        self._presence.deafen(self._typed)
        self._presence.look(self._looking, self._seat.who.id, 0)

    def take(self, frame: frames.Typing | frames.Look) -> None:
        """Only of what the client watches, as it goes on."""
        here = self._seat.windows.is_live(frame.c)
        if isinstance(frame, frames.Look):
            self._at = frame.c if here else 0
            self._presence.look(self._looking, self._seat.who.id, self._at)
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

    def _tell(self, frame: frames.HubFrame) -> None:
        if not self._work.crowded:
            self._work.start(self._say(frame))
