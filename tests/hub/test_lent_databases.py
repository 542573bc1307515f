"""A PostgreSQL database that a test has given back is, for the next test, a new one; or it is gone."""

from typing import Any

import asyncpg
import pytest
from lent_databases import GUESSES, SEQUENCES, SHAPE, TABLES, LentDatabases

OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


async def seen(url: str) -> dict[str, Any]:
    connection = await asyncpg.connect(url)
    try:
        tables = [name for (name,) in await connection.fetch(TABLES)]
        rows = {name: await connection.fetch(f"SELECT * FROM {name}") for name in tables}
        whole = {query: await connection.fetch(query) for query in (GUESSES, SEQUENCES, SHAPE, OTHERS)}
        return rows | {query: sorted(map(repr, found)) for query, found in whole.items()}
    finally:
        await connection.close()


async def test_the_next_borrower_can_not_tell_it_from_a_new_one(postgres: LentDatabases) -> None:
    async with postgres.lend() as url:
        new = await seen(url)
        connection = await asyncpg.connect(url)
        await connection.execute("UPDATE head SET seq = 7; DELETE FROM audit_head; SELECT nextval('tag_id_seq')")
        await connection.execute("ANALYZE")
        await connection.execute("CREATE TEMPORARY TABLE mine (); BEGIN; SELECT pg_advisory_lock(1); LOCK head")
        assert await connection.fetchval("SELECT seq FROM head") == 7
    async with postgres.lend() as again:
        assert again == url
        assert await seen(again) == new
    await connection.close()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE audit DISABLE TRIGGER USER",
        "ALTER TABLE tag ADD more integer",
        "ALTER TABLE head ALTER seq SET DEFAULT 3",
        "ALTER TABLE tag ADD CHECK (id > 0)",
        "CREATE TABLE more ()",
        "CREATE SCHEMA more",
        "CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET work_mem = 64'; END $$",
    ],
)
async def test_one_of_which_more_than_rows_has_changed_is_not_lent_again(postgres: LentDatabases, change: str) -> None:
    async with postgres.lend() as url:
        connection = await asyncpg.connect(url)
        await connection.execute(change)
        await connection.close()
    async with postgres.lend() as other:
        assert other != url
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)
