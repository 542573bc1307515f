"""The console as a Textual application: wires a desk to its screens, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import constants, events
from textual.app import App
from textual.message import Message
from textual.widgets import Input, TextArea

from agent_tui import glyphs, i18n, moments, names
from agent_tui.actions import ACTIONS, Situation, called
from agent_tui.appearance import chosen, textual_theme
from agent_tui.chord import Chord
from agent_tui.i18n import _, named, ngettext
from agent_tui.keymap import Keymap
from agent_tui.keymap import load as load_keymap
from agent_tui.link.model import Change, Desk, Happened
from agent_tui.looks import Looks
from agent_tui.macros import PREFIX
from agent_tui.names import STATUSES
from agent_tui.notify.preferences import Chosen
from agent_tui.notifying import Notifying
from agent_tui.own_keys import OwnKeys
from agent_tui.registers import Registers
from agent_tui.screens.desk import DeskScreen
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.screens.playing import Macros
from agent_tui.terminal import driver_class, repaint, stop
from agent_tui.theme import ThemeFile
from agent_tui.tray_sorts import TraySorts
from agent_tui.typeahead import TypeAhead
from agent_tui.wearing import Wearing
from agent_tui.widgets.composer import Composer
from agent_tui.widgets.paint import Palette
from hub.protocol import commands
from hub.protocol.bulk import Bulk

if TYPE_CHECKING:
    from agent_tui.link.account import Account
    from agent_tui.orders import Orders, Ready

KEYS_POLL = 1.0  # seconds between two looks at the person's keymap file


class BandejaApp(App[None], inherit_bindings=False):
    """Give it a started desk. `theme` is a theme's name; left out, it is chosen by what the terminal can show.
    `keys` are the person's own, read again when they change; without them the keymap is the default one. `chat` is the
    address of a web chat page of this desk, to be shown where there is room. `plain` writes as Textual does, rather
    than only what changed. `looks` knows the person's own themes; without it there are none, and no choice is kept.
    `notices` is how they want to be notified; without it as usual. `drawing` is one of glyphs.CHOICES. With `blink`,
    what is given to the person blinks, unless Textual is told to animate nothing. `registers` keep what is recorded;
    without them it is forgotten at the end. `opened` is called once, when the first screen stands. `account` changes
    what is one's own at the hub; without it there is nothing to change. `sorts` keep the order of each tray."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "Bandeja"
    CSS = """
    BandejaApp.-ascii {
        .-two #left, .-three #left { border-right: ascii $b-line; }
        .-two Sheet, .-three Sheet { border-left: ascii $b-line; }
    }
    """

    @dataclass
    class Changed(Message):
        """What the link has told, in Textual's own order of things."""

        change: Change

    def __init__(
        self,
        desk: Desk,
        *,
        theme: str | ThemeFile = "",
        keys: OwnKeys | None = None,
        language: str = "",
        chat: str = "",
        plain: bool = False,
        looks: Looks | None = None,
        notices: Chosen | None = None,
        drawing: str = "unicode",
        blink: bool = True,
        opened: Callable[[], object] | None = None,
        registers: Registers | None = None,
        account: "Account | None" = None,
        sorts: TraySorts | None = None,
    ) -> None:
        file = chosen(theme) if isinstance(theme, str) else theme
        super().__init__(driver_class=driver_class(plain=plain), ansi_color=file.ansi)
        i18n.use(i18n.choose(language))
        glyphs.use(drawing)
        self.set_class(glyphs.only_ascii(), "-ascii")
        self.animation_level = "none"
        self.desk = desk
        self.register_theme(textual_theme(file))
        self.theme = f"bandeja-{file.name}"
        self._own_keys = keys
        self._opened = opened
        self.keymap: Keymap = keys.read() if keys is not None else load_keymap()
        blinks = blink and constants.TEXTUAL_ANIMATIONS != "none"
        self.cockpit = Cockpit(desk, Palette(file, blinks=blinks), self.keymap, Chord(self.keymap), account=account)
        self._lines: list[str] = []  # typed into the command line; kept in memory only, for notes may be among them
        self._home = DeskScreen(self.cockpit, chat=chat, sorts=sorts)
        self._ahead = TypeAhead(self, super().on_event, self._is_typed)
        self.macros = Macros(self, self._home, registers or Registers())
        self.wearing = Wearing(self, self.cockpit, looks or Looks(), file)
        self.notifying = Notifying(self, self.cockpit, self._home, notices or Chosen())

    def get_default_screen(self) -> DeskScreen:
        return self._home

    def on_mount(self) -> None:
        self.desk.subscribe(self._hear)
        self._tell_faults()
        if self._own_keys is not None:
            self.set_interval(KEYS_POLL, self.follow_keys)
        self.wearing.start()
        if trouble := self._home.views.sorts.trouble:
            self.tell(trouble, "wait")
        self.notifying.start()
        if self._opened is not None:
            self._home.call_after_refresh(self._opened)

    def tell(self, words: str, role: str = "good") -> None:
        """Say something above the footer of the screen in front."""
        self._front.notice.say(words, role)

    def _tell_faults(self) -> None:
        faults = self.keymap.faults
        if faults:
            self._front.notice.say(self._own_keys.told(faults) if self._own_keys is not None else "\n".join(faults))

    def follow_keys(self) -> None:
        """Work by the person's keymap as it is now, where the file has changed."""
        if self._own_keys is None or not self._own_keys.changed():
            return
        self.keymap.become(self._own_keys.read())
        self.cockpit.chord.give_up()
        for screen in self.screen_stack:
            if isinstance(screen, KeyedScreen) and screen.is_mounted:
                screen.refresh_keys()
        self.notifying.refresh_keys()
        self._front.notice.say(_("The keys were read again."), "good")
        self._tell_faults()

    def _hear(self, change: Change) -> None:
        self.post_message(self.Changed(change))

    def on_bandeja_app_changed(self, message: Changed) -> None:
        self.notifying.notifier.hear(message.change)
        for screen in self.screen_stack:
            if isinstance(screen, KeyedScreen) and screen.is_mounted and not isinstance(message.change, Happened):
                screen.changed(message.change)
        self.macros.heard(message.change)

    # -- what can be done everywhere -------------------------------------------------------------------------------

    def on_keyed_screen_asked(self, message: KeyedScreen.Asked) -> None:
        handlers: dict[str, Callable[[], None]] = {
            "help": self._help,
            "palette": self._palette,
            "command": lambda: self._command_line(message.text),
            "shortcuts": self._shortcuts,
            "sessions": self._sessions,
            "forms": self._forms,
            "reports": self._reports,
            "manage": self._manage,
            "status": self._status,
            "themes": self.wearing.choose,
            "notices": self.notifying.open,
            "notify.yes": lambda: self.notifying.answer("on"),
            "notify.no": lambda: self.notifying.answer("off"),
            "suspend": self._stop,
            "redraw": self._redraw,
            "macro.record": self.macros.record,
            "macro.play": self.macros.choose,
            "quit": self._quit,
        }
        if message.action == "macro.play" and message.text:
            self.macros.play_recorded(message.text)
        elif message.action in handlers:
            handlers[message.action]()
        elif message.action.startswith(PREFIX):
            self.macros.play(message.action)
        elif called(message.action).takes or called(message.action).asks:
            self._command_line(message.action.rpartition(".")[2] + " ")

    @property
    def _front(self) -> KeyedScreen:
        screen = self.screen
        assert isinstance(screen, KeyedScreen)
        return screen

    def _help(self) -> None:
        from agent_tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.cockpit, self._front.places(), self._front.situation(), self.macros.listed()))

    def _palette(self) -> None:
        """Everything that can be done where one is, by name."""
        from agent_tui.screens.picker import Choice, Picker

        front = self._front
        choices = [Choice(name, label, side, hint) for name, label, hint, side in offers(front)]
        self.push_screen(Picker(self.cockpit, _("Commands"), choices, front.perform, typing=True))

    def _command_line(self, line: str = "") -> None:
        from agent_tui.screens.command_line import CommandLine

        front = self._front
        history, orders = self._lines, self.orders(front)
        self.push_screen(CommandLine(self.cockpit, orders, history, lambda ready: self._typed(front, ready), line))

    def _typed(self, front: KeyedScreen, ready: "Ready") -> None:
        """The last line of the history says `ready`."""
        if ready.command and front.recorded:
            self.cockpit.tape.hear(ready.command, self._lines[-1].partition(" ")[2].strip())
        self.order(front, ready)

    def orders(self, front: KeyedScreen) -> "Orders":
        """What can be typed on a screen now."""
        from agent_tui.orders import Orders

        at = front.situation()
        return Orders(self.desk, at.row, [name for name, *_ in offers(front)], many=bool(at.many))

    def order(self, front: KeyedScreen, ready: "Ready") -> None:
        """Do what a line says."""
        if ready.action:
            front.perform(ready.action, ready.text)
        elif isinstance(ready.args, Bulk) and front.many is not None:
            front.many.order(ready.args.do)
        else:
            self.desk.submit(ready.command, ready.args)
            if isinstance(ready.args, commands.Snooze):
                until = moments.ahead(ready.args.until, self.desk.now, names.zone(self.desk))
                self.tell(_("Set aside until {when}, or until the customer writes.").format(when=until))

    def _shortcuts(self) -> None:
        from agent_tui.screens.shortcut_list import ShortcutScreen

        if not any(isinstance(screen, ShortcutScreen) for screen in self.screen_stack):
            self.push_screen(ShortcutScreen(self.cockpit))

    def _sessions(self) -> None:
        from agent_tui.screens.sessions import SessionScreen

        if not any(isinstance(screen, SessionScreen) for screen in self.screen_stack):
            self.push_screen(SessionScreen(self.cockpit))

    def _forms(self) -> None:
        """Choose a queue, and edit its form."""
        from agent_tui.screens.form_editor import FormEditor
        from agent_tui.screens.picker import Choice, Picker

        asked = {form.queue: len(form.fields) for form in self.desk.forms.values()}
        choices = [
            Choice(
                str(one.id),
                named(one.name),
                ngettext("{n} field", "{n} fields", n).format(n=n) if n else _("no form yet"),
                one.code,
            )
            for one in sorted(self.desk.queues.values(), key=lambda one: named(one.name))
            for n in (asked.get(one.id, 0),)
        ]

        def edit(queue: str) -> None:
            self.push_screen(FormEditor(self.cockpit, self.desk.queues[int(queue)]))

        self.push_screen(Picker(self.cockpit, _("Form of a queue"), choices, edit, typing=True))

    def _reports(self) -> None:
        from agent_tui.screens.reports import ReportScreen

        if not any(isinstance(screen, ReportScreen) for screen in self.screen_stack):
            self.push_screen(ReportScreen(self.cockpit))

    def _manage(self) -> None:
        from agent_tui.screens.desk_settings import SettingsScreen

        if not any(isinstance(screen, SettingsScreen) for screen in self.screen_stack):
            self.push_screen(SettingsScreen(self.cockpit))

    def _status(self) -> None:
        from agent_tui.screens.picker import Choice, Picker

        me = self.desk.agents.get(self.desk.me.agent) if self.desk.me else None
        choices = [
            Choice(name, _(label), _("now") if me and me.status == name else "", glyph=glyphs.drawn(glyph), role=role)
            for name, (glyph, role, label) in STATUSES.items()
        ]
        here = me.status if me else ""
        self.push_screen(Picker(self.cockpit, _("Status"), choices, self._set_status, typing=True, marked=here))

    def _set_status(self, status: str) -> None:
        match status:
            case "online" | "resting" | "lunch" | "documenting" | "offline":
                self.cockpit.tape.complete("status", status)
                self.desk.submit("agent.status", commands.SetStatus(status=status))
            case _:
                raise ValueError(f"{status} is not a status")

    def _stop(self) -> None:
        if not stop(self):
            self.tell(_("This terminal has no shell to go back to."), "wait")

    def _redraw(self) -> None:
        self.screen.refresh(repaint=True, layout=True)
        repaint(self)

    def _quit(self) -> None:
        unsent = self.desk.link.unsent
        words = _("Leave Bandeja?")
        if unsent:
            words += " " + _("{n} not sent yet: kept, and sent next time.").format(n=unsent)
        if n := len(self._home.filling.typing):
            words += " " + ngettext("{n} form is not saved.", "{n} forms are not saved.", n).format(n=n)
        self._front.ask(words, self.exit)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self.notifying.notifier.touched()
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._ahead.take(event)
        else:
            await super().on_event(event)

    def _is_typed(self, event: events.Event, target: object) -> bool:
        """Whether a key is no more than text where it goes. The composer finds out itself which Enter was pasted."""
        if not isinstance(event, events.Key) or not isinstance(target, Input | TextArea) or self.cockpit.chord.pending:
            return False
        return event.is_printable or (isinstance(target, Composer) and event.key in ("enter", "tab"))

    def on_app_focus(self) -> None:
        self.notifying.notifier.focus(True)

    def on_app_blur(self) -> None:
        self.notifying.notifier.focus(False)

    def watch_app_focus(self, focus: bool) -> None:
        """The person is back at this terminal: what is in view is read now."""
        if focus and self._home.is_mounted:
            self._home.mark_read()


def offers(screen: KeyedScreen) -> list[tuple[str, str, str, str]]:
    """Id, label, help and key of every action that applies on a screen now, for the palette."""
    situation: Situation = screen.situation()
    contexts = screen.places()
    found = []
    for action in ACTIONS.values():
        reachable = action.id in screen.handlers or action.id in screen.taking or not action.places
        if action.id not in ("palette", "command") and reachable and action.applies(situation):
            key = screen.keymap.key_of(contexts, action.id)
            found.append((action.id, _(action.label_in(situation)), _(action.help), key))
    if screen.recorded:
        for name, steps in screen.keymap.macros.items():
            key = screen.keymap.key_of(contexts, PREFIX + name)
            found.append((PREFIX + name, name, ", ".join(steps), key))
    return found
