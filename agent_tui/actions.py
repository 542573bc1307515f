"""Everything a person can do at the console, in one registry.

Keymaps, the footer, the help screen and the palette are read off it; a screen supplies the handlers. An action that
submits a command names it, so that the registry of commands and this one can be held against each other.
"""

from collections.abc import Callable, Mapping

import msgspec

from agent_tui import rights
from agent_tui.i18n import N_
from agent_tui.link.model import Desk, Outgoing
from hub.protocol.states import Delivery, State
from hub.protocol.views import Message, Row


class Situation(msgspec.Struct, frozen=True):
    """Where the person is: what an action may depend on. `row` is the conversation that an action would be about."""

    desk: Desk
    row: Row | None = None
    shown: bool = False  # a conversation is shown
    reading: bool = False  # the keyboard is in it, not in the trays
    typed: bool = False  # there is text in the composer
    stuck: Outgoing | Message | None = None  # the first message that failed or is uncertain
    refused: Outgoing | None = None  # the first message that the hub refused
    writable: bool = False  # the composer takes text
    marked: Outgoing | Message | None = None  # the message that is chosen in the thread
    before: bool = False  # another conversation was shown before
    unread: bool = False  # another conversation than `row` has unread lines
    wide: bool = False  # there is room for more than one pane
    undoable: bool = False  # this console has done something that can be taken back
    noting: bool = False  # what is written is a private note
    recallable: bool = False  # a line of mine in the conversation that is shown has not reached the customer yet


Applies = Callable[[Situation], bool]
Handlers = Mapping[str, Callable[[], object]]  # what a screen does, by the id of the action


def always(_: Situation) -> bool:
    return True


def _submits(command: str) -> Applies:
    def applies(at: Situation) -> bool:
        return at.row is not None and rights.may(at.desk, at.row, command)

    return applies


def _rule(command: str) -> Applies:
    """Of what the table of transitions says nothing of."""
    return lambda at: at.row is not None and rights.RULES[command](at.desk, at.row)


def _refused(at: Situation) -> bool:
    return at.refused is not None


class Action(msgspec.Struct, frozen=True):
    """`label` is one or two words for the footer, `noting` those while a note is written, where they differ; `help` a
    sentence for the help page."""

    id: str
    label: str
    help: str
    applies: Applies = always
    command: str = ""
    places: tuple[str, ...] = ()  # where it does something; empty: everywhere
    takes: bool = False  # a text, which is typed after its name in the command line
    noting: str = ""
    asks: bool = False  # where nothing else does it, its arguments are typed in the command line

    def label_in(self, at: Situation) -> str:
        """What it does in this situation, as the footer says it, to be translated."""
        return self.noting if self.noting and at.noting else self.label


TRAY, THREAD, MARK, COMPOSER, SUGGEST, CONFIRM, LIST, LINE, MANAGE, FORM, HELP, NOTICES, JUMP, SESSIONS = (
    "tray", "thread", "mark", "composer", "suggest", "confirm", "list", "line", "shortcuts", "form", "help", "notices",
    "jump", "sessions",
)  # fmt: skip
CONTEXTS: dict[str, str] = {
    TRAY: N_("In the trays"),
    THREAD: N_("Reading a conversation"),
    MARK: N_("Choosing a message"),
    COMPOSER: N_("Writing"),
    SUGGEST: N_("While shortcuts or emoji are listed"),
    LIST: N_("In a list that opened"),
    LINE: N_("In the command line"),
    MANAGE: N_("Among the shortcuts"),
    SESSIONS: N_("Among your sessions"),
    FORM: N_("In a form"),
    NOTICES: N_("Among the notifications"),
    HELP: N_("In the help"),
    JUMP: N_("While letters are shown"),
    CONFIRM: N_("When asked"),
    "global": N_("Everywhere"),
}
DESK = (TRAY, THREAD, COMPOSER)


def _shown(at: Situation) -> bool:
    return at.shown


def _openable(at: Situation) -> bool:
    """What is shown already can only be begun to be served."""
    return at.row is not None and (not at.reading or rights.mine_to_serve(at.desk, at.row))


def _held(at: Situation) -> bool:
    return at.row is not None and at.row.state == State.HELD


def _writable(at: Situation) -> bool:
    """From the trays one goes to the conversation, whatever can be done there."""
    return at.shown and (at.writable or not at.reading)


