"""What helps to find a fault, in one zip to send: versions, settings, schema, counts, plans of queries, the end of the
log, metrics, what `check` says. Nothing personal, no name, no address, no secret: see `cleaning`."""

import importlib.metadata
import platform
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import SQLModel

import hub.channels.tables  # noqa: F401  registers its table
from hub import __version__
from hub.admin import opened
from hub.config import PREFIX, Config
from hub.desk import projections
from hub.desk.facts import listing
from hub.desk.filters import tray
from hub.desk.principal import SYSTEM
from hub.desk.sight import sight
from hub.protocol.settings import declared
from hub.protocol.states import TRAYS
from hub.store.clock import SystemClock
from hub.store.migrate import schema_of
from hub.upkeep import cleaning
from hub.upkeep.backup import default_folder, made_in, stamp
from hub.upkeep.manifest import private

LOG_BYTES = 1024 * 1024  # of the end of the log
PACKAGES = ("aiohttp", "aiosqlite", "alembic", "asyncpg", "cryptography", "msgspec", "sqlalchemy", "sqlmodel")
PAGES = ("healthz", "readyz", "metrics")


async def write(config: Config, to: Path | None, log: Path | None) -> Path:
    """Write the bundle, readable by its owner only; returns where."""
    file = to or Path(f"bandeja-diagnostics-{stamp(SystemClock().now())}.zip")
    parts = {name: text async for name, text in _parts(config, log)}
    with private(file), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in parts.items():
            bundle.writestr(name, text)
    return file.absolute()


async def _parts(config: Config, log: Path | None) -> Any:
    yield "versions.json", _json(_versions())
    yield "settings.json", _json(_settings(config))
    yield "files.json", _json(_files(config))
    schema = await schema_of(config.database)
    async with opened(config) as store:
        yield "schema.txt", f"{schema.found} of {schema.newest}\n\n" + await store.read(_schema)
        yield "counts.json", _json(await store.read(_counts))
        yield "plans.txt", await store.read(_plans)
        faults = await store.read(projections.check)
        yield "check.json", _json([msgspec.to_builtins(fault) for fault in faults])
    if log is not None:
        yield "log.txt", cleaning.log(_end_of(log))
    for page in PAGES:
        yield f"{page}.txt", await _fetched(config, page)


def _end_of(log: Path) -> str:
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - LOG_BYTES))
        return stream.read().decode(errors="replace")


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode() + "\n"


def _versions() -> dict[str, str]:
    packages = {name: importlib.metadata.version(name) for name in PACKAGES}
    here = {"bandeja": __version__, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    return {**here, "system": f"{platform.system()} {platform.release()} {platform.machine()}", **packages}


def _settings(config: Config) -> dict[str, int | str]:
    """Numbers and choices as they are; of the rest only whether it was set."""
    shown: dict[str, int | str] = {}
    for name, one in declared(Config, PREFIX).items():
        value = getattr(config, name)
        if isinstance(value, int) or (one.rule.choices and not one.rule.secret):
            shown[name] = value
        else:
            shown[name] = "as delivered" if value in (one.default, (), "") else "set"
    shown["database"] = "sqlite" if config.sqlite_path is not None else "postgresql"
    return shown


def _files(config: Config) -> dict[str, int]:
    """Sizes in bytes."""
    path = config.sqlite_path
    sizes = {}
    if path is not None:
        for suffix in ("", "-wal"):
            one = path.with_name(path.name + suffix)
            sizes[f"database{suffix}"] = one.stat().st_size if one.exists() else 0
    backups = made_in(default_folder(config)) if default_folder(config).is_dir() else []
    return {**sizes, "backups": len(backups), "newest_backup": backups[-1].stat().st_size if backups else 0}


def _schema(conn: Connection) -> str:
    """The tables as they are, not as they should be."""
    look = sa.inspect(conn)
    lines = []
    for name in sorted(SQLModel.metadata.tables):
        columns = ", ".join(f"{c['name']} {c['type']}{'' if c['nullable'] else '!'}" for c in look.get_columns(name))
        indexes = ", ".join(f"{i['name']}({', '.join(map(str, i['column_names']))})" for i in look.get_indexes(name))
        lines.append(f"{name}: {columns}\n    {indexes}")
    return "\n".join(lines) + "\n"


def _counts(conn: Connection) -> dict[str, int]:
    tables = sorted(SQLModel.metadata.tables.items())
    return {name: conn.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for name, table in tables}


def _plans(conn: Connection) -> str:
    """How the database goes about the lists that consoles ask for."""
    explain = "EXPLAIN QUERY PLAN" if conn.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(line for name in TRAYS for line in _plan(conn, explain, name)) + "\n"


def _plan(conn: Connection, explain: str, name: str) -> Iterator[str]:
    where = tray(name, sight=sight(SYSTEM), day_start=0).sql()
    query = listing(where, 50).compile(conn, compile_kwargs={"literal_binds": True})
    yield f"-- {name}"
    for row in conn.exec_driver_sql(f"{explain} {query}"):
        yield str(row[-1])


async def _fetched(config: Config, page: str) -> str:
    """What a running hub says of itself."""
    scheme = "https" if config.tls else "http"
    host = config.host if config.on_loopback else "127.0.0.1"
    timeout = aiohttp.ClientTimeout(total=5)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http:
            where = f"{scheme}://{f'[{host}]' if ':' in host else host}:{config.port}/{page}"
            async with http.get(where, ssl=False) as answer:
                text = await answer.text()
                return f"{answer.status}\n" + (cleaning.metrics(text) if page == "metrics" else "")
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"not reachable: {type(error).__name__}\n"
