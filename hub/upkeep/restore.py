"""Putting a backup in the place of the desk.

Promised: the desk that is there now is put aside, never deleted; where anything fails it stays as it is. Nobody else
has the database open meanwhile. What is restored begins a new life (a new epoch), so every console notices, drops what
it holds and shows what it had not sent for review. Nothing goes out by itself that may have gone out since the backup
was made, and whoever was erased since is erased again, by the log outside the database and by the desk that was there.
"""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import sqlalchemy as sa

from hub.admin import submit
from hub.config import Config
from hub.desk import projections
from hub.desk.projections import Fault
from hub.desk.tables import session
from hub.protocol.settings import N_
from hub.store import occupancy
from hub.store.clock import SystemClock
from hub.store.engine import Store, open_store
from hub.store.migrate import UNFINISHED, known, migrate, new_epoch
from hub.store.schema import head
from hub.store.unit import Unit
from hub.upkeep import Unable, erasures, manifest, postgres, sqlite
from hub.upkeep.backup import kind_of, stamp
from hub.upkeep.erasures import Erasure
from hub.upkeep.manifest import Manifest

_MOVE = """
DO $$ DECLARE t text; f regprocedure; BEGIN
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('ALTER TABLE public.%I SET SCHEMA ASIDE', t);
    END LOOP;
    FOR f IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_trigger g ON g.tgfoid = p.oid
        JOIN pg_class c ON c.oid = g.tgrelid
        WHERE p.pronamespace = 'public'::regnamespace AND c.relnamespace = 'ASIDE'::regnamespace
        GROUP BY p.oid LOOP
        EXECUTE format('ALTER FUNCTION %s SET SCHEMA ASIDE', f);
    END LOOP;
END $$
"""
_UNFINISHED = f"UPDATE public.head SET epoch = '{UNFINISHED}' || epoch"  # noqa: S608 - of our own making
_ERASED = "SELECT id, created_at, erased_at FROM contact WHERE erased_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done. `aside`: where the desk that was there is now, if there was one; `unsure`: messages that may have
    gone out since; `erased`: persons erased again; `unread`: the desk that was there could not be asked whom it had
    erased."""

    backup: Manifest
    aside: str
    unsure: int
    erased: int
    unread: bool
    faults: list[Fault]


async def restore(config: Config, file: Path, *, sign_out: bool = False) -> Restored:
    """Restore a backup; `sign_out` ends all sessions. Raises `Unable`, `InUse`, and what the engines raise."""
    backup = await asyncio.to_thread(manifest.read, file)
    if backup.engine != kind_of(config):
        raise Unable(
            N_("{file} is a backup of {theirs}, and the desk is on {ours}."),
            file=file,
            theirs=backup.engine,
            ours=kind_of(config),
        )
    if not known(backup.position.schema):
        raise Unable(
            N_("{file} has schema {schema} of bandeja-hub {version}, which this one does not know: update this one."),
            file=file,
            version=backup.version,
            schema=backup.position.schema,
        )
    into = _into_sqlite if config.sqlite_path is not None else _into_postgres
    return await into(config, file, backup, sign_out)


async def _into_sqlite(config: Config, file: Path, backup: Manifest, sign_out: bool) -> Restored:
    place = occupancy.sqlite_path(config.database)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.restoring")
    with occupancy.alone_with(place):
        try:
            _take_away(draft)
            await asyncio.to_thread(_copy, file, draft)
            if sqlite.position(draft) != backup.position:
                raise Unable(N_("{file} is not what it was when it was made: take another backup."), file=file)
            present = _erased_in(place)
            mended = await _mend(replace(config, database=f"sqlite:///{draft}"), present, sign_out)
            aside = _put_aside(place)
            manifest.settle(draft, place)
        finally:
            _take_away(draft)
    return Restored(backup, str(aside or ""), *mended[:2], present is None, mended[2])


def _copy(source: Path, target: Path) -> None:
    with manifest.private(target), source.open("rb") as stream, target.open("r+b") as out:
        shutil.copyfileobj(stream, out, 1024 * 1024)


def _take_away(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", ".lock"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _put_aside(place: Path) -> Path | None:
    """Give the database another name beside its own, which it keeps until another one takes it; its journal, where it
    can't be written into it any more, goes along."""
    if not place.exists():
        return None
    aside = place.with_name(f"{place.stem}.before-restore-{stamp(SystemClock().now())}{place.suffix}")
    for suffix in ("-wal", "-shm"):
        journal = place.with_name(place.name + suffix)
        if journal.exists():
            journal.rename(aside.with_name(aside.name + suffix))
    os.link(place, aside)
    return aside


