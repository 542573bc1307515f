"""The desk of a console that talks to a hub: mirror, outbox, disk and connection behind one `Desk`."""

import logging
from typing import Any, NoReturn

from agent_tui import text
from agent_tui.link.address import Address
from agent_tui.link.asks import Asks
from agent_tui.link.attending import Attending
from agent_tui.link.backoff import Backoff
from agent_tui.link.carried import Carried
from agent_tui.link.clock import Clock, SystemClock
from agent_tui.link.connection import Broken, Connection
from agent_tui.link.dial import Dial, dial
from agent_tui.link.disk import Disk, Stored, open_disk
from agent_tui.link.drafts import Drafts
from agent_tui.link.keeper import Keeper
from agent_tui.link.looking import Looking
from agent_tui.link.mirror import Mirror
from agent_tui.link.model import (
    Change,
    CommandRefused,
    LinkChanged,
    LinkState,
    Listener,
    Outgoing,
    Submitted,
    Thread,
    Undone,
)
from agent_tui.link.news import News
from agent_tui.link.outbox import Outbox
from agent_tui.link.place import Place
from agent_tui.link.recall import Recalls
from agent_tui.link.refs import Referring
from agent_tui.link.sender import Sender
from agent_tui.link.shared_drafts import SharedDrafts
from agent_tui.link.typed import Typing
from agent_tui.link.undo import Undo
from hub.protocol import PROTO, frames, views
from hub.protocol.commands import Args
from hub.protocol.errors import Code
from hub.protocol.queries import Params

log = logging.getLogger(__name__)

GAP = "gap"  # this console's own code: an event is missing
RESTORED = "restored"  # this console's own code: the hub's database is another or an older one


