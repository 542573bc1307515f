"""Asking the hub for what no window shows. A question is of one connection: with it, it ends."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from agent_tui import text
from hub.protocol import frames
from hub.protocol.errors import Code
from hub.protocol.queries import QUERIES, Params, Rows

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

    async def ask(self, view: str, params: Params) -> Any:
        """The row of the view, or of a list those of one page, made harmless. Raises NotTold."""
        row, listed = QUERIES[view].row, QUERIES[view].listed
        number, self._next = self._next, self._next + 1
        self._waiting[number] = told = asyncio.get_running_loop().create_future()
        try:
            if not self.answered:
                raise NotTold(Code.UNKNOWN_COMMAND)
            if not self._send(frames.Ask(number, view, msgspec.Raw(msgspec.json.encode(params)))):
                raise NotTold("unreachable")
            kind: Any = Rows[row] if listed else row  # type: ignore[valid-type]  # the registry knows it when it runs
            answer = msgspec.json.decode(await told, type=kind)
            for one in answer.items if listed else [answer]:
                text.scrub(one)
            return answer.items if listed else answer
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
