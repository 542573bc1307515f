"""The top line: where I am, how I am, what waits in the queues, the hour."""

from collections import Counter

from agent_tui import moments
from agent_tui.glyphs import drawn
from agent_tui.handed import bars
from agent_tui.i18n import _, named
from agent_tui.names import STATUSES, zone
from agent_tui.widgets.cells import width
from agent_tui.widgets.paint import Line
from agent_tui.widgets.painted import Painted
from hub.protocol.states import State


class TopLine(Painted):
    DEFAULT_CSS = """
    TopLine { height: 1; dock: top; background: $b-panel; }
    """

    def paint(self, y: int) -> Line:
        desk = self.desk
        line = self.line("panel").put(" ").put("Bandeja", "accent", bold=True)
        wide = self.size.width >= 100
        if desk.me and desk.me.entity and wide:
            line.put("  ").put(desk.me.entity, "quiet")
        me = desk.agents.get(desk.me.agent) if desk.me else None
        line.right(" ").right(moments.clock(desk.now, zone(desk)), "quiet").right("   ")
        if me:
            glyph, role, label = STATUSES.get(me.status, ("?", "quiet", me.status))
            line.put("   ").put(drawn(glyph), role).put(" ").put(_(label), "strong").put(" ")
            line.put(moments.span(desk.now - me.since), "quiet")
            barred = bars(desk, short=not wide)
            if barred and width(barred) + 4 <= line.room:
                line.put("  ").put(drawn("◷ "), "wait").put(barred, "wait", bold=True)
        for index, (name, waiting, n) in enumerate(reversed(self._fitting(line.room - 3))):
            line.right("  " if index else "")
            line.right(waiting, "strong" if n else "faint", bold=bool(n))
            line.right(name + " ", "quiet")
        return line

    def _fitting(self, room: int) -> list[tuple[str, str, int]]:
        """As many queues as there is room for; those in which fewest wait give way first."""
        queues = self._waiting()
        while queues and sum(width(name) + len(waiting) + 3 for name, waiting, _ in queues) > room:
            least = min(n for *_, n in queues)
            queues.remove(next(queue for queue in reversed(queues) if queue[2] == least))
        return queues

    def _waiting(self) -> list[tuple[str, str, int]]:
        """What waits for an agent in each queue, of what the console has loaded; a plus where there is more."""
        tray = self.desk.tray("pending")
        counts = Counter(row.q for row in tray.rows if row.state == State.WAITING)
        more = "+" if tray.more else ""
        queues = sorted((named(queue.name), queue.id) for queue in self.desk.queues.values() if queue.active)
        return [(name, f"{counts[queue]}{more}", counts[queue]) for name, queue in queues]
