"""A conversation as a row of a tray: two lines."""

from agent_tui import markup, moments, names, rights
from agent_tui.glyphs import drawn, spelled
from agent_tui.i18n import _, named
from agent_tui.link.model import Desk
from agent_tui.widgets.cells import width
from agent_tui.widgets.paint import Line, Palette
from hub.protocol.states import State
from hub.protocol.views import Row

NAME_AT = 7
MARKED = "[x]"  # in letters, which every terminal has and every screen reader says


def mark(row: Row) -> tuple[str, str]:
    """The mark of need, with its role: each kind has a glyph of its own, not only a colour."""
    if row.owed:
        return drawn("●"), "need"
    if row.state == State.HELD:
        return drawn("◷"), "wait"
    if row.state == State.WAITING:
        return drawn("○"), "wait"
    return " ", "text"


def signs(row: Row) -> list[tuple[str, str]]:
    """What else is to be known of it, a glyph each with its role: set aside, transferred, more or less urgent."""
    found = []
    if row.state == State.SNOOZED:
        found.append(("◔", "wait"))
    if row.moved:
        found.append(("⇄", "quiet"))
    return [(drawn(glyph), role) for glyph, role in found] + ([names.urgency(row.pri)] if row.pri != 3 else [])


def first(cells: int, palette: Palette, desk: Desk, row: Row, *, chosen: bool, focused: bool) -> Line:
    """Mark of need, channel, name, tags, unread or answered, time."""
    line = _start(cells, palette, calls(desk, row), chosen, focused)
    glyph, role = mark(row)
    channel = desk.channels.get(row.ch)
    line.put(glyph, role).put(" ")
    line.put(f" {names.letter(channel)} ", style=palette.chip(channel.color if channel else names.NO_COLOR)).put(" ")
    time = moments.short(row.at, desk.now, names.zone(desk))
    line.right(" ").right(f"{time:>5}", "quiet").right(" ")
    needs = bool(row.un) or row.owed
    if row.un:
        line.right(f" {names.count(row.un)} ", "chip", bold=True, ground="accent")
    elif row.ans:
        line.right(drawn(" ✓ "), "good")
    else:
        line.right("   ")
    for glyph, role in reversed(signs(row)):
        line.right(glyph, role, bold=role == "need")
    line.right(" ")
    name = names.customer(row)
    line.put(name, "strong" if needs else "text", bold=needs)
    for tag in names.tags(desk, row):
        if width(tag) + 2 > line.room:
            break
        line.put("  ").put(tag, "accent")
    return line


def second(
    cells: int, palette: Palette, desk: Desk, row: Row, *, chosen: bool, focused: bool, marked: bool = False
) -> Line:
    """Whether it is marked, the last line, and at the right who has it or whose queue it is."""
    line = _start(cells, palette, calls(desk, row), chosen, focused)
    if marked:
        line.put(" ").put(MARKED, "accent", bold=True)
    line.to(NAME_AT)
    side = _side(desk, row, cells // 3)
    line.right(" ").right(side, "quiet" if chosen or calls(desk, row) else "faint").right("  " if side else "")
    if row.hid:
        return line.put(_("with {name}").format(name=names.agent(desk, row.owner)), "quiet")
    if row.ld == "note":
        line.put(drawn("┊ "), "note", ground="tint" if chosen else "")
    elif row.ld == "out":
        line.put(drawn("› "), "accent")
    return line.put(markup.in_a_line(row.last) if row.ld == "note" else row.last, "quiet")


def calls(desk: Desk, row: Row) -> bool:
    """Whether it was given to the person at the console, and they have not opened it yet."""
    return row.state == State.ASSIGNED and rights.mine(desk, row)


def _start(cells: int, palette: Palette, calling: bool, chosen: bool, focused: bool) -> Line:
    ground = "tint" if chosen else "wait_ground" if calling else "ground"
    line = Line(cells, palette, ground)
    if calling:
        return line.put(drawn("▌"), style=palette.calling("wait", ground))
    return line.put(drawn("▌") if chosen else " ", "accent" if focused else "quiet")


def _times(desk: Desk, row: Row) -> str:
    """Of one that has ended, from when to when it was."""
    if row.ended is None or row.hid:
        return ""
    zone = names.zone(desk)
    within = moments.local(row.begun, zone).date() == moments.local(row.ended, zone).date()
    begun = moments.clock(row.begun, zone) if within else moments.short(row.begun, row.ended, zone)
    return f"{begun}{spelled('–')}{moments.clock(row.ended, zone)}"


def _visitors(desk: Desk, row: Row) -> str:
    """Who looks at it, besides whoever has it."""
    called = [names.first(names.agent(desk, one)) for one in desk.visitors(row.id) if one != row.owner]
    return f"{drawn('◉')} {', '.join(called)}" if called else ""


def _side(desk: Desk, row: Row, room: int) -> str:
    """Who has it, whose team's and queue's it is, as far as there is room."""
    queue, team = desk.queues.get(row.q), desk.teams.get(row.team) if row.team is not None else None
    where = named(queue.name) if queue and len(desk.queues) > 1 else ""
    with_whom = (
        names.first(names.agent(desk, row.owner)) if row.owner and not rights.mine(desk, row) and not row.hid else ""
    )
    teams = f"{drawn('⌂')} {named(team.name)}" if team is not None else ""
    parts = [part for part in (_visitors(desk, row), _times(desk, row), with_whom, teams, where) if part]
    while parts and width(side := drawn(" · ").join(parts)) > room:
        parts.pop()
    return side if parts else ""
