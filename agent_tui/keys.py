"""The names of keys: as people write them in a keymap, as Textual names them, and as they are shown."""

import unicodedata

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from agent_tui.glyphs import spelled

MODIFIERS = ("ctrl", "shift", "alt", "super", "hyper", "meta")
_NAMED = frozenset(key.value for key in Keys) | {"space"}
BARE = frozenset(
    f"{side}_{key}" for side in ("left", "right") for key in ("shift", "control", "alt", "super", "hyper", "meta")
) | {"caps_lock", "num_lock", "scroll_lock"}  # a terminal with the Kitty protocol reports them as keys
SHOWN = {
    "enter": "⏎", "shift+enter": "⇧⏎", "escape": "esc", "up": "↑", "down": "↓", "left": "←", "right": "→",
    "pageup": "pgup", "pagedown": "pgdn", "space": "␣", "tab": "tab", "backspace": "⌫",
    "question_mark": "?", "at": "@", "slash": "/", "colon": ":", "ctrl+down": "^↓", "ctrl+up": "^↑",
}  # fmt: skip


def shown(key: str) -> str:
    """A key, or keys one after the other, as they stand in the footer and in the help: ⏎, ^N, F1, gg, ␣e, w c, ^X b.
    Letters that are not the same one twice stand apart: else they would read as a word."""
    if " " in key:
        keys = [shown(one) for one in key.split(" ")]
        apart = any(len(one) > 1 for one in keys) or ("".join(keys).isalpha() and len({*keys}) > 1)
        return (" " if apart else "").join(keys)
    if key in SHOWN:
        return spelled(SHOWN[key])
    if key.startswith("ctrl+"):
        return "^" + shown(key.removeprefix("ctrl+")).upper()
    if key[0] == "f" and key[1:].isdigit():
        return key.upper()
    character = key_to_character(key)
    return character if character is not None and character.isprintable() else key


def normal(key: str) -> str | None:
    """A key as Textual names it; None where no terminal sends anything by that name."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    if any(name not in MODIFIERS for name in modifiers) or not last:
        return None
    if len(last) == 1:
        if not last.isalnum() and last.isprintable():
            name = unicodedata.name(last, "").lower().replace("-", "_").replace(" ", "_")
            last = KEY_NAME_REPLACEMENTS.get(name, name)
        elif last.isspace() and last != "\r":
            return None
    elif last not in _NAMED and "+".join((*modifiers, last)) not in _NAMED:
        return None
    return "+".join((*modifiers, last)) if last else None


def sequence(text: str) -> str | None:
    """Keys pressed one after the other, as `g g` or `ctrl+x b`; None where one of them is no key."""
    names = [normal(key) for key in text.split(" ")]
    return " ".join(name for name in names if name) if all(names) else None
