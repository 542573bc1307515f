"""The console's own glyphs, and what stands for them where a terminal or a reader has only ASCII.

Everything that the console draws and that is not ASCII goes through `drawn`, everything that it says through `spelled`;
customers' text goes through neither. Chosen once at start-up, like the language.
"""

CHOICES = ("unicode", "ascii")
DRAWN = {  # of the same width, so that nothing moves
    "●": "*", "○": "o", "◷": "~", "✓": "+", "✗": "x", "⇅": ">", "▌": ">", "›": ">", "┊": ":", "─": "-", "━": "=",
    "·": "-", "↓": "v", "—": "-", "•": "*",
    "↑": "^", "⚑": "!", "⚐": "'", "⇄": "&", "◔": "z", "⌂": "%", "▸": ">", "▤": "=", "◉": "@",
    "│": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+",
}  # fmt: skip
SPELLED = {
    "…": "...", "·": "-", "—": "-", "–": "-", "⏎": "enter", "⇧": "shift+", "␣": "space", "⌫": "backspace", "↑": "up",
    "↓": "down", "←": "left", "→": "right", "✓": "+", "×": "x", "“": '"', "”": '"', "’": "'", "«": '"', "»": '"',
}  # fmt: skip
_TABLES = {"unicode": ({}, {}), "ascii": (str.maketrans(DRAWN), str.maketrans(SPELLED))}

_drawn, _spelled = _TABLES["unicode"]


def use(choice: str) -> None:
    """Draw with one of CHOICES from now on; what is already painted is not repainted."""
    global _drawn, _spelled
    _drawn, _spelled = _TABLES[choice]


def only_ascii() -> bool:
    return bool(_drawn)


def drawn(marks: str) -> str:
    """Marks, bars and rules as this console draws them."""
    return marks.translate(_drawn) if _drawn else marks


def spelled(words: str) -> str:
    """Words of the console, whose signs are written out where they have to be; letters of a language stay."""
    return words.translate(_spelled) if _spelled else words
