"""What was typed and not submitted, by conversation; and how that of two consoles becomes one."""

import hashlib
from collections.abc import Callable, Iterable, Mapping

import msgspec

from agent_tui import text
from agent_tui.link.disk import Statement

NOTED = "#note\n"  # before a draft that was written as a note, so that it never comes back as an answer
_KEPT = "draft:"  # before the conversation, among what is kept of the hub
_NOTHING = ""


class Synced(msgspec.Struct, frozen=True, array_like=True):
    """What the hub is known to have: the version, and a digest of the text."""

    version: int = 0
    digest: str = _NOTHING


def digest(typed: str) -> str:
    return hashlib.blake2b(typed.encode(), digest_size=8).hexdigest() if typed else _NOTHING


def merged(mine: str, theirs: str) -> str:
    """Two drafts as one that has the words of both: mine first. If either was a note, so is the whole: what was meant
    for colleagues must not come back as an answer."""
    noted = NOTED if mine.startswith(NOTED) or theirs.startswith(NOTED) else ""
    one, other = mine.removeprefix(NOTED), theirs.removeprefix(NOTED)
    if other in one:
        return noted + one
    return noted + (other if one in other else f"{one}\n{other}")


class Drafts:
    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._synced: dict[int, Synced] = {}
        self._changed: set[int] = set()
        self._marked: set[int] = set()
        self.saved: Callable[[int], None] = lambda conversation: None  # called after a text has changed

    def restore(self, texts: dict[int, str], kept: Mapping[str, bytes]) -> None:
        self._texts = {conversation: text.own(typed) for conversation, typed in texts.items()}
        for name, data in kept.items():
            if name.startswith(_KEPT):
                self._synced[int(name.removeprefix(_KEPT))] = msgspec.json.decode(data, type=Synced)

    def all(self) -> dict[int, str]:
        return {**self._texts}

    def get(self, conversation: int) -> str:
        return self._texts.get(conversation, "")

    def save(self, conversation: int, typed: str) -> bool:
        """Whether it is another than before."""
        safe = text.body(typed)
        if safe == self.get(conversation):
            return False
        self._texts[conversation] = safe
        if not safe:
            del self._texts[conversation]
        self._changed.add(conversation)
        self.saved(conversation)
        return True

    def forget(self, conversation: int) -> None:
        """Nothing may be left of what was typed for it, here or at the hub."""
        self._texts.pop(conversation, None)
        self._synced.pop(conversation, None)
        self._changed.add(conversation)
        self._marked.add(conversation)

    def add(self, conversation: int, typed: str) -> None:
        """Give text back: after what has been typed since."""
        held = self.get(conversation)
        self.save(conversation, f"{held}\n{typed}" if held else typed)

    # -- what the hub has of them --------------------------------------------------------------------------------------

    def synced(self, conversation: int) -> Synced:
        return self._synced.get(conversation, Synced())

    def edited(self, conversation: int) -> bool:
        """Whether the hub has another text, as far as is known."""
        return digest(self.get(conversation)) != self.synced(conversation).digest

    @property
    def unsaved(self) -> list[int]:
        return [conversation for conversation in {*self._texts, *self._synced} if self.edited(conversation)]

    @property
    def versions(self) -> dict[int, int]:
        """Of what the hub has, by conversation."""
        return {conversation: synced.version for conversation, synced in self._synced.items() if synced.digest}

    def mark(self, conversation: int, version: int, typed: str) -> None:
        """The hub has this text in this version."""
        self._synced[conversation] = Synced(version, digest(typed))
        self._marked.add(conversation)

    def forget_versions(self) -> None:
        """What the hub had is void: it is another one, or not ours to see."""
        self._synced.clear()
        self._marked.clear()

    def take_changes(self) -> Iterable[Statement]:
        """What makes the disk hold the same."""
        changed, self._changed = self._changed, set()
        for conversation in changed:
            typed = self.get(conversation)
            if typed:
                yield (
                    "INSERT INTO drafts VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                    (conversation, typed),
                )
            else:
                yield ("DELETE FROM drafts WHERE conversation = ?", (conversation,))
        marked, self._marked = self._marked, set()
        for conversation in marked:
            name, synced = f"{_KEPT}{conversation}", self.synced(conversation)
            if synced.digest:
                yield ("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, msgspec.json.encode(synced)))
            else:
                yield ("DELETE FROM kept WHERE name = ?", (name,))
