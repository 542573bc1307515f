"""Where one writes: answers, private notes, and the desk's shortcuts and emoji as one types them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import TextArea

from agent_tui import emoji, fill, refusals, rights
from agent_tui.actions import COMPOSER, SUGGEST
from agent_tui.chord import Chord
from agent_tui.i18n import _
from agent_tui.keys import BARE
from agent_tui.link.drafts import NOTED as NOTED
from agent_tui.link.model import Desk
from agent_tui.suggesting import Suggestion, suggest, typed
from agent_tui.terminal.caret import CaretTextArea
from agent_tui.text import body as harmless_body
from agent_tui.widgets.burst import Burst
from agent_tui.widgets.paint import Palette
from hub.protocol.errors import Code
from hub.protocol.views import Row


class Composer(CaretTextArea):
    """Keys that mean something while writing are found here and not on the way up, because what is typed before and
    after them must stay in order: Enter takes exactly the text that was typed before it."""

    DEFAULT_CSS = """
    Composer {
        width: 1fr; height: auto; max-height: 8; padding: 0; border: none;
        background: $b-ground; color: $b-text; scrollbar-size-vertical: 0;
        &:focus { border: none; }
        & .text-area--cursor { background: $b-text; color: $b-ground; text-style: none; }
        & .text-area--selection { background: $b-accent; color: $b-chip; }
        & .text-area--placeholder { color: $b-faint; }
        &.-note { background: $b-note-ground; color: $b-note; }
        &:ansi .text-area--cursor { text-style: reverse; background: transparent; color: $b-text; }
    }
    """

    @dataclass
    class Submitted(Message):
        """Enter was pressed on a text that may go out; the composer has let go of it."""

        conversation: int
        text: str
        note: bool

    @dataclass
    class Warned(Message):
        """Why Enter did not send."""

        words: str

    @dataclass
    class Written(Message):
        """The text has changed by the person's hand."""

        conversation: int
        text: str
        note: bool

    @dataclass
    class Suggested(Message):
        """What to list, and which one is marked; none: close the list."""

        found: Sequence[Suggestion]
        marked: int

    def __init__(self, desk: Desk, palette: Palette, chord: Chord, *, id: str | None = None) -> None:
        super().__init__(id=id, soft_wrap=True, highlight_cursor_line=False, show_line_numbers=False)
        self.cursor_blink = False
        self.desk, self.palette, self.chord = desk, palette, chord
        self.conversation: int | None = None
        self.note = False
        self.opening = False  # it is being opened: what is sent goes out after that
        self.behind: Callable[[], bool] = lambda: False  # whether the customer's newest line is not in view
        self.burst = Burst()
        self._found: Sequence[Suggestion] = ()
        self._marked = 0
        self._dismissed = False
        self._warned = ""  # the text that Enter has warned of
        self._held: events.Key | None = None  # an Enter or Tab that may turn out to be pasted

    # -- what is written -------------------------------------------------------------------------------------------

    @property
    def row(self) -> Row | None:
        return None if self.conversation is None else self.desk.row(self.conversation)

    def take_up(self, conversation: int | None) -> None:
        """Go on with what was written for a conversation."""
        self._held = None
        self.conversation = conversation
        draft = self.desk.draft(conversation) if conversation is not None else ""
        self.set_note(draft.startswith(NOTED))
        self.put_back(draft.removeprefix(NOTED))

    def follow(self) -> None:
        """The draft has become another elsewhere. What was only added behind leaves the cursor where one types."""
        before, cursor = self.text, self.cursor_location
        self.take_up(self.conversation)
        if before and self.text.startswith(before):
            self.move_cursor(cursor)

    def put_back(self, text: str) -> None:
        """Replace what is written, with the cursor at its end."""
        self.text = harmless_body(text)
        self.move_cursor(self.document.end)
        self._suggest()

    def set_note(self, note: bool) -> None:
        self.note = note
        self.set_class(note, "-note")

    @property
    def draft(self) -> str:
        return NOTED + self.text if self.note and self.text else self.text

    @property
    def suggesting(self) -> bool:
        return bool(self._found)

    # -- keys ------------------------------------------------------------------------------------------------------

    @property
    def contexts(self) -> tuple[str, ...]:
        return (SUGGEST, COMPOSER, "global") if self.suggesting else (COMPOSER, "global")

    def on_key(self, event: events.Key) -> None:
        if event.key in BARE:
            event.stop()
            event.prevent_default()
            return
        if self.chord.pending:
            self._order(event)
            return
        joined = self.burst.joins(event.time)
        self._release(pasted=joined and (event.is_printable or event.key in ("enter", "tab", "ctrl+j")))
        if event.key in ("enter", "tab"):
            event.stop()
            event.prevent_default()
            if joined:
                self._type("\n" if event.key == "enter" else "    ")
            else:
                self._held = event
                if self.burst.gap:
                    self.set_timer(self.burst.gap, self._settle)
                else:
                    self._settle()
            return
        if not event.is_printable:
            self._order(event)
        elif event.character == ":" and not joined and not self.read_only and self._close_emoji():
            event.stop()
            event.prevent_default()

    def _order(self, event: events.Key) -> None:
        """A key that is not typed. Keys pressed one after the other are counted here, not on the way up, so that the
        next letter finds them begun."""
        waited = bool(self.chord.pending)
        action, used = self.chord.press(self.contexts, event.key)
        if used:
            event.stop()
            event.prevent_default()
        if not self._do(action) and action is not None:
            self.post_message(self.Pressed(action))
        elif waited or self.chord.pending:
            self.post_message(self.Begun())

    def _settle(self) -> None:
        """No key has followed in time; but some may be read and not handled yet, so go once round through the app."""
        held = self._held
        self.app.call_later(self.call_later, self._release_if, held)

    def _release_if(self, held: events.Key | None) -> None:
        if held is not None and held is self._held:
            self._release(pasted=False)

    def _release(self, *, pasted: bool) -> None:
        """Decide what the held key was: a character of a paste, or an order."""
        held, self._held = self._held, None
        if held is None:
            return
        if pasted:
            self._type("\n" if held.key == "enter" else "    ")
            return
        action, _used = self.chord.press(self.contexts, held.key)
        if not self._do(action) and action is not None:
            self.post_message(self.Pressed(action))

    @dataclass
    class Pressed(Message):
        """An order that is not the composer's own."""

        action: str

    @dataclass
    class Begun(Message):
        """Keys that mean something only together were begun, or given up."""

    def _do(self, action: str | None) -> bool:
        """Carry out what is the composer's own; whether it was."""
        match action:
            case "message.send":
                self.submit()
            case "composer.newline":
                self._type("\n")
            case "composer.shortcuts":
                self._open_shortcuts()
            case "composer.left":
                self.action_cursor_left()
            case "composer.right":
                self.action_cursor_right()
            case "composer.up":
                self.action_cursor_up()
            case "composer.down":
                self.action_cursor_down()
            case "suggest.insert":
                self.insert_suggestion(self._marked)
            case "suggest.next":
                self._mark(self._marked + 1)
            case "suggest.previous":
                self._mark(self._marked - 1)
            case "suggest.close":
                self._dismissed = True
                self._suggest()
            case _:
                return False
        return True

    def _type(self, text: str) -> None:
        if not self.read_only:
            self.replace(text, *self.selection)

    def put_in(self, text: str) -> None:
        """Put a text where the cursor is."""
        self._type(text)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._type(harmless_body(event.text))

    # -- sending ---------------------------------------------------------------------------------------------------

    def submit(self) -> None:
        """Send what is written, unless something stands against it; then say what."""
        row, text = self.row, self.text.strip()
        if row is None or not text:
            return
        if not self.note and not (self.opening or rights.may_answer(self.desk, row)):
            code = Code.NOT_OWNER if row.owner is not None and not rights.mine(self.desk, row) else Code.WRONG_STATE
            detail: dict[str, object] = {"owner": row.owner, "state": row.state}
            self.post_message(self.Warned(refusals.sentence(self.desk, code, detail=detail)))
            return
        if not self.note and rights.window_left(self.desk, row) == 0:
            self.post_message(self.Warned(refusals.sentence(self.desk, Code.WINDOW_CLOSED)))
            return
        if not self.note and self.behind() and self._warned != text:
            self._warned = text
            words = _("The customer has written meanwhile: look, or press Enter again to send it all the same.")
            self.post_message(self.Warned(words))
            return
        filled = fill.fill(text, self.desk, row)
        if filled.faults and not self.note and self._warned != text:
            self._warned = text
            words = _("{faults}: change it, or press Enter again to send it as it stands.")
            self.post_message(self.Warned(words.format(faults=", ".join(filled.faults))))
            return
        self._warned = ""
        self.clear()
        self.post_message(self.Submitted(row.id, filled.text, self.note))

    # -- shortcuts and emoji ---------------------------------------------------------------------------------------

    def _before_cursor(self) -> str:
        line, column = self.cursor_location
        return self.document.get_line(line)[:column]

    def _suggest(self) -> None:
        """List what matches the slash or the colon before the cursor, or close the list."""
        before = self._before_cursor()
        if not typed(before, note=self.note):
            self._dismissed = False
        staff = list(self.desk.agents.values()) if self.note else ()
        me = self.desk.me.agent if self.desk.me is not None else 0
        found = [] if self._dismissed else suggest(before, self.desk.shortcuts.values(), staff, me)
        if found or self._found:
            self._found, self._marked = found, 0
            self.post_message(self.Suggested(found, 0))

    def _mark(self, index: int) -> None:
        self._marked = index % len(self._found)
        self.post_message(self.Suggested(self._found, self._marked))

    def insert_suggestion(self, index: int) -> None:
        row, count = self.row, typed(self._before_cursor(), note=self.note)
        if row is None or not count or index >= len(self._found):
            return
        line, column = self.cursor_location
        text = fill.fill(harmless_body(self._found[index].text), self.desk, row).text
        self.replace(text, (line, column - count), (line, column))

    def _close_emoji(self) -> bool:
        """A colon is typed: after `:name` the emoji of that name stands in place of both; whether there is one."""
        name = emoji.typed(self._before_cursor())
        one = emoji.named(name) if name is not None and not self.selected_text else None
        if name is None or one is None:
            return False
        line, column = self.cursor_location
        self.replace(one, (line, column - len(name) - 1), (line, column))
        return True

    def _open_shortcuts(self) -> None:
        before = self._before_cursor()
        self._dismissed = False
        self._type("/" if not before or before[-1].isspace() else " /")

    # -- Textual ---------------------------------------------------------------------------------------------------

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._suggest()
        if self.conversation is not None:
            self.post_message(self.Written(self.conversation, self.text, self.note))

    def get_line(self, line_index: int) -> Text:
        """A line with what would go out unfilled marked, and the name that is being typed."""
        plain = self.document.get_line(line_index)
        line = Text(plain, end="", no_wrap=True)
        ground = "note_ground" if self.note else "ground"
        for start, end in fill.left_over(plain):
            name = plain[start:end].strip("{} ")
            known = name in fill.VALUES and self.row is not None and bool(fill.VALUES[name](self.desk, self.row))
            line.stylize(self.palette.style("accent" if known else "need", ground, bold=not known), start, end)
        if self._found and line_index == self.cursor_location[0]:
            column, count = self.cursor_location[1], typed(self._before_cursor(), note=self.note)
            line.stylize(self.palette.style("accent", ground), column - count, column)
        return line
