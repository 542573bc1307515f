"""What was typed and not submitted, by conversation."""

from collections.abc import Iterable

from agent_tui import text
from agent_tui.link.disk import Statement


class Drafts:
    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._changed: set[int] = set()

    def restore(self, texts: dict[int, str]) -> None:
        self._texts = {conversation: text.own(typed) for conversation, typed in texts.items()}

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
        return True

    def add(self, conversation: int, typed: str) -> None:
        """Give text back: after what has been typed since."""
        held = self.get(conversation)
        self.save(conversation, f"{held}\n{typed}" if held else typed)

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
