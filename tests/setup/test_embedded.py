"""The hub beside a console: one a folder, findable, at the same address again, gone when nobody wants it."""

import asyncio
import json
import os
import signal
import socket
import stat
import urllib.request
from pathlib import Path

import pytest
from embedding import Embedded, until

from hub.embedded import NotASample, Occupied, sole, start_over, until_lonely, write_privately


def end(embedded: Embedded, pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    assert embedded.processes[-1].wait(60) == 0


def test_it_says_where_it_is_to_its_owner_only_serves_there_alone_and_ends_cleanly(embedded: Embedded) -> None:
    said = embedded.start("--sample")
    assert said.keys() == {"url", "chat", "pid", "token", "agent"}
    assert said["agent"] == "laura"
    assert stat.S_IMODE((embedded.folder / "hub.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(embedded.folder.stat().st_mode) == 0o700 or embedded.keeper >= 0
    with urllib.request.urlopen(said["url"] + "/healthz") as answer:
        assert json.load(answer)["ok"] is True
    with urllib.request.urlopen(said["chat"]) as page:
        assert "text/html" in page.headers["Content-Type"]

    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    port = int((embedded.folder / "port").read_text())
    assert 1024 <= port < lowest, "no connection of others may be given its port while it is down"

    second = embedded.spawn("--sample")
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 3
    assert b"A hub runs in" in errors

    embedded.processes.remove(second)
    end(embedded, said["pid"])
    assert not (embedded.folder / "hub.json").exists()
    log = (embedded.folder / "hub.log").read_text()
    assert "event=stopped" in log
    assert said["token"] not in log


def test_a_killed_one_comes_back_as_it_was_and_fresh_keeps_nothing_but_its_address(embedded: Embedded) -> None:
    first = embedded.start("--sample")
    before = (embedded.folder / "hub.db").stat().st_ino
    os.kill(first["pid"], signal.SIGKILL)
    embedded.processes[0].wait()
    again = embedded.start("--sample")
    assert (again["url"], again["token"]) == (first["url"], first["token"])
    assert (embedded.folder / "hub.db").stat().st_ino == before

    end(embedded, again["pid"])
    fresh = embedded.start("--sample", "--fresh")
    assert fresh["token"] != first["token"]
    assert fresh["url"] == first["url"]


def test_it_moves_where_its_port_is_taken_and_makes_again_a_sample_desk_that_was_broken_off(embedded: Embedded) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        embedded.folder.mkdir(exist_ok=True)
        (embedded.folder / "port").write_text(str(port))
        (embedded.folder / "sample").write_text("")
        (embedded.folder / "hub.db").write_bytes(b"")
        said = embedded.start("--sample")
    assert not said["url"].endswith(f":{port}")
    assert said["url"].endswith(":" + (embedded.folder / "port").read_text())
    assert said["agent"] == "laura"


def test_a_desk_that_is_not_a_sample_is_never_thrown_away_nor_written_into(embedded: Embedded) -> None:
    embedded.folder.mkdir(exist_ok=True)
    (embedded.folder / "hub.db").write_text("precious")
    for options in (("--sample", "--fresh"), ("--sample",)):
        process = embedded.spawn(*options)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 1
        assert b"is not a sample" in errors
    with pytest.raises(NotASample):
        start_over(embedded.folder)
    assert (embedded.folder / "hub.db").read_text() == "precious"


async def test_it_stays_while_a_console_holds_it_and_ends_when_none_does(embedded: Embedded) -> None:
    keepers = embedded.folder / "keepers.lock"
    asked = asyncio.Event()
    waiting = asyncio.create_task(until_lonely(keepers, asked, lonely=0.1))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    embedded.let_go()
    await asyncio.wait_for(waiting, 30)


async def test_a_signal_ends_it_even_while_a_console_holds_it(embedded: Embedded) -> None:
    asked = asyncio.Event()
    asked.set()
    await asyncio.wait_for(until_lonely(embedded.folder / "keepers.lock", asked, lonely=1000), 30)


def test_the_lock_is_free_again_when_its_holder_is_gone(tmp_path: Path) -> None:
    with sole(tmp_path / "desk"), pytest.raises(Occupied), sole(tmp_path / "desk"):
        pass
    with sole(tmp_path / "desk"):
        pass


def test_what_is_written_privately_is_whole_and_the_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "hub.json"
    write_privately(path, "one")
    write_privately(path, "two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["hub.json"]


def test_a_fault_that_ends_it_is_found_in_its_log_or_on_its_errors(embedded: Embedded) -> None:
    embedded.folder.mkdir(exist_ok=True)
    (embedded.folder / "sample").write_text("made")
    (embedded.folder / "hub.db").write_text("not a database, " * 100)
    process = embedded.spawn("--sample")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"not a database" in errors
    until(lambda: not (embedded.folder / "hub.json").exists(), "no hub.json of a hub that failed")
