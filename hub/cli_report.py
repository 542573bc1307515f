"""The reports at a shell, as CSV."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

from cyclopts import App, Parameter

from hub.cli_options import ConfigFile, Refusal, StoreSettings, opened_anew
from hub.cli_store import with_store
from hub.config import Config, read_config
from hub.i18n import _
from hub.protocol.manual import looks

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hub.desk.queries import Asking
    from hub.store.engine import Store

report = App(name="report", help=_("What was transferred and attended to, as CSV."), **looks(_))


@Parameter(name="*")
@dataclass(frozen=True)
class Period:
    """What is asked for."""

    since: Annotated[
        str, Parameter(name="--from", help=_("From this day on, like 2026-11-28; today if left out."), metavar="DAY")
    ] = ""
    until: Annotated[str, Parameter(name="--to", help=_("Up to this day, with it."), metavar="DAY")] = ""
    queue: Annotated[str, Parameter(help=_("Only of this queue: its code."), metavar="CODE")] = ""
    agent: Annotated[str, Parameter(help=_("Only of this agent: their login."), metavar="LOGIN")] = ""
    channel: Annotated[str, Parameter(help=_("Only of this channel: its name in addresses."), metavar="SLUG")] = ""


Out = Annotated[Path | None, Parameter(help=_("Where to write; to standard output if left out."))]


@report.command(
    name="transfers",
    help=_("The transfers of a period, the newest first: from where, to where, by whom, how long it waited there."),
)
def report_transfers(
    file: Out = None, *, period: Period = Period(), config: ConfigFile = "", settings: StoreSettings | None = None
) -> None:
    _write("reports.transfers", file, period, config, settings)


@report.command(
    name="attentions",
    help=_("The attentions of a period, the newest first, one for each agent who had the conversation."),
)
def report_attentions(
    file: Out = None, *, period: Period = Period(), config: ConfigFile = "", settings: StoreSettings | None = None
) -> None:
    _write("reports.attentions", file, period, config, settings)


def _write(view: str, file: Path | None, period: Period, config: str, settings: dict[str, str] | None) -> None:
    from hub.desk import audit as trail
    from hub.desk.form_queries import versions
    from hub.protocol import spreadsheet
    from hub.protocol.form_columns import FormColumns
    from hub.protocol.report_tables import TABLES

    chosen = read_config(settings, file=config, say=_)
    head, cells = TABLES[view]

    async def run(store: "Store") -> None:
        now = store.clock.now()
        given = await store.read(lambda conn: _given(conn, period))
        await store.read(lambda conn: next(_whole(_asking(conn, chosen, now), view, given), None))  # refused, or not
        await store.write(lambda unit: trail.export(unit, "system", {"of": view}))

        def rows(conn: "Connection") -> Iterator[list[object]]:
            """Twice through the same state: which forms there are columns of is known once all rows are."""
            names, asking = _names(conn, ZoneInfo(chosen.zone)), _asking(conn, chosen, now)
            filled = {row.form for row in _whole(asking, view, given) if row.form}
            forms = FormColumns(versions(conn, sorted(filled)).values())
            yield [*head, *forms.headings(names.queue)]
            for row in _whole(asking, view, given):
                yield [*cells(row, names), *forms.cells(row.queue, row.values)]

        out = sys.stdout if file is None else opened_anew(file)
        try:
            await store.read(lambda conn: spreadsheet.write(out, rows(conn)))
        finally:
            if file is not None:
                out.close()

    with_store(settings, config, run)


def _asking(conn: "Connection", config: Config, now: int) -> "Asking":
    from hub.desk.principal import SYSTEM
    from hub.desk.queries import Asking
    from hub.desk.tray_filters import Reader
    from hub.protocol.views import Me

    zone = ZoneInfo(config.zone)
    reader = Reader(0, datetime.fromtimestamp(now / 1000, zone).date(), zone)
    me = Me(agent=0, session=0, grants={}, entity=config.entity, zone=config.zone)
    return Asking(conn, SYSTEM, me, reader.day_start(reader.today), now, now, reader)


def _whole(asking: "Asking", view: str, given: dict[str, str]) -> Iterator[Any]:
    """All rows, page by page."""
    from hub.desk.ask import Listed, ask, parameters
    from hub.protocol.errors import Refused
    from hub.protocol.queries import LIMIT, QUERIES

    after: str | None = ""
    while after is not None:
        more = {"after": after} if after else {}
        try:
            page = ask(asking, QUERIES[view], parameters(QUERIES[view], given | more | {"limit": str(LIMIT)}))
        except Refused as refusal:
            option = f"--{refusal.field}"
            raise Refusal(_("{option} is a day, like 2026-11-28.").format(option=option)) from refusal
        assert isinstance(page, Listed)
        yield from page.rows
        after = page.next


def _given(conn: "Connection", period: Period) -> dict[str, str]:
    """The parameters of the view."""
    import sqlalchemy as sa

    from hub.desk.tables import agent, channel, queue

    given = {name: text for name, text in (("from", period.since), ("to", period.until)) if text}
    for name, text, column in (
        ("queue", period.queue, queue.c.code),
        ("agent", period.agent, agent.c.login),
        ("channel", period.channel, channel.c.slug),
    ):
        if text:
            found = conn.scalar(sa.select(column.table.c.id).where(column == text))
            if found is None:
                raise Refusal(_("There is no {login}.").format(login=text))
            given[name] = str(found)
    return given


def _names(conn: "Connection", zone: ZoneInfo) -> Any:
    import sqlalchemy as sa

    from hub.desk.tables import agent, channel, queue
    from hub.protocol.report_tables import Names

    def known(column: Any) -> Any:
        found = {row[0]: row[1] for row in conn.execute(sa.select(column.table.c.id, column))}
        return lambda number: found.get(number, str(number))

    return Names(known(queue.c.code), known(agent.c.login), known(channel.c.slug), lambda at: _time(at, zone))


def _time(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at / 1000, zone).isoformat(" ", "seconds")
