"""Backups made while a hub writes are whole, of one moment, and can be put back; what can't be used says why."""

import asyncio
import os
import shutil
import sqlite3
import stat
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from small_desk import SmallDesk

from hub.config import Config
from hub.desk.principal import SYSTEM
from hub.desk.projections import check
from hub.desk.tables import message, session
from hub.protocol import commands as c
from hub.protocol.erasure import EraseContact
from hub.store.engine import open_store
from hub.store.migrate import HalfRestored, migrate
from hub.store.occupancy import BeingRestored, InUse, alone_with
from hub.store.schema import head, timer
from hub.upkeep import Unable, backup, erasures, manifest, postgres
from hub.upkeep.restore import restore


async def bodies(config: Config) -> list[str]:
    """What a desk that no hub serves holds."""
    from hub.admin import opened

    async with opened(config) as store:
        return await store.read(lambda conn: list(conn.scalars(sa.select(message.c.body).order_by(message.c.id))))


async def test_a_backup_of_a_desk_that_is_written_to_is_of_one_moment(desk: SmallDesk, tmp_path: Path) -> None:
    stop = asyncio.Event()

    async def customers(number: int) -> int:
        written = 0
        while not stop.is_set():
            await desk.say(f"p{number}", f"línea {written} " + "x" * 2000)
            written += 1
        return written

    writing = [asyncio.create_task(customers(number)) for number in range(3)]
    file, made = await backup.back_up(desk.hub.config, tmp_path / "copies")
    stop.set()
    assert sum(await asyncio.gather(*writing)) > 0
    assert manifest.read(file) == made
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(manifest.beside(file).stat().st_mode) == 0o600
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name, manifest.beside(file).name]
    await desk.hub.stop()
    restored = await restore(desk.hub.config, file)
    assert (restored.backup, restored.faults) == (made, [])

    def position(conn: sa.Connection) -> int:
        return conn.scalar(sa.select(head.c.seq)) or 0

    store = open_store(desk.hub.config.database, desk.hub.clock)
    await store.start()
    assert await store.read(position) == made.position.seq
    await store.stop()


async def test_the_key_that_secrets_are_sealed_with_is_in_no_backup(desk: SmallDesk, tmp_path: Path) -> None:
    from hub.sealing import read_keys

    read_keys(desk.hub.config.key_file)
    secret = desk.hub.config.key_file.read_bytes().strip()
    file, _ = await backup.back_up(desk.hub.config, tmp_path / "copies")
    assert all(secret not in path.read_bytes() for path in file.parent.iterdir())


