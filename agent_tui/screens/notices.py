"""What notifies, how, and when nothing does: a small window in which all of it is turned on and off."""

import re
from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import ModalScreen

from agent_tui.actions import LIST, NOTICES
from agent_tui.glyphs import drawn
from agent_tui.i18n import N_, _
from agent_tui.notify import quiet, words
from agent_tui.notify.kinds import BELL, DESKTOP, KINDS, WAYS
from agent_tui.notify.notifier import Notifier
from agent_tui.notify.preferences import CHOICES, QUIET, WAYS_OF, parse_ways, write_ways
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.terminal.caret import is_shown
from agent_tui.text import line as harmless_line
from agent_tui.widgets.cells import width, wrap
from agent_tui.widgets.paint import Line
from agent_tui.widgets.standing import at_text
from agent_tui.widgets.window import Window

LABELS: dict[str, str] = {
    "notify": N_("Notify me"),
    **{name: KINDS[kind].label for name, kind in WAYS_OF.items()},
    "notify_when": N_("When"),
    "notify_says": N_("They say"),
    "notify_by": N_("Those of the desktop by"),
    "notify_title": N_("In the terminal's title"),
    QUIET: N_("Quiet hours"),
}
VALUES: dict[tuple[str, str], str] = {
    ("notify", "ask"): N_("not decided yet"),
    ("notify", "on"): N_("on"),
    ("notify", "off"): N_("off"),
    ("notify_when", "unfocused"): N_("while you look elsewhere"),
    ("notify_when", "always"): N_("always"),
    ("notify_says", "who"): N_("who writes"),
    ("notify_says", "text"): N_("who writes, and what"),
    ("notify_title", "on"): N_("how many wait for you"),
    ("notify_title", "off"): N_("nothing"),
}
HELP: dict[str, str] = {
    "notify": N_("Of what you turn on below you hear while you look elsewhere."),
    "notify_assigned": N_("This bell rings also while you are here."),
    "notify_when": N_("A terminal that doesn't tell where you look counts as left after a minute without a key."),
    "notify_says": N_("Who passes by may read what a customer wrote."),
    "notify_by": N_("OSC 9 or OSC 777: which of them a terminal knows differs. Within tmux: allow-passthrough on."),
    "notify_title": N_("Conversations of yours that you have not opened, read or answered; also in quiet hours."),
    QUIET: N_("Nothing sounds or shows in them, by the desk's clock. Like 22:00-07:00, 13:00-14:00."),
}
NAMES = tuple(LABELS)
TOP = 3  # lines above the first row
NOTES = 2  # lines of explanation
BOX = re.compile(r"\[[^]]\]")


