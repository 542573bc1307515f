"""The console as the front of the notifier: it has the terminal ring, asks in passing, and remembers what was said."""

from collections.abc import Callable, Sequence

from textual.app import App
from textual.css.query import NoMatches

from agent_tui import terminal
from agent_tui.i18n import _
from agent_tui.notify.notifier import Notifier
from agent_tui.notify.preferences import Chosen
from agent_tui.screens.desk import DeskScreen
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.widgets.asking import Asking


class Notifying:
    """`home` is the screen that shows the desk, and asks."""

    def __init__(self, app: App[None], cockpit: Cockpit, home: DeskScreen, chosen: Chosen) -> None:
        self.app, self.cockpit, self.home, self.chosen = app, cockpit, home, chosen
        self.notifier = Notifier(cockpit.desk, self, chosen)

    def start(self) -> None:
        if self.chosen.trouble:
            self._say(self.chosen.trouble)
        self.notifier.mark()

    # -- what the notifier asks for --------------------------------------------------------------------------------

    def call(self, order: str) -> None:
        terminal.call(self.app, order)

    def entitle(self, title: str) -> None:
        terminal.entitle(self.app, title)

    def later(self, seconds: float, then: Callable[[], None]) -> None:
        self.app.set_timer(seconds, then)

    def looks_at(self, conversation: int) -> bool:
        home = self.home
        return (
            home.shown == conversation and home.is_current and home.thread_in_view and home.conversation.thread.at_end
        )

    def ask(self) -> None:
        if self.home.is_mounted and self._asking is None:
            words = _("Notify you when a customer needs you while you look elsewhere?")
            asking = Asking(
                self.cockpit.desk, self.cockpit.palette, words, _("Notify you when you are needed?"), self._keys
            )
            self.home.mount(asking, before=self.home.notice)

    # -- what the person says --------------------------------------------------------------------------------------

    def answer(self, said: str) -> None:
        """on or off; told with what comes of it."""
        key = self.cockpit.keymap.key_of(("global",), "notices")
        if said == "on":
            self._say(_("You will be notified. {key} chooses of what, how, and when not.").format(key=key), "good")
        else:
            words = _(
                "No notifications: while you look elsewhere nothing tells you that a conversation is yours, that a "
                "customer writes or that the connection is lost. {key} turns them on."
            )
            self._say(words.format(key=key), "wait")
        self.choose("notify", said)

    def choose(self, name: str, value: str) -> None:
        """Take a choice, and remember it."""
        try:
            self.chosen.choose(name, value)
        except OSError as error:
            self._say(_("This choice can't be kept: {why}").format(why=error))
        else:
            if self.chosen.passing(name):
                words = _("Until you leave: the settings name {value} for {name}, and they come first.")
                self._say(words.format(value=self.chosen.given[name], name=name), "wait")
        if name == "notify" and self._asking is not None:
            self._asking.remove()
        self.notifier.mark()

    def open(self) -> None:
        from agent_tui.screens.notices import NoticesScreen

        if not any(isinstance(screen, NoticesScreen) for screen in self.app.screen_stack):
            self.app.push_screen(NoticesScreen(self.cockpit, self.notifier, self.choose))

    def refresh_keys(self) -> None:
        if self._asking is not None:
            self._asking.refresh()

    @property
    def _asking(self) -> Asking | None:
        try:
            return self.home.query_one(Asking)
        except NoMatches:
            return None

    def _keys(self) -> Sequence[tuple[str, str]]:
        labels = (("notify.yes", _("yes")), ("notify.no", _("no")), ("notices", _("choose")))
        return [(self.cockpit.keymap.key_of(("global",), name), label) for name, label in labels]

    def _say(self, words: str, role: str = "need") -> None:
        """Where the front screen has a place for it, else on the desk below."""
        keyed = [screen for screen in reversed(self.app.screen_stack) if isinstance(screen, KeyedScreen)]
        place = next((screen.notice for screen in keyed if screen.notice.is_attached), self.home.notice)
        place.say(words, role)