def _marked(at: Situation) -> bool:
    return at.marked is not None


def _marked_stuck(at: Situation) -> bool:
    if isinstance(at.marked, Outgoing):
        return at.marked.state == "failed"
    return at.marked is not None and at.marked.st in (Delivery.FAILED, Delivery.UNCERTAIN)


_ALL = (
    # the composer
    Action("message.send", N_("send"), N_("Send what is written, or keep it as a note in note mode."),
           lambda at: at.writable and at.typed, "message.send", (COMPOSER,), noting=N_("keep")),
    Action("composer.newline", N_("new line"), N_("Start a new line."), lambda at: at.writable, places=(COMPOSER,)),
    Action("composer.shortcuts", N_("shortcuts"), N_("List the desk's shortcuts: a slash at the beginning of a word."),
           lambda at: at.writable, places=(COMPOSER,)),
    Action("composer.note", N_("note"), N_("Switch between an answer and a private note that no customer ever sees."),
           lambda at: at.row is not None and rights.may_note(at.desk, at.row), "message.note", (COMPOSER, THREAD),
           noting=N_("answer")),
    Action("composer.editor", N_("editor"), N_("Write in your own editor, the one that EDITOR names."),
           lambda at: at.writable, places=(COMPOSER,)),
    Action("composer.emoji", N_("emoji"), N_("Choose an emoji by its name; typing :name lists them too."),
           lambda at: at.writable, places=(COMPOSER,)),
    Action("composer.left", N_("left"), N_("Go a letter to the left."), places=(COMPOSER,)),
    Action("composer.right", N_("right"), N_("Go a letter to the right."), places=(COMPOSER,)),
    Action("composer.up", N_("up"), N_("Go a line up."), places=(COMPOSER,)),
    Action("composer.down", N_("down"), N_("Go a line down."), places=(COMPOSER,)),
    Action("suggest.insert", N_("insert"), N_("Insert what is marked: a shortcut or an emoji."), places=(SUGGEST,)),
    Action("suggest.next", N_("next"), N_("Mark the next one."), places=(SUGGEST,)),
    Action("suggest.previous", N_("previous"), N_("Mark the one before."), places=(SUGGEST,)),
    Action("suggest.close", N_("close"), N_("Close the list."), places=(SUGGEST,)),
    # conversations
    Action("conversation.open", N_("open"), N_("Open the conversation; a pending one of yours begins to be served."),
           _openable, "conversation.open", (TRAY, THREAD)),
    Action("conversation.take", N_("take"), N_("Take the conversation: it becomes yours."),
           _submits("conversation.take"), "conversation.take", DESK),
    Action("conversation.end", N_("end"), N_("End the conversation, after asking."),
           _submits("conversation.end"), "conversation.end", DESK),
    Action("conversation.reopen", N_("reopen"), N_("Reopen an attended conversation."),
           _submits("conversation.reopen"), "conversation.reopen", DESK),
    Action("conversation.requeue", N_("to the queue"),
           N_("Put the conversation back into its queue, for anybody, after asking."),
           _submits("conversation.requeue"), "conversation.requeue", DESK),
    Action("conversation.hold", N_("hold"), N_("Hold the conversation."),
           _submits("conversation.hold"), "conversation.hold", DESK),
    Action("conversation.resume", N_("resume"), N_("Go on with a held conversation."),
           lambda at: _held(at) and _submits("conversation.resume")(at), "conversation.resume", DESK),
    # who else is in it
    Action("conversation.invite", N_("invite"), N_("Invite a colleague to the conversation."),
           _rule("conversation.invite"), "conversation.invite", DESK, asks=True),
    Action("conversation.leave", N_("leave it"), N_("Leave a conversation that is another's, or see a guest out."),
           _rule("conversation.leave"), "conversation.leave", DESK, asks=True),
    Action("conversation.spam", N_("spam"), N_("End the conversation as spam and mute its customer, after asking."),
           _submits("conversation.spam"), "conversation.spam", DESK),
    Action("conversation.unspam", N_("no spam"), N_("Bring back what was no spam, and hear its customer again."),
           _rule("conversation.unspam"), "conversation.unspam", DESK),
    Action("conversation.mute", N_("mute"), N_("Mute the customer, or hear them again."),
           _rule("conversation.mute"), "conversation.mute", DESK),
    Action("conversation.remind", N_("remind"), N_("Be reminded of the conversation: a time, and what of."),
           _rule("conversation.remind"), "conversation.remind", DESK, asks=True),
    Action("message.schedule", N_("send later"), N_("Send a message later: a time, and the text."),
           _rule("message.schedule"), "message.schedule", DESK, asks=True),
    Action("plans", N_("planned"), N_("See what you have scheduled, and take one back to change or cancel it."),
           places=DESK),
    Action("offer.postpone", N_("not now"), N_("Put off an offered conversation; it comes back after a while."),
           _rule("offer.postpone"), "offer.postpone", (TRAY, THREAD)),
    Action("conversation.next", N_("next"), N_("Show the next conversation of the tray."), places=DESK),
    Action("conversation.previous", N_("previous"), N_("Show the previous conversation of the tray."), places=DESK),
    Action("conversation.unread", N_("next unread"), N_("Show the next conversation that has unread lines."),
           lambda at: at.unread, places=DESK),
    Action("conversation.switch", N_("go to"), N_("Go to any conversation by a part of its name, number or id."),
           places=DESK),
    Action("conversation.last", N_("last place"), N_("Go back to the conversation that you were at before."),
           lambda at: at.before, places=DESK),
    Action("message.retry", N_("try again"), N_("Send the first failed or uncertain message again."),
           lambda at: at.stuck is not None, "message.retry", (THREAD, COMPOSER)),
    Action("message.discard", N_("take back"), N_("Take a refused message back into the composer."),
           _refused, places=(THREAD, COMPOSER)),
    Action("message.recall", N_("recall"),
           N_("Take back your newest message while the customer has not got it yet; it is yours to write again."),
           lambda at: at.recallable, "message.recall", (THREAD, COMPOSER)),
    Action("conversation.links", N_("addresses"), N_("List the web addresses that were written, to copy or open one."),
           _shown, places=(THREAD, MARK, COMPOSER)),
    Action("conversation.pipe", N_("hand to a command"),
           N_("Hand the conversation, without private notes, to a command of your shell, and show what it says."),
           _shown, places=DESK, takes=True),
    # one message
    Action("message.select", N_("choose a message"), N_("Choose a message, to quote it, copy it, or send it again."),
           _shown, places=(THREAD, COMPOSER)),
    Action("mark.up", N_("up"), N_("Choose the message above."), _marked, places=(MARK,)),
    Action("mark.down", N_("down"), N_("Choose the message below."), _marked, places=(MARK,)),
    Action("mark.first", N_("first"), N_("Choose the first message that is loaded."), _marked, places=(MARK,)),
    Action("mark.last", N_("last"), N_("Choose the newest message."), _marked, places=(MARK,)),
    Action("mark.leave", N_("leave"), N_("Choose no message any more."), _marked, places=(MARK,)),
    Action("message.quote", N_("quote"), N_("Answer with the chosen message quoted."),
           lambda at: _marked(at) and at.writable, places=(MARK,)),
    Action("message.copy", N_("copy"), N_("Copy the chosen message to the terminal's clipboard."), _marked,
           places=(MARK,)),
    Action("message.copy_all", N_("copy all"),
           N_("Copy the conversation, as far as it is loaded and without private notes, to the terminal's clipboard."),
           _shown, places=(MARK, THREAD)),
    Action("message.retry_this", N_("try again"), N_("Send the chosen message again."), _marked_stuck, "message.retry",
           (MARK,)),
    Action("message.discard_this", N_("take back"), N_("Take the chosen message, which the hub refused, back."),
           lambda at: _marked_stuck(at) and isinstance(at.marked, Outgoing), places=(MARK,)),
    Action("message.shortcut", N_("make a shortcut"), N_("Make a shortcut of the chosen message."),
           lambda at: _marked(at) and rights.granted(at.desk, "shortcut.save"), places=(MARK,)),
    Action(
        "outbox.release",
        N_("send held back"),
        N_("Send what was held back because the hub was restored from an older copy, after asking."),
        lambda at: at.desk.link.review > 0,
    ),
    Action(
        "outbox.drop",
        N_("drop held back"),
        N_("Forget what was held back because the hub was restored from an older copy, after asking."),
        lambda at: at.desk.link.review > 0,
    ),
    # moving about
    Action("tray.pending", N_("Pending"), N_("Show the tray Pending."), places=(TRAY,)),
    Action("tray.in_progress", N_("In progress"), N_("Show the tray In progress."), places=(TRAY,)),
    Action("tray.attended", N_("Attended"), N_("Show the tray Attended."), places=(TRAY,)),
    Action("tray.next", N_("next tray"), N_("Show the tray to the right."), places=(TRAY,)),
    Action("tray.previous", N_("previous tray"), N_("Show the tray to the left."), places=(TRAY,)),
    Action("tray.down", N_("down"), N_("Choose the conversation below."), places=(TRAY,)),
    Action("tray.up", N_("up"), N_("Choose the conversation above."), places=(TRAY,)),
    Action("tray.page_down", N_("page down"), N_("Go a page down in the tray."), places=(TRAY,)),
    Action("tray.page_up", N_("page up"), N_("Go a page up in the tray."), places=(TRAY,)),
    Action("tray.first", N_("first"), N_("Choose the first conversation."), places=(TRAY,)),
    Action("tray.last", N_("last"), N_("Choose the last conversation that is loaded."), places=(TRAY,)),
    Action("thread.up", N_("up"), N_("Scroll up a line."), _shown, places=(THREAD,)),
    Action("thread.down", N_("down"), N_("Scroll down a line."), _shown, places=(THREAD,)),
    Action("thread.page_up", N_("earlier"), N_("Scroll up a page; earlier messages are loaded at the top."), _shown,
           places=(THREAD, COMPOSER)),
    Action("thread.page_down", N_("later"), N_("Scroll down a page."), _shown, places=(THREAD, COMPOSER)),
    Action("thread.start", N_("beginning"), N_("Go to the first message that is loaded."), _shown, places=(THREAD,)),
    Action("thread.end", N_("end of it"), N_("Go to the newest message."), _shown, places=(THREAD,)),
    Action("load", N_("load more"), N_("Load more rows of the tray, or earlier messages."), places=(TRAY, THREAD)),
    Action("write", N_("write"), N_("Go to the composer."), _writable, places=(TRAY, THREAD)),
    Action("read", N_("read"), N_("Go from the composer to the conversation's lines."), _shown, places=(COMPOSER,)),
    Action("pane", N_("other pane"), N_("Go between the tray and the conversation."), _shown, places=DESK),
    Action("back", N_("back"), N_("Go back one step; in the end to the tray."), places=(THREAD, COMPOSER)),
    Action("sheet", N_("sheet"), N_("Show or hide what is known of the customer and their visit."),
           lambda at: at.shown or (at.row is not None and not at.wide), places=DESK),
    Action("jump", N_("letters"), N_("Show a letter over everything in view; typing it goes there."),
           places=(*DESK, MARK, MANAGE, SESSIONS)),
    Action("zoom", N_("zoom"), N_("Give one pane the whole screen, or all of them their own place again."),
           lambda at: at.wide, places=DESK),
    # the desk
    Action("status", N_("status"), N_("Change your status: conversations are pushed to you only while you are online."),
           lambda at: rights.granted(at.desk, "agent.status"), "agent.status"),
    Action("shortcuts", N_("edit shortcuts"), N_("Make, edit and delete shortcuts, yours and the desk's."),
           lambda at: rights.granted(at.desk, "shortcut.save")),
    Action("sessions", N_("my sessions"),
           N_("See where you are signed in, and end what you do not know; password and second factor are there, too."),
           lambda at: rights.granted(at.desk, "session.end")),
    Action("themes", N_("colours"), N_("Choose the colours; what is marked is shown at once.")),
    Action("notices", N_("notifications"), N_("Choose what notifies you, how, and when nothing does.")),
    Action("notify.yes", N_("notify me"), N_("Be notified from now on.")),
    Action("notify.no", N_("don't notify me"), N_("Be notified of nothing any more.")),
    Action("palette", N_("commands"), N_("Find anything that can be done here by its name.")),
    Action("undo", N_("undo"), N_("Take back what you did last: taking, ending, holding, tags, status and the like."),
           lambda at: at.undoable, places=DESK),
    Action("command", N_("command line"), N_("Type a command, like assign, tag, snooze or status.")),
    Action("macro.record", N_("record"),
           N_("Record what you do into a letter; pressed again, it ends. What you write is left out.")),
    Action("macro.play", N_("play"), N_("Play what was recorded into a letter; digits before it say how often."),
           takes=True),
    Action("help", N_("help"), N_("Show the keys that work here.")),
    Action("suspend", N_("stop"), N_("Go back to the shell for a while; fg there brings the console back.")),
    Action("redraw", N_("redraw"), N_("Paint the whole screen again.")),
    Action("quit", N_("quit"), N_("Leave the console, after asking. What was typed is kept.")),
    # small windows
    Action("confirm.yes", N_("yes"), N_("Do it."), places=(CONFIRM,)),
    Action("confirm.no", N_("no"), N_("Leave it."), places=(CONFIRM,)),
    Action("list.down", N_("down"), N_("Go down in the list."), places=(LIST, MANAGE, HELP, NOTICES, SESSIONS)),
    Action("list.up", N_("up"), N_("Go up in the list."), places=(LIST, MANAGE, HELP, NOTICES, SESSIONS)),
    Action("list.page_down", N_("page down"), N_("Go a page down in the list."), places=(LIST, MANAGE, HELP, SESSIONS)),
    Action("list.page_up", N_("page up"), N_("Go a page up in the list."), places=(LIST, MANAGE, HELP, SESSIONS)),
    Action("list.first", N_("first"), N_("Go to the beginning."), places=(HELP,)),
    Action("list.last", N_("last"), N_("Go to the end."), places=(HELP,)),
    Action("help.find", N_("find"), N_("Find a key by what it does: what you type narrows the help."), places=(HELP,)),
    Action("list.choose", N_("choose"), N_("Choose what is marked."), places=(LIST,)),
    Action("list.close", N_("close"), N_("Close without choosing."), places=(LIST, MANAGE, HELP, NOTICES, SESSIONS)),
    Action("jump.leave", N_("leave"), N_("Take the letters away without going anywhere."), places=(JUMP,)),
    Action("line.run", N_("do it"), N_("Do what the line says."), places=(LINE,)),
    Action("line.complete", N_("complete"), N_("Put in the next thing that the line may become."), places=(LINE,)),
    Action("line.complete_back", N_("back"), N_("Put in the one before."), places=(LINE,)),
    Action("line.older", N_("earlier"), N_("Bring back the line before."), places=(LINE,)),
    Action("line.newer", N_("later"), N_("Bring back the line after."), places=(LINE,)),
    Action("line.close", N_("leave"), N_("Leave the line without doing anything."), places=(LINE,)),
    Action("notify.turn", N_("change"), N_("Change what is marked: on or off, or to the next that it may be."),
           places=(NOTICES,)),
    Action("notify.side", N_("bell or desktop"), N_("Go between the bell and the desktop."), places=(NOTICES,)),
    Action("notify.test", N_("try it"), N_("Be notified once, to see what this terminal makes of it."),
           places=(NOTICES,)),
    Action("shortcut.new", N_("new"), N_("Make a shortcut."), command="shortcut.save", places=(MANAGE,)),
    Action("shortcut.edit", N_("edit"), N_("Edit the marked shortcut."), command="shortcut.save", places=(MANAGE,)),
    Action("shortcut.delete", N_("delete"), N_("Delete the marked shortcut, after asking."),
           command="shortcut.delete", places=(MANAGE,)),
    Action("session.end", N_("end"), N_("End the marked session, after asking: its console is signed out."),
           command="session.end", places=(SESSIONS,)),
    Action("session.end_others", N_("end all others"), N_("End all your sessions but this one, after asking."),
           command="session.end_others", places=(SESSIONS,)),
    Action("account.password", N_("password"), N_("Give yourself a new password; you are signed out everywhere."),
           places=(SESSIONS,)),
    Action("account.factor", N_("second factor"), N_("Turn your second factor on or off."), places=(SESSIONS,)),
    Action("form.keep", N_("save"), N_("Do what the form is for."), places=(FORM,)),
    Action("form.next", N_("next field"), N_("Go to the next field."), places=(FORM,)),
    Action("form.previous", N_("previous field"), N_("Go to the field before."), places=(FORM,)),
    Action("form.close", N_("cancel"), N_("Close without saving."), places=(FORM,)),
)  # fmt: skip
ACTIONS: dict[str, Action] = {action.id: action for action in _ALL}


def called(name: str) -> Action:
    """The action by its id; a macro that was written goes by `macro.` and its name."""
    return ACTIONS[name] if name in ACTIONS else Action(name, name.partition(".")[2], N_("Play the macro."))