class NoticesWindow(Window):
    """Title and columns, a hairline, a line a setting, and what the marked one is about."""

    DEFAULT_CSS = """
    NoticesWindow { margin-top: 2; }
    """

    def __init__(self, screen: "NoticesScreen") -> None:
        super().__init__(screen.desk, screen.palette)
        self.owner = screen

    def paint(self, y: int) -> Line:
        if y in (0, self.size.height - 1):
            return self.edge("└┘" if y else "┌┐")
        line = self.sided()
        if y == 1:
            line.right(" ").right(_("desktop"), "quiet").right("   ").right(_("bell"), "quiet")
            return line.put(" ").put(_("Notifications"), "strong", bold=True)
        if y == 2:
            return self.rule()
        if TOP <= y < TOP + len(NAMES):
            return self._setting(y - TOP)
        note = y - TOP - len(NAMES) - 1
        notes = wrap(self.owner.note, self.size.width - 4)
        return line.put(" ").put(notes[note], "quiet") if 0 <= note < len(notes) else line

    @property
    def caret(self) -> Offset | None:
        """Behind what is written; else in the box that would be turned, or at the marked setting."""
        y, marked = TOP + self.owner.marked, NAMES[self.owner.marked]
        line = self.paint(y).strip()
        if self.owner.typed is not None:
            column = 3 + width(f"{_(LABELS[marked])}  › {self.owner.typed}")
        elif marked in WAYS_OF:
            column = [match.start() for match in BOX.finditer(line.text)][self.owner.side == DESKTOP] + 1
        else:
            return at_text(self, y, line)
        return self.content_region.offset + Offset(min(column, self.content_region.width - 1), y)

    def _setting(self, index: int) -> Line:
        name, marked = NAMES[index], index == self.owner.marked
        line = self.sided("tint" if marked else "panel").put(drawn("▌") if marked else " ", "accent").put(" ")
        label, role = _(LABELS[name]), "strong" if marked else "text"
        if name in WAYS_OF:
            self._boxes(line, name, marked)
            return line.put("  ").put(label, role, bold=marked)
        if self.owner.typed is not None and marked:
            cursor = self.palette.style("text", "tint", reverse=not is_shown(self.app))
            line.put(label, role, bold=True).put(drawn("  › "), "accent", bold=True)
            return line.put(self.owner.typed).put(" ", style=cursor)
        line.right(" ").right(self.owner.value(name), "accent" if marked else "text", bold=marked).right("  ")
        return line.put(label, role, bold=marked)

    def _boxes(self, line: Line, name: str, marked: bool) -> None:
        """A box below the middle of each column's heading; the one that would be turned stands out."""
        chosen, plain = self.owner.ways(name), self.palette.style("text", "tint" if marked else "panel")
        turned = self.palette.style("accent", "tint", bold=True, reverse=True)
        line.right(" ")
        for way, heading in ((DESKTOP, _("desktop")), (BELL, _("bell"))):
            box = drawn("[✓]") if way in chosen else "[ ]"
            room = max(width(heading) - 3, 0)
            line.right(" " * (room - room // 2))
            line.right(box, style=turned if marked and self.owner.side == way else plain)
            line.right(" " * (room // 2)).right("   ")

    def on_click(self, event: events.Click) -> None:
        index = event.y - TOP
        if 0 <= index < len(NAMES):
            boundary = self.size.width - 2 - width(_("desktop")) - 2
            self.owner.clicked(index, DESKTOP if event.x >= boundary else BELL)


class NoticesScreen(KeyedScreen, ModalScreen[None]):
    """`choose` takes a setting's name and its new value."""

    DEFAULT_CSS = """
    NoticesScreen { background: transparent; align-horizontal: center; &:ansi { background: transparent; } }
    """

    def __init__(self, cockpit: Cockpit, notifier: Notifier, choose: Callable[[str, str], None]) -> None:
        super().__init__(cockpit)
        self.notifier, self._choose = notifier, choose
        self.marked = 0
        self.side = BELL
        self.typed: str | None = None  # the quiet hours, while they are written
        self.window = NoticesWindow(self)
        self.handlers = {
            "list.down": lambda: self.move(1),
            "list.up": lambda: self.move(-1),
            "list.close": self.leave,
            "list.choose": self.accept,
            "notices": self.leave,
            "notify.turn": self.turn,
            "notify.side": self.other_side,
            "notify.test": self.test,
        }

    def compose(self) -> ComposeResult:
        yield self.window
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        self.window.styles.height = TOP + len(NAMES) + 1 + NOTES + 1

    def places(self) -> tuple[str, ...]:
        return (LIST,) if self.typed is not None else (NOTICES, "global")

    def offered(self) -> tuple[str, ...]:
        if self.typed is not None:
            return ("list.choose", "list.close")
        side = ("notify.side",) if NAMES[self.marked] in WAYS_OF else ()
        return ("notify.turn", *side, "notify.test", "list.close")

    @property
    def caret(self) -> Offset | None:
        return super().caret or self.window.caret

    # -- what is shown ---------------------------------------------------------------------------------------------

    def ways(self, name: str) -> frozenset[str]:
        return parse_ways(self.notifier.chosen.values[name]) or frozenset()

    def value(self, name: str) -> str:
        value = self.notifier.chosen.values[name]
        if name == "notify_by":
            shown = {"osc9": "OSC 9", "osc777": "OSC 777", None: _("none that is known")}
            return shown[self.notifier.how] if value != "auto" else f"auto ({shown[self.notifier.known]})"
        if name == QUIET:
            ranges = self.notifier.chosen.now.quiet
            now = _("now") + " " + drawn("·") + " " if quiet.within(ranges, self.notifier.minute) else ""
            return now + quiet.shown(ranges) if ranges else _("none")
        if name == "notify_title" and value == "on":
            return f"{_(VALUES[name, value])}: {words.title(self.notifier.waiting)}"
        return _(VALUES[name, value])

    @property
    def note(self) -> str:
        """What the marked setting is about; what one misses, where nothing is told."""
        name = NAMES[self.marked]
        if self.notifier.chosen.now.answer == "off" and name == "notify":
            return _(
                "Nothing tells you that a conversation is yours or that a customer writes while you look elsewhere."
            )
        return _(HELP[name]) if name in HELP else ""

    # -- what one does ---------------------------------------------------------------------------------------------

    def move(self, by: int) -> None:
        self.marked = (self.marked + by) % len(NAMES)
        self.window.refresh()

    def other_side(self) -> None:
        self.side = WAYS[1 - WAYS.index(self.side)]
        self.window.refresh()

    def clicked(self, index: int, side: str) -> None:
        if self.typed is None:
            self.marked, self.side = index, side
            self.turn()
            self.refresh_footer()

    def turn(self) -> None:
        name = NAMES[self.marked]
        value = self.notifier.chosen.values[name]
        if name == QUIET:
            self.typed = "" if value == quiet.NONE else value
        elif name in WAYS_OF:
            self._choose(name, write_ways(self.ways(name) ^ {self.side}))
        else:
            turns = CHOICES[name][1:] if name == "notify" else CHOICES[name]
            self._choose(name, turns[(turns.index(value) + 1) % len(turns)] if value in turns else turns[0])
        self.window.refresh()

    def test(self) -> None:
        self.notifier.try_out(_("This is how you will be notified."))
        if self.notifier.how is None:
            self.notice.say(_("This terminal is not known to show any: it rang its bell, and nothing more."), "wait")

    def accept(self) -> None:
        """Take the hours that were written, where they can be read."""
        ranges = quiet.parse(self.typed or "")
        if ranges is None:
            words = _("{hours} are no hours of the day: write 22:00-07:00, several with a comma between.")
            self.notice.say(words.format(hours=repr(self.typed)))
            return
        self.typed = None
        self._choose(QUIET, quiet.shown(ranges))
        self.window.refresh()

    def leave(self) -> None:
        if self.typed is None:
            self.dismiss()
        self.typed = None
        self.window.refresh()

    # -- writing the hours -----------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if self.typed is None or self.keymap.find(self.contexts, event.key) is not None:
            super().on_key(event)
            return
        if event.key == "backspace":
            self.typed = self.typed[:-1]
        elif event.is_printable and event.character:
            self.typed += event.character
        self.window.refresh()
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        if self.typed is not None:
            self.typed += harmless_line(event.text)
            self.window.refresh()
        event.stop()
