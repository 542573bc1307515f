"""What the reports say, in the reader's words: periods, columns, and the table for a spreadsheet."""

import datetime
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from agent_tui import moments, names
from agent_tui.glyphs import drawn
from agent_tui.i18n import N_, _, named
from agent_tui.link.model import Desk
from agent_tui.told_forms import ToldForms
from agent_tui.widgets.columns import Column
from hub.protocol import spreadsheet
from hub.protocol.form_columns import FormColumns
from hub.protocol.report_tables import TABLES, Names
from hub.protocol.reports import Attention, Report, Transferred
from hub.protocol.views import FormVersion

PERIODS: dict[str, str] = {
    "month": N_("this month"),
    "week": N_("this week"),
    "yesterday": N_("yesterday"),
    "today": N_("today"),
}
TITLES: dict[str, str] = {"reports.transfers": N_("Transfers"), "reports.attentions": N_("Attentions")}
FILES: dict[str, str] = {"reports.transfers": N_("transfers"), "reports.attentions": N_("attentions")}
ENDS: dict[str, tuple[str, str]] = {  # by the command that ended the leg
    "": (N_("in progress"), "wait"),
    "conversation.end": (N_("ended"), "text"),
    "conversation.transfer": (N_("transferred"), "text"),
    "conversation.requeue": (N_("put back"), "text"),
    "conversation.reassign": (N_("missed"), "need"),
    "conversation.take": (N_("taken over"), "text"),
    "conversation.assign": (N_("given away"), "text"),
    "contact.erase": (N_("erased"), "quiet"),
}
OUTCOMES: dict[str, str] = {"cancelled": N_("cancelled"), "no_show": N_("did not come"), "spam": N_("spam")}
Row = Transferred | Attention