class LiveDesk(Looking, Referring):
    """Made by `open_desk`; shows the last known desk from the beginning, and calls the hub from `start` on."""

    def __init__(
        self, disk: Disk, stored: Stored, address: Address, *, client: str, clock: Clock, dial: Dial, backoff: Backoff
    ) -> None:
        self._client = client
        self._clock = clock
        self._disk = disk
        self._stopped = False
        self._offset = 0.0  # the hub's clock less ours, milliseconds
        self._news = News()
        self._outbox = Outbox()
        self._drafts = Drafts()
        self._connection = Connection(address, self, self._link_changed, clock=clock, dial=dial, backoff=backoff)
        self._mirror = Mirror(self._tell, self._connection.send, self._outbox.lines, lambda: self.now)
        super().__init__(self._mirror.refs)
        self._keeper = Keeper(disk, self._mirror, self._drafts, clock, self._last_seen)
        self._typing = Typing(clock, self._connection.send, self._mirror.beside.typed)
        self._attending = Attending(self._connection.send, self._mirror.beside.joined, self._mirror.beside.passed)
        self._sender = Sender(
            disk,
            self._keeper,
            self._drafts,
            self._outbox,
            clock,
            send=self._connection.send,
            online=lambda: self.link.phase == "online",
            changed=self._outbox_changed,
            accepted=self._mirror.accepted,
            answer=self._news.answer,
        )
        self._asks = Asks(self._connection.send)
        self._recalls = Recalls(self._mirror, self._sender)
        self._undo = Undo(self)
        self._shared = SharedDrafts(
            self._drafts, clock, send=self._connection.send, tell=self._news.answer, keep=self._keeper.typed
        )
        self._outbox.restore(stored.outbox)
        self._keeper.restore(stored)
        self.link.as_of = int(stored.meta.get("seen", "0"))
        self._outbox_changed(0)

    def start(self) -> None:
        self._connection.start()

    async def stop(self) -> None:
        """Leave: close the link, and write what is not on disk yet. Once is enough; more does no harm."""
        if self._stopped:
            return
        self._stopped = True
        await self._connection.stop()
        self._sender.stop()
        self._shared.stop()
        self._typing.stop()
        await self._keeper.stop()
        await self._disk.close()

    async def settled(self) -> None:
        """Return when all that was typed and submitted so far is on disk."""
        self._keeper.save()
        await self._disk.flush()

    def carried(self) -> Carried:
        """What the person typed and nobody has taken, for the desk of the next sign-in."""
        return self._sender.carried()

    def use(self, address: Address) -> None:
        """The hub has moved, or the agent has signed in again: go on there, at once."""
        self._connection.use(address)

    def try_now(self) -> None:
        """Don't wait for the next try."""
        self._connection.try_now()

    # -- what screens read ---------------------------------------------------------------------------------------------

    @property
    def link(self) -> LinkState:
        return self._connection.state

    @property
    def me(self) -> views.Me | None:
        return self._mirror.me

    @property
    def now(self) -> int:
        return int(self._clock.wall() * 1000 + self._offset)

    def row(self, conversation: int) -> views.Row | None:
        return self._mirror.rows.get(conversation)

    def thread(self, conversation: int) -> Thread | None:
        held = self._mirror.held.get(conversation)
        return None if held is None else held.thread

    def draft(self, conversation: int) -> str:
        return self._drafts.get(conversation)

    # -- what screens do -----------------------------------------------------------------------------------------------

    def open_thread(self, conversation: int) -> Thread:
        return self._mirror.open(conversation)

    def close_thread(self, conversation: int) -> None:
        self._shared.save()  # the composer was left
        self._mirror.close(conversation)

    def more_messages(self, conversation: int) -> None:
        self._mirror.more_messages(conversation)

    async def ask(self, view: str, params: Params) -> Any:
        return await self._asks.ask(view, params)

    def submit(self, name: str, args: Args) -> str:
        key = self._sender.submit(name, args, self.now)
        self._news.tell(Submitted(key, name, getattr(args, "conversation", 0)))
        self._undo.submitted(key, name, args)
        return key

    def retry(self, key: str) -> None:
        self._sender.retry(key, self.now)

    def discard(self, key: str) -> str:
        return self._sender.discard(key)

    def recallable(self, conversation: int) -> bool:
        return self._recalls.possible(conversation)

    def recall(self, conversation: int) -> Outgoing | None:
        return self._recalls.take_back(conversation, self.now)

    @property
    def undoable(self) -> bool:
        return self._undo.possible

    def undo(self) -> Undone:
        return self._undo.undo()

    def taken_back(self, key: str) -> int:
        return self._undo.parts_of(key)

    def release_review(self) -> None:
        self._sender.release()

    def drop_review(self) -> None:
        self._sender.drop()

    def attend(self, conversation: int) -> None:
        self._attending.at(conversation)

    def type_in(self, conversation: int, on: bool, *, note: bool = False) -> None:
        self._typing.ours(conversation, on, note=note)

    def save_draft(self, conversation: int, text: str) -> None:
        if self._drafts.save(conversation, text):
            self._keeper.typed()

    def subscribe(self, listener: Listener) -> None:
        self._news.subscribe(listener)

    # -- what the connection says --------------------------------------------------------------------------------------

    def hello(self) -> frames.Hello:
        return frames.Hello(
            proto=PROTO,
            client=self._client,
            epoch=self._keeper.epoch,
            cursor=self._keeper.newest,
            refs={**self._mirror.refs.versions},
            drafts=self._drafts.versions,
        )

    def welcomed(self, welcome: frames.Welcome) -> None:
        if self._disk.renew():
            self._sender.store_again()
        if welcome.resume == "restored":
            self._start_over()
        self._keeper.at(welcome.epoch, welcome.cursor)
        self._mirror.welcomed(welcome.me)
        self._asks.answered = welcome.asks
        self._mirror.counts.answered = welcome.counts
        self._attending.welcomed(taken=welcome.looks)
        self._typing.notes = welcome.notes
        self._sender.pump()  # first, so that even a link that hardly lasts brings what was typed further
        self._mirror.ask_all()
        self._shared.welcomed(taken=welcome.drafts)

    def _start_over(self) -> NoReturn:
        """The hub's desk is another or an older one. What hello said of what we hold is void, so it is said again."""
        self._sender.hold_back()
        self._mirror.void()
        self._keeper.forget()
        self._disk.forget_desk()
        raise Broken(RESTORED)

    def heard(self, frame: frames.HubFrame) -> None:
        match frame:
            case frames.Ev():
                self._apply(frame)
            case frames.Ok():
                self._sender.done(frame)
            case frames.Error():
                self._refused(frame)
            case frames.Snap():
                if frame.nonce:
                    self._keeper.saw((frame.seq, frame.nonce))
                self._mirror.snap(frame)
                self._confirm()
                self._attending.again()
            case frames.Ref():
                self._mirror.ref(frame)
            case frames.Typed():
                self._typing.theirs(frame.c, frame.by, frame.on)
            case frames.Looking():
                self._attending.heard(frame)
            case frames.Draft():
                self._shared.heard(frame)
            case frames.Answer():
                self._asks.heard(frame)
            case frames.Drafted():
                self._shared.answered(frame)
            case frames.Resync():
                self._keeper.at(self._keeper.epoch, frame.cursor)
                if frame.me is not None:
                    self._mirror.welcomed(frame.me)
                self._connection.set(stale=True, as_of=self._last_heard())
                self._mirror.windows.lost()
                self._mirror.ask_all()

    def lost(self) -> None:
        self._mirror.lost()
        self._sender.lost()
        self._shared.lost()
        self._asks.lost()
        self._typing.stop()
        self._attending.lost()
        self._connection.set(stale=True, as_of=self._last_heard())

    def signed_out(self) -> None:
        """The desk is not ours to see any more, and nothing of it stays on disk; what the person typed stays theirs,
        in memory."""
        self._mirror.void()
        self._keeper.forget()
        self._disk.wipe()
        self.link.as_of = 0

    def _last_heard(self) -> int:
        """When the hub was last heard on this connection, by its clock."""
        return self.now - int(self._connection.quiet * 1000)

    def _last_seen(self) -> int:
        return self._last_heard() if self.link.phase == "online" else self.link.as_of

    def clock_read(self, hub: int, local: float) -> None:
        self._offset = hub - local * 1000

    def _apply(self, ev: frames.Ev) -> None:
        if self._keeper.cursor is None or ev.prev != self._keeper.cursor[0]:
            raise Broken(GAP)
        for event in ev.events:
            self._mirror.event(ev.seq, event)
            if isinstance(event, frames.RowGone) and event.erased:
                self._forget(event.c)
        self._keeper.at(ev.epoch, (ev.seq, ev.nonce))

    def _refused(self, error: frames.Error) -> None:
        if self._asks.refused(error):
            return
        if error.re:
            self._sender.refused(error)
            if error.code == Code.ERASED:
                self._forget(int(error.args.get("id") or 0))
        elif self._mirror.further.refused(error):
            return
        elif error.code == Code.BAD_FRAME:
            raise Broken(Code.BAD_FRAME)
        else:
            log.warning("the hub refused what was no command: %s %s", error.code, error.args)
            self._news.answer(CommandRefused("", "", error.code, error.field, {**text.detail(error.args)}))

    def _forget(self, conversation: int) -> None:
        """A customer was erased at the hub: no word of theirs stays here, and none that was typed to them."""
        self._sender.forget(conversation)
        self._scrub()

    def _scrub(self) -> None:
        self._keeper.save()
        self._disk.scrub()

    def _confirm(self) -> None:
        if self.link.stale and self._mirror.windows.trays_confirmed():
            self._connection.set(stale=False)
            self._scrub()  # what has gone from the trays meanwhile may have been erased

    # -- what the parts say to each other ------------------------------------------------------------------------------

    def _tell(self, change: Change) -> None:
        self._news.tell(change)
        self._keeper.changed(change)

    def _link_changed(self) -> None:
        self._news.tell(LinkChanged())

    def _outbox_changed(self, conversation: int) -> None:
        self._mirror.refresh(conversation)
        waits = {"unsent": self._outbox.unsent, "review": len(self._outbox.held_back), "why": self._outbox.why}
        self._connection.set(**waits)


async def open_desk(
    place: Place,
    address: Address,
    *,
    client: str = "bandeja",
    clock: Clock | None = None,
    dial: Dial = dial,
    backoff: Backoff | None = None,
    carried: Carried | None = None,
) -> LiveDesk:
    """Read the last known desk. `client` names the console in the hub's log; `carried` is what was typed on a desk of
    the same agent that was wiped.

    Raises disk.NewerFile, OSError, sqlite3.Error where the file can't be used.
    """
    disk = await open_disk(place)
    stored = await disk.load()
    if carried is not None:
        carried.put_into(stored)
        disk.write(list(carried.statements()))
        await disk.flush()
    return LiveDesk(
        disk,
        stored,
        address,
        client=client,
        clock=clock or SystemClock(),
        dial=dial,
        backoff=backoff or Backoff(),
    )
