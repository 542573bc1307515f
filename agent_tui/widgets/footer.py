"""The last line: the truth about the link, and the keys that work now. Or a question, or keys that were begun."""

from collections.abc import Sequence

from textual.geometry import Offset

from agent_tui import moments
from agent_tui.glyphs import drawn, spelled
from agent_tui.i18n import _, ngettext
from agent_tui.link.model import Desk, LinkState
from agent_tui.widgets.cells import cut, width
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted

Keys = Sequence[tuple[str, str]]


class Footer(Painted):
    """Keys are cut from the right, except the last one given, which is help and stays."""

    DEFAULT_CSS = """
    Footer { height: 1; dock: bottom; background: $b-panel; }
    """

    def __init__(self, desk: Desk, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(desk, palette, id=id)
        self._keys: Keys = ()
        self._question = ""
        self._pending = ""
        self._aside = ("", "")

    def show(self, keys: Keys, question: str = "", pending: str = "", aside: tuple[str, str] = ("", "")) -> None:
        """`pending` are keys that were pressed and wait for another; `keys` are then those that may follow. `aside` is
        what goes on meanwhile, with its role."""
        if (keys, question, pending, aside) != (self._keys, self._question, self._pending, self._aside):
            self._keys, self._question, self._pending, self._aside = keys, question, pending, aside
            self.refresh()

    @property
    def cut(self) -> bool:
        """Whether some of the keys that may follow those that were begun have no room."""
        room = self.size.width - 1 - width(self._begun()) - 3 - 1
        return bool(self._pending) and [*self._fitting(room)] != [*self._keys]

    def _begun(self) -> str:
        return f"{self._pending} {spelled('…')}"

    @property
    def caret(self) -> Offset | None:
        """Behind the question, where its answer goes; None without one."""
        end = min(width(self._asked()) + 2, self.content_region.width - 1)
        return self.content_region.offset + Offset(end, 0) if self._question else None

    def paint(self, y: int) -> Line:
        line = self.line("panel").put(" ")
        if self._question:
            line.put(self._asked(), "wait", bold=True).put("   ")
        elif self._pending:
            line.put(self._begun(), "accent", bold=True).put("   ")
        else:
            self._put_link(line)
            line.put("   ")
        words, role = self._aside
        if words and not self._question:
            line.put(words, role, bold=True).put("   ")
        for index, (key, label) in enumerate(reversed(self._fitting(line.room - 1))):
            line.right("   " if index else " ").right(label, "quiet")
            line.right(f"{key} " if label else key, "accent", bold=True)
        return line

    def _put_link(self, line: Line) -> None:
        """How the link is, and of the rest of what is known about it as much as leaves room for help."""
        room = line.room - 4 - (_cells(self._keys[-1]) if self._keys else 0)
        for index, (text, role) in enumerate(
            link_words(self.desk.link, wide=self.size.width >= 90, as_of=self._as_of())
        ):
            if index < 2:
                text = cut(text, max(room, 10))
            elif width(text) > room:
                break
            line.put(text, role)
            room -= width(text)

    def _asked(self) -> str:
        """The question, cut so that what answers it is always there."""
        answers = sum(_cells(key) + 3 for key in self._keys)
        return cut(self._question, max(self.size.width - answers - 3, 10))

    def _as_of(self) -> str:
        """When what is shown was last known to be so; empty where that isn't known."""
        at, zone = self.desk.link.as_of, self.desk.me.zone if self.desk.me else ""
        return moments.short(at, self.desk.now, zone) if at else ""

    def _fitting(self, room: int) -> Keys:
        """As many keys as there is room for: the last one first, then from the left. Of keys that may follow others it
        is said that there are more."""
        if not self._keys:
            return ()
        *rest, last = self._keys
        more = (spelled("…"), "")
        used = _cells(last)
        kept: list[tuple[str, str]] = []
        for key in rest:
            if used + 3 + _cells(key) > room:
                break
            used += 3 + _cells(key)
            kept.append(key)
        if len(kept) == len(rest) or not self._pending:
            return [*kept, last]
        while kept and used + 3 + _cells(more) > room:
            used -= 3 + _cells(kept.pop())
        return [*kept, more, last]


def _cells(key: tuple[str, str]) -> int:
    return width(key[0]) + (1 + width(key[1]) if key[1] else 0)


def link_words(link: LinkState, *, wide: bool, as_of: str = "") -> list[tuple[str, str]]:
    """What the footer says of the link, with roles: every state has a glyph and words of its own."""
    words = [*_phase(link)]
    if link.unsent:
        words.append(
            (drawn("  ⇅ ") + ngettext("{n} to send", "{n} to send", link.unsent).format(n=link.unsent), "wait")
        )
    elif link.phase == "online" and wide:
        words.append(("  " + _("all sent"), "quiet"))
    if link.review:
        text = ngettext("{n} to review", "{n} to review", link.review).format(n=link.review)
        words.append(("  ! " + text, "need"))
    if link.stale and as_of:
        known = _("last known, as of {when}") if wide else _("as of {when}")
        words.append(("  " + known.format(when=as_of), "wait"))
    elif link.stale and link.phase != "signed_out" and (wide or link.phase == "online"):
        words.append(("  " + _("last known"), "wait"))
    return words


def _phase(link: LinkState) -> list[tuple[str, str]]:
    match link.phase:
        case "online" if link.silent:
            return [(drawn("◷ "), "wait"), (_("no answer for {n} s").format(n=link.silent), "wait")]
        case "online":
            rtt = "" if link.rtt is None else f"{max(link.rtt, 1):.0f} ms"
            return [(drawn("● "), "good"), (rtt or _("online"), "quiet")]
        case "waiting" if link.error == "keyring":
            again = _("the keyring does not answer, next try in {n} s").format(n=link.retry_in)
            return [(drawn("✗ "), "need"), (again, "wait")]
        case "waiting":
            again = _("no connection, next try in {n} s").format(n=link.retry_in)
            return [(drawn("✗ "), "need"), (again, "wait")]
        case "signed_out":
            return [(drawn("✗ "), "need"), (_("signed out: leave to sign in again"), "need")]
        case "unsupported" if link.error == "internal":
            return [(drawn("✗ "), "need"), (_("the console failed: leave and open it again"), "need")]
        case "unsupported":
            return [(drawn("✗ "), "need"), (_("update needed"), "need")]
        case _:
            return [(drawn("○ "), "wait"), (_("connecting…"), "wait")]
