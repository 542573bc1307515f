"""From a theme file to Textual's: the roles become the CSS variables `$b-…`."""

import os

from rich.console import Console
from textual import constants
from textual.theme import Theme

from agent_tui.theme import ThemeFile, load


def usual() -> str:
    """The theme that fits the terminal: none of the colours it has not, or that nobody wants to see."""
    system = constants.COLOR_SYSTEM
    if system == "auto":
        system = Console(force_terminal=True, legacy_windows=False).color_system
    if os.environ.get("NO_COLOR") or system is None:
        return "mono"
    return "ansi" if system == "standard" else "dark"


def chosen(theme: str) -> ThemeFile:
    """The theme of that name; without a name, the one that fits the terminal. Raises ThemeFault."""
    return load(theme or usual())


_TEXTUALS_OWN = {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"}  # asked for by its own style sheets


def _css(color: str) -> str:
    return color if color.startswith("#") else f"ansi_{color}"


def textual_theme(file: ThemeFile, name: str = "") -> Theme:
    """`file` as Textual takes it; it notices a changed theme only by another `name`."""
    colors = {role: _css(color) for role, color in file.colors.items()}
    return Theme(
        name=name or f"bandeja-{file.name}",
        primary=colors["accent"],
        secondary=colors["accent"],
        accent=colors["accent"],
        warning=colors["wait"],
        error=colors["need"],
        success=colors["good"],
        foreground=colors["text"],
        background=colors["ground"],
        surface=colors["ground"],
        panel=colors["panel"],
        dark=file.dark,
        ansi=file.ansi,
        variables={f"b-{role.replace('_', '-')}": color for role, color in colors.items()} | _TEXTUALS_OWN,
    )
