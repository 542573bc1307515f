"""Asking the hub for what no window shows. A question is of one connection: with it, it ends."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from agent_tui import text
from hub.protocol import frames
from hub.protocol.asks import ASKS
from hub.protocol.commands import Args
from hub.protocol.errors import Code

FIRST = 2**40  # beyond the ids of commands, which the outbox counts from 1


class NotTold(Exception):
    """There is no answer: a code of hub.protocol.errors, or `unreachable` where there is no link, or none any more."""

    def __init__(self, code: str, detail: dict[str, int | str | None] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail or {}


class Asks:
    def __init__(self, send: Callable[[frames.ClientFrame], bool]) -> None:
        self._send = send
        self._waiting: dict[int, asyncio.Future[msgspec.Raw]] = {}
        self._next = FIRST
        self.answered = False  # the hub of this connection knows the question

    async def ask(self, view: str, args: Args) -> Any:
        """The answer, of the type that `hub.protocol.asks` gives, made harmless. Raises NotTold."""
        number, self._next = self._next, self._next + 1
        self._waiting[number] = told = asyncio.get_running_loop().create_future()
        try:
            if not self.answered:
                raise NotTold(Code.UNKNOWN_COMMAND)
            if not self._send(frames.Ask(number, view, msgspec.Raw(msgspec.json.encode(args)))):
                raise NotTold("unreachable")
            answer = msgspec.json.decode(await told, type=ASKS[view].answer)
            for one in answer if isinstance(answer, list) else [answer]:
                text.scrub(one)
            return answer
        finally:
            del self._waiting[number]

    def heard(self, frame: frames.Answer) -> None:
        if (told := self._waiting.get(frame.re)) is not None and not told.done():
            told.set_result(frame.data)

    def refused(self, frame: frames.Error) -> bool:
        """Whether the refusal was of a question."""
        told = self._waiting.get(frame.re)
        if told is not None and not told.done():
            told.set_exception(NotTold(text.line(frame.code), text.detail(frame.args)))
        return frame.re >= FIRST

    def lost(self) -> None:
        for told in self._waiting.values():
            if not told.done():
                told.set_exception(NotTold("unreachable"))
