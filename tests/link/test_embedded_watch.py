"""The console's watch over the hub beside it, with a tiny program in the hub's place."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from agent_tui import embedded
from agent_tui.embedded import EmbeddedHub, HubFailed, HubInUse, Ready

TINY = str(Path(__file__).with_name("tiny_hub.py"))


def tiny(folder: Path, *, fresh: bool, sample: bool) -> list[str]:
    return [sys.executable, "-S", TINY, str(folder), *["--fresh"] * fresh, *["--sample"] * sample]


class Keeper:
    def __init__(self, folder: Path, **options: bool) -> None:
        self.moved: asyncio.Queue[Ready] = asyncio.Queue()
        self.trouble: asyncio.Queue[list[str]] = asyncio.Queue()
        self.hub = EmbeddedHub(
            folder, moved=self.moved.put_nowait, trouble=self.trouble.put_nowait, command=tiny, **options
        )


Keep = Callable[..., Keeper]


@pytest.fixture
async def keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Keep]:
    monkeypatch.setattr(embedded, "LEAVE_TO_OWNER", 0.1)
    keepers: list[Keeper] = []

    def make(**options: bool) -> Keeper:
        keepers.append(Keeper(tmp_path, **options))
        return keepers[-1]

    yield make
    for keeper in keepers:
        await keeper.hub.stop()


def starts(folder: Path) -> list[str]:
    return (folder / "starts").read_text().splitlines()


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/cmdline").exists() and TINY in Path(f"/proc/{pid}/cmdline").read_text()


async def test_the_first_console_starts_the_hub_and_the_second_finds_it(tmp_path: Path, keep: Keep) -> None:
    first = await keep(sample=True).hub.start()
    second = await keep(sample=True).hub.start()
    assert first == second
    assert starts(tmp_path) == ["--sample"]
    assert os.getsid(first.pid) != os.getsid(0)


async def test_consoles_that_start_at_once_end_up_with_one_hub(keep: Keep) -> None:
    found = await asyncio.gather(*(keep().hub.start() for _ in range(3)))
    assert len(set(found)) == 1


async def test_a_hub_that_was_killed_is_started_again_and_every_console_is_told(tmp_path: Path, keep: Keep) -> None:
    owner, guest = keep(fresh=True), keep()
    ready = await owner.hub.start()
    await guest.hub.start()
    os.kill(ready.pid, signal.SIGKILL)
    moved = await owner.moved.get()
    assert await guest.moved.get() == moved
    assert (moved.pid != ready.pid, alive(moved.pid)) == (True, True)
    assert "--fresh" not in starts(tmp_path)[-1]


async def test_a_guest_starts_the_hub_again_when_its_owner_has_left(keep: Keep) -> None:
    owner, guest = keep(), keep()
    ready = await owner.hub.start()
    await guest.hub.start()
    await owner.hub.stop()
    assert alive(ready.pid)
    os.kill(ready.pid, signal.SIGKILL)
    assert alive((await guest.moved.get()).pid)


async def test_the_last_console_to_leave_stops_the_hub_and_waits(tmp_path: Path, keep: Keep) -> None:
    first, second = keep(), keep()
    ready = await first.hub.start()
    await second.hub.start()
    await first.hub.stop()
    assert not (tmp_path / "ended").exists()
    await second.hub.stop()
    assert (tmp_path / "ended").exists()
    assert not alive(ready.pid)
    await second.hub.stop()


async def test_a_hub_that_does_not_start_is_told_with_the_end_of_its_log(tmp_path: Path, keep: Keep) -> None:
    (tmp_path / "behave").write_text("fail")
    with pytest.raises(HubFailed) as failure:
        await keep().hub.start()
    assert failure.value.lines[-1] == "no room on the disk�[2J"
    assert len(starts(tmp_path)) == embedded.GIVE_UP


async def test_a_hub_that_does_not_stay_up_is_told_and_tried_again(
    tmp_path: Path, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "LONGEST", 0.3)
    keeper = keep()
    ready = await keeper.hub.start()
    (tmp_path / "behave").write_text("fail")
    os.kill(ready.pid, signal.SIGKILL)
    assert "no room on the disk" in (await keeper.trouble.get())[-1]
    (tmp_path / "behave").unlink()
    assert alive((await keeper.moved.get()).pid)


async def test_starting_over_stops_a_hub_that_nobody_uses(tmp_path: Path, keep: Keep) -> None:
    left = await asyncio.create_subprocess_exec(*tiny(tmp_path, fresh=False, sample=False))
    while not (tmp_path / "hub.json").exists():
        await asyncio.sleep(0.01)
    ready = await keep(fresh=True).hub.start()
    assert (ready.pid != left.pid, starts(tmp_path)) == (True, ["", "--fresh"])
    assert await left.wait() == 0


async def test_starting_over_is_refused_while_another_console_works(keep: Keep) -> None:
    ready = await keep().hub.start()
    with pytest.raises(HubInUse):
        await keep(fresh=True).hub.start()
    assert alive(ready.pid)


async def test_what_a_killed_hub_left_behind_is_not_taken_for_a_running_one(tmp_path: Path, keep: Keep) -> None:
    (tmp_path / "hub.json").write_text('{"url": "x", "chat": "", "pid": 1, "token": ""}')
    assert (await keep().hub.start()).url != "x"


def test_the_hub_is_the_installed_one_whatever_the_working_folder_holds(tmp_path: Path) -> None:
    command = embedded.command(tmp_path, fresh=True, sample=True)
    assert command[1:] == ["-P", "-m", "hub", "serve", "--embedded", "--data", str(tmp_path), "--fresh", "--sample"]
