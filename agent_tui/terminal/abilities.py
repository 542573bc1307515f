"""What a terminal can be trusted with, by its name in the environment. In doubt it is trusted with less."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Abilities:
    """`tints`: what is erased takes the pen's background. `repeats`: it knows REP. `wide_locale`: characters of
    ambiguous width may be wide, as they are by custom in Chinese, Japanese and Korean."""

    tints: bool = True
    repeats: bool = False
    wide_locale: bool = False


REPEATING = ("xterm-kitty", "xterm-ghostty", "foot", "alacritty", "wezterm")  # not tmux: it repeats ASCII only


def abilities(environ: Mapping[str, str]) -> Abilities:
    """`screen` is tmux's name, too, which tints; GNU screen, and terminals older than colour, do not."""
    term = environ.get("TERM", "")
    language = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG", "")
    return Abilities(
        tints=not term.startswith(("vt", "dumb")) and (not term.startswith("screen") or "TMUX" in environ),
        repeats=term.startswith(REPEATING),
        wide_locale=language.startswith(("zh", "ja", "ko")),
    )