async def test_only_so_many_backups_are_kept_and_foreign_files_are_left(desk: SmallDesk, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    suffix = backup.SUFFIX[backup.kind_of(desk.hub.config)]
    folder.mkdir()
    broken_off, foreign = folder / f"bandeja-20200101T000000Z{suffix}", folder / f"other{suffix}"
    for path in (broken_off, foreign):
        path.write_text("x")
    first, _ = await backup.back_up(desk.hub.config, folder / f"bandeja-20210101T000000Z{suffix}")
    second, _ = await backup.back_up(desk.hub.config, folder / f"bandeja-20220101T000000Z{suffix}")
    third, _ = await backup.back_up(desk.hub.config, folder, keep=2)
    assert backup.made_in(folder) == [second, third]
    assert not manifest.beside(first).exists()
    assert broken_off.exists()
    assert foreign.exists()
    with pytest.raises(Unable, match="is there already"):
        await backup.back_up(desk.hub.config, second)
    with pytest.raises(Unable, match="--keep goes with a folder"):
        await backup.back_up(desk.hub.config, folder / f"new{suffix}", keep=2)


async def test_what_is_no_whole_backup_is_refused_and_changes_nothing(desk: SmallDesk, tmp_path: Path) -> None:
    await desk.say("p1", "Hola")
    file, made = await backup.back_up(desk.hub.config, tmp_path / "copies")
    await desk.hub.stop()
    config = desk.hub.config
    with pytest.raises(Unable, match="There is no backup"):
        await restore(config, tmp_path / "none.db")
    manifest.write(file, msgspec.structs.replace(made, position=msgspec.structs.replace(made.position, schema="9999")))
    with pytest.raises(Unable, match="schema 9999"):
        await restore(config, file)
    other = "postgresql" if made.engine == "sqlite" else "sqlite"
    manifest.write(file, msgspec.structs.replace(made, engine=other))
    with pytest.raises(Unable, match="is a backup of"):
        await restore(config, file)
    manifest.write(file, made)
    with file.open("r+b") as stream:
        stream.seek(3000)
        stream.write(b"damaged")
    with pytest.raises(Unable, match="is not what it was"):
        await restore(config, file)
    manifest.beside(file).unlink()
    with pytest.raises(Unable, match=r"\.json is missing beside it"):
        await restore(config, file)
    assert await bodies(config) == ["Hola"]


async def test_a_desk_in_use_is_not_restored_and_one_that_is_restored_is_not_used(
    desk: SmallDesk, tmp_path: Path, engine: str
) -> None:
    await desk.say("p1", "Hola")
    file, _ = await backup.back_up(desk.hub.config, tmp_path / "copies")
    await desk.say("p1", "¿Siguen?")
    with pytest.raises(InUse):
        await restore(desk.hub.config, file)
    await desk.say("p1", "the hub goes on")
    await desk.hub.stop()
    if engine == "sqlite":
        store = open_store(desk.hub.config.database, desk.hub.clock)
        with alone_with(desk.hub.config.sqlite_path), pytest.raises(BeingRestored):  # type: ignore[arg-type]
            await store.start()
    assert await bodies(desk.hub.config) == ["Hola", "¿Siguen?", "the hub goes on"]


async def test_the_desk_that_was_there_is_kept_and_a_failed_restore_leaves_it_in_its_place(
    desk: SmallDesk, tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.say("p1", "before")
    config = desk.hub.config
    file, _ = await backup.back_up(config, tmp_path / "copies")
    await desk.say("p1", "after")
    await desk.hub.stop()
    if engine == "sqlite":
        with monkeypatch.context() as patch:
            patch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
            with pytest.raises(OSError, match="disk full"):
                await restore(config, file)
    else:
        with monkeypatch.context() as patch:
            patch.setattr("hub.upkeep.restore._UNFINISHED", "SELECT no_such_column")
            with pytest.raises(Unable, match="no_such_column"):
                await restore(config, file)
    assert await bodies(config) == ["before", "after"]
    done = await restore(config, file)
    assert await bodies(config) == ["before"]
    if engine == "sqlite":
        with sqlite3.connect(done.aside) as aside:
            assert [row[0] for row in aside.execute("SELECT body FROM message ORDER BY id")] == ["before", "after"]
        aside.close()
    else:
        assert done.aside.startswith(postgres.ASIDE)
        again, _ = await backup.back_up(config, tmp_path / "copies" / "again.dump")
        listed = tmp_path / "list"
        await postgres.run(config.database, "pg_restore", "--list", f"--file={listed}", str(again))
        assert postgres.ASIDE not in listed.read_text(), "what was put aside is in no later backup"


async def test_a_desk_is_restored_where_there_is_none(desk: SmallDesk, tmp_path: Path, engine: str) -> None:
    await desk.say("p1", "Hola")
    config = desk.hub.config
    file, _ = await backup.back_up(config, tmp_path / "copies")
    await desk.hub.stop()
    if engine == "sqlite":
        for path in tmp_path.glob("hub.db*"):
            path.unlink()
    else:
        await postgres.run(config.database, "psql", "-qc", "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    done = await restore(config, file)
    assert (done.aside, done.faults) == ("", [])
    assert await bodies(config) == ["Hola"]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_desk_that_is_damaged_beyond_reading_is_put_aside_too(desk: SmallDesk, tmp_path: Path) -> None:
    await desk.say("p1", "Hola")
    config = desk.hub.config
    file, _ = await backup.back_up(config, tmp_path / "copies")
    await desk.hub.stop()
    (tmp_path / "hub.db").write_bytes(b"nothing left" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        await backup.back_up(config, tmp_path / "more")
    assert list((tmp_path / "more").iterdir()) == []
    done = await restore(config, file)
    assert done.unread
    assert Path(done.aside).read_bytes().startswith(b"nothing left")
    assert await bodies(config) == ["Hola"]


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_a_restore_that_was_broken_off_is_not_served(
    desk: SmallDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.say("p1", "Hola")
    config = desk.hub.config
    file, _ = await backup.back_up(config, tmp_path / "copies")
    await desk.hub.stop()
    with monkeypatch.context() as patch:
        patch.setattr("hub.upkeep.restore._mend", lambda *_: (_ for _ in ()).throw(OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            await restore(config, file)
    with pytest.raises(HalfRestored):
        await migrate(config.database)
    await restore(config, file)
    await migrate(config.database)
    assert await bodies(config) == ["Hola"]


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_without_postgresqls_programs_it_is_said_what_to_install(
    desk: SmallDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Unable, match=r"pg_dump is not here.*apt install postgresql-client"):
        await backup.back_up(desk.hub.config, tmp_path / "copies")
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_password_of_the_database_stands_on_no_command_line() -> None:
    found = postgres.environment("postgresql://ana:se%40creto@db.example:5433/desk?sslmode=require")
    wanted = {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "ana",
        "PGPASSWORD": "se@creto",
        "PGSSLMODE": "require",
    }
    assert found.items() >= wanted.items()
    assert found["PGDATABASE"] == "desk"


async def test_nothing_goes_out_by_itself_that_may_have_gone_out_since(desk: SmallDesk, tmp_path: Path) -> None:
    config = desk.hub.config
    made = await desk.say("p1", "Hola", desk.whatsapp)
    page = await desk.say("p2", "Hola")
    await desk.reach("ana")
    for one in (made, page):
        await desk.run("ana", "conversation.open", c.Open(int(one["conversation"] or 0)))
    await desk.run("ana", "message.send", c.Send(int(made["conversation"] or 0), "in the queue"))
    object.__setattr__(config, "recall_seconds", 60)
    await desk.run("ana", "message.send", c.Send(int(made["conversation"] or 0), "held back"))
    await desk.run("ana", "message.send", c.Send(int(page["conversation"] or 0), "on the page"))
    file, _ = await backup.back_up(config, tmp_path / "copies")
    await desk.hub.stop()
    done = await restore(config, file)
    assert (done.unsure, done.faults) == (3, [])
    store = open_store(config.database, desk.hub.clock)
    await store.start()
    out = sa.select(message.c.body, message.c.state).where(message.c.direction == "out")
    states = await store.read(lambda conn: {row.body: row.state for row in conn.execute(out)})
    assert states == {"in the queue": "uncertain", "held back": "uncertain", "on the page": "sent"}
    assert await store.read(lambda conn: list(conn.scalars(sa.select(timer.c.id)))) == []
    await store.stop()


@pytest.mark.parametrize("known_by", ["log", "present desk"])
async def test_who_was_erased_since_the_backup_is_erased_again(desk: SmallDesk, tmp_path: Path, known_by: str) -> None:
    await desk.say("p1", "secreto de p1", name="Ana")
    await desk.say("p2", "lo de p2", name="Luz")
    config = desk.hub.config
    file, _ = await backup.back_up(config, tmp_path / "copies")
    await desk.run(SYSTEM, "contact.erase", EraseContact(1))
    log = erasures.log_of(config)
    if known_by == "log":
        erasures.add(log, await desk.hub.store.read(erasures.of_database))
    await desk.hub.stop()
    if known_by == "log":
        await restore(config, file)  # the desk that is there now knows nothing of the erasure
        erasures.add(log, [erasures.Erasure(2, 4711, 1)])  # another contact 2, of a life that was restored away
    done = await restore(config, file)
    assert done.erased == 1
    assert await bodies(config) == ["lo de p2"]
    assert 1 in {one.contact for one in erasures.read(log)}
    if config.sqlite_path is not None:
        assert b"secreto de p1" not in config.sqlite_path.read_bytes()


async def test_sessions_end_with_a_restore_where_that_is_asked_for(desk: SmallDesk, tmp_path: Path) -> None:
    await desk.run(SYSTEM, "session.start", c.StartSession(desk.ids["ana"], "a" * 64))
    file, _ = await backup.back_up(desk.hub.config, tmp_path / "copies")
    await desk.hub.stop()
    for sign_out in (False, True):
        await restore(desk.hub.config, file, sign_out=sign_out)
        store = open_store(desk.hub.config.database, desk.hub.clock)
        await store.start()
        ended = await store.read(lambda conn: conn.scalar(sa.select(session.c.ended_at)))
        assert (ended is not None) == sign_out
        assert await store.read(check) == []
        await store.stop()
