"""A thread as lines of cells: theirs at the left, ours at the right, notes on their own ground.

One heading stands over each run of lines by the same person, days and the first unread line get rules of their own.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec
from textual.strip import Strip

from agent_tui import moments, names, refusals
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.link.model import Desk, Outgoing, Thread
from agent_tui.text import body as harmless_body
from agent_tui.widgets.cells import cut, width, wrap
from agent_tui.widgets.note_lines import by_ground, note_lines, put
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.plan_lines import plan_lines
from hub.protocol.states import HANDED_ON, Delivery
from hub.protocol.views import Message, Row

RUN = 10 * moments.MINUTE  # a longer silence begins a new run
GUTTER = 3  # cells at the right in which the state of a message stands
MARKS: dict[str, tuple[str, str, bool]] = {
    "sending": ("○", "quiet", False),
    Delivery.HELD: ("◷", "quiet", False),
    Delivery.QUEUED: ("○", "quiet", False),
    Delivery.SENT: ("✓", "quiet", False),
    Delivery.DELIVERED: ("✓✓", "quiet", False),
    Delivery.READ: ("✓✓", "accent", True),
    Delivery.UNCERTAIN: ("?", "wait", True),
    Delivery.FAILED: ("✗", "need", True),
}
TROUBLES = (Delivery.UNCERTAIN, Delivery.FAILED)  # said of each message by itself
OUTCOMES = {
    "attended": lambda: _("attended"),
    "cancelled": lambda: _("cancelled"),
    "no_show": lambda: _("did not come"),
    "spam": lambda: _("spam"),
    HANDED_ON: lambda: _("transferred"),
}


class Laid(msgspec.Struct, frozen=True):
    """A line, and the message that it belongs to: a place in the thread that outlives a new layout. Empty: none."""

    strip: Strip
    anchor: str = ""


class Entry(msgspec.Struct, frozen=True):
    """A message or what is still in the outbox, as the layout needs it."""

    anchor: str
    side: str  # in, out, note
    by: int | None
    at: int
    text: str
    state: str = ""
    reason: str = ""
    refused: bool = False  # by the hub: it can be taken back


class Keys(msgspec.Struct, frozen=True):
    """The keys that the thread itself speaks of; empty where it is only read."""

    retry: str
    discard: str
    open: str
    plans: str = ""


def entries(desk: Desk, thread: Thread) -> list[Entry]:
    me = desk.me.agent if desk.me else None
    known = [
        Entry(f"m{m.id}", m.d, m.by, m.at, _body(m), m.st if m.d == "out" else "",
              refusals.failure(m.err) if m.st == Delivery.FAILED else "")
        for m in thread.messages
    ]  # fmt: skip
    return known + [_outgoing(desk, one, me) for one in thread.outgoing]


def _meant(found: Sequence[Entry]) -> tuple[str, str]:
    """The messages that the keys to try again and to take back are about: of several in trouble each the first one."""
    stuck = (entry.anchor for entry in found if entry.state in (Delivery.FAILED, Delivery.UNCERTAIN))
    return next(stuck, ""), next((entry.anchor for entry in found if entry.refused), "")


def _body(message: Message) -> str:
    text = harmless_body(message.b)
    return text if message.k == "text" else f"[{harmless_body(message.k)}] {text}"


def _outgoing(desk: Desk, one: Outgoing, me: int | None) -> Entry:
    failed = one.state == "failed"
    reason = refusals.clause(desk, one.code, detail=one.detail) if failed else ""
    side = "note" if one.name == "message.note" else "out"
    state = Delivery.FAILED if failed else one.state
    return Entry(f"o{one.key}", side, me, one.at, harmless_body(one.body), state, reason, failed)


class Layout:
    """Lays a thread out for one width. Keep it and lay out again: wrapped texts are remembered."""

    def __init__(self, desk: Desk, palette: Palette, cells: int, keys: Keys) -> None:
        self.desk, self.palette, self.cells, self.keys = desk, palette, cells, keys
        self._wrapped: dict[tuple[str, str, int], list[str]] = {}
        self._painted: dict[tuple[str, str], list[Strip]] = {}  # of notes
        self._worn = palette.theme  # that they were painted in
        self._stuck = self._refused = ""  # anchors of the messages that the keys are about

    def lay(self, thread: Thread) -> list[Laid]:
        row = thread.row or self.desk.row(thread.conversation)
        laid = list(self._head(thread, row))
        zone, now = names.zone(self.desk), self.desk.now
        before: Entry | None = None
        today: date | None = None
        all_entries = entries(self.desk, thread)
        self._stuck, self._refused = _meant(all_entries)
        for index, entry in enumerate(all_entries):
            day = moments.local(entry.at, zone).date()
            fresh = entry.anchor == f"m{thread.first_unread}"
            if day != today:
                laid += [self._blank(), self._centred(moments.day(entry.at, now, zone), "faint")]
            if fresh:
                laid += [self._blank(), self._rule(_("new"))]
            follows = before is not None and _follows(before, entry) and day == today and not fresh
            after = all_entries[index + 1] if index + 1 < len(all_entries) else None
            laid += self._entry(entry, after, row, heading=not follows, space=not fresh)
            before, today = entry, day
        laid += self._planned(thread)
        laid += self._foot(thread, row)
        return laid

    # -- pieces ----------------------------------------------------------------------------------------------------

    def _line(self, ground: str = "ground") -> Line:
        return Line(self.cells, self.palette, ground)

    def _blank(self, anchor: str = "") -> Laid:
        return Laid(self._line().strip(), anchor)

    def _centred(self, text: str, role: str) -> Laid:
        text = cut(text, self.cells - 4)
        return Laid(self._line().to((self.cells - width(text)) // 2).put(text, role).strip())

    def _rule(self, text: str) -> Laid:
        label = f" {text} "
        left = (self.cells - 2 - width(label)) // 2
        line = self._line().put(" ").put(drawn("─") * left, "need").put(label, "need", bold=True)
        return Laid(line.put(drawn("─") * (line.room - 1), "need").strip())

    def _head(self, thread: Thread, row: Row | None) -> Iterator[Laid]:
        if thread.more:
            yield self._centred(_("loading earlier messages…"), "faint")
        elif row is not None and thread.loaded:
            begun = _("began {when}").format(when=moments.full(row.begun, names.zone(self.desk)))
            yield self._centred(
                begun + (drawn(" · ") + _("continues #{id}").format(id=row.prev) if row.prev else ""), "faint"
            )
        else:
            yield self._centred(_("loading…"), "quiet")

    def _planned(self, thread: Thread) -> Iterator[Laid]:
        if thread.plans:
            yield self._blank()
            lines = plan_lines(self.desk, self.palette, self.cells, thread.plans, self.keys.plans)
            yield from (Laid(line.strip()) for line in lines)

    def _foot(self, thread: Thread, row: Row | None) -> Iterator[Laid]:
        yield self._blank()
        if row is not None and row.hid:
            yield self._centred(_("It is with {name}; its text is not for you to see.").format(
                name=names.agent(self.desk, row.owner)), "quiet")  # fmt: skip
        elif row is not None and row.ended is not None:
            ended = _("ended {when}").format(when=moments.full(row.ended, names.zone(self.desk)))
            outcome = OUTCOMES[row.out]() if row.out in OUTCOMES else ""
            yield self._centred(drawn(" · ").join(part for part in (ended, outcome) if part), "quiet")
            if row.upto is not None:
                yield self._centred(_("You handed it on then: what came after is not for you to see."), "quiet")
            yield self._blank()

    def _entry(self, entry: Entry, after: Entry | None, row: Row | None, *, heading: bool, space: bool) -> list[Laid]:
        laid = [self._blank(entry.anchor)] if heading and space else []
        if entry.side == "note":
            return laid + self._note(entry)
        if entry.side == "in":
            return laid + self._theirs(entry, row, heading)
        last = after is None or not _follows(entry, after) or after.state != entry.state
        return laid + self._ours(entry, heading, last or entry.state in TROUBLES)

    def _theirs(self, entry: Entry, row: Row | None, heading: bool) -> list[Laid]:
        laid = []
        if heading:
            name = names.customer(row) if row is not None else ""
            first = name.split()[0] if row is not None and row.name else name
            line = self._line().put("  ").put(first, "theirs", bold=True).put(" ").put(self._clock(entry), "quiet")
            laid.append(Laid(line.strip(), entry.anchor))
        for text in self._wrap(entry, self._measure()):
            laid.append(Laid(self._line().put("  ").put(text).strip(), entry.anchor))
        return laid

    def _ours(self, entry: Entry, heading: bool, marked: bool) -> list[Laid]:
        laid = []
        margin = " " * (GUTTER + 2)
        if heading:
            line = self._line().right(margin).right(self._clock(entry), "quiet").right(" ")
            laid.append(
                Laid(
                    line.right(names.agent(self.desk, entry.by) or _("Automatic"), "mine", bold=True).strip(),
                    entry.anchor,
                )
            )
        lines = self._wrap(entry, self._measure())
        block = max(width(text) for text in lines)
        for index, text in enumerate(lines):
            line = self._line()
            if marked and index == len(lines) - 1:
                glyph, role, bold = MARKS.get(entry.state, ("", "quiet", False))
                line.right(" ").right(f" {drawn(glyph):<{GUTTER}}", role, bold=bold)
            else:
                line.right(margin)
            laid.append(Laid(line.right(text + " " * (block - width(text))).strip(), entry.anchor))
        return laid + self._trouble(entry)

    def _note(self, entry: Entry) -> list[Laid]:
        who = names.agent(self.desk, entry.by)
        glyph, role, bold = MARKS[entry.state] if entry.state in ("sending", Delivery.FAILED) else ("", "note", False)
        head = self._noted().put(_("Note · {name}").format(name=who), "note", bold=True)
        head.put(" ").put(self._clock(entry), "note").put("  ").put(drawn(glyph), role, bold=bold)
        laid = [Laid(head.strip(), entry.anchor)]
        laid += [Laid(strip, entry.anchor) for strip in self._said(entry)]
        return laid + self._trouble(entry)

    def _noted(self) -> Line:
        line = self._line("note_ground").put(" ", ground="ground").put(drawn("┊ "), "note")
        return line.right(" ", ground="ground")

    def _trouble(self, entry: Entry) -> list[Laid]:
        """Why it did not go out, and what one can press where that is about this one; in as many lines as it takes."""
        if entry.state == Delivery.FAILED:
            words = _("not sent: {reason}").format(reason=entry.reason)
        elif entry.state == Delivery.UNCERTAIN:
            words = _("it may or may not have arrived")
        else:
            return []
        keys = []
        if entry.anchor == self._stuck and self.keys.retry:
            keys.append(_("{key} try again").format(key=self.keys.retry))
        if entry.anchor == self._refused:
            keys.append(_("{key} take back").format(key=self.keys.discard))
        role, cells = MARKS[entry.state][1], self.cells - GUTTER - 6
        lines = wrap(words.rstrip("."), cells)
        for key in keys:
            joined = drawn(" · ").join((lines[-1], key))
            lines[-1:] = [joined] if width(joined) <= cells else [lines[-1], key]
        block = max(width(text) for text in lines)
        margin = " " * (GUTTER + 2)
        return [
            Laid(self._line().right(margin).right(text + " " * (block - width(text)), role).strip(), entry.anchor)
            for text in lines
        ]

    def _clock(self, entry: Entry) -> str:
        return moments.clock(entry.at, names.zone(self.desk))

    def _measure(self) -> int:
        """How wide text may run: what is left beside the gutter, and no wider than reads well."""
        return max(min(self.cells - GUTTER - 6, max(self.cells * 3 // 4, 44), 84), 8)

    def _said(self, entry: Entry) -> list[Strip]:
        """What a note says, with its markup drawn: remembered as painted, for it has more styles than other lines."""
        if self._worn is not self.palette.theme:
            self._worn = self.palette.theme
            self._painted.clear()
        key = (entry.anchor, entry.text)
        if key not in self._painted:
            said = note_lines(entry.text, self.cells - 7, ticks=not by_ground(self.palette))
            self._painted[key] = [put(self._noted(), line, self.palette).strip() for line in said]
        return self._painted[key]

    def _wrap(self, entry: Entry, cells: int) -> list[str]:
        key = (entry.anchor, entry.text, cells)
        if key not in self._wrapped:
            self._wrapped[key] = wrap(entry.text, cells)
        return self._wrapped[key]


def _follows(before: Entry, entry: Entry) -> bool:
    """Whether an entry belongs to the run of the one before it."""
    same = (before.side, before.by) == (entry.side, entry.by)
    return same and entry.side != "note" and entry.at - before.at < RUN
