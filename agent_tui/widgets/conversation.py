"""The pane of a conversation: head, thread, and what one writes or why one can't."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from agent_tui import names, rights
from agent_tui.actions import THREAD, called
from agent_tui.chord import Chord
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.link.model import Desk
from agent_tui.serving import Serving
from agent_tui.text import body as harmless_body
from agent_tui.widgets.composer import Composer
from agent_tui.widgets.header import Header
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted
from agent_tui.widgets.thread import ThreadView
from agent_tui.widgets.thread_layout import Keys
from agent_tui.widgets.writing import Prompt, SendButton, Suggestions, WritingRule
from hub.protocol.states import State
from hub.protocol.views import Row


class Hint(Painted):
    """In place of the composer: why one can't answer, and what one can do."""

    DEFAULT_CSS = """
    Hint { height: 2; }
    """
    words = ""

    def paint(self, y: int) -> Line:
        line = self.line()
        return line.put(drawn("─") * self.size.width, "line") if y == 0 else line.put("  ").put(self.words, "quiet")


class Conversation(Vertical):
    DEFAULT_CSS = """
    Conversation { height: 100%; background: $b-ground; }
    Conversation #writing { height: auto; display: none; }
    Conversation #bar { height: auto; }
    Conversation Hint { display: none; }
    """

    def __init__(self, desk: Desk, palette: Palette, chord: Chord, *, chat: str = "") -> None:
        super().__init__()
        self.desk, self.keymap = desk, chord.keymap
        self.shown: int | None = None
        self.header = Header(desk, palette)
        self.header.save_key = self._save_key()
        self.thread = ThreadView(desk, palette, self._keys(), chat=chat)
        self.suggestions = Suggestions(desk, palette)
        self.rule = WritingRule(desk, palette)
        self.prompt = Prompt(desk, palette)
        self.composer = Composer(desk, palette, chord)
        self.button = SendButton(desk, palette)
        self.hint = Hint(desk, palette)
        self.bar = Horizontal(id="bar")
        self.writing = Vertical(self.bar, id="writing")
        self.composer.behind = self._behind

    def _behind(self) -> bool:
        row = self.row
        return row is not None and row.un > 0 and not self.thread.at_end

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.thread
        yield self.writing

    def _furnish(self) -> None:
        """Mount what one writes with; not before there is a conversation, or the first screen would wait for it."""
        self.mount(self.suggestions, before=self.writing)
        self.writing.mount(self.rule, before=self.bar)
        self.bar.mount(self.prompt, self.composer, self.button)
        self.mount(self.hint)

    @property
    def row(self) -> Row | None:
        return None if self.shown is None else self.desk.row(self.shown)

    def show(self, conversation: int | None, serving: Serving) -> None:
        """Show another conversation, at its end, with what was being written in it."""
        self.shown = conversation
        if conversation is not None:
            if not self.composer.is_attached:
                self._furnish()
            self.desk.open_thread(conversation)
        self.desk.attend(conversation or 0)
        self.header.show(conversation)
        self.thread.show(conversation)
        self.suggestions.show((), 0)
        self.composer.take_up(conversation)
        self.settle(serving)
        self.screen._refresh_layout()  # at once, or the thread is painted in its old size first, and then again

    def update(self, serving: Serving) -> None:
        """The thread or its row has changed."""
        self.header.update()
        self.thread.update()
        self.settle(serving)

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted while one reads is to be written."""
        if self.writing.display:
            event.stop()
            self.composer.put_in(harmless_body(event.text))
            self.composer.focus()

    def _keys(self) -> Keys:
        """The keys that the thread speaks of, as they are now."""
        return Keys(
            self.keymap.key_of(("composer", "global"), "message.retry"),
            self.keymap.key_of(("composer", "global"), "message.discard"),
            self.keymap.key_of(("tray", "global"), "conversation.open"),
            self.keymap.key_of((THREAD, "global"), "plans"),
        )

    def _save_key(self) -> str:
        return self.keymap.key_of(("thread", "global"), "conversation.contact")

    def refresh_keys(self) -> None:
        """The keymap has changed."""
        self.thread.speak_of(self._keys())
        self.header.save_key = self._save_key()
        self.header.refresh()
        row = self.row
        if row is not None:
            self.hint.words = self._why(row)
            self.hint.refresh()

    def refresh_names(self) -> None:
        self.header.update()
        self.thread.update()

    def settle(self, serving: Serving) -> None:
        """Offer the composer where one may write, or has written; otherwise say why not and what one can do."""
        row = self.row
        composer = self.composer
        allowed = row is not None and serving.may_answer(row)
        composer.opening = allowed
        writable = row is not None and (allowed or composer.note or bool(composer.text))
        self.writing.display = writable
        self.hint.display = row is not None and not writable
        if row is not None and not writable:
            self.hint.words = self._why(row)
            self.hint.refresh()
        self._mode()

    def _mode(self) -> None:
        note, ready = self.composer.note, bool(self.composer.text.strip())
        for widget in (self.rule, self.prompt, self.button):
            if widget.note != note:
                widget.note = note
                widget.set_class(note, "-note")
                widget.refresh()
        if self.button.ready != ready:
            self.button.ready = ready
            self.button.refresh()
        self.light()

    def light(self) -> None:
        """Show at the prompt whether the keyboard is here."""
        if self.prompt.lit != self.composer.has_focus:
            self.prompt.lit = self.composer.has_focus
            self.prompt.refresh()

    def _why(self, row: Row) -> str:
        def key(action: str) -> str:
            return self.keymap.key_of((THREAD, "global"), action, _(called(action).label))

        parts = []
        if row.owner is not None and not rights.mine(self.desk, row):
            parts.append(_("With {name}").format(name=names.agent(self.desk, row.owner)))
        if rights.mine_to_serve(self.desk, row):
            parts.append(_("Pending: {key} opens it and you serve it").format(key=key("conversation.open")))
        elif rights.may(self.desk, row, "conversation.take"):
            parts.append(_("{key} take").format(key=key("conversation.take")))
        if row.state == State.HELD and rights.may(self.desk, row, "conversation.resume"):
            parts.append(_("On hold: {key} resume").format(key=key("conversation.resume")))
        if row.state == State.SNOOZED and rights.may(self.desk, row, "conversation.wake"):
            parts.append(_("Set aside: {key}wake brings it back").format(key=key("command")))
        if row.upto is not None:
            parts.append(_("Handed on: you may read it up to there"))
        elif row.state == State.CLOSED:
            if rights.may(self.desk, row, "conversation.reopen"):
                parts.append(_("Ended: {key} reopen").format(key=key("conversation.reopen")))
            else:
                parts.append(_("Ended"))
        if rights.may_note(self.desk, row):
            parts.append(_("{key} note").format(key=key("composer.note")))
        return drawn(" · ").join(parts)