def _erased_in(place: Path) -> set[Erasure] | None:
    """Whom the present database has erased; None where it can't be read. Reading it to its end empties its journal."""
    if not place.exists():
        return set()
    try:
        with closing(sqlite3.connect(place)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            columns = {row[1] for row in database.execute("PRAGMA table_info(contact)")}
            return {Erasure(*row) for row in database.execute(_ERASED)} if "erased_at" in columns else set()
    except sqlite3.DatabaseError:
        return None


async def _into_postgres(config: Config, file: Path, backup: Manifest, sign_out: bool) -> Restored:
    postgres.program("psql")
    connection = await asyncpg.connect(config.database)
    try:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", occupancy.RESTORING):
            raise occupancy.InUse("bandeja-hub restore")
        await _refuse_others(connection)
        present = await _erased_there(connection)
        aside = await _schema_for_what_is_there(connection)
        config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        await _load(config, file, aside)
        mended = await _mend(config, present, sign_out)
    finally:
        await connection.close()
    return Restored(backup, aside, *mended[:2], present is None, mended[2])


async def _refuse_others(connection: asyncpg.Connection) -> None:
    """Only who is connected to this very database counts. Raises `InUse`."""
    rows = await connection.fetch(
        "SELECT DISTINCT usename, coalesce(client_addr::text, 'local') AS host FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    if rows:
        raise occupancy.InUse(", ".join(f"{row['usename']} ({row['host']})" for row in rows))


async def _erased_there(connection: asyncpg.Connection) -> set[Erasure] | None:
    try:
        return {Erasure(*row) for row in await connection.fetch(_ERASED)}
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        return set()  # nobody could be erased yet
    except asyncpg.PostgresError:
        return None


async def _schema_for_what_is_there(connection: asyncpg.Connection) -> str:
    """The schema that the present tables are put aside in; empty where there are none."""
    there = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    return f"{postgres.ASIDE}{stamp(SystemClock().now()).lower()}" if there else ""


async def _load(config: Config, file: Path, aside: str) -> None:
    """Put aside and load in one transaction. The epoch says that it is not done until it has been mended.

    The script goes through a file without a name, so that nothing of it stays behind whatever happens: through a pipe,
    half of it would be committed where the other half can't be read.
    """
    url = config.database
    before = ("-c", f"CREATE SCHEMA {aside}", "-c", _MOVE.replace("ASIDE", aside)) if aside else ()
    quietly = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction")
    with tempfile.TemporaryFile(dir=config.data) as script:
        await postgres.run(url, "pg_restore", "--no-owner", "--no-privileges", "--file=-", str(file), stdout=script)
        script.seek(0)
        await postgres.run(url, "psql", *quietly, *before, "-f", "-", "-c", _UNFINISHED, stdin=script)


async def _mend(config: Config, present: set[Erasure] | None, sign_out: bool) -> tuple[int, int, list[Fault]]:
    """Make what was loaded a desk that can be served: (messages that are uncertain now, persons erased again, faults
    that are left). A new epoch comes last, so that a restore that is broken off is not taken for a whole one."""
    await migrate(config.database, restoring=True)
    store = open_store(config.database, SystemClock())
    await store.start(alone=True)
    try:
        made = await submit(store, "message.doubt")
        erased = await _erase_again(config, store, present or set())
        await store.write(projections.repair)
        if sign_out:
            await store.write(_end_sessions)
        faults = await store.read(projections.check)
        await store.write(_begin_anew)
        await store.scrub(())
        return int(made["messages"] or 0), erased, faults
    finally:
        await store.stop()


async def _erase_again(config: Config, store: Store, present: set[Erasure]) -> int:
    log = erasures.log_of(config)
    wanted = erasures.read(log) | present
    ids = await store.read(lambda conn: erasures.still_there(conn, wanted))
    for contact_id in ids:
        await submit(store, "contact.erase", contact=contact_id)
    erasures.add(log, wanted)
    return len(ids)


def _end_sessions(unit: Unit) -> None:
    live = list(unit.conn.scalars(sa.select(session.c.id).where(session.c.ended_at.is_(None))))
    for number in live:
        unit.record("session.ended", "system", None, {"session": number})
    unit.conn.execute(sa.update(session).where(session.c.id.in_(live)).values(ended_at=unit.now))


def _begin_anew(unit: Unit) -> None:
    unit.conn.execute(sa.update(head).values(epoch=new_epoch()))
