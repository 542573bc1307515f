"""What an older version wrote is brought to this one's schema without losing anything, and is served. The files beside
this one are what those versions wrote (`tools/make_upgrade_file.py`)."""

import asyncio
import gzip
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from aiohttp import ClientSession, web
from lent_databases import LentDatabases

from hub.config import Config
from hub.desk.projections import check
from hub.hub import Hub
from hub.protocol import PROTO, frames
from hub.server import create_app
from hub.serving import serving
from hub.store import migrate as migrations
from hub.store.clock import ManualClock
from hub.store.engine import open_store
from hub.store.migrate import NewerSchema, migrate, newest, schema_of
from hub.upkeep import Unable, manifest
from hub.upkeep.restore import restore
from hub.upkeep.upgrade import upgrade

HERE = Path(__file__).parent
TOKEN = "a-token-of-an-older-version"
FILES = sorted(path.name.removesuffix(".sql.gz") for path in HERE.glob("*.sql.gz"))
MOVED = {("session", "token_hash")}  # into session_token
Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]  # table → (columns, rows)


@pytest.fixture
def engine(kept: str) -> str:
    return kept.partition("-")[0]


@pytest.fixture
def source(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path | LentDatabases]:
    """Nothing but an empty database: the kept file makes the tables."""
    if engine == "sqlite":
        empty = tmp_path / "empty.db"
        empty.touch()
        yield empty
        return
    postgres: LentDatabases = request.getfixturevalue("postgres")  # skips where there is no PostgreSQL
    databases = LentDatabases(postgres.server, "template0")
    yield databases
    asyncio.run(databases.close())


@pytest.fixture
async def old(database: str, kept: str, tmp_path: Path) -> Config:
    """The desk of an older version."""
    script = gzip.decompress((HERE / f"{kept}.sql.gz").read_bytes()).decode()
    if database.startswith("sqlite:"):
        with closing(sqlite3.connect(tmp_path / "hub.db")) as file:
            file.executescript(script)
    else:
        connection = await asyncpg.connect(database)
        await connection.execute(script)
        await connection.close()
    return Config(data=tmp_path, database=database, zone="America/Asuncion", port=0)


async def content(config: Config) -> Rows:
    """Every row of every table, ordered."""

    def read(conn: sa.Connection) -> Rows:
        found: Rows = {}
        meta = sa.MetaData()
        meta.reflect(conn)
        for table in meta.sorted_tables:
            rows = [tuple(row) for row in conn.execute(sa.select(table))]
            found[table.name] = ([column.name for column in table.columns], sorted(rows, key=repr))
        return found

    store = open_store(config.database, ManualClock())
    await store.start()
    try:
        return await store.read(read)
    finally:
        await store.stop()


def only(rows: Rows, columns: dict[str, list[str]]) -> Rows:
    """The same tables and columns as those of an older schema, but for what has moved since."""
    kept: Rows = {}
    for table, wanted in columns.items():
        names, found = rows[table]
        wanted = [name for name in wanted if (table, name) not in MOVED]
        at = [names.index(name) for name in wanted]
        kept[table] = (wanted, sorted((tuple(row[i] for i in at) for row in found), key=repr))
    return kept


def test_every_schema_that_was_released_has_a_file_on_both_engines() -> None:
    released = {"0001", "0002", "0003"}  # the next one's is made at its release
    kept = {name.partition("-")[2] for name in FILES}
    assert kept >= released
    assert set(FILES) == {f"{engine}-{revision}" for engine in ("postgresql", "sqlite") for revision in kept}
    assert all(migrations.known(revision) for revision in kept)


@pytest.mark.parametrize("kept", FILES)
async def test_an_older_desk_is_upgraded_copied_first_checked_and_served(old: Config, kept: str) -> None:
    revision = kept.partition("-")[2]
    assert (await schema_of(old.database)).found == revision
    before = await content(old)
    names, sessions = before["session"]
    hashes = sorted(row[names.index("token_hash")] for row in sessions if row[names.index("ended_at")] is None)
    copy = await upgrade(old)
    assert (await schema_of(old.database)).found == newest()
    columns = {table: names for table, (names, _) in before.items()}
    now = await content(old)
    after, before = only(now, columns), only(before, columns)
    assert sorted(row[0] for row in now["session_token"][1]) == hashes
    version = {"alembic_version": (["version_num"], [(newest(),)])}
    assert {**after, **version} == {**before, **version}

    store = open_store(old.database, ManualClock())
    await store.start()
    assert await store.read(check) == []
    await store.stop()
    if revision == newest():
        assert copy is None
    else:
        assert copy is not None
        assert f"schema-{revision}." in copy.name
        assert manifest.read(copy).position.schema == revision
        assert await upgrade(old) is None, "the second time there is nothing to do"
    assert await shown(old) == trays_of(before)


@pytest.mark.parametrize("kept", [name for name in FILES if name.endswith("0002")])
async def test_serving_an_older_desk_copies_it_first(old: Config, kept: str, tmp_path: Path) -> None:
    async with serving(old):
        assert (await schema_of(old.database)).found == newest()
    (copy,) = (path for path in tmp_path.glob("hub.schema-0002.*") if path.suffix != ".json")
    assert manifest.read(copy).position.schema == "0002"


