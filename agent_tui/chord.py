"""Keys that are pressed one after the other: the few lines of state between the first and the last of them.

There is no timeout: what was begun waits, shown in the footer, until it is finished, given up by Escape, or lost to a
key that leads nowhere, which then means nothing.
"""

from collections.abc import Sequence

import msgspec

from agent_tui.keymap import Keymap


class Chord(msgspec.Struct):
    """`pending` are the keys pressed so far, a space between; empty where none wait for another."""

    keymap: Keymap
    pending: str = ""

    def press(self, contexts: Sequence[str], key: str) -> tuple[str | None, bool]:
        """The action that `key` completes, if any, and whether the key is used up and must not be typed."""
        begun, self.pending = self.pending, ""
        if begun and key == "escape":
            return None, True
        keys = f"{begun} {key}" if begun else key
        if self.keymap.begins(contexts, keys):
            self.pending = keys
            return None, True
        action = self.keymap.find(contexts, keys)
        return action, bool(begun) or action is not None

    def give_up(self) -> None:
        self.pending = ""
