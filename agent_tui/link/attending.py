"""Which conversation is on the screen here, said to the hub, and which colleagues look at the same."""

from collections.abc import Callable

from hub.protocol import frames

Send = Callable[[frames.ClientFrame], bool]
Tell = Callable[[int, list[int]], None]


class Attending:
    """The hub takes it only of threads that it knows to be watched: until it has answered, it is said again with every
    snapshot."""

    def __init__(self, send: Send, tell_mirror: Tell, pass_by: Tell) -> None:
        """`tell_mirror` is told who else is where one looks, `pass_by` who visits what is only a row."""
        self._send = send
        self._tell_mirror = tell_mirror
        self._pass_by = pass_by
        self._taken = False  # the hub of this connection takes it
        self._at = 0
        self._heard = True

    def at(self, conversation: int) -> None:
        """0: none is on the screen."""
        if conversation != self._at:
            before, self._at = self._at, conversation
            self._tell_mirror(before, [])
            self._pass_by(conversation, [])
            self._say()

    def welcomed(self, *, taken: bool) -> None:
        self._taken = taken
        self._heard = not self._at

    def again(self) -> None:
        if not self._heard:
            self._say()

    def heard(self, frame: frames.Looking) -> None:
        if frame.c == self._at:
            self._heard = True
            self._tell_mirror(frame.c, frame.by)
        else:
            self._pass_by(frame.c, frame.by)

    def lost(self) -> None:
        self._tell_mirror(self._at, [])

    def _say(self) -> None:
        self._heard = not self._at
        if self._taken:
            self._send(frames.Look(self._at))
