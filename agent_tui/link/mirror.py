"""The console's copy of the desk: rows, trays, threads and reference data, from snapshots, events and the last time.

Promised: an older version never replaces a newer one, whatever order they come in; a conversation that is out of sight
is gone from everywhere, and of one that was handed on nothing is left beyond where it was; every text in here is
harmless; it is bounded, whatever the hub says: `MOST` rows in a tray, `MOST` messages in a thread and `KEPT` in one
that is closed, `THREADS` of those, no row that stands nowhere. Trays and threads keep their identity, so that a screen
may hold on to them. `notify` tells what to look at again.
"""

import time
from collections.abc import Callable

from agent_tui import text
from agent_tui.link import threads, trays
from agent_tui.link.beside import Beside
from agent_tui.link.further import Further
from agent_tui.link.matching import Here
from agent_tui.link.model import (
    TRAYS,
    VIEW,
    Change,
    LinkChanged,
    Look,
    Outgoing,
    RefsChanged,
    RowMoved,
    Thread,
    ThreadChanged,
    ThreadGone,
    Tray,
    TrayChanged,
)
from agent_tui.link.refs import References, Referring
from agent_tui.link.threads import Held
from agent_tui.link.windows import KEPT, MOST, PAGE, Answer, Window, Windows
from hub.protocol import frames, views

THREADS = 20  # how many are kept live when they are not open

Notify = Callable[[Change], None]
Send = Callable[[frames.ClientFrame], bool]


