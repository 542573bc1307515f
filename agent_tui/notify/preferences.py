"""How the person wants to be told, under the names that the settings have.

A value is a text, the same as an option, in the environment, in `config.toml` and in `notices.json` in the config
folder. That file holds what was chosen at the console, and is the console's own, so that nothing a person wrote by hand
is ever rewritten. What the settings name goes before it; what is chosen while the console runs goes before both, until
the person leaves.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from agent_tui.i18n import _
from agent_tui.notify import quiet
from agent_tui.notify.kinds import KINDS, WAYS

_NAME = "notices.json"
OFF = "off"
CHOICES: dict[str, tuple[str, ...]] = {  # the first is what holds where nothing is chosen
    "notify": ("ask", "on", "off"),
    "notify_when": ("unfocused", "always"),
    "notify_says": ("who", "text"),
    "notify_by": ("auto", "osc9", "osc777"),
    "notify_title": ("on", "off"),
}
WAYS_OF = {f"notify_{kind}": kind for kind in KINDS}
QUIET = "quiet_hours"


def parse_ways(text: str) -> frozenset[str] | None:
    """Ways from "bell, desktop"; none from "off". None where the text can't be read."""
    names = frozenset(part.strip().lower() for part in text.split(","))
    if names <= {OFF, ""}:
        return frozenset()
    return names if names <= frozenset(WAYS) else None


def write_ways(ways: frozenset[str]) -> str:
    return ", ".join(way for way in WAYS if way in ways) or OFF


def is_ways(text: str) -> bool:
    return parse_ways(text) is not None


def is_quiet(text: str) -> bool:
    return quiet.parse(text) is not None


DEFAULTS: dict[str, str] = {
    **{name: choices[0] for name, choices in CHOICES.items()},
    **{name: write_ways(frozenset(KINDS[kind].ways)) for name, kind in WAYS_OF.items()},
    QUIET: quiet.NONE,
}
_VALID: dict[str, Callable[[str], bool]] = {**dict.fromkeys(WAYS_OF, is_ways), QUIET: is_quiet}


def is_valid(name: str, value: str) -> bool:
    """Whether a setting of this name takes this value."""
    return _VALID[name](value) if name in _VALID else value in CHOICES.get(name, ())


class Preferences(msgspec.Struct, frozen=True):
    """`answer` is what the person said when they were asked: ask (nothing yet), on, off."""

    answer: str
    when: str
    says: str
    by: str
    title: bool
    ways: Mapping[str, frozenset[str]]  # by kind
    quiet: tuple[quiet.Range, ...]


def preferences(values: Mapping[str, str]) -> Preferences:
    """Preferences from valid values; what is not named is as it usually is."""
    values = {**DEFAULTS, **values}
    return Preferences(
        answer=values["notify"],
        when=values["notify_when"],
        says=values["notify_says"],
        by=values["notify_by"],
        title=values["notify_title"] == "on",
        ways={kind: parse_ways(values[name]) or frozenset() for name, kind in WAYS_OF.items()},
        quiet=quiet.parse(values[QUIET]) or (),
    )


class Chosen:
    """`folder` is the person's config folder; without one nothing is kept. `given` are the settings that were named,
    by name. `now` is how the person wants it at this moment."""

    def __init__(self, folder: Path | None = None, given: Mapping[str, str] | None = None) -> None:
        self.folder, self.given = folder, dict(given or {})
        self.trouble = ""  # why something that was kept is left out
        self.values: dict[str, str] = {**DEFAULTS, **self._kept(), **self.given}
        self.now = preferences(self.values)

    def choose(self, name: str, value: str) -> None:
        """Work by a value from now on, and remember it. Raises OSError where it can't be kept."""
        self.values[name] = value
        self.now = preferences(self.values)
        if self.folder is None:
            return
        kept = {**self._kept(), name: value}
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.folder / f"{_NAME}.{os.getpid()}"
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(kept)))
        fresh.replace(self.folder / _NAME)

    def passing(self, name: str) -> bool:
        """Whether what was chosen ends with this console, because the settings name something else."""
        return self.given.get(name, self.values[name]) != self.values[name]

    def _kept(self) -> dict[str, str]:
        if self.folder is None:
            return {}
        path = self.folder / _NAME
        try:
            found = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            self.trouble = _("{file} can't be read: {why}").format(file=path, why=error)
            return {}
        faults = [name for name, value in found.items() if not is_valid(name, value)]
        if faults:
            self.trouble = _("{file}: {names} can't be used.").format(file=path, names=", ".join(faults))
        return {name: value for name, value in found.items() if name not in faults}
