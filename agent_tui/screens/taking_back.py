"""Taking back one's newest message, as long as the customer has not got it, and what one did last; and what the hub has
given back, because it could not be done."""

from typing import TYPE_CHECKING

from agent_tui import names, refusals
from agent_tui.actions import Handlers
from agent_tui.i18n import N_, _, ngettext
from agent_tui.link.drafts import merged
from agent_tui.link.model import CommandDone, CommandRefused, DraftChanged, Undone
from agent_tui.screens.marking import refused_words
from agent_tui.text import body as harmless_body
from agent_tui.widgets.composer import NOTED
from hub.protocol import bulk

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen

DEEDS = {  # what was done, by the command that did it
    "conversation.take": N_("take"),
    "conversation.assign": N_("assign"),
    "conversation.requeue": N_("to the queue"),
    "conversation.hold": N_("hold"),
    "conversation.resume": N_("resume"),
    "conversation.snooze": N_("set aside"),
    "conversation.topics": N_("topics"),
    "conversation.end": N_("end"),
    "conversation.reopen": N_("reopen"),
    "conversation.tag": N_("tags"),
    "conversation.spam": N_("spam"),
    "conversation.mute": N_("mute"),
    "agent.status": N_("status"),
}
SENTENCES = {
    "undone": (N_("Undone: {deed}."), "good"),
    "waiting": (N_("Not yet to be undone: {deed}. The hub has not answered."), "wait"),
    "moved_on": (N_("Can't be undone any more: {deed}. The desk has moved on since."), "wait"),
}


class _Many:
    """What is being taken back from many, until all of it is answered."""

    def __init__(self, undone: Undone) -> None:
        self.undone = undone
        self.open = {*undone.keys}
        self.done = 0
        self.refused: list[bulk.RowRefused] = []

    def hear(self, change: CommandDone | CommandRefused) -> bool:
        """Whether that was the last answer, and something was refused."""
        if change.key not in self.open:
            return False
        self.open.remove(change.key)
        if isinstance(change, CommandDone):
            self.done += int(change.result.get("done") or 0)
            self.refused += bulk.refused_rows(change.result)
        return not self.open and bool(self.refused)


class TakingBack:
    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self._many: list[_Many] = []
        self.handlers: Handlers = {"message.recall": self.recall, "undo": self.undo}

    @property
    def recallable(self) -> bool:
        shown = self.screen.shown
        return shown is not None and self.screen.desk.recallable(shown)

    def recall(self) -> None:
        """What had not left comes back at once; the rest when the hub has let go of it."""
        screen = self.screen
        if screen.shown is None:
            return
        taken = screen.desk.recall(screen.shown)
        if taken is not None:
            screen.moves.bring_back(taken)
        else:
            screen.modes.write()

    def given_back(self, change: DraftChanged) -> None:
        """The draft is another now: go on with it, and with what was typed while it became so."""
        screen, composer = self.screen, self.screen.conversation.composer
        typed = harmless_body(composer.draft)
        if typed != change.was:
            screen.desk.save_draft(change.conversation, merged(typed, screen.desk.draft(change.conversation)))
        composer.follow()
        screen.conversation.settle(screen.serving)

    def refused(self, change: CommandRefused) -> None:
        """Say what could not be done and why; what was typed is a draft again."""
        screen = self.screen
        screen.serving.settled(change.key)
        self._heard(change)
        row = screen.desk.row(change.conversation) if change.conversation else None
        say = refusals.sentence if row is None else refusals.clause
        words = say(screen.desk, change.code, field=change.field, detail=change.detail)
        if row is not None:
            words = f"{names.customer(row)} #{row.id}: {words}"
        if change.draft:
            self._give_back(change)
            words += " " + _("What you typed is a draft again.")
        screen.notice.say(words)
        if change.conversation == screen.shown:
            screen.conversation.update(screen.serving)

    def _give_back(self, change: CommandRefused) -> None:
        """The draft holds what was typed already; what was a note must not come back as an answer."""
        screen = self.screen
        kept = screen.desk.draft(change.conversation)
        if change.name == "message.note" and not kept.startswith(NOTED):
            screen.desk.save_draft(change.conversation, NOTED + kept)
        if change.conversation == screen.shown:
            screen.conversation.composer.take_up(change.conversation)
            screen.conversation.settle(screen.serving)

    def undo(self) -> None:
        undone = self.screen.desk.undo()
        if undone.keys:
            self._many.append(_Many(undone))
        self.say(undone)

    def done(self, change: CommandDone) -> None:
        self.screen.serving.settled(change.key)
        self.screen.handing.done(change)
        self._heard(change)

    def _heard(self, change: CommandDone | CommandRefused) -> None:
        """Of what was taken back from many, say what the hub refused of it once all is answered."""
        for many in [one for one in self._many if one.hear(change)]:
            words = _("Undone: {deed}, {n} of {of}").format(
                deed=_(DEEDS[many.undone.name]), n=many.done, of=many.undone.of
            )
            self.screen.notice.say(f"{words}; {refused_words(self.screen.desk, many.refused)}", "wait")
        self._many = [one for one in self._many if one.open]

    def _say_many(self, undone: Undone) -> None:
        words, role = SENTENCES[undone.state]
        n = undone.of
        deed = f"{_(DEEDS[undone.name])}, " + ngettext("{n} conversation", "{n} conversations", n).format(n=n)
        words = _(words).format(deed=deed)
        if undone.state == "undone" and undone.each < undone.of:
            left, role = undone.of - undone.each, "wait"
            words += " " + ngettext("{n} has moved on since.", "{n} have moved on since.", left).format(n=left)
        self.screen.notice.say(words, role)

    def say(self, undone: Undone) -> None:
        if undone.of:
            self._say_many(undone)
            return
        words, role = SENTENCES[undone.state]
        deed = _(DEEDS[undone.name])
        row = self.screen.desk.row(undone.conversation) if undone.conversation else None
        if row is not None:
            deed = f"{deed} ({names.customer(row)})"
        self.screen.notice.say(_(words).format(deed=deed), role)
