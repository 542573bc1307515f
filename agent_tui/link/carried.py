"""What a person typed that no file holds any more: carried over from a desk that was wiped to the next sign-in."""

from collections.abc import Iterable

import msgspec

from agent_tui import text
from agent_tui.link.disk import ADD_DRAFT, ADD_TO_OUTBOX, OutboxRow, Statement, Stored


class Carried(msgspec.Struct):
    """Commands in order, and drafts by conversation. Their keys are kept, so that each still takes effect once."""

    outbox: list[OutboxRow] = msgspec.field(default_factory=list)
    drafts: dict[int, str] = msgspec.field(default_factory=dict)

    def texts(self) -> list[str]:
        """What was typed, harmless: what waited to be sent, then drafts."""
        bodies = [row[4] for row in self.outbox] + list(self.drafts.values())
        return [text.body(body) for body in bodies if body.strip()]

    def statements(self) -> Iterable[Statement]:
        """What puts them into a file."""
        for row in self.outbox:
            yield (ADD_TO_OUTBOX, row)
        for conversation, draft in self.drafts.items():
            yield (ADD_DRAFT, (conversation, draft))

    def put_into(self, stored: Stored) -> None:
        """Make them part of what a file was found to hold."""
        known = {row[0] for row in stored.outbox}
        stored.outbox += [row for row in self.outbox if row[0] not in known]
        for conversation, draft in self.drafts.items():
            held = stored.drafts.get(conversation, "")
            stored.drafts[conversation] = f"{held}\n{draft}" if held and held != draft else draft
