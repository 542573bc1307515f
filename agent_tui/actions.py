"""Everything a person can do at the console, in one registry.

Keymaps, the footer, the help screen and the palette are read off it; a screen supplies the handlers. An action that
submits a command names it, so that the registry of commands and this one can be held against each other.
"""

from agent_tui import filling, rights
from agent_tui.action import COMPOSER as COMPOSER
from agent_tui.action import CONFIRM as CONFIRM
from agent_tui.action import CONTEXTS as CONTEXTS
from agent_tui.action import DESK as DESK
from agent_tui.action import EDITING as EDITING
from agent_tui.action import FIELD as FIELD
from agent_tui.action import FILLING as FILLING
from agent_tui.action import FILTER as FILTER
from agent_tui.action import FORM as FORM
from agent_tui.action import HELP as HELP
from agent_tui.action import JUMP as JUMP
from agent_tui.action import LINE as LINE
from agent_tui.action import LIST as LIST
from agent_tui.action import LISTS as LISTS
from agent_tui.action import MANAGE as MANAGE
from agent_tui.action import MANY as MANY
from agent_tui.action import MARK as MARK
from agent_tui.action import NOTICES as NOTICES
from agent_tui.action import REPORT as REPORT
from agent_tui.action import SEARCH as SEARCH
from agent_tui.action import SESSIONS as SESSIONS
from agent_tui.action import SETTINGS as SETTINGS
from agent_tui.action import SUGGEST as SUGGEST
from agent_tui.action import TABLE as TABLE
from agent_tui.action import THREAD as THREAD
from agent_tui.action import TRAY as TRAY
from agent_tui.action import Action as Action
from agent_tui.action import Applies as Applies
from agent_tui.action import Handlers as Handlers
from agent_tui.action import Situation as Situation
from agent_tui.action import always as always
from agent_tui.i18n import N_
from agent_tui.link.model import Outgoing
from agent_tui.marked_actions import of_all
from agent_tui.tray_actions import OF_TRAYS
from hub.protocol.states import Delivery, State


def _submits(command: str) -> Applies:
    def applies(at: Situation) -> bool:
        return at.row is not None and rights.may(at.desk, at.row, command)

    return applies


def _rule(command: str) -> Applies:
    """Of what the table of transitions says nothing of."""
    return lambda at: at.row is not None and rights.RULES[command](at.desk, at.row)


def _refused(at: Situation) -> bool:
    return at.refused is not None


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


def _markable(at: Situation) -> bool:
    """As the hub has it: who has it, works in its queue, or manages, as long as it lives."""
    row, desk = at.row, at.desk
    if row is None or row.hid or row.state == State.CLOSED or not rights.granted(desk, "conversation.serve"):
        return False
    return rights.mine(desk, row) or rights.member(desk, row) or rights.granted(desk, "conversation.manage")


