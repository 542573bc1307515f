"""The thread of a conversation: drawn line by line, at its end while one is there, in its place while one reads."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Size
from textual.message import Message as Told
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agent_tui.glyphs import drawn
from agent_tui.i18n import _, ngettext
from agent_tui.link.model import Desk, Outgoing, Thread
from agent_tui.text import body as harmless_body
from agent_tui.widgets.cells import width, wrap
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.standing import at_text, first_text
from agent_tui.widgets.thread_layout import Keys, Laid, Layout
from hub.protocol.views import Message

WHEEL = 3  # lines for a notch of the mouse wheel
NEAR_THE_TOP = 2  # lines from it at which earlier messages are asked for


class ThreadView(ScrollView, can_focus=True):
    DEFAULT_CSS = """
    ThreadView { height: 1fr; background: $b-ground; scrollbar-size-vertical: 0; scrollbar-size-horizontal: 0; }
    """

    @dataclass
    class EndInView(Told):
        """The end of the thread is in view, as it is now."""

        conversation: int

    @dataclass
    class Clicked(Told):
        """The thread was clicked: there is nothing in it to press, so the person wants to write."""

    def __init__(self, desk: Desk, palette: Palette, keys: Keys, *, chat: str = "") -> None:
        super().__init__()
        self.desk, self.palette, self.keys = desk, palette, keys
        self.chat = chat
        self.conversation: int | None = None
        self._laid: list[Laid] = []
        self._layout: Layout | None = None
        self._last_line: Strip | None = None  # as it was painted: it may tell of what is below
        self._held = True  # at the end, and to be kept there
        self._seen = 0  # the last message that was there while the end was in view
        self._asked = 0  # messages held when earlier ones were last asked for
        self.marked = ""  # the anchor of the message that is chosen, if any

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._repaint())

    def _repaint(self) -> None:
        self.update()
        self.refresh()

    @property
    def thread(self) -> Thread | None:
        return None if self.conversation is None else self.desk.thread(self.conversation)

    def show(self, conversation: int | None) -> None:
        """Show another thread, at its end."""
        self.conversation = conversation
        self._laid, self._held, self._seen, self._asked = [], True, 0, 0
        self.marked = ""
        self.update()
        self.refresh()

    def update(self) -> None:
        """Lay the thread out anew; lines that look the same are not painted again, and the place is kept."""
        thread = self.thread
        if self.size.width < 4:
            return
        before, top = self._laid, self.scroll_offset.y
        anchor, offset = self._place(top)
        if self._layout is None or self._layout.cells != self.size.width:
            self._layout = Layout(self.desk, self.palette, self.size.width, self.keys)
        self._laid = self._layout.lay(thread) if thread is not None else []
        self.virtual_size = Size(self.size.width, len(self._laid))
        if self.marked and self.marked not in self._anchors:
            self.marked = ""
        if self._held:
            self._go(self.end)
        elif anchor:
            here = next((i for i, line in enumerate(self._laid) if line.anchor == anchor), None)
            self._go(here + offset if here is not None else top)
        self._refresh_changed(before, top)
        self._tell()

    def speak_of(self, keys: Keys) -> None:
        """Name other keys from now on."""
        self.keys, self._layout = keys, None
        self.update()
        self.refresh()

    def _place(self, top: int) -> tuple[str, int]:
        """The first message in view, and how far its first line is above it."""
        for index in range(top, len(self._laid)):
            anchor = self._laid[index].anchor
            if anchor:
                first = next(i for i, line in enumerate(self._laid) if line.anchor == anchor)
                return anchor, top - first
        return "", 0

    def _refresh_changed(self, before: list[Laid], top: int) -> None:
        now_top, height = self.scroll_offset.y, self.size.height
        for y in range(height - 1):
            old = before[top + y].strip if top + y < len(before) else None
            new = self._laid[now_top + y].strip if now_top + y < len(self._laid) else None
            if old != new:
                self.refresh_line(now_top + y)
        if self._strip(height - 1) != self._last_line:
            self.refresh_line(now_top + height - 1)

    # -- moving ----------------------------------------------------------------------------------------------------

    @property
    def end(self) -> int:
        return max(len(self._laid) - self.size.height, 0)

    @property
    def at_end(self) -> bool:
        return self.scroll_offset.y >= self.end

    def move(self, lines: int) -> None:
        self._go(min(max(self.scroll_offset.y + lines, 0), self.end))
        self._held = self.at_end
        self._tell()

    def page(self, pages: int) -> None:
        self.move(pages * max(self.size.height - 2, 1))

    def go_start(self) -> None:
        self.move(-len(self._laid))

    def go_end(self) -> None:
        self.move(len(self._laid))

    # -- choosing a message ----------------------------------------------------------------------------------------

    @property
    def _anchors(self) -> list[str]:
        return list(dict.fromkeys(line.anchor for line in self._laid if line.anchor))

    @property
    def marked_message(self) -> Message | Outgoing | None:
        """The message that is chosen, or what is still in the outbox."""
        return self._message(self.marked)

    def _message(self, anchor: str) -> Message | Outgoing | None:
        thread = self.thread
        if thread is None or not anchor:
            return None
        kind, name = anchor[0], anchor[1:]
        if kind == "m":
            return next((message for message in thread.messages if str(message.id) == name), None)
        return next((one for one in thread.outgoing if one.key == name), None)

    def mark_by(self, by: int) -> None:
        anchors = self._anchors
        if self.marked in anchors:
            self.mark_at(min(max(anchors.index(self.marked) + by, 0), len(anchors) - 1))

    def mark_at(self, index: int) -> None:
        """Choose a message by its place, and bring it into view."""
        anchors = self._anchors
        if not anchors:
            return
        self.marked = anchors[index]
        lines = [y for y, line in enumerate(self._laid) if line.anchor == self.marked]
        top, height = self.scroll_offset.y, self.size.height
        if lines[-1] > top + height - 2:
            top = min(lines[-1] - height + 2, lines[0])
        self.refresh()
        self.move((min(top, lines[0]) if index % len(anchors) else 0) - self.scroll_offset.y)

    def mark(self, anchor: str) -> None:
        """Choose a message by its anchor, where it is still there."""
        if anchor in self._anchors:
            self.mark_at(self._anchors.index(anchor))

    def in_view(self) -> Iterator[tuple[str, int, str]]:
        """Anchor, line and text of all that is in view and belongs to a message."""
        for y in range(self.size.height - (not self.at_end)):
            index = y + self.scroll_offset.y
            laid = self._laid[index] if index < len(self._laid) else None
            if laid is not None and laid.anchor and laid.strip.text.strip():
                yield laid.anchor, y, laid.strip.text

    def said(self, anchor: str) -> str:
        """What the message by that anchor says; empty where there is none."""
        message = self._message(anchor)
        return harmless_body(message.body if isinstance(message, Outgoing) else message.b) if message else ""

    def unmark(self) -> None:
        if self.marked:
            self.marked = ""
            self.refresh()

    def _tinted(self, strip: Strip) -> Strip:
        """A line of the chosen message: a bar at its left, on the ground of what is chosen."""
        bar = Segment(drawn("▌"), self.palette.style("accent", "tint", bold=True))
        tint = self.palette.style("text", "tint")
        chosen = Style(bgcolor=tint.bgcolor, reverse=tint.reverse or None)
        rest = [Segment(text, (style or Style.null()) + chosen) for text, style, _control in strip.crop(1)]
        return Strip([bar, *rest], strip.cell_length)

    def load(self) -> None:
        thread = self.thread
        if thread is not None and thread.more and self._asked != len(thread.messages):
            self._asked = len(thread.messages)
            self.desk.more_messages(thread.conversation)

    def _go(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)

    def _tell(self) -> None:
        """Ask for more at the top; say so when the end is in view."""
        thread = self.thread
        if thread is None:
            return
        if self.scroll_offset.y <= NEAR_THE_TOP and thread.loaded:
            self.load()
        if self.at_end and thread.messages:
            self._seen = thread.messages[-1].id
            self.post_message(self.EndInView(thread.conversation))

    @property
    def below(self) -> int:
        """The customer's lines that came below while one read further up."""
        thread = self.thread
        if thread is None or self.at_end or not self._seen:
            return 0
        return sum(1 for message in thread.messages if message.d == "in" and message.id > self._seen)

    @property
    def caret(self) -> Offset | None:
        """The chosen message; while one reads, the newest one where that is in view, else the first line."""
        top, bottom = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        anchor = self.marked or (self._anchors[-1] if self._anchors and self.at_end else "")
        seen = ((y, self._laid[y]) for y in range(top, min(bottom, len(self._laid))))
        said = [y for y, line in seen if line.anchor == anchor and line.strip.text.strip()] if anchor else []
        return at_text(self, said[0] - top, self._strip(said[0] - top)) if said else first_text(self)

    # -- Textual ---------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        strip = self._strip(y)
        if y == self.size.height - 1:
            self._last_line = strip
        return strip

    def _strip(self, y: int) -> Strip:
        if self.conversation is None:
            return self._empty(y).strip()
        self._fit()
        top = self.end if self._held else self.scroll_offset.y
        if y == self.size.height - 1 and top < self.end:
            return self._more_below().strip()
        index = y + top
        if index < len(self._laid):
            laid = self._laid[index]
            chosen = self.marked and laid.anchor == self.marked and laid.strip.text.strip()
            return self._tinted(laid.strip) if chosen else laid.strip
        return Line(self.size.width, self.palette).strip()

    def _fit(self) -> None:
        """The first paint in a new size comes before `on_resize`: at the end, which is where one mostly is, it is laid
        out for that already, or lines would flash by that are too long for it."""
        thread, cells = self.thread, self.size.width
        if (
            self._held
            and thread is not None
            and cells >= 4
            and self._layout is not None
            and self._layout.cells != cells
        ):
            self._layout = Layout(self.desk, self.palette, cells, self.keys)
            self._laid = self._layout.lay(thread)

    def _more_below(self) -> Line:
        n = self.below
        words = ngettext("{n} new below", "{n} new below", n).format(n=n) if n else _("more below")
        label = drawn(" ↓ ") + f"{words} "
        line = Line(self.size.width, self.palette).to((self.size.width - width(label)) // 2)
        return line.put(label, "chip", bold=True, ground="accent") if n else line.put(label, "quiet", ground="panel")

    def _empty(self, y: int) -> Line:
        cells = max(self.size.width - 8, 10)
        words = _("Here you read and answer.\nChoose a conversation with ↑ ↓; {key} opens it.").format(
            key=self.keys.open
        )
        said = [(line, "quiet") for line in wrap(words, cells)]
        if self.chat:
            said += [("", "quiet"), (_("To write as a customer, open in a browser:"), "quiet"), (self.chat, "accent")]
        line, first = Line(self.size.width, self.palette), self.size.height // 3
        if first <= y < first + len(said):
            text, role = said[y - first]
            line.to((self.size.width - width(text)) // 2).put(text, role)
        return line

    def on_resize(self, event: events.Resize) -> None:
        self.update()
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._tell()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self.move(-WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self.move(WHEEL)

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Clicked())
