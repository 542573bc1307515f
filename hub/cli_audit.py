"""The audit trail at a shell: search it, take it out, and check that nobody has changed it."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

from cyclopts import App, Parameter

from hub.cli_options import ConfigFile, Refusal, StoreSettings, opened_anew
from hub.config import Config, read_config
from hub.i18n import _
from hub.protocol.manual import looks

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hub.desk.audit_reads import Entry, Search
    from hub.store.engine import Store

audit = App(name="audit", help=_("Who did, or looked at, what mattered: the audit trail."), **looks(_))


@Parameter(name="*")
@dataclass(frozen=True)
class Wanted:
    """The entries that are asked for."""

    who: Annotated[str, Parameter(help=_("Whose doing: a login, or system."), metavar="WHO")] = ""
    what: Annotated[
        str, Parameter(help=_("What was done, like agent.save, or agent for all of these."), metavar="WHAT")
    ] = ""
    conversation: Annotated[int | None, Parameter(help=_("Number of the conversation."), metavar="N")] = None
    since: Annotated[
        str, Parameter(help=_("From this day or time on, like 2026-11-28 or 2026-11-28T09:30."), metavar="TIME")
    ] = ""
    until: Annotated[str, Parameter(help=_("Up to this day or time, without it."), metavar="TIME")] = ""


@audit.command(name="search", help=_("The newest entries that match, newest first."))
def search_audit(
    *,
    wanted: Wanted = Wanted(),
    before: Annotated[int | None, Parameter(help=_("Only entries before this one."), metavar="N")] = None,
    limit: Annotated[int, Parameter(help=_("How many at most, up to 500."), metavar="N")] = 50,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub.desk import audit_reads

    chosen = read_config(settings, file=config, say=_)

    async def run(store: "Store") -> None:
        search = await _search(store, chosen, wanted)
        logins = await store.read(_logins)
        found = await store.read(lambda conn: audit_reads.page(conn, search, before=before, limit=max(1, limit)))
        for entry in found:
            print("  ".join(_line(entry, logins, ZoneInfo(chosen.zone))))
        if len(found) == limit:
            print(_("For older ones: --before {n}").format(n=found[-1].n), file=sys.stderr)

    _with_store(chosen, run)


@audit.command(name="export", help=_("All entries that match as CSV, oldest first. That it was done is an entry, too."))
def export_audit(
    file: Annotated[Path | None, Parameter(help=_("Where to write; to standard output if left out."))] = None,
    *,
    wanted: Wanted = Wanted(),
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub.desk import audit as trail
    from hub.desk import audit_reads
    from hub.protocol import spreadsheet

    chosen = read_config(settings, file=config, say=_)

    async def run(store: "Store") -> None:
        search = await _search(store, chosen, wanted)
        logins = await store.read(_logins)
        await store.write(lambda unit: trail.export(unit, "system", {"of": "audit"}))
        out = sys.stdout if file is None else opened_anew(file)
        try:
            head = ("n", "time", "who", "login", "via", "from", "what", "outcome", "about", "address", "hash")
            await store.read(
                lambda conn: spreadsheet.write(out, [head, *_rows(audit_reads.whole(conn, search), logins)])
            )
        finally:
            if file is not None:
                out.close()

    _with_store(chosen, run)


@audit.command(
    name="verify",
    help=_("Read the whole trail and name the first entry that is not as it was written. Exit code 1 then."),
)
def verify_audit(
    *,
    known: Annotated[
        str,
        Parameter(
            help=_("An end of the trail that was noted before, as this command prints it: it must still be in there."),
            metavar="N:HASH",
        ),
    ] = "",
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> int:
    from hub.desk import audit_reads

    chosen = read_config(settings, file=config, say=_)
    try:
        mark = audit_reads.Mark.parse(known) if known else None
    except ValueError:
        raise Refusal(_("--known is a number, a colon and 64 letters and digits, as this command prints it.")) from None
    broken = False

    async def run(store: "Store") -> None:
        nonlocal broken
        found = await store.read(lambda conn: audit_reads.verify(conn, mark))
        broken = found.broken is not None
        if broken:
            print(_("Entry {n} breaks the trail: {why}.").format(n=found.broken, why=_(found.why)), file=sys.stderr)
            return
        print(_("Entries {first} to {last} are as they were written.").format(first=found.first, last=found.last))
        print(_("Note its end where nobody at the hub can change it: {mark}").format(mark=found.mark))

    _with_store(chosen, run)
    return 1 if broken else 0


@audit.command(
    name="forget",
    help=_("Erase where an agent signed in from, as when they have left. What they did stays, and so does the proof."),
)
def forget_addresses(
    login: Annotated[str, Parameter(help=_("Whose addresses."))],
    *,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub.desk import audit as trail

    async def run(store: "Store") -> None:
        who = await _principal(store, login)
        gone = await store.write(lambda unit: trail.erase(unit, who))
        print(_("Entries with an address that is erased now: {n}").format(n=gone))

    _with_store(read_config(settings, file=config, say=_), run)


async def _search(store: "Store", config: Config, wanted: Wanted) -> "Search":
    from hub.desk.audit_reads import Search

    who, zone = wanted.who, ZoneInfo(config.zone)
    if who and who != "system" and ":" not in who:
        who = await _principal(store, who)
    since, until = _moment("--since", wanted.since, zone), _moment("--until", wanted.until, zone)
    return Search(who, wanted.what, wanted.conversation, since, until)


async def _principal(store: "Store", login: str) -> str:
    ids = {known: name for name, known in (await store.read(_logins)).items()}
    if login not in ids:
        raise Refusal(_("There is no {login}.").format(login=login))
    return ids[login]


def _moment(option: str, text: str, zone: ZoneInfo) -> int | None:
    """UTC ms of a day or time in the desk's zone."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(_("{option} is a day or a time, like 2026-11-28T09:30.").format(option=option)) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)


def _logins(conn: "Connection") -> dict[str, str]:
    """By principal."""
    import sqlalchemy as sa

    from hub.desk.tables import agent

    return {f"agent:{row.id}": row.login for row in conn.execute(sa.select(agent.c.id, agent.c.login))}


def _line(entry: "Entry", logins: dict[str, str], zone: ZoneInfo) -> Iterator[str]:
    yield f"{entry.n:>6}"
    yield datetime.fromtimestamp(entry.at / 1000, zone).isoformat(" ", "seconds")
    yield f"{logins.get(entry.who, entry.who) or '?':<12}"
    yield f"{entry.what:<20}"
    yield f"{entry.outcome:<10}"
    yield " ".join([*(f"{name}={value}" for name, value in entry.about.items()), entry.address or entry.whence]).strip()


def _rows(entries: "Iterator[Entry]", logins: dict[str, str]) -> Iterator[tuple[object, ...]]:
    import msgspec

    for entry in entries:
        time = datetime.fromtimestamp(entry.at / 1000, UTC).isoformat(timespec="milliseconds")
        about = msgspec.json.encode(entry.about).decode()
        who = (entry.who, logins.get(entry.who, ""), entry.via, entry.whence)
        yield entry.n, time, *who, entry.what, entry.outcome, about, entry.address, entry.hash


def _with_store(config: Config, run: Any) -> None:
    from hub import admin

    async def opened() -> None:
        async with admin.opened(config) as store:
            await run(store)

    asyncio.run(opened())
