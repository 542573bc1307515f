"""The base of every screen: keys become actions by the keymap, actions become calls of the screen's handlers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from agent_tui.actions import CONFIRM, Handlers, Situation, called
from agent_tui.chord import Chord
from agent_tui.i18n import N_, _
from agent_tui.keymap import Keymap
from agent_tui.keys import BARE, shown
from agent_tui.link.model import Change, Desk
from agent_tui.tape import Tape
from agent_tui.widgets.footer import Footer, Keys
from agent_tui.widgets.further import Further
from agent_tui.widgets.notice import Notice
from agent_tui.widgets.paint import Palette
from agent_tui.widgets.standing import first_text

if TYPE_CHECKING:
    from agent_tui.link.account import Account
    from agent_tui.screens.marking import Marking

UNSAID = frozenset(("conversation.open", "tray.clear"))  # what is open is open, what is clear is clear
IDLE = {  # why some actions do nothing where they do nothing
    "undo": N_("There is nothing to undo."),
    "message.recall": N_("There is nothing to take back: all that you sent has reached the customer."),
    "message.retry": N_("Nothing here has failed."),
    "conversation.transfer": N_("Only what is being served can be transferred: open it first."),
    "conversation.last": N_("There is no place before this one yet."),
    "conversation.unread": N_("There are no unread lines in any other conversation."),
}


class Cockpit(msgspec.Struct, frozen=True):
    """What every screen is made with."""

    desk: Desk
    palette: Palette
    keymap: Keymap
    chord: Chord
    tape: Tape = msgspec.field(default_factory=Tape)
    account: "Account | None" = None  # what one changes of one's own; None where there is no password


class _Question(msgspec.Struct, frozen=True):
    words: str
    then: Callable[[], object]
    focus: Widget | None


class KeyedScreen(Screen[None], inherit_bindings=False):
    """A screen says in which contexts its keys are looked up, what the situation is, and what it does for an action.

    What it has no handler for goes on to the app as `Asked`.
    """

    AUTO_FOCUS = ""
    never_left_out = "help"  # the last key in the footer, whatever there is room for
    recorded = False  # what is done on it can be a step of a macro
    thinking_time = 0.6  # seconds after which who began keys may not know how they go on
    reading_time = 0.25  # seconds in which nobody has read a question and answered it
    DEFAULT_CSS = """
    KeyedScreen { background: $b-ground; color: $b-text; layers: base above; }
    """

    @dataclass
    class Asked(Message):
        """An action that is the app's to carry out."""

        action: str
        text: str = ""

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__()
        self.cockpit = cockpit
        self.desk, self.palette, self.keymap = cockpit.desk, cockpit.palette, cockpit.keymap
        self.chord = cockpit.chord
        self.footer = Footer(self.desk, self.palette)
        self.notice = Notice(self.desk, self.palette)
        self.further = Further(self.desk, self.palette)
        self.handlers: Handlers = {}
        self.taking: Mapping[str, Callable[[str], object]] = {}  # what it does for actions that take a text
        self._question: _Question | None = None
        self.key_at = float("-inf")
        self.many: Marking | None = None  # of conversations, where there is such a thing
        self.unfocused: Widget | None = None  # what is read while no widget has the focus

    # -- what a screen says of itself ------------------------------------------------------------------------------

    def places(self) -> tuple[str, ...]:
        """The contexts in which keys are looked up now, the nearest first."""
        return ("global",)

    def situation(self) -> Situation:
        return Situation(self.desk)

    def offered(self) -> Sequence[str]:
        """The actions that the footer tries to show, the most useful first."""
        return ()

    def called(self, action: str, situation: Situation) -> str:
        """What an action does here and now, in the words of the footer."""
        return _(called(action).label_in(situation))

    def changed(self, change: Change) -> None:
        """The desk has changed."""

    def refresh_keys(self) -> None:
        """The keymap has changed: what speaks of keys is painted again."""
        self.refresh_footer()

    @property
    def caret(self) -> Offset | None:
        """Where the terminal's cursor stands while no widget has the focus."""
        read = self.unfocused
        return self.footer.caret or (first_text(read) if read is not None and read.display else None)

    # -- keys and actions ------------------------------------------------------------------------------------------

    @property
    def contexts(self) -> tuple[str, ...]:
        return (CONFIRM,) if self._question is not None else self.places()

    def on_key(self, event: events.Key) -> None:
        if event.key in BARE:
            return
        before, self.key_at = self.key_at, event.time
        if self._question is not None:
            action = self.keymap.find(self.contexts, event.key)
            self._take(event)
            soon = event.time - before < self.reading_time
            self._answer(None if soon else action)
            if soon and action == "confirm.yes":
                self.notice.say(_("Answered before it could be read: nothing was done."), "wait")
            return
        if self.recorded and event.key == "escape" and self.cockpit.tape.refuse(_("you stopped it")):
            self._take(event)
            return
        if not self.is_order(event):
            return
        waited = bool(self.chord.pending)
        action, used = self.chord.press(self.contexts, event.key)
        if used:
            self._take(event)
        if action is not None:
            self.perform(action)
        if waited or self.chord.pending:
            self.refresh_footer()

    def on_paste(self, event: events.Paste) -> None:
        """Nothing on this screen has taken it."""
        if event.text.strip() and self.notice.is_attached:
            self.notice.say(_("There is no place here for what was pasted."), "wait")

    def _take(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()

    def is_order(self, event: events.Key) -> bool:
        """Whether a key may be taken as an order."""
        return True

    def perform(self, action: str, text: str = "") -> None:
        """Carry out an action, where it applies now. One that takes a text asks for it in the command line."""
        self.notice.hush()
        situation = self.situation()
        if not called(action).applies(situation):
            self._say_why_not(action, situation)
            return
        if self.recorded:
            self.cockpit.tape.hear(action, text)
        handler = self.handlers.get(action)
        if text and action in self.taking:
            self.taking[action](text)
        elif handler is not None:
            handler()
        else:
            self.post_message(self.Asked(action, text))
        self.refresh_footer()

    def _say_why_not(self, action: str, situation: Situation) -> None:
        """A key that does nothing says so: whoever pressed it expected something."""
        if self.notice.is_attached and action not in UNSAID:
            words = _(IDLE[action]) if action in IDLE else _("{deed}: that can't be done here now.")
            self.notice.say(words.format(deed=self.called(action, situation)), "wait")

    def working_keys(self) -> Keys:
        """Key and label of what can be done now, as the footer shows it."""
        contexts, situation = self.contexts, self.situation()
        if self.chord.pending and self._question is None:
            further: dict[str, str] = {}  # of several keys of an action the first
            for key, name in self.keymap.after(contexts, self.chord.pending).items():
                further.setdefault(name, key)
            works = [name for name in further if called(name).applies(situation)]
            here = [(further[name], self.called(name, situation)) for name in works]
            return [*here, (shown("escape"), _("cancel"))]
        names = ("confirm.yes", "confirm.no") if self._question else (*self.offered(), self.never_left_out)
        keys = []
        for name in dict.fromkeys(names):
            label = self.called(name, situation)
            key = self.keymap.key_of(contexts, name, label)
            if key and called(name).applies(situation):
                keys.append((key, label))
        return keys

    def refresh_footer(self) -> None:
        if self.is_mounted:
            words = self._question.words if self._question else ""
            begun = self.chord.pending if not words else ""
            keys = self.working_keys()
            if begun and begun == self.further.begun:
                self.further.show(begun, keys[:-1])
                keys = keys[-1:]
            elif self.further.begun:
                self.further.show("", ())
            aside = self.cockpit.tape.words
            if not aside[0] and self.many is not None:
                aside = self.many.words
            self.footer.show(keys, words, shown(begun) if begun else "", aside)
            if begun and not self.further.begun:
                self.set_timer(self.thinking_time, partial(self._show_further, begun))

    def _show_further(self, begun: str) -> None:
        """All that may follow, where the footer has not room enough, once somebody has waited for it."""
        if self.chord.pending == begun and self.is_current and self.footer.cut:
            if not self.further.is_attached:
                self.mount(self.further)
            self.further.show(begun, ())
            self.refresh_footer()

    # -- asking ----------------------------------------------------------------------------------------------------

    def ask(self, words: str, then: Callable[[], object]) -> None:
        """Ask in the footer. Yes is a key of its own; whatever else is pressed, and what comes before the question
        can have been read, means no: somebody who is typing must not say yes by accident."""
        self.chord.give_up()
        self._question = _Question(words, then, self.focused)
        self.set_focus(None)
        self.refresh_footer()

    def _answer(self, action: str | None) -> None:
        question, self._question = self._question, None
        assert question is not None
        if question.focus is not None and question.focus.is_attached:
            self.set_focus(question.focus)
        if action == "confirm.yes":
            question.then()
        else:
            self.cockpit.tape.refuse(_("you said no"))
        self.cockpit.tape.stir()
        self.refresh_footer()

    @property
    def asking(self) -> bool:
        return self._question is not None

    def on_screen_resume(self) -> None:
        self.cockpit.tape.stir()
        self.refresh_footer()
