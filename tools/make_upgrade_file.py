"""Keep a small desk of the present schema in tests/upgrade, on both engines, for the tests of later versions.

    tools/make_upgrade_file.py [postgresql://HOST/DATABASE]

Run at every release that has a new schema, and never again for an old one: the files are what those versions wrote.
The database, an empty one, is used as scratch; without it only SQLite's is made. The desk is the sample one, and beyond
it a message that is held back, a draft, and a session whose token is `TOKEN`.
"""

import asyncio
import gzip
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from hub.config import Config
from hub.demo.desk import make_desk
from hub.desk import drafts, people
from hub.desk.drafts import Draft
from hub.desk.execute import execute
from hub.desk.people import token_hash
from hub.desk.principal import SYSTEM
from hub.desk.tables import conversation
from hub.protocol import commands
from hub.store.clock import SystemClock
from hub.store.engine import open_store
from hub.store.migrate import migrate, newest
from hub.upkeep.postgres import environment, program

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "upgrade"
TOKEN = "a-token-of-an-older-version"  # noqa: S105 - of a desk that nobody serves but the tests


async def build(url: str, data: Path) -> None:
    """Make the desk in an empty database."""
    await migrate(url)
    await make_desk(Config(data=data, database=url))
    store = open_store(url, SystemClock())
    await store.start()
    served = sa.select(conversation.c.id, conversation.c.owner_id).where(conversation.c.state == "open")
    row = await store.read(lambda conn: conn.execute(served.order_by(conversation.c.last_in_at.desc())).first())
    assert row is not None
    who = await store.read(lambda conn: people.by_agent(conn, row.owner_id))
    assert who is not None
    answer = commands.Send(row.id, "Un momento, por favor")
    session = commands.StartSession(row.owner_id, token_hash(TOKEN), "an older console")
    await store.write(lambda unit: execute(unit, SYSTEM, "session.start", session, "upgrade-session"))
    await store.write(lambda unit: execute(unit, who, "message.send", answer, "upgrade-held", recall=60_000))
    await store.write(lambda unit: drafts.save(unit, who, Draft(row.id, "Y además", 0)))
    await store.stop()


def write(name: str, lines: Iterable[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.sql.gz"
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))
    print(f"{path}: {path.stat().st_size} bytes")


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hub.db"
        asyncio.run(build(f"sqlite:///{file}", Path(folder)))
        with closing(sqlite3.connect(file)) as database:
            write(f"sqlite-{newest()}", database.iterdump())
        for url in arguments:
            asyncio.run(build(url, Path(folder)))
            dump = [program("pg_dump"), "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=50"]
            done = subprocess.run(dump, env=environment(url), capture_output=True, text=True, check=True)  # noqa: S603 - ours
            lines = done.stdout.splitlines()
            write(f"postgresql-{newest()}", (line for line in lines if not line.startswith(("\\", "--")) and line))
    return 0


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main(sys.argv[1:]))
