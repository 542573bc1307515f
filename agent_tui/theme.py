"""Themes: every colour by its role, from a TOML file, checked as a whole before any of it is used.

A colour is `#rrggbb`, or one of the sixteen names of the terminal's own palette (`red`, `bright_black`, …) or
`default`, which only a theme with `ansi = true` may use: those are the terminal's to choose. The table `styles` gives a
role more than a colour (`tint = "reverse"`); `contrast` asks more of the theme than everybody's 4.5.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from agent_tui import data

ROLES: dict[str, str] = {
    "ground": "behind everything",
    "panel": "behind the top line, the footer and lists that open",
    "tint": "behind the chosen row",
    "note_ground": "behind private notes",
    "wait_ground": "behind what is given to you and not opened yet",
    "line": "hairlines",
    "text": "plain text",
    "strong": "names and what needs an answer",
    "quiet": "times, previews, what stands beside",
    "faint": "what one looks up, on the plain grounds only",
    "accent": "the one colour that says: here",
    "need": "an answer is owed, something failed",
    "wait": "somebody waits, time runs",
    "good": "done, online",
    "note": "text of private notes",
    "theirs": "the customer's name over their lines",
    "mine": "my name over my lines",
    "chip": "letters on a channel's colour or on a badge",
}
GROUNDS = ("ground", "panel", "tint", "note_ground", "wait_ground")
LATER = {"wait_ground": "tint"}  # roles that older themes do not have, and whose colour they take then
SPOKEN: dict[str, tuple[str, ...]] = {
    "text": ("ground", "panel", "tint", "wait_ground"),
    "strong": ("ground", "panel", "tint", "wait_ground"),
    "quiet": ("ground", "panel", "tint", "wait_ground"),
    "faint": ("ground", "panel"),
    "accent": ("ground", "panel", "tint", "note_ground", "wait_ground"),
    "need": ("ground", "panel", "tint", "note_ground", "wait_ground"),
    "wait": ("ground", "panel", "tint", "wait_ground"),
    "good": ("ground", "panel", "tint", "wait_ground"),
    "note": ("note_ground", "ground"),
    "theirs": ("ground",),
    "mine": ("ground",),
    "chip": ("accent", "need"),
}
CONTRAST = 4.5  # WCAG 2.2, 1.4.3; 1.4.6 asks for 7
ANSI = frozenset(
    [f"{bright}{name}" for bright in ("", "bright_") for name in
     ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")] + ["default"]
)  # fmt: skip
STYLES = frozenset(("bold", "dim", "italic", "underline", "reverse"))
SETTINGS = ("colors", "styles", "dark", "ansi", "contrast")
_HEX = re.compile(r"^#[0-9a-f]{6}$")


class ThemeFault(Exception):
    """Every fault of a theme file, a line each."""


class ThemeFile(msgspec.Struct, frozen=True):
    """A checked theme: `colors` holds every role, `styles` those that are more than a colour."""

    name: str
    dark: bool
    ansi: bool
    colors: Mapping[str, str]
    styles: Mapping[str, frozenset[str]]
    contrast: float = CONTRAST

    @property
    def colorless(self) -> bool:
        """Whether it has no colour but the terminal's ink and paper."""
        return set(self.colors.values()) == {"default"}


def luminance(color: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1, as WCAG 2 defines it."""

    def channel(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (channel(color[i : i + 2]) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two `#rrggbb`, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def parse(name: str, text: str) -> ThemeFile:
    """Read a theme. Raises ThemeFault with all that is wrong with it."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThemeFault(f"{name}: {error}") from error
    colors, styles, ansi = raw.get("colors", {}), raw.get("styles", {}), raw.get("ansi", False)
    floor = raw.get("contrast", CONTRAST)
    faults = [f"{name}: {key} is not a table" for key in ("colors", "styles") if not isinstance(raw.get(key, {}), dict)]
    faults += [
        f"{name}: {key} is not true or false" for key in ("dark", "ansi") if raw.get(key, True) not in (True, False)
    ]
    if not isinstance(floor, int | float) or isinstance(floor, bool) or not CONTRAST <= floor <= 21:
        faults.append(f"{name}: contrast: {floor!r} is not a number from {CONTRAST} to 21")
    if faults:
        raise ThemeFault("\n".join(faults))
    colors = {role: colors[instead] for role, instead in LATER.items() if instead in colors} | colors
    faults = [f"{name}: no colour for {role} ({use})" for role, use in ROLES.items() if role not in colors]
    faults += [f"{name}: there is no role {role}" for role in (*colors, *styles) if role not in ROLES]
    faults += [f"{name}: there is no setting {key}" for key in raw if key not in SETTINGS]
    for role, color in colors.items():
        if ansi and color not in ANSI:
            faults.append(f"{name}: {role}: {color!r} is not one of the terminal's sixteen colours")
        elif not ansi and not (isinstance(color, str) and _HEX.match(color)):
            faults.append(f"{name}: {role}: {color!r} is not #rrggbb")
    for role, words in styles.items():
        if not isinstance(words, str) or not STYLES.issuperset(words.split()):
            faults.append(f"{name}: {role}: {words!r} is not made of {', '.join(sorted(STYLES))}")
    if not faults and not ansi:
        faults += [
            f"{name}: {role} on {ground}: contrast {contrast(colors[role], colors[ground]):.1f}, below {floor}"
            for role, grounds in SPOKEN.items()
            for ground in grounds
            if contrast(colors[role], colors[ground]) < floor
        ]
    if faults:
        raise ThemeFault("\n".join(faults))
    laid = {role: frozenset(words.split()) for role, words in styles.items()}
    return ThemeFile(name, bool(raw.get("dark", True)), bool(ansi), colors, laid, float(floor))


def known(folders: Sequence[Path] = ()) -> list[str]:
    """The names of all themes there are, the person's own among them."""
    return sorted({path.stem for place in (*folders, data.folder("themes")) for path in place.glob("*.toml")})


def find(name: str, folders: Sequence[Path] = ()) -> Path:
    """The file of the theme `name`: in the person's own folders first, then among those that come with the console.

    Raises ThemeFault.
    """
    for place in (*folders, data.folder("themes")):
        path = place / f"{name}.toml"
        if path.is_file():
            return path
    raise ThemeFault(f"{name}: no such theme; there are {', '.join(known(folders))}")


def load(name: str, folders: Sequence[Path] = ()) -> ThemeFile:
    """The theme `name`. Raises ThemeFault with all that is wrong with it, also where its file can't be read."""
    path = find(name, folders)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ThemeFault(f"{name}: {error}") from error
    return parse(name, text)
