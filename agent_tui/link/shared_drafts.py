"""Drafts on all consoles of an agent: saved at the hub when one pauses, taken over where nothing was typed.

Two rules, and nothing that was typed is ever lost: a newer draft replaces one that was not edited here since the hub
had it; one that was edited stays, with the words of the other one below it (`drafts.merged`), and is saved again. The
hub takes a draft only from whoever knows the version that is there, so of two that are saved at once one comes back.
"""

import asyncio
from collections.abc import Callable

from agent_tui import text
from agent_tui.link.clock import Clock
from agent_tui.link.drafts import Drafts, merged
from agent_tui.link.model import Change, DraftChanged
from hub.protocol import frames

PAUSE = 1.5  # seconds without a key after which what was typed is saved
LONGEST = 16_000  # characters that the hub takes; longer ones stay here


class SharedDrafts:
    def __init__(
        self,
        drafts: Drafts,
        clock: Clock,
        *,
        send: Callable[[frames.ClientFrame], bool],
        tell: Callable[[Change], None],
        keep: Callable[[], None],
    ) -> None:
        """`keep` has the disk brought up to the drafts soon."""
        self._drafts = drafts
        self._clock = clock
        self._send = send
        self._tell = tell
        self._keep = keep
        self._taken = False  # by the hub of this connection
        self._under_way: dict[int, str] = {}  # conversation → the text whose answer is awaited
        self._pause: asyncio.Task[None] | None = None
        drafts.saved = self._saved

    def welcomed(self, *, taken: bool) -> None:
        """The link is up. `taken`: the hub keeps drafts."""
        self._taken = taken
        self.save()

    def lost(self) -> None:
        self._taken = False
        self._under_way.clear()
        self.stop()

    def stop(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None

    def save(self) -> None:
        """Have the hub keep what it has not, now."""
        self.stop()
        for conversation in self._drafts.unsaved if self._taken else ():
            self._save(conversation)

    def _save(self, conversation: int) -> None:
        typed = self._drafts.get(conversation)
        if conversation not in self._under_way and len(typed) <= LONGEST:
            frame = frames.Draft(c=conversation, text=typed, v=self._drafts.synced(conversation).version)
            if self._send(frame):
                self._under_way[conversation] = typed

    def _saved(self, conversation: int) -> None:
        """A draft has changed here. One that was sent or cleared goes at once, so that nobody sends it twice."""
        if not self._taken or not self._drafts.edited(conversation):
            return
        if self._drafts.get(conversation):
            self.stop()
            self._pause = asyncio.create_task(self._wait(), name="draft pause")
        else:
            self._save(conversation)

    async def _wait(self) -> None:
        await self._clock.sleep(PAUSE)
        self._pause = None
        self.save()

    # -- what the hub says ---------------------------------------------------------------------------------------------

    def heard(self, frame: frames.Draft) -> None:
        """A draft as another console left it."""
        conversation, mine = frame.c, self._drafts.get(frame.c)
        if frame.v <= self._drafts.synced(conversation).version and frame.text:
            return
        theirs = text.body(frame.text)
        both = merged(mine, theirs) if self._drafts.edited(conversation) else theirs
        self._drafts.mark(conversation, frame.v, theirs)
        self._keep()
        if self._drafts.save(conversation, both):
            self._tell(DraftChanged(conversation, mine))

    def answered(self, frame: frames.Drafted) -> None:
        typed = self._under_way.pop(frame.c, None)
        if typed is None:
            return
        if frame.ok and frame.v >= self._drafts.synced(frame.c).version:
            self._drafts.mark(frame.c, frame.v, typed)
            self._keep()
        if frame.v and self._drafts.edited(frame.c):  # typed on since, or joined with what was there
            self._saved(frame.c)
