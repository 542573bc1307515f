"""The theme of a console that runs: picked from a list with the console itself as the preview, and worn anew when its
file changes, so that a theme can be made in one window and watched in the other."""

from pathlib import Path

from textual.app import App

from agent_tui import theme
from agent_tui.appearance import textual_theme
from agent_tui.i18n import _
from agent_tui.looks import Looks
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.theme import ThemeFault, ThemeFile

GLANCE = 1.0  # seconds between two looks at the file
Stamp = tuple[Path, int, int]  # a file as it was: where, its time, its size


class Wearing:
    """`file` is what `app` was opened in."""

    def __init__(self, app: App[None], cockpit: Cockpit, looks: Looks, file: ThemeFile) -> None:
        self.app, self.cockpit, self.looks, self.file = app, cockpit, looks, file
        self._worn = 0
        self._stamp = self._seen()

    def start(self) -> None:
        """Say what was wrong at the opening, and watch the file from now on."""
        if self.looks.trouble:
            self._say(self.looks.trouble)
        if self.looks.folders:
            self.app.set_interval(GLANCE, self.glance)

    def glance(self) -> None:
        """Wear the theme anew where its file has changed; where that has faults, tell all and stay as it is."""
        stamp = self._seen()
        if stamp is None or stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self.wear(theme.load(self.file.name, self.looks.folders))
        except ThemeFault as fault:
            self._say(str(fault))

    def wear(self, file: ThemeFile) -> None:
        """Repaint everything in another theme."""
        before, self.file = self.app.theme, file
        self._worn += 1
        name = f"bandeja-{file.name}-{self._worn}"
        self.cockpit.palette.wear(file)
        self.app.ansi_color = file.ansi
        self.app.register_theme(textual_theme(file, name))
        self.app.theme = name
        self.app.unregister_theme(before)
        for screen in self.app.screen_stack:
            screen.refresh()
            for widget in screen.walk_children():
                widget.refresh()
        self._stamp = self._seen()

    def choose(self) -> None:
        """Let the person pick from all themes there are."""
        from agent_tui.screens.theme_picker import ThemePicker

        found: dict[str, ThemeFile | str] = {}
        for name in theme.known(self.looks.folders):
            try:
                found[name] = theme.load(name, self.looks.folders)
            except ThemeFault as fault:
                found[name] = str(fault)
        if not any(isinstance(screen, ThemePicker) for screen in self.app.screen_stack):
            self.app.push_screen(ThemePicker(self.cockpit, found, self.file, self.wear, self._picked))

    def _picked(self, name: str) -> None:
        try:
            self.wear(theme.load(name, self.looks.folders))
            self.looks.keep(name)
        except ThemeFault as fault:
            self._say(str(fault))
        except OSError as error:
            self._say(_("This choice can't be kept: {why}").format(why=error))
        else:
            if self.looks.setting not in ("", name):
                words = _("Until you leave: the settings name {theme}, and they come first.")
                self._say(words.format(theme=self.looks.setting), "wait")

    def _say(self, words: str, role: str = "need") -> None:
        front = next(screen for screen in reversed(self.app.screen_stack) if isinstance(screen, KeyedScreen))
        front.notice.say(words, role)

    def _seen(self) -> Stamp | None:
        """None while there is no such file, as in the moment in which an editor replaces it."""
        try:
            path = theme.find(self.file.name, self.looks.folders)
            state = path.stat()
        except (ThemeFault, OSError):
            return None
        return path, state.st_mtime_ns, state.st_size
