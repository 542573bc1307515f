"""The reports at a shell."""

import asyncio
import csv
import io
import json
from typing import Any

import msgspec
import pytest
from shell import Shell

from hub import admin
from hub.config import Config
from hub.desk import people
from hub.desk.execute import execute
from hub.protocol.registry import REGISTRY


@pytest.fixture
def desk(desk: Shell) -> Shell:
    """The same with one conversation, of a customer with a name like a formula, that ana has transferred to caja."""
    for login in ("ana", "luis"):
        desk.ok("user", "add", login, "--name", login.title(), password="long enough")
    desk.ok("queue", "add", "ventas", "--member", "ana")
    desk.ok("queue", "add", "caja", "--member", "luis")
    desk.ok("channel", "add", "web", "--queue", "ventas")
    (desk.data / "form.json").write_text(json.dumps({"fields": [
        {"code": "reason", "kind": "text", "name": {"es": "Motivo"}},
        {"code": "call", "kind": "phone", "name": {"es": "Llamar"}},
    ]}))  # fmt: skip
    desk.ok("form", "import", "ventas", str(desk.data / "form.json"))
    asyncio.run(_transfer(Config(data=desk.data, database=f"sqlite:///{desk.data / 'hub.db'}")))
    return desk


async def _transfer(config: Config) -> None:
    async with admin.opened(config) as store:
        ana = await store.read(lambda conn: people.by_agent(conn, 1))
        assert ana is not None

        async def run(command: str, **values: Any) -> None:
            args = msgspec.convert(values, REGISTRY[command].args)
            await store.write(lambda unit: execute(unit, ana, command, args, f"key-{command}"))

        said = {"channel": 1, "external_id": "p1", "body": "Hola", "name": "=1+1"}
        await admin.submit(store, "message.receive", **said)
        await run("conversation.open", conversation=1)
        await run("form.fill", conversation=1, version=1, values={"reason": "=cmd", "call": "+595 981 123456"})
        await run("conversation.transfer", conversation=1, queue=2, comment="+595 pide factura")


def test_transfers_are_told_by_codes_and_logins_and_run_nothing(desk: Shell) -> None:
    (row,) = csv.DictReader(io.StringIO(desk.ok("report", "transfers")))
    assert (row["from queue"], row["from agent"], row["to queue"], row["to agent"]) == ("ventas", "ana", "caja", "")
    assert (row["channel"], row["customer"], row["comment"]) == ("web", "'=1+1", "'+595 pide factura")
    assert (row["transferred by"], row["transfer no."], row["waited (s)"]) == ("ana", "1", "")
    for given, rows in ((("--queue", "caja"), 1), (("--agent", "luis"), 0), (("--to", "2020-01-01"), 0)):
        assert len(desk.ok("report", "transfers", *given).splitlines()) == rows + 1


def test_each_field_of_a_form_has_its_column_which_runs_nothing(desk: Shell) -> None:
    (row,) = csv.DictReader(io.StringIO(desk.ok("report", "transfers")))
    assert (row["form of"], row["form version"], row["ventas: reason"]) == ("ventas", "1", "'=cmd")
    assert (row["ventas: call"], row["ventas: call (digits)"]) == ("'+595 981 123456", "595981123456")
    waits, had = csv.DictReader(io.StringIO(desk.ok("report", "attentions")))
    assert (waits["form of"], waits["form version"], waits["ventas: reason"]) == ("", "", "")
    assert (had["form of"], had["ventas: reason"]) == ("ventas", "'=cmd")


def test_attentions_go_to_a_file_and_that_is_on_record(desk: Shell) -> None:
    file = desk.data / "attentions.csv"
    desk.ok("report", "attentions", str(file), "--from", "2020-01-01", "--channel", "web")
    assert file.stat().st_mode & 0o777 == 0o600
    waits, row = csv.DictReader(file.open())
    assert (waits["queue"], waits["agent"], waits["ended by"]) == ("caja", "", "")
    assert (row["queue"], row["agent"], row["messages in"], row["ended by"]) == (
        "ventas", "ana", "1", "conversation.transfer",
    )  # fmt: skip
    assert "of=reports.attentions" in desk.ok("audit", "search", "--what", "look")
    assert "is there already" in desk.refused("report", "attentions", str(file))


def test_what_can_not_be_reported_is_said(desk: Shell) -> None:
    file = desk.data / "none.csv"
    refused = desk.refused("report", "transfers", str(file), "--from", "yesterday")
    assert (refused, file.exists()) == ("--from is a day, like 2026-11-28.\n", False)
    assert desk.refused("report", "transfers", "--from", "2026-13-01") == "--from is a day, like 2026-11-28.\n"
    assert desk.refused("report", "transfers", "--to", "2026-02-30") == "--to is a day, like 2026-11-28.\n"
    assert desk.refused("report", "attentions", "--queue", "nowhere") == "There is no nowhere.\n"
