"""What goes from tray to tray, filters and orders one, and moves about in it. `actions` counts these among its own."""

from agent_tui import rights
from agent_tui.action import FILTER, TRAY, Action
from agent_tui.i18n import N_
from agent_tui.marked_actions import MARKING

OF_TRAYS = (
    Action("tray.pending", N_("Pending"), N_("Show the tray Pending."), places=(TRAY,)),
    Action("tray.in_progress", N_("In progress"), N_("Show the tray In progress."), places=(TRAY,)),
    Action("tray.attended", N_("Attended"), N_("Show the tray Attended."), places=(TRAY,)),
    Action("tray.awaiting", N_("awaiting"), N_("Show all that waits for somebody or for an answer."), places=(TRAY,)),
    Action("tray.mine", N_("Mine"), N_("Show the tray Mine: what is with you."), places=(TRAY,)),
    Action("tray.unassigned", N_("Unassigned"), N_("Show the tray Unassigned: what waits without an agent."),
           places=(TRAY,)),
    Action("tray.mentions", N_("Mentions"), N_("Show the tray Mentions: notes that name you, not seen yet."),
           places=(TRAY,)),
    Action("tray.snoozed", N_("Snoozed"), N_("Show the tray Snoozed."), places=(TRAY,)),
    Action("tray.spam", N_("Spam"), N_("Show the tray Spam."), places=(TRAY,)),
    Action("tray.comments", N_("Comments"), N_("Show the tray Comments."), places=(TRAY,)),
    Action("tray.choose", N_("trays"), N_("Go to any tray by a part of its name: teams' and saved ones, too."),
           places=(TRAY,)),
    Action("tray.filter", N_("filter"),
           N_("Filter the tray as you type, like queue:sales tag:vip -agent:me waiting:>10m."),
           places=(TRAY,), takes=N_("filter")),
    *MARKING,
    Action("tray.sort", N_("order"), N_("Choose the order of the tray; it is remembered."), places=(TRAY,)),
    Action("tray.save", N_("save tray"), N_("Save what is shown, its filter and order, as a tray under a name."),
           lambda at: rights.granted(at.desk, "tray.save"), "tray.save", (TRAY,), takes=N_("name")),
    Action("tray.share", N_("share tray"),
           N_("Share the saved tray that is shown: with a team, everybody, or nobody any more."),
           lambda at: at.saved, places=(TRAY,), takes=N_("with whom")),
    Action("tray.delete", N_("delete tray"), N_("Delete the saved tray that is shown, after asking."),
           lambda at: at.saved, "tray.delete", (TRAY,)),
    Action("filter.keep", N_("to the list"), N_("Keep the filter and go to the list."), places=(FILTER,)),
    Action("filter.clear", N_("no filter"), N_("Take the filter away and go to the list."), places=(FILTER,)),
    Action("filter.complete", N_("complete"), N_("Put in the next thing that the word may become."), places=(FILTER,)),
    Action("filter.complete_back", N_("back"), N_("Put in the one before."), places=(FILTER,)),
    Action("tray.next", N_("next tray"), N_("Show the tray to the right."), places=(TRAY,)),
    Action("tray.previous", N_("previous tray"), N_("Show the tray to the left."), places=(TRAY,)),
    Action("tray.down", N_("down"), N_("Choose the conversation below."), places=(TRAY,)),
    Action("tray.up", N_("up"), N_("Choose the conversation above."), places=(TRAY,)),
    Action("tray.page_down", N_("page down"), N_("Go a page down in the tray."), places=(TRAY,)),
    Action("tray.page_up", N_("page up"), N_("Go a page up in the tray."), places=(TRAY,)),
    Action("tray.first", N_("first"), N_("Choose the first conversation."), places=(TRAY,)),
    Action("tray.last", N_("last"), N_("Choose the last conversation that is loaded."), places=(TRAY,)),
)  # fmt: skip