class Mirror:
    def __init__(
        self,
        notify: Notify,
        send: Send,
        outgoing: Callable[[int], list[Outgoing]],
        now: Callable[[], int] = lambda: int(time.time() * 1000),
    ) -> None:
        """`send` says whether there is a link to send on; `outgoing` gives what waits for a conversation, in order;
        `now` is the hub's time."""
        self.me: views.Me | None = None
        self.trays = {name: Tray(name) for name in TRAYS}
        self.rows: dict[int, views.Row] = {}
        self.held: dict[int, Held] = {}  # least recently opened first
        self.beside = Beside(self.held, notify)
        self.refs = References()
        self._named = Referring(self.refs)
        self.windows = Windows()
        self._tray_windows = {name: self.windows.open(tray=name) for name in TRAYS}
        self._notify = notify
        self._send = send
        self._outgoing = outgoing
        self._now = now
        self.further = Further(self.windows, self.ask, self._close, self._here, lambda: self._named.names, notify)
        self.view, self.counts = self.further.view, self.further.counts

    # -- what the screens ask for --------------------------------------------------------------------------------------

    def open(self, conversation: int) -> Thread:
        held = self.held.pop(conversation, None) or self._hold(conversation)
        self.held[conversation] = held
        was_live = held.window.confirmed and held.thread.loaded
        if not held.open:
            held.open, held.marked, held.thread.first_unread = True, False, None
            if was_live and held.thread.row is not None:
                threads.mark_unread_last(held, held.thread.row.un)
        if not (was_live or held.window.waiting):
            self.ask(held.window)
        self._drop_oldest()
        return held.thread

    def close(self, conversation: int) -> None:
        held = self.held.get(conversation)
        if held is not None:
            held.open = False
            threads.shorten(held, KEPT)
            self._drop_oldest()

    def grow(self, window: Window, loaded: int) -> None:
        """Ask for a further page, unless one is on its way."""
        if not window.waiting and loaded < MOST:
            window.count = min(MOST, max(window.count, loaded) + PAGE)
            self.ask(window)

    def look(self, look: Look | None) -> None:
        """Have the view show something else."""
        self.view.show(look, self.rows.values())
        self._forget_unreferenced()
        self._notify(TrayChanged(VIEW))

    def _here(self) -> Here:
        channels = self._named.channels
        return Here(
            self.me.agent if self.me else 0,
            self._now(),
            self.me.zone if self.me else "",
            lambda number: channels[number].app if number in channels else "",
        )

    def _close(self, window: Window) -> None:
        self.windows.close(window)
        self._send(frames.Unsub(w=window.w))

    def more_rows(self, name: str) -> None:
        if name == VIEW:
            if self.view.window is not None and self.view.tray.more:
                self.grow(self.view.window, len(self.view.tray.rows))
            return
        tray = self.trays[name]
        if tray.more:
            self.grow(self._tray_windows[name], len(tray.rows))

    def more_messages(self, conversation: int) -> None:
        held = self.held.get(conversation)
        if held is not None and held.thread.more:
            self.grow(held.window, len(held.thread.messages))

    # -- what the hub says ---------------------------------------------------------------------------------------------

    def welcomed(self, me: views.Me) -> None:
        self.me = text.scrub(me)
        self._notify(LinkChanged())

    def ask_all(self) -> None:
        """Ask for every window: trays first, then the open threads, then those that were open last, one by one."""
        for window in self._tray_windows.values():
            self.ask(window)
        self.view.ask()
        for held in reversed(self.held.values()):
            if held.open:
                self.ask(held.window)
        self.counts.ask_all()

    def _ask_next(self) -> None:
        """Ask for a thread that nobody looks at, when nothing else is on its way: what is typed goes before it."""
        if not self.windows.waiting():
            left = (held.window for held in reversed(self.held.values()) if not held.window.asked)
            window = next(left, None)
            if window is not None:
                self.ask(window)

    def ask(self, window: Window, *, blank: bool = False) -> None:
        """Ask for a window, saying what of it is held; `blank`: as if nothing were."""
        held: frames.Held = []
        if window.tray and not blank:
            held = [(row.id, row.rev) for row in self.trays[window.tray].rows]
        elif window.thread in self.held and not blank:
            held = self.held[window.thread].versions()
        elif window is self.view.window and not blank:
            held = self.view.held
        window.count = min(MOST, max(window.count, len(held)))
        window.blank = blank
        if not self._send(window.ask(held, self.windows.tick())):
            window.lost()

    def snap(self, page: frames.Snap) -> None:
        window = self.windows.get(page.w)
        answer = window.take(page) if window is not None else None
        if window is None or answer is None:
            return
        for row in answer.rows:
            self._keep(self.further.harmless(row))
        if window.look is not None:
            missing = self.further.snap(window, answer, self.rows)
            self._forget_unreferenced()
        else:
            missing = self._snap_tray(window, answer) if window.tray else self._snap_thread(window, answer)
        if missing and not window.blank:
            self.ask(window, blank=True)
        self._ask_next()

    def _snap_tray(self, window: Window, answer: Answer) -> set[int]:
        tray = self.trays[window.tray]
        listed = set(answer.order)
        inside = listed & self.rows.keys()
        trays.fill(tray, (self.rows[conversation] for conversation in inside))
        tray.more, tray.loaded = answer.more, True
        tray.count = len(listed) if answer.count is None else answer.count
        if window.late_count[0] > answer.seq:
            tray.count = window.late_count[1]
        for conversation, (seq, is_inside) in window.late.items():
            if seq > answer.seq:
                self._place(tray, conversation, is_inside)
        window.late.clear()
        self._forget_unreferenced()
        self._notify(TrayChanged(tray.name))
        return listed - inside

    def _snap_thread(self, window: Window, answer: Answer) -> set[int]:
        held = self.held[window.thread]
        if held.thread.row is None:
            self._gone(window.thread)
            return set()
        missing = threads.take_answer(held, answer, map(text.scrub, answer.messages))
        threads.mark_unread_after(held, answer.read)
        self.refresh(window.thread)
        return missing

    def event(self, seq: int, event: frames.Event) -> None:
        match event:
            case frames.RowChanged():
                self._row_changed(seq, event)
            case frames.RowGone():
                if event.c in self.rows:
                    self._notify(RowMoved(self.rows[event.c], None))
                self._gone(event.c)
            case frames.MessageChanged():
                self._message_changed(text.scrub(event.m))
            case frames.CountChanged():
                window = self.windows.get(event.w)
                if window is not None and not window.thread and seq > window.seq:
                    window.late_count = (seq, event.n)
                    if window.look is not None:
                        self.further.counted(window, event.n)
                    else:
                        self.trays[window.tray].count = event.n
                        self._notify(TrayChanged(window.tray))
            case frames.RefChanged():
                if event.name == "plans":
                    event = self.beside.planned(event, self.me.agent if self.me else 0)
                if self.refs.change(event):
                    self._notify(RefsChanged(event.name))

    def ref(self, frame: frames.Ref) -> None:
        if self.refs.replace(frame.name, frame.version, frame.items):
            self._notify(RefsChanged(frame.name))

    # -- what happens in the console -----------------------------------------------------------------------------------

    def refresh(self, conversation: int) -> None:
        """Derive what waits for a thread from the outbox, without what the hub has shown already."""
        held = self.held.get(conversation)
        if held is None:
            return
        shown = {message.key for message in held.thread.messages if message.key}
        held.thread.outgoing = [line for line in self._outgoing(conversation) if line.key not in shown]
        self._notify(ThreadChanged(conversation))

    def accepted(self, outgoing: Outgoing, message: int) -> None:
        """The hub has taken an outgoing line and made `message` of it."""
        held = self.held.get(outgoing.conversation)
        if held is not None:
            threads.accepted(held, outgoing, message, self.me, self.windows.tick())

    def void(self) -> None:
        """Forget everything that the hub has said: it is not the hub's any more, or not ours to see."""
        self.me = None
        self.rows.clear()
        self.refs.clear()
        self.further.void()
        for name, tray in self.trays.items():
            tray.rows, tray.count, tray.more, tray.loaded = [], 0, False, False
            self._notify(TrayChanged(name))
        for held in self.held.values():
            thread = held.thread
            thread.row, thread.messages, thread.more, thread.loaded = None, [], False, False
            thread.first_unread, held.marked, thread.forms, thread.plans = None, False, [], []
            held.provisional.clear()
            self._notify(ThreadChanged(thread.conversation))
        for name in views.REFERENCES:
            self._notify(RefsChanged(name))
        self._notify(LinkChanged())

    def lost(self) -> None:
        """The connection has ended."""
        self.windows.lost()
        self.beside.lost()

    def restore(self, row: views.Row) -> None:
        """Take in a row of the last time."""
        self._keep(row)

    def restore_tray(self, name: str, conversations: list[int], count: int, more: bool) -> None:
        """Take in a tray of the last time, whose rows have been restored."""
        if name in self.trays:
            tray = self.trays[name]
            tray.count, tray.more, tray.loaded = count, more, True
            trays.fill(tray, (self.rows[conversation] for conversation in conversations))

    def hold(self, thread: Thread) -> None:
        """Take in a thread of the last time."""
        held = self._hold(thread.conversation)
        held.thread.messages, held.thread.more, held.thread.loaded = thread.messages, thread.more, thread.loaded
        held.thread.forms = thread.forms
        self.held[thread.conversation] = held

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _hold(self, conversation: int) -> Held:
        thread = Thread(conversation, row=self.rows.get(conversation), outgoing=self._outgoing(conversation))
        return Held(thread, self.windows.open(thread=conversation))

    def _drop_oldest(self) -> None:
        spare = [held for held in self.held.values() if not held.open]
        for held in spare[: max(0, len(spare) - THREADS)]:
            del self.held[held.thread.conversation]
            self.windows.close(held.window)
            self._send(frames.Unsub(w=held.window.w))
        if spare:
            self._forget_unreferenced()

    def _keep(self, row: views.Row) -> bool:
        """Make a row the known one, everywhere; whether it is not older than what was known."""
        old = self.rows.get(row.id)
        if old is not None and old.rev > row.rev and old.upto == row.upto:
            return False
        self.rows[row.id] = row
        if row.upto is not None and (old is None or old.upto != row.upto) and row.id in self.held:
            threads.cut(self.held[row.id], row.upto)
        for tray in self.trays.values():
            if old is not None and trays.replace(tray, old, row):
                self._notify(TrayChanged(tray.name))
        self.further.replaced(row)
        if row.id in self.held:
            self.held[row.id].thread.row = row
            self._notify(ThreadChanged(row.id))
        return True

    def _row_changed(self, seq: int, event: frames.RowChanged) -> None:
        row = self.further.harmless(event.row)
        self._filled(row.id, event.forms)
        before = self.rows.get(row.id)
        if not self._keep(row):
            return
        self._notify(RowMoved(before, row))
        for name, window in self._tray_windows.items():
            inside = window.w in event.ws
            if window.waiting:
                window.late[row.id] = (seq, inside)
            if window.confirmed and seq > window.seq:
                self._place(self.trays[name], row.id, inside)
        self.further.follow(row, event.ws, seq)
        self._forget_unreferenced()

    def _filled(self, conversation: int, forms: list[views.Submission]) -> None:
        held = self.held.get(conversation)
        if held is not None and [one for one in forms if threads.put_form(held.thread, text.scrub(one))]:
            self._notify(ThreadChanged(conversation))

    def _place(self, tray: Tray, conversation: int, inside: bool) -> None:
        row = self.rows.get(conversation)
        if row is not None and (trays.put(tray, row) if inside else trays.take(tray, row)):
            self._notify(TrayChanged(tray.name))

    def _message_changed(self, message: views.Message) -> None:
        held = self.held.get(message.c)
        if held is None or not threads.put(held.thread, message):
            return
        if message.d == "in":
            held.thread.typing = False
        self.refresh(message.c)

    def _gone(self, conversation: int) -> None:
        for name, window in self._tray_windows.items():
            window.late.pop(conversation, None)
            self._place(self.trays[name], conversation, inside=False)
        if (row := self.rows.pop(conversation, None)) is not None:
            self.further.gone(row)
        held = self.held.pop(conversation, None)
        if held is not None:
            self.windows.close(held.window)
            self._notify(ThreadGone(conversation))
            self._ask_next()

    def _forget_unreferenced(self) -> None:
        """Rows that stand in no tray and belong to no thread need not be known."""
        listed = sum(len(tray.rows) for tray in self.trays.values()) + len(self.view.tray.rows)
        if len(self.rows) <= listed + len(self.held) + PAGE:
            return
        used = {row.id for tray in self.trays.values() for row in tray.rows} | self.held.keys() | self.further.used
        used.update(*(window.late for window in self._tray_windows.values()))
        self.rows = {conversation: row for conversation, row in self.rows.items() if conversation in used}
