"""The settings of a console, set like the hub's: one name as option, in the environment, in `config.toml`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent_tui import profile
from agent_tui.data import STYLES
from agent_tui.glyphs import CHOICES
from agent_tui.i18n import LANGUAGES, N_
from agent_tui.notify.preferences import CHOICES as NOTICES
from agent_tui.notify.preferences import DEFAULTS, is_quiet, is_ways
from hub.protocol.settings import Say, load, setting

PREFIX = "BANDEJA"
_WAYS = N_("bell, desktop, both with a comma between, or off")


def _value(name: str) -> str:
    """What holds usually, in quotes: a value is written as it is in every language."""
    return f'"{DEFAULTS[name]}"'


def _notice(name: str, help: str) -> str:
    """A setting about notifications, empty where the person's choice at the console decides."""
    values = NOTICES[name]
    field: str = setting("", help, choices=("", *values), must=" | ".join(values), shown=_value(name))
    return field


def _ways(kind: str, help: str) -> str:
    field: str = setting("", help, valid=is_ways, must=_WAYS, shown=_value(f"notify_{kind}"))
    return field


@dataclass(frozen=True, slots=True)
class Settings:
    """`language` and `theme` are empty where the terminal and the environment decide."""

    data: Path = setting(
        Path(),
        N_("Folder for what the console keeps: its copy of the desk, what is not sent yet, the sample desk."),
        shown=str(profile.data_folder()),
    )
    language: str = setting(
        "", N_("Language to speak."), choices=("", *LANGUAGES), must=N_("es or en"), shown=N_("the terminal's")
    )
    theme: str = setting(
        "", N_("Colours: the name of a theme, like dark, light, high-contrast, ansi or mono."), shown=N_("by terminal")
    )
    glyphs: str = setting(
        "unicode", N_("What marks and rules are drawn with."), choices=CHOICES, must=N_("unicode or ascii")
    )
    blink: bool = setting(True, N_("Let the mark of what is given to you blink until you open it."))
    keys: str = setting(
        "", N_("Keys: the style."), choices=("", *STYLES), must=N_("default, vim or emacs"), shown="default"
    )
    keymap: Path = setting(
        Path(), N_("Keys: a file with your own, over the usual ones."), shown=N_("keymap.toml in the config folder")
    )
    notify: str = _notice("notify", N_("Notifications: whether there are any."))
    notify_when: str = _notice("notify_when", N_("Notifications: only while you are not at this terminal, or always."))
    notify_says: str = _notice("notify_says", N_("Notifications: who wrote, or the text, too."))
    notify_by: str = _notice("notify_by", N_("Notifications: how the terminal is asked for those of the desktop."))
    notify_title: str = _notice("notify_title", N_("How many wait for you, in the terminal's title."))
    notify_assigned: str = _ways("assigned", N_("How to tell that a conversation is given to you."))
    notify_mentioned: str = _ways("mentioned", N_("How to tell that a note mentions you."))
    notify_away: str = _ways("away", N_("How to tell that one of yours goes to somebody else."))
    notify_wrote: str = _ways("wrote", N_("How to tell that a customer of yours writes."))
    notify_waiting: str = _ways("waiting", N_("How to tell that a conversation waits in a queue of yours."))
    notify_link: str = _ways("link", N_("How to tell that the connection is lost, or back."))
    quiet_hours: str = setting(
        "",
        N_("Hours in which nothing notifies, like 22:00-07:00, several with a comma between."),
        valid=is_quiet,
        must=N_("hours of the day like 22:00-07:00, several with a comma between, or off"),
        shown=_value("quiet_hours"),
    )
    plain_driver: bool = setting(
        False, N_("Write whole panes to the terminal, as Textual does, rather than only what changed.")
    )

    def __post_init__(self) -> None:
        data = self.data if self.data != Path() else profile.data_folder()
        object.__setattr__(self, "data", data.expanduser().absolute())

    @property
    def own_keymap(self) -> Path:
        """Where the person's own keys are, or would be: only a file that was named must be there."""
        if self.keymap != Path():
            return self.keymap.expanduser()
        return profile.config_folder() / "keymap.toml"

    @property
    def notices(self) -> dict[str, str]:
        """What is said of notifications, by name; without what is left to the person's choice at the console."""
        return {name: value for name in DEFAULTS if (value := getattr(self, name))}

    @property
    def desks(self) -> Path:
        """Where the copies of desks are kept, a file a console."""
        return self.data / "desks"

    @property
    def demo(self) -> Path:
        """The sample desk's own folder."""
        return self.data / "demo"


def read_settings(
    flags: Mapping[str, object] | None = None,
    *,
    file: str = "",
    environ: Mapping[str, str] = os.environ,
    say: Say = str,
) -> Settings:
    """The console's settings from options, environment and file. Raises BadSetting."""
    chosen = file or environ.get(f"{PREFIX}_CONFIG", "")
    usual = profile.config_folder() / "config.toml"
    path = Path(chosen).expanduser() if chosen else usual if usual.exists() else None
    return load(Settings, prefix=PREFIX, flags=flags, environ=environ, file=path, say=say)