def days(period: str, today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The first and the last day of a period, of which today is the last where it is not over."""
    match period:
        case "yesterday":
            day = today - datetime.timedelta(days=1)
            return day, day
        case "week":
            return today - datetime.timedelta(days=today.weekday()), today
        case "month":
            return today.replace(day=1), today
        case _:
            return today, today


def lasted(span: int | None) -> str:
    """A span in minutes and seconds, `4:07`, or with hours, `1:04:07`, so that a column of them can be compared."""
    if span is None:
        return ""
    minutes, seconds = divmod(span // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def date(day: datetime.date) -> str:
    return day.strftime(_("%d/%m/%Y"))


def moment(desk: Desk, at: int, *, within_day: bool) -> str:
    """The hour; with the day before it where the period has several."""
    clock = moments.clock(at, names.zone(desk))
    return clock if within_day else f"{moments.local(at, names.zone(desk)).strftime(_('%d/%m'))} {clock}"


def customer(row: Row) -> str:
    return row.name or f"#{row.conversation}"


def person(desk: Desk, agent: int | None) -> str:
    """A first name that is enough in a table; the whole one where two have it. Of oneself too: it is told of people."""
    found = desk.agents.get(agent) if agent is not None else None
    if found is None:
        return names.agent(desk, agent)
    first = names.first(found.name)
    alone = sum(names.first(one.name) == first for one in desk.agents.values()) == 1
    return first if alone and first else found.name


def place(desk: Desk, queue: int, agent: int | None) -> str:
    """A queue, and whose it was there."""
    where = names.queue(desk, queue) or f"#{queue}"
    return f"{where} {drawn('·')} {person(desk, agent)}" if agent is not None else where


def waited(row: Row) -> tuple[str, str]:
    """How long it waited; in words that it still does."""
    return (_("waiting"), "wait") if row.waited is None else (lasted(row.waited), "text")


def end(row: Attention) -> tuple[str, str]:
    words, role = ENDS.get(row.how, (row.how, "quiet"))
    if row.outcome in OUTCOMES:
        return _(OUTCOMES[row.outcome]), role
    return _(words) if words else "", role


def columns(desk: Desk, view: str, forms: ToldForms, *, within_day: bool) -> list[Column]:
    """Those of a report, in their order."""
    form = Column(_("form"), lambda row: (forms.filled(row), "quiet"), rank=5, least=24, most=80, spare=True)

    def plain(told: Callable[[Row], str], role: str = "text") -> Callable[[Row], tuple[str, str]]:
        return lambda row: (told(row), role)

    if view == "reports.transfers":
        return [
            Column(_("when"), lambda row: (moment(desk, row.at, within_day=within_day), "quiet"), least=11),
            Column(_("customer"), plain(customer), least=14, most=28),
            Column(_("from"), lambda row: (place(desk, row.queue, row.agent), "text"), least=16, most=30),
            Column(_("to"), lambda row: (place(desk, row.to_queue, row.to_agent), "text"), least=16, most=30),
            Column(_("waited"), waited, right=True, least=9),
            Column(_("opened by"), lambda row: (person(desk, row.opened_by), "text"), rank=3, least=9, most=16),
            Column(_("transferred by"), lambda row: (person(desk, row.by), "text"), rank=2, least=9, most=16),
            Column(_("comment"), lambda row: (row.comment, "quiet"), rank=1, least=30, most=80),
            form,
        ]
    return [
        Column(_("when"), lambda row: (moment(desk, row.began, within_day=within_day), "quiet"), least=11),
        Column(_("customer"), plain(customer), least=10, most=28),
        Column(_("queue"), lambda row: (names.queue(desk, row.queue) or f"#{row.queue}", "text"), least=8, most=24),
        Column(_("agent"), lambda row: (person(desk, row.agent) or drawn("—"), "text"), least=8, most=24),
        Column(_("waited"), waited, right=True, least=9),
        Column(_("handled"), lambda row: (lasted(row.handled), "text"), right=True, rank=1, least=8),
        Column(_("1st answer"), lambda row: (lasted(row.response), "text"), right=True, rank=2, least=8),
        Column(_("lines in"), lambda row: (str(row.received), "text"), right=True, rank=3, least=6),
        Column(_("lines out"), lambda row: (str(row.sent), "text"), right=True, rank=3, least=6),
        Column(_("how it ended"), end, least=11, most=16),
        Column(_("channel"), lambda row: (_channel(desk, row.channel), "quiet"), rank=4, least=8, most=20),
        form,
    ]


def _channel(desk: Desk, number: int) -> str:
    found = desk.channels.get(number)
    return named(found.name) if found else f"#{number}"


def said(desk: Desk, row: Row) -> list[str]:
    """A row in sentences, for whoever reads it by itself."""
    if isinstance(row, Attention):
        words, _role = end(row)
        answered = _("first answer after {span}").format(span=lasted(row.response)) if row.response is not None else ""
        return [", ".join(one for one in (f"#{row.conversation}", words, answered) if one)]
    by = person(desk, row.by) or _("The hub")
    told = _("{by} transferred it to {place}.").format(by=by, place=place(desk, row.to_queue, row.to_agent))
    if row.opened_by is not None:
        told += " " + _("{name} opened it after {span}.").format(
            name=person(desk, row.opened_by), span=lasted(row.waited)
        )
    elif row.waited is None:
        told += " " + _("Nobody has opened it yet.")
    return [told, *([row.comment] if row.comment else [])]


# -- for a spreadsheet -------------------------------------------------------------------------------------------------


def suggested(view: str, params: Report, today: datetime.date) -> str:
    """Where to save it, unless one says otherwise."""
    first, last = str(params.since or today), str(params.until or today)
    return f"~/{_(FILES[view])}-{first if first == last else f'{first}-{last}'}.csv"


def save(
    desk: Desk, view: str, rows: Iterable[Row], file: Path, forms: Iterable[FormVersion] = (), *, over: bool = False
) -> int:
    """Write rows as CSV, with what was filled in of these forms, for its owner alone; returns how many. Raises
    FileExistsError, unless it may be written over, and OSError."""
    head, cells = TABLES[view]
    filled = FormColumns(forms)
    zone = names.zone(desk)
    told = Names(
        lambda number: names.queue(desk, number) or str(number),
        lambda number: found.name if (found := desk.agents.get(number)) is not None else str(number),
        lambda number: _channel(desk, number),
        lambda at: moments.local(at, zone).strftime("%Y-%m-%d %H:%M:%S"),
    )
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if over else os.O_EXCL)
    with os.fdopen(os.open(file, flags, 0o600), "w", encoding="utf-8-sig", newline="") as out:
        names_of = [*(_(one) for one in head), *filled.headings(told.queue)]
        table = ([*cells(row, told), *filled.cells(row.queue, row.values)] for row in rows)
        return spreadsheet.write(out, [names_of, *table]) - 1