def _assignable(at: Situation) -> bool:
    return _submits("conversation.assign")(at) or (_markable(at) and bool(at.desk.teams))


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
           of_all("conversation.serve", _submits("conversation.end")), "conversation.end", DESK),
    Action("conversation.reopen", N_("reopen"), N_("Reopen an attended conversation."),
           _submits("conversation.reopen"), "conversation.reopen", DESK),
    Action("conversation.requeue", N_("to the queue"),
           N_("Put the conversation back into its queue, for anybody, after asking."),
           _submits("conversation.requeue"), "conversation.requeue", DESK),
    Action("conversation.transfer", N_("transfer"),
           N_("Hand the conversation on to a queue, or to an agent of one, with a comment if you like."),
           of_all("conversation.serve", _submits("conversation.transfer")), "conversation.transfer", DESK),
    Action("conversation.assign", N_("assign"), N_("Give the conversation to an agent, to a team, or to yourself."),
           of_all("conversation.manage", _assignable), "conversation.assign", (TRAY, THREAD)),
    Action("conversation.priority", N_("priority"), N_("Say how urgent it is: the most urgent is handed out first."),
           _markable, "conversation.priority", (TRAY, THREAD)),
    Action("search", N_("search"), N_("Look for words in all that was written, and for people by name and number."),
           lambda at: rights.granted(at.desk, "conversation.see"), places=(*DESK, TABLE)),
    Action("search.look", N_("search"), N_("Look for what is typed."), places=(SEARCH,)),
    Action("search.results", N_("results"), N_("Go to what was found."), places=(SEARCH,)),
    Action("story", N_("why here"), N_("See what happened to the conversation, and why it came to whom it came."),
           lambda at: at.row is not None and not at.row.hid, places=(TRAY, THREAD)),
    Action("history", N_("history"), N_("Read and search what this contact came with before."),
           lambda at: at.row is not None and not at.row.hid, places=(TRAY, THREAD)),
    Action("matches", N_("matches"), N_("See who else has the contact's number, e-mail, document or nearly the name."),
           lambda at: at.row is not None and not at.row.hid, places=(TRAY, THREAD)),
    Action("conversation.form", N_("form"), N_("Fill in the form and the topics of the conversation."),
           lambda at: at.row is not None and filling.fillable(at.desk, at.row) and filling.asks(at.desk, at.row),
           "form.fill", DESK),
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
           of_all("conversation.serve", _submits("conversation.spam")), "conversation.spam", DESK),
    Action("conversation.unspam", N_("no spam"), N_("Bring back what was no spam, and hear its customer again."),
           _rule("conversation.unspam"), "conversation.unspam", DESK),
    Action("conversation.mute", N_("mute"), N_("Mute the customer, or hear them again."),
           _rule("conversation.mute"), "conversation.mute", DESK),
    Action("conversation.contact", N_("save contact"), N_("Add to the contacts: save who this is under a name."),
           _rule("conversation.contact"), "conversation.contact", DESK, asks=True),
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
           _shown, places=DESK, takes=N_("command")),
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
    *OF_TRAYS,
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
           places=(*DESK, MARK, MANAGE, SESSIONS, TABLE, EDITING, REPORT, SETTINGS)),
    Action("zoom", N_("zoom"), N_("Give one pane the whole screen, or all of them their own place again."),
           lambda at: at.wide, places=DESK),
    # the desk
    Action("status", N_("status"), N_("Change your status: conversations are pushed to you only while you are online."),
           lambda at: rights.granted(at.desk, "agent.status"), "agent.status"),
    Action("intake", N_("pause"), N_("Be given nothing new, or be given work again."),
           lambda at: rights.granted(at.desk, "agent.status"), "agent.intake"),
    Action("shortcuts", N_("edit shortcuts"), N_("Make, edit and delete shortcuts, yours and the desk's."),
           lambda at: rights.granted(at.desk, "shortcut.save")),
    Action("forms", N_("edit forms"), N_("Change what a queue asks about its conversations."),
           lambda at: rights.granted(at.desk, "queue.manage")),
    Action("sessions", N_("my sessions"),
           N_("See where you are signed in, and end what you do not know; password and second factor are there, too."),
           lambda at: rights.granted(at.desk, "session.end")),
    Action("reports", N_("reports"),
           N_("See what was transferred and attended to in a period, and save it for a spreadsheet."),
           lambda at: rights.granted(at.desk, "report.see")),
    Action("manage", N_("desk settings"),
           N_("See and change queues, teams, branches, departments, and how much each agent may have in hand."),
           lambda at: rights.granted(at.desk, "queue.manage")),
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
           takes=N_("letter")),
    Action("help", N_("help"), N_("Show the keys that work here.")),
    Action("suspend", N_("stop"), N_("Go back to the shell for a while; fg there brings the console back.")),
    Action("redraw", N_("redraw"), N_("Paint the whole screen again.")),
    Action("quit", N_("quit"), N_("Leave the console, after asking. What was typed is kept.")),
    # small windows
    Action("confirm.yes", N_("yes"), N_("Do it."), places=(CONFIRM,)),
    Action("confirm.no", N_("no"), N_("Leave it."), places=(CONFIRM,)),
    Action("list.down", N_("down"), N_("Go down in the list."), places=LISTS),
    Action("list.up", N_("up"), N_("Go up in the list."), places=LISTS),
    Action("list.page_down", N_("page down"), N_("Go a page down in the list."), places=LISTS),
    Action("list.page_up", N_("page up"), N_("Go a page up in the list."), places=LISTS),
    Action("list.first", N_("first"), N_("Go to the beginning."), places=(HELP,)),
    Action("list.last", N_("last"), N_("Go to the end."), places=(HELP,)),
    Action("help.find", N_("find"), N_("Find a key by what it does: what you type narrows the help."), places=(HELP,)),
    Action("list.choose", N_("choose"), N_("Choose what is marked."), places=(LIST, TABLE)),
    Action("list.aside", N_("with a comment"), N_("Put what is marked into the command line, to go on typing there."),
           places=(LIST,)),
    Action("list.close", N_("close"), N_("Close without choosing."), places=(*LISTS, SEARCH)),
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
    Action("field.new", N_("new"), N_("Add a field to the form."), places=(EDITING,)),
    Action("field.edit", N_("edit"), N_("Change the marked field."), places=(EDITING,)),
    Action("field.delete", N_("delete"), N_("Take the marked field out of the form."), places=(EDITING,)),
    Action("field.up", N_("up"), N_("Put the marked field before the one above it."), places=(EDITING,)),
    Action("field.down", N_("down"), N_("Put the marked field after the one below it."), places=(EDITING,)),
    Action("fields.topics", N_("topics"), N_("Change the topics of the queue, as an outline."), command="topic.save",
           places=(EDITING,)),
    Action("fields.save", N_("save"), N_("Save the form: conversations are asked it from now on."), command="form.save",
           places=(EDITING,)),
    Action("form.end", N_("end"), N_("End the conversation with what is filled in, after asking."),
           places=(FILLING,)),
    Action("form.transfer", N_("transfer"), N_("Leave the form, and hand the conversation on."),
           _submits("conversation.transfer"), places=(FILLING,)),
    Action("report.open", N_("legs"), N_("See the legs of the marked conversation, with who had it and the comments."),
           places=(REPORT,)),
    Action("report.turn", N_("other report"), N_("Go between transfers and attentions."), places=(REPORT,)),
    Action("report.earlier", N_("longer ago"), N_("Yesterday, this week, this month."), places=(REPORT,)),
    Action("report.later", N_("nearer"), N_("Back towards today."), places=(REPORT,)),
    Action("report.queue", N_("queue"), N_("See only what was of one queue."), places=(REPORT,)),
    Action("report.agent", N_("agent"), N_("See only what was of one agent."),
           lambda at: rights.granted(at.desk, "report.see", beyond_own=True), places=(REPORT,)),
    Action("report.clear", N_("no filter"), N_("See all queues and everybody again."), places=(REPORT,)),
    Action("report.again", N_("ask again"), N_("Ask the hub how it is now."), places=(REPORT,)),
    Action("report.export", N_("save"), N_("Save what the filters let through for a spreadsheet, as CSV."),
           places=(REPORT,), takes=N_("file")),
    Action("settings.edit", N_("edit"), N_("Change what is marked."), places=(SETTINGS,)),
    Action("settings.new", N_("new"), N_("Make a queue, a team, a branch or a department."), places=(SETTINGS,)),
    Action("field.choose", N_("choose"), N_("Choose what stands in the field."), places=(FIELD,)),
    Action("several.turn", N_("mark"), N_("Put a mark on it, or take it away."), places=(MANY,)),
    Action("several.done", N_("done"), N_("Close the list; what is marked stays marked."), places=(MANY,)),
    Action("form.keep", N_("save"), N_("Do what the form is for."), places=(FORM,)),
    Action("form.next", N_("next field"), N_("Go to the next field."), places=(FORM, FILLING)),
    Action("form.previous", N_("previous field"), N_("Go to the field before."), places=(FORM, FILLING)),
    Action("form.close", N_("cancel"), N_("Close without saving."), places=(FORM,)),
)  # fmt: skip
ACTIONS: dict[str, Action] = {action.id: action for action in _ALL}


def called(name: str) -> Action:
    """The action by its id; a macro that was written goes by `macro.` and its name."""
    return ACTIONS[name] if name in ACTIONS else Action(name, name.partition(".")[2], N_("Play the macro."))
