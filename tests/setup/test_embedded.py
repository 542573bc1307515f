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


def test_it_says_where_it_is_to_its_owner_only_and_serves_there(embedded: Embedded) -> None:
    said = embedded.start("--sample")
    assert said.keys() == {"url", "chat", "pid", "token", "agent"}
    assert said["agent"] == "laura"
    assert stat.S_IMODE((embedded.folder / "hub.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(embedded.folder.stat().st_mode) == 0o700 or embedded.keeper >= 0
    with urllib.request.urlopen(said["url"] + "/healthz") as answer:
        assert json.load(answer)["ok"] is True
    with urllib.request.urlopen(said["chat"]) as page:
        assert "text/html" in page.headers["Content-Type"]


def test_a_second_one_in_the_same_folder_ends_with_a_sentence(embedded: Embedded) -> None:
    embedded.start("--sample")
    second = embedded.spawn("--sample")
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 3
    assert b"A hub runs in" in errors


def test_a_killed_one_comes_back_at_the_same_address_with_the_same_token_and_desk(embedded: Embedded) -> None:
    first = embedded.start("--sample")
    before = (embedded.folder / "hub.db").stat().st_ino
    os.kill(first["pid"], signal.SIGKILL)
    embedded.processes[0].wait()
    again = embedded.start("--sample")
    assert (again["url"], again["token"]) == (first["url"], first["token"])
    assert (embedded.folder / "hub.db").stat().st_ino == before


def test_its_port_is_none_that_a_connection_of_others_may_be_given_while_it_is_down(embedded: Embedded) -> None:
    embedded.start("--sample")
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert 1024 <= int((embedded.folder / "port").read_text()) < lowest


def test_it_moves_where_another_program_has_taken_its_port(embedded: Embedded) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        embedded.folder.mkdir(exist_ok=True)
        (embedded.folder / "port").write_text(str(taken.getsockname()[1]))
        said = embedded.start("--sample")
    assert not said["url"].endswith(f":{taken.getsockname()[1]}" if taken.fileno() >= 0 else ":0")
    assert said["url"].endswith(":" + (embedded.folder / "port").read_text())


def test_asked_to_end_it_ends_cleanly_and_says_no_more_where_it_is(embedded: Embedded) -> None:
    said = embedded.start("--sample")
    os.kill(said["pid"], signal.SIGTERM)
    assert embedded.processes[0].wait(60) == 0
    assert not (embedded.folder / "hub.json").exists()
    log = (embedded.folder / "hub.log").read_text()
    assert "event=stopped" in log
    assert said["token"] not in log


def test_fresh_throws_a_sample_desk_away_and_keeps_nothing_but_its_address(embedded: Embedded) -> None:
    first = embedded.start("--sample")
    os.kill(first["pid"], signal.SIGTERM)
    embedded.processes[0].wait(60)
    again = embedded.start("--sample", "--fresh")
    assert again["token"] != first["token"]
    assert again["url"] == first["url"]


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


def test_a_sample_desk_that_was_broken_off_in_the_making_is_made_again(embedded: Embedded) -> None:
    embedded.folder.mkdir(exist_ok=True)
    (embedded.folder / "sample").write_text("")
    (embedded.folder / "hub.db").write_bytes(b"")
    assert embedded.start("--sample")["agent"] == "laura"


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
