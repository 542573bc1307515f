"""What waits to happen in a conversation, a quiet line each: when, what, by whom, and the key to change one's own."""

from collections.abc import Iterator, Sequence

from agent_tui import moments, names
from agent_tui.glyphs import drawn
from agent_tui.i18n import N_, _, ngettext
from agent_tui.link.model import Desk
from agent_tui.widgets.cells import width
from agent_tui.widgets.paint import Line, Palette
from hub.protocol.views import Plan

MOST = 5  # lines; the list of the key has them all
LEAST = 30  # cells that the words keep beside the key
SIGN = "◷ "
KINDS = {"message": N_("goes out"), "reminder": N_("reminder")}


def plan_lines(desk: Desk, palette: Palette, cells: int, plans: Sequence[Plan], key: str) -> Iterator[Line]:
    me = desk.me.agent if desk.me else None
    for plan in plans[:MOST]:
        line = Line(cells, palette)
        words = _("{key} change").format(key=key)
        if key and plan.by == me and cells - width(words) >= LEAST:
            line.right("  ").right(words, "quiet").right("  ")
        when = moments.ahead(plan.due, desk.now, names.zone(desk))
        who = names.first(names.agent(desk, plan.by))
        kind = _(KINDS[plan.kind]) if plan.kind in KINDS else plan.kind
        line.put("  ").put(drawn(SIGN), "wait").put(when, "quiet", bold=True)
        said = " ".join(plan.b.split())
        yield line.put(drawn(" · ") + f"{kind}{drawn(' · ')}{who}" + (f": {said}" if said else ""), "quiet")
    left = len(plans) - MOST
    if left > 0:
        yield (
            Line(cells, palette).put("    ").put(ngettext("and {n} more", "and {n} more", left).format(n=left), "quiet")
        )
