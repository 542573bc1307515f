"""What becomes of commands: from being submitted to the hub's answer, on disk and on the link."""

import asyncio
import logging
from collections.abc import Callable

from agent_tui import text
from agent_tui.link.carried import Carried
from agent_tui.link.clock import Clock
from agent_tui.link.disk import Disk, Statement
from agent_tui.link.drafts import Drafts
from agent_tui.link.keeper import Keeper
from agent_tui.link.model import Change, CommandDone, CommandRefused, DraftChanged, Outgoing
from agent_tui.link.outbox import GIVEN_BACK, NOT_STORED, RECALL, Entry, Outbox, waits
from hub.protocol import frames
from hub.protocol.commands import Args
from hub.protocol.errors import Code

log = logging.getLogger(__name__)


class Sender:
    """Owns the outbox. `changed` is called with a conversation (0: none) after each change of what waits for it."""

    def __init__(
        self,
        disk: Disk,
        keeper: Keeper,
        drafts: Drafts,
        outbox: Outbox,
        clock: Clock,
        *,
        send: Callable[[frames.ClientFrame], bool],
        online: Callable[[], bool],
        changed: Callable[[int], None],
        accepted: Callable[[Outgoing, int], None],
        answer: Callable[[Change], None],
    ) -> None:
        self.outbox = outbox
        self._disk = disk
        self._keeper = keeper
        self._drafts = drafts
        self._clock = clock
        self._send = send
        self._online = online
        self._changed = changed
        self._accepted = accepted
        self._answer = answer
        self._pause: asyncio.Task[None] | None = None

    def submit(self, name: str, args: Args, at: int, body: str = "") -> str:
        """`body` is text that the command is about, to be kept with it."""
        entry = self.outbox.add(name, args, at, body)
        log.info("%s is %s", name, entry.key)
        self._store(entry, [entry.insert()])
        return entry.key

    def retry(self, key: str, at: int) -> None:
        """Send a failed line again as a new command. One that has not failed is on its way already."""
        failed = self.outbox.get(key)
        if failed is not None and failed.state == "failed":
            entry = self.outbox.again(failed, at)
            log.info("%s is tried again as %s", key, entry.key)
            self._store(entry, [failed.delete(), entry.insert()])

    def discard(self, key: str) -> str:
        """Take a failed line out; returns what was typed, empty where there is no failed one of this key."""
        failed = self.outbox.get(key)
        if failed is None or failed.state != "failed":
            return ""
        self.take_out(failed)
        return text.own(failed.body)

    def take_out(self, entry: Entry) -> None:
        """Out of the outbox; a draft that was given back becomes durable in the same transaction."""
        self.outbox.remove(entry.key)
        self._disk.write([entry.delete(), *self._drafts.take_changes(), *self._keeper.position()])
        self._changed(entry.conversation)

    def hold_back(self) -> None:
        """The hub has come back with an older desk: what waits may mean something else there."""
        held = self.outbox.hold_back()
        self._disk.write([entry.update() for entry in held])
        for entry in held:
            self._changed(entry.conversation)

    def release(self) -> None:
        """Send what was held back after all."""
        for entry in self.outbox.held_back:
            entry.state = "queued"
            self._disk.write([entry.update()])
            self._changed(entry.conversation)
        self.pump()

    def drop(self) -> None:
        """Forget what was held back."""
        for entry in self.outbox.held_back:
            self.take_out(entry)

    def forget(self, conversation: int) -> None:
        """Take out all that waits for a conversation, and what was typed for it."""
        was = self._drafts.get(conversation)
        self._drafts.forget(conversation)
        if was:
            self._answer(DraftChanged(conversation, was))
        for entry in self.outbox.of(conversation):
            self.take_out(entry)

    def pump(self) -> None:
        """Send what may go out now."""
        if self._pause is None and self._online():
            for entry, frame in self.outbox.due():
                if not self._send(frame):
                    self.outbox.wait_again(entry)

    def done(self, frame: frames.Ok) -> None:
        entry = self.outbox.answered(frame.re)
        if entry is None:
            return
        self.outbox.why = ""
        result = text.detail(frame.result)
        message = result.get("message")
        if entry.is_line and isinstance(message, int):
            self._accepted(entry.shown(), message)
        if entry.name == RECALL:
            was = self._drafts.get(entry.conversation)
            self._drafts.add(entry.conversation, text.own(entry.body))
            self._answer(DraftChanged(entry.conversation, was))
        log.info("%s has taken effect", entry.key)
        self.take_out(entry)
        self._answer(CommandDone(entry.key, entry.name, result))
        self.pump()

    def refused(self, frame: frames.Error) -> None:
        entry = self.outbox.answered(frame.re)
        if entry is None:
            return
        detail = text.detail(frame.args)
        log.info("%s is refused: %s", entry.key, text.line(frame.code))
        seconds = waits(frame.code, detail)
        if seconds:
            self.outbox.wait_again(entry)
            self.outbox.why = str(detail.get("why") or "")
            self._changed(entry.conversation)
            self._rest(seconds)
            return
        draft = ""
        if entry.is_line and frame.code in GIVEN_BACK:
            draft = text.own(entry.body)
            self._drafts.add(entry.conversation, draft)
            self.take_out(entry)
        elif entry.is_line and frame.code != Code.ERASED:
            self._fail(entry, frame.code, detail)
            self._disk.write([entry.update(), *self._keeper.position()])
        else:
            self.take_out(entry)
        refusal = CommandRefused(entry.key, entry.name, frame.code, frame.field, {**detail}, entry.conversation, draft)
        self._answer(refusal)
        self.pump()

    def lost(self) -> None:
        """The connection has ended; with it ends what the hub asked to wait for."""
        self.outbox.lost()
        self.stop()

    def stop(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None

    def carried(self) -> Carried:
        """All that has not been answered, and all drafts."""
        return Carried([entry.row() for entry in self.outbox.entries()], self._drafts.all())

    def store_again(self) -> None:
        """The file is a new one. What was typed goes out when it is on disk again."""
        entries = self.outbox.entries()
        for entry in entries:
            entry.durable = False

        def durable() -> None:
            for entry in entries:
                entry.durable = True
            self.pump()

        self._disk.write(list(self.carried().statements()), durable)

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _store(self, entry: Entry, statements: list[Statement]) -> None:
        def durable() -> None:
            entry.durable = True
            self._changed(entry.conversation)
            self.pump()

        def failed(error: Exception) -> None:
            self._fail(entry, NOT_STORED, {"why": str(error)})
            if not entry.is_line:
                self.outbox.remove(entry.key)
            self._answer(CommandRefused(entry.key, entry.name, NOT_STORED, None, {**entry.detail}, entry.conversation))

        self._disk.write(statements, durable, failed)
        self._changed(entry.conversation)

    def _fail(self, entry: Entry, code: str, detail: dict[str, int | str | None]) -> None:
        entry.state, entry.code, entry.detail = "failed", code, detail
        self._changed(entry.conversation)

    def _rest(self, seconds: float) -> None:
        if self._pause is None:
            self._pause = asyncio.create_task(self._wait(seconds), name="outbox pause")

    async def _wait(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._pause = None
        self.pump()
