"""What one does with a conversation, as commands: take, end, reopen, requeue, hold, resume, read, try again."""

from collections.abc import Callable

from agent_tui import names, rights
from agent_tui.actions import Handlers
from agent_tui.i18n import _, ngettext
from agent_tui.link.model import Desk, Outgoing
from agent_tui.widgets.cells import cut
from hub.protocol import commands
from hub.protocol.states import Delivery
from hub.protocol.views import Message, Row, Submission

NAMED = 18  # cells of a customer's name in a question, so that the rest of it fits into the narrowest footer


class Serving:
    """`row` tells which conversation is meant; `ask` puts a question and calls back on yes."""

    def __init__(
        self,
        desk: Desk,
        row: Callable[[], Row | None],
        ask: Callable[[str, Callable[[], object]], None],
    ) -> None:
        self.desk, self.row, self.ask = desk, row, ask
        self.opening: dict[int, str] = {}  # conversations that are being opened, with the key of the command
        self._read: dict[int, int] = {}  # the last message that was reported as read
        self.handlers: Handlers = {
            "conversation.take": self.take,
            "conversation.end": self.end,
            "conversation.requeue": self.requeue,
            "conversation.hold": lambda: self._submit("conversation.hold", commands.Hold),
            "conversation.resume": lambda: self._submit("conversation.resume", commands.Resume),
            "outbox.release": self.release,
            "outbox.drop": self.drop,
        }

    def _submit(self, name: str, args: type[commands.OnConversation]) -> None:
        row = self.row()
        if row is not None:
            self.desk.submit(name, args(conversation=row.id))

    def take(self) -> None:
        self._submit("conversation.take", commands.Take)

    def end(self, filled: Submission | None = None) -> None:
        """With what was filled in of its form: that may have been for a leg before this one."""
        row = self.row()
        if row is None:
            return
        words = _("End the conversation with {name}?").format(name=cut(names.customer(row), NAMED))
        if self.desk.draft(row.id).strip():
            words += " " + _("Its draft stays.")
        self.ask(words, lambda: self._end(row.id, filled))

    def _end(self, conversation: int, filled: Submission | None) -> None:
        args = commands.End(conversation=conversation)
        if filled is not None:
            args.version, args.values = filled.version, filled.values
        self.desk.submit("conversation.end", args)

    def requeue(self) -> None:
        row = self.row()
        if row is not None:
            words = _("Put {name} back into the queue?").format(name=cut(names.customer(row), NAMED))
            args = commands.Requeue(conversation=row.id)
            self.ask(words, lambda: self.desk.submit("conversation.requeue", args))

    def open(self, row: Row) -> None:
        """Begin to serve a pending conversation of mine; anybody else's is only looked at."""
        if rights.mine_to_serve(self.desk, row) and row.id not in self.opening:
            self.opening[row.id] = self.desk.submit("conversation.open", commands.Open(conversation=row.id))

    def reopen(self, row: Row) -> None:
        if row.id not in self.opening:
            self.opening[row.id] = self.desk.submit("conversation.reopen", commands.Reopen(conversation=row.id))

    def settled(self, key: str) -> None:
        """The command by that key was answered, either way."""
        self.opening = {conversation: one for conversation, one in self.opening.items() if one != key}

    def may_answer(self, row: Row) -> bool:
        """Whether an answer may be written: the hub takes commands in order, so also while the opening is under way."""
        return rights.may_answer(self.desk, row) or row.id in self.opening

    def say(self, conversation: int, text: str, *, note: bool) -> None:
        if note:
            self.desk.submit("message.note", commands.Note(conversation=conversation, body=text))
        else:
            args = commands.Send(conversation=conversation, body=text, seen=self._last_line(conversation))
            self.desk.submit("message.send", args)

    def _last_line(self, conversation: int) -> int | None:
        """The customer's last line that this console knows of; None where it can't know: what is written on a dead link
        goes out when it is back, whatever the customer has written meanwhile."""
        thread, link = self.desk.thread(conversation), self.desk.link
        if thread is None or not thread.loaded or link.phase != "online" or link.stale:
            return None
        return max((line.id for line in thread.messages if line.d == "in"), default=None)

    def read(self, row: Row) -> None:
        """Tell the hub that its owner, or whom a note mentions, has read a conversation; whoever only looks leaves no
        mark, nor who reads what they handed on."""
        thread = None if rights.only_seen(row) else self.desk.thread(row.id)
        mentioned = self.desk.me is not None and self.desk.me.agent in row.unseen
        if thread is None or not thread.messages or not (mentioned or (row.un and rights.mine(self.desk, row))):
            return
        last = thread.messages[-1].id
        if self._read.get(row.id) != last:
            self._read[row.id] = last
            self.desk.submit("conversation.read", commands.Read(conversation=row.id, message=last))

    def release(self) -> None:
        n = self.desk.link.review
        words = ngettext(
            "Send {n} that was held back? Look for doubles.", "Send {n} that were held back? Look for doubles.", n
        )
        self.ask(words.format(n=n), self.desk.release_review)

    def drop(self) -> None:
        n = self.desk.link.review
        words = ngettext("Forget {n} that was held back, for good?", "Forget {n} that were held back, for good?", n)
        self.ask(words.format(n=n), self.desk.drop_review)

    def stuck(self, conversation: int | None) -> Outgoing | Message | None:
        """The first message that failed or may not have arrived; what the hub refused comes after what it took."""
        thread = self.desk.thread(conversation) if conversation is not None else None
        if thread is None:
            return None
        failed = (m for m in thread.messages if m.d == "out" and m.st in (Delivery.FAILED, Delivery.UNCERTAIN))
        return next(failed, None) or self.refused(conversation)

    def refused(self, conversation: int | None) -> Outgoing | None:
        """The first message that the hub refused."""
        thread = self.desk.thread(conversation) if conversation is not None else None
        return next((one for one in thread.outgoing if one.state == "failed"), None) if thread is not None else None

    def retry(self, stuck: Outgoing | Message) -> None:
        if isinstance(stuck, Outgoing):
            self.desk.retry(stuck.key)
        else:
            self.desk.submit("message.retry", commands.Retry(message=stuck.id))
