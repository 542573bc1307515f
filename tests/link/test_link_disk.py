"""The console's file: private, durable in order, and never in the way."""

import sqlite3
import stat
from pathlib import Path

import pytest

from agent_tui.link.disk import SCHEMA, Disk, NewerFile, _connect, open_disk
from agent_tui.link.place import claim, left_behind

INSERT = "INSERT INTO drafts VALUES (?, ?)"


async def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "consoles"
    disk = await open_disk(claim(folder, "hub", "luis"))
    disk.write([(INSERT, (1, "private"))])
    await disk.flush()
    for path in [folder, *folder.iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert len(list(folder.glob("*.db*"))) >= 2  # the journal too
    await disk.close()


async def test_jobs_are_told_in_order_and_a_failed_one_takes_no_other_with_it(tmp_path: Path) -> None:
    disk = await open_disk(claim(tmp_path, "hub", "luis"))
    told: list[str] = []
    disk.write([(INSERT, (1, "a"))], lambda: told.append("first"))
    disk.write([(INSERT, (2, "b")), (INSERT, (1, "again"))], None, lambda error: told.append(type(error).__name__))
    disk.write([(INSERT, (3, "c"))], lambda: told.append("third"))
    await disk.flush()
    assert (await disk.load()).drafts == {1: "a", 3: "c"}
    assert told == ["first", "IntegrityError", "third"]
    await disk.close()


async def test_a_callback_that_fails_does_not_end_the_writing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    disk = await open_disk(claim(tmp_path, "hub", "luis"))
    disk.write([(INSERT, (1, "a"))], lambda: [][0])  # type: ignore[func-returns-value]
    await disk.flush()
    disk.write([(INSERT, (2, "b"))])
    await disk.flush()
    assert (await disk.load()).drafts == {1: "a", 2: "b"}
    assert "IndexError" in caplog.text
    await disk.close()


async def test_a_damaged_file_is_put_aside_and_a_new_one_begun(tmp_path: Path) -> None:
    place = claim(tmp_path, "hub", "luis")
    place.path.write_bytes(b"no database at all" * 1000)
    disk = await open_disk(place)
    assert (await disk.load()).drafts == {}
    assert [path.read_bytes()[:2] for path in tmp_path.glob("*.damaged-*")] == [b"no"]
    await disk.close()


async def test_a_file_of_a_newer_console_is_left_alone(tmp_path: Path) -> None:
    place = claim(tmp_path, "hub", "luis")
    with sqlite3.connect(place.path) as newer:
        newer.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    newer.close()
    with pytest.raises(NewerFile):
        await open_disk(place)
    assert place.path.exists()


async def test_wiping_leaves_no_trace_in_the_file_but_what_the_person_typed(tmp_path: Path) -> None:
    place = claim(tmp_path, "hub", "luis")
    disk = await open_disk(place)
    disk.write([("INSERT INTO kept VALUES ('tray:pending', ?)", (b"Ana Lopez" * 50,)), (INSERT, (1, "typed"))])
    await disk.flush()
    disk.forget_desk()
    await disk.flush()
    stored = await disk.load()
    assert (stored.kept, stored.drafts) == ({}, {1: "typed"})
    left = b"".join(path.read_bytes() for path in tmp_path.glob(f"{place.path.name}*"))
    assert b"Ana" not in left
    await disk.close()


async def test_a_file_that_is_wiped_is_gone_with_its_journals_and_what_others_left(tmp_path: Path) -> None:
    left, other, place = claim(tmp_path, "hub", "luis"), claim(tmp_path, "hub", "luis"), claim(tmp_path, "hub", "luis")
    for one in (left, other):
        one.path.write_bytes(b"Ana Lopez")
    left.release()
    place.path.with_suffix(".damaged-1").write_bytes(b"Ana Lopez")
    stranger = claim(tmp_path, "hub", "marta")
    stranger.path.write_bytes(b"Luz")
    stranger.release()
    disk = Disk(place, await _connect(place.path))
    disk.write([(INSERT, (1, "typed"))])
    await disk.flush()
    told: list[str] = []
    disk.wipe()
    disk.write([(INSERT, (2, "after"))], lambda: told.append("done"))
    await disk.flush()
    await disk.flush()
    kept = {path.name for path in tmp_path.iterdir() if path.suffix != ".lock"}
    assert kept == {other.path.name, stranger.path.name}, "an open console wipes its own"
    assert (await disk.load()).drafts == {}
    assert told == ["done"]
    assert disk.renew()
    disk.write([(INSERT, (3, "anew"))])
    await disk.flush()
    assert (await disk.load()).drafts == {3: "anew"}
    await disk.close()


def test_a_place_is_free_again_when_its_holder_is_gone_and_only_then(tmp_path: Path) -> None:
    first, second = claim(tmp_path, "hub", "luis"), claim(tmp_path, "hub", "luis")
    assert first.path != second.path
    second.path.touch()
    assert left_behind(first) == []
    second.release()
    (orphan,) = left_behind(first)
    assert orphan.path == second.path
    orphan.release()
    first.release()
    assert claim(tmp_path, "hub", "luis").path == first.path


def test_agents_and_hubs_have_files_of_their_own(tmp_path: Path) -> None:
    pairs = [("hub", "luis"), ("hub", "ana"), ("other", "luis")]
    assert len({claim(tmp_path, hub, login).path for hub, login in pairs}) == 3
