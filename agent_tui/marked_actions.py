"""What marks conversations in a tray, and when what is done to all that are marked can be done. `actions` counts these
among its own."""

from agent_tui import rights
from agent_tui.action import TRAY, Action, Applies, Situation
from agent_tui.i18n import N_


def of_all(verb: str, one: Applies) -> Applies:
    """About all that are marked where some are, of which each may refuse; otherwise as it is about one."""
    return lambda at: rights.granted(at.desk, verb) if at.many else one(at)


def _chosen(at: Situation) -> bool:
    return at.row is not None


MARKING = (
    Action("tray.clear", N_("clear"), N_("Take the marks away; where there are none, the filter."),
           lambda at: bool(at.many) or at.filtered, places=(TRAY,)),
    Action("tray.mark", N_("mark"),
           N_("Mark it, or unmark it: assign, transfer, end, spam, :tag and :snooze are then about all marked."),
           _chosen, "conversation.bulk", (TRAY,)),
    Action("tray.mark_range", N_("mark up to here"), N_("Mark all from the one that was marked last to this one."),
           _chosen, places=(TRAY,)),
    Action("tray.mark_all", N_("mark all"), N_("Mark all that the tray holds, up to 200."), _chosen, places=(TRAY,)),
)  # fmt: skip
