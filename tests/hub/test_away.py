"""A database that can't be used just now: whoever asks is told so, in the one code that every client keeps."""

from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from small_desk import Served

from hub.hub import Hub
from hub.store import writer
from hub.store.away import is_away
from hub.store.unit import Unit

BODY = "x" * 4000


async def ready(served: Served) -> tuple[int, list[str]]:
    async with ClientSession() as http, http.get(f"{served.url}/readyz") as answer:
        return answer.status, (await answer.json())["reasons"]


async def run(served: Served, *statements: str) -> None:
    def job(unit: Unit) -> None:
        for statement in statements:
            unit.conn.exec_driver_sql(statement)

    await served.hub.store.write(job)


RAISING = """CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'away' USING ERRCODE = '{}'; END $$"""
TRIGGER = "CREATE TRIGGER away BEFORE INSERT ON message EXECUTE FUNCTION away()"


async def until_refused(served: Served, conversation: int) -> Any:
    """Write until the hub can't, and then no more: what it was refused with, and the key of what it was."""
    watcher = served.watchers[0]
    for n in range(100):
        key = f"a-key-of-a-note-{n:04}"
        answer = await watcher.command("message.note", key, conversation=conversation, body=BODY)
        if hasattr(answer, "code"):
            return answer, key
    raise AssertionError("it was all written")


async def opened(served: Served) -> int:
    await served.desk.reach("ana")
    made = await served.desk.say("p1", "Hola")
    conversation = int(made["conversation"] or 0)
    watcher = await served.join("ana")
    await watcher.command("conversation.open", conversation=conversation)
    return conversation


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_full_disk_is_told_by_name_and_what_was_refused_is_taken_later(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await opened(served)
    await run(served, "PRAGMA max_page_count = 1")  # as many as there are
    refused, key = await until_refused(served, conversation)
    assert (refused.code, refused.args) == ("busy", {"why": "disk_full"})
    assert await ready(served) == (503, ["disk_full"])
    await run(served, "PRAGMA max_page_count = 1000000")
    again = await served.watchers[0].command("message.note", key, conversation=conversation, body=BODY)
    assert not hasattr(again, "code")
    monkeypatch.setattr(writer, "FULL", 0)
    assert await ready(served) == (200, [])


@pytest.mark.parametrize("engine", ["postgresql"])
@pytest.mark.parametrize(
    ("state", "why"), [("53100", {"why": "disk_full"}), ("53300", {}), ("57P01", {}), ("08006", {}), ("58030", {})]
)
async def test_what_postgresql_says_of_itself_is_no_fault_of_ours(
    served: Served, state: str, why: dict[str, str]
) -> None:
    conversation = await opened(served)
    await run(served, RAISING.format(state), TRIGGER)
    refused, key = await until_refused(served, conversation)
    assert (refused.code, refused.args) == ("busy", why)
    assert (await ready(served))[1] == list(why.values())
    await run(served, "DROP TRIGGER away ON message")
    again = await served.watchers[0].command("message.note", key, conversation=conversation, body=BODY)
    assert not hasattr(again, "code")


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_what_is_a_fault_of_ours_is_told_as_one(served: Served) -> None:
    conversation = await opened(served)
    await run(served, RAISING.format("22012"), TRIGGER)
    refused, _ = await until_refused(served, conversation)
    assert refused.code == "hub_fault"


async def test_a_statement_that_can_not_be_is_a_fault_of_ours(hub: Hub) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught:
        await hub.store.read(lambda conn: conn.exec_driver_sql("SELECT nothing FROM nowhere"))
    assert not is_away(caught.value)