def trays_of(rows: Rows) -> set[str]:
    """Who stands in the trays of the agent whose session was kept, and their lines."""
    columns, messages = rows["message"]
    names, conversations = rows["conversation"]
    owner = rows["session"][1][0][rows["session"][0].index("agent_id")]
    mine = {
        row[names.index("id")]: row[names.index("last_message_id")]
        for row in conversations
        if row[names.index("owner_id")] == owner and row[names.index("state")] in ("open", "held", "calling")
    }
    return {row[columns.index("body")] for row in messages if row[columns.index("id")] in mine.values()}


async def shown(config: Config) -> set[str]:
    """The last lines of what is in progress, as a console with the old session's token is shown them."""
    hub = Hub(config)
    await hub.start()
    runner = web.AppRunner(create_app(hub), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = f"ws://127.0.0.1:{runner.addresses[0][1]}/ws"
        async with ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http, http.ws_connect(url) as ws:
            await ws.send_str(frames.encode(frames.Hello(PROTO)).decode())
            await ws.send_str(frames.encode(frames.Sub(1, tray="in_progress")).decode())
            lines: set[str] = set()
            while True:
                frame = frames.decode_hub.decode((await ws.receive(timeout=30)).data)
                if isinstance(frame, frames.Snap):
                    lines |= {row.last for row in frame.rows}
                    if frame.last:
                        return lines
    finally:
        await runner.cleanup()
        await hub.stop()


@pytest.mark.parametrize("kept", [name for name in FILES if name.endswith("0001")])
async def test_a_backup_of_an_older_version_is_restored_and_upgraded(old: Config, kept: str, tmp_path: Path) -> None:
    copy = await upgrade(old)
    assert copy is not None
    done = await restore(old, copy)
    assert (done.backup.position.schema, done.faults) == ("0001", [])
    assert (await schema_of(old.database)).found == newest()


@pytest.mark.parametrize("kept", [name for name in FILES if name.endswith("0002")])
async def test_an_upgrade_that_fails_leaves_the_desk_as_it_was(
    old: Config, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "migrations"
    shutil.copytree(migrations.HERE, broken)
    (broken / "versions" / "9999_fails.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision = '9999', '{newest()}'\n"
        "def upgrade():\n"
        "    anew = 'always' if op.get_bind().dialect.name == 'sqlite' else 'never'\n"
        "    with op.batch_alter_table('contact', recreate=anew) as batch:\n"
        "        batch.add_column(sa.Column('half', sa.String(), nullable=True))\n"
        "    op.execute(\"UPDATE contact SET name = 'lost'\")\n"
        "    op.execute('SELECT no_such_column FROM contact')\n"
    )
    before = await content(old)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "HERE", broken)
        with pytest.raises(sa.exc.DBAPIError, match="no_such_column"):
            await upgrade(old)
    assert await content(old) == before
    await upgrade(old)
    assert (await schema_of(old.database)).found == newest()


@pytest.mark.parametrize("kept", ["sqlite-0003"])
async def test_a_table_that_is_made_anew_keeps_what_refers_to_it(
    old: Config, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dropping a table deletes what refers to it, where foreign keys are on."""
    anew = tmp_path / "migrations"
    shutil.copytree(migrations.HERE, anew)
    (anew / "versions" / "9999_anew.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision = '9999', '{newest()}'\n"
        "def upgrade():\n"
        "    with op.batch_alter_table('conversation', recreate='always') as batch:\n"
        "        batch.add_column(sa.Column('later', sa.String(), nullable=True))\n"
    )
    before = await content(old)
    monkeypatch.setattr(migrations, "HERE", anew)
    await migrate(old.database)
    after = await content(old)
    for table in ("draft", "held", "message", "period"):
        columns, rows = before[table]
        width = len(columns)  # what was added since stands behind them
        assert after[table][0][:width] == columns
        assert sorted((row[:width] for row in after[table][1]), key=repr) == rows


@pytest.mark.parametrize("kept", [name for name in FILES if name.endswith("0003")])
async def test_a_newer_schema_is_refused_in_one_line_and_left_alone(old: Config, kept: str) -> None:
    from hub.faults import sentence

    store = open_store(old.database, ManualClock())
    await store.start()
    await store.write(
        lambda unit: unit.conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")) and None
    )
    await store.stop()
    before = await content(old)
    with pytest.raises(NewerSchema) as refusal:
        await upgrade(old)
    said = sentence(refusal.value)
    assert said is not None
    assert "9999" in said
    assert newest() in said
    assert "\n" not in said
    assert await content(old) == before


@pytest.mark.parametrize("kept", [name for name in FILES if name.startswith("postgresql") and name.endswith("0003")])
async def test_without_a_copy_there_is_no_upgrade_unless_it_is_said(
    old: Config, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Unable, match="--no-copy"):
        await upgrade(old)
    assert (await schema_of(old.database)).found == "0003"
    assert await upgrade(old, copy=False) is None
    assert (await schema_of(old.database)).found == newest()
