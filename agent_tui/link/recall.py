"""Taking back what the customer has not got yet: a line that has not left, or one that the hub still holds back.

A line that was never on a link is simply taken out of the outbox. Any other is asked back from the hub under the key
that sent it, so that it makes no difference whether it is on its way, was taken without the answer having come, or is
held: the command follows the line through the outbox. What was typed is kept with that command and becomes a draft
again, durably, once the hub has let go of the line; where it is too late the hub says so and nothing comes back.
"""

from itertools import islice

from agent_tui import text
from agent_tui.link.mirror import Mirror
from agent_tui.link.model import Outgoing
from agent_tui.link.outbox import RECALL, Entry
from agent_tui.link.sender import Sender
from hub.protocol import commands, views
from hub.protocol.states import Delivery

NEWEST = 50  # messages that are looked through: what is held back is among the last


class Recalls:
    def __init__(self, mirror: Mirror, sender: Sender) -> None:
        self._mirror = mirror
        self._sender = sender

    def possible(self, conversation: int) -> bool:
        return self._newest(conversation) is not None

    def take_back(self, conversation: int, at: int) -> Outgoing | None:
        """Take back my newest line. Returns it where it was still here; otherwise its text comes back as a draft."""
        newest = self._newest(conversation)
        if isinstance(newest, Entry) and not newest.tried:
            self._sender.take_out(newest)
            line = newest.shown()
            line.body = text.own(newest.body)
            return line
        if newest is not None:
            body = newest.body if isinstance(newest, Entry) else newest.b
            self._sender.submit(RECALL, commands.Recall(conversation=conversation, key=newest.key), at, body)
        return None

    def _newest(self, conversation: int) -> Entry | views.Message | None:
        me, held = self._mirror.me, self._mirror.held.get(conversation)
        entries = self._sender.outbox.of(conversation)
        asked = {entry.asks_back for entry in entries}
        may = me is not None and me.recall > 0
        for entry in reversed(entries):
            waits = entry.is_line and entry.state in ("queued", "sent") and entry.key not in asked
            if waits and (not entry.tried or (may and entry.name == "message.send")):
                return entry
        if me is None or held is None:
            return None
        for message in islice(reversed(held.thread.messages), NEWEST):
            if message.st == Delivery.HELD and message.by == me.agent and message.key not in asked:
                return message
        return None
