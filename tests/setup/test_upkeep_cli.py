"""What an administrator does for the data from a shell: each command says what it did, and a failure how to mend it."""

import json
import zipfile
from pathlib import Path

import pytest
from shell import Shell

MARK = "Zanahoria"


@pytest.fixture
def served(shell: Shell) -> Shell:
    """A desk with agents, a queue, a channel and a customer who has written."""
    import asyncio

    from hub import admin
    from hub.config import Config

    shell.ok("init", "--login", "root", "--name", "Root", password="long enough")
    shell.ok("user", "add", f"ana.{MARK.lower()}", "--name", f"Ana {MARK}", password="long enough")
    shell.ok("queue", "add", "ventas", "--name", f"Ventas {MARK}", "--member", f"ana.{MARK.lower()}")
    shell.ok("channel", "add", "web", "--queue", "ventas", "--origin", f"https://{MARK.lower()}.example")

    async def write() -> None:
        async with admin.opened(Config(data=shell.data)) as store:
            line = {"channel": 1, "external_id": f"web:{MARK}", "name": MARK, "phone": "595981555001"}
            await admin.submit(store, "message.receive", body=f"{MARK}: 595981555001", **line)

    asyncio.run(write())
    return shell


def test_a_desk_is_backed_up_and_put_back(served: Shell) -> None:
    said = served.ok("backup", "--keep", "3")
    (file,) = (served.data / "backups").glob("*.db")
    assert said.startswith(f"{file}: ")
    assert "schema" in said
    served.ok("user", "add", "luis", password="long enough")
    told = served.ok("restore", str(file))
    assert "The desk is as it was at event" in told
    (aside,) = served.data.glob("hub.before-restore-*.db")
    assert f"is kept in {aside}" in told
    assert "luis" not in served.ok("user", "list")
    assert "Everything holds." in served.ok("check")


def test_what_can_not_be_restored_is_said_in_a_sentence(served: Shell, tmp_path: Path) -> None:
    assert "There is no backup" in served.refused("restore", str(tmp_path / "none.db"))
    (tmp_path / "lost.db").write_bytes(b"x")
    assert "lost.db.json is missing beside it" in served.refused("restore", str(tmp_path / "lost.db"))
    assert "--keep takes a number from 0 on." in served.refused("backup", "--keep=-1")


def test_the_key_is_named_that_is_in_no_backup(served: Shell) -> None:
    from hub.sealing import read_keys

    read_keys(served.data / "hub.key")
    assert f"The key in {served.data / 'hub.key'} is not in it" in served.ok("backup")


def test_a_customer_is_erased_only_when_that_is_said_twice(served: Shell) -> None:
    assert "Name the customer by a number" in served.refused("erase", "contact")
    assert "There is no such contact: 77" in served.refused("erase", "contact", "77")
    said = served.ok("erase", "contact", "--identity", f"web:web:{MARK}")
    assert said.startswith("Contact 1: 1 conversations, 1 messages, first seen 20")
    assert "Nothing was erased." in said
    assert "They are erased." in served.ok("erase", "contact", "--conversation", "1", "--yes")
    assert "They were erased before." in served.ok("erase", "contact", "1", "--yes")
    assert json.loads((served.data / "erasures.log").read_text())["contact"] == 1
    assert "Everything holds." in served.ok("check")


def test_nothing_personal_is_in_a_diagnostics_bundle(served: Shell, tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    log.write_text(
        f'timestamp=2026-11-28T14:00:00Z level=warning event=command_failed agent=3 error="no such {MARK}"\n'
        f"Traceback (most recent call last):\n"
        f'  File "/home/{MARK}/hub/desk/messages.py", line 12, in do_send\n'
        f"ValueError: {MARK} wrote 595981555001\n"
        f"timestamp=2026-11-28 14:00:00,123 aiohttp.server: {MARK} name={MARK} number=595981555001\n"
    )
    bundle = tmp_path / "bundle.zip"
    secrets = {"BANDEJA_HUB_ENTITY": MARK, "BANDEJA_HUB_PUBLIC_URL": f"https://{MARK.lower()}.example"}
    done = served.run("diagnostics", "--to", str(bundle), "--log", str(log), "--port", "1", **secrets)
    assert (done.code, done.err) == (0, "")
    assert bundle.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(bundle) as parts:
        whole = {name: parts.read(name).decode() for name in parts.namelist()}
    for name, text in whole.items():
        for secret in (MARK, MARK.lower(), "595981555001", "argon2", str(served.data)):
            assert secret not in text, (name, secret)
    assert json.loads(whole["counts.json"])["message"] == 1
    assert json.loads(whole["settings.json"])["entity"] == "set"
    assert json.loads(whole["settings.json"])["port"] == 1
    assert json.loads(whole["check.json"]) == []
    assert "event=command_failed agent=3" in whole["log.txt"]
    assert "messages.py:12 do_send\nValueError: …" in whole["log.txt"]
    assert "ix_conversation_state" in whole["plans.txt"]
    assert whole["metrics.txt"].startswith("not reachable")


def test_labels_of_metrics_that_may_name_somebody_are_taken_out() -> None:
    from hub.upkeep.cleaning import metrics

    raw = f'# HELP x y\nqueue_waiting{{queue="{MARK}",state="open"}} 3\nlag_bucket{{le="0.5"}} 2\nup 1\n'
    kept = '# HELP x y\nqueue_waiting{queue="…",state="open"} 3\nlag_bucket{le="0.5"} 2\nup 1\n'
    assert metrics(raw) == kept
