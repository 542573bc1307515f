"""The console's watch, its link and the real embedded hub, as `bandeja demo` puts them together."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from agent_tui.embedded import EmbeddedHub, Ready
from agent_tui.link.address import Address
from agent_tui.link.desk import LiveDesk, open_desk
from agent_tui.link.place import claim
from hub.protocol.commands import Note


async def until(desk: LiveDesk, holds: object) -> None:
    changed = asyncio.Event()
    desk.subscribe(lambda _: changed.set())
    async with asyncio.timeout(60):
        while not holds():  # type: ignore[operator]
            await changed.wait()
            changed.clear()


@pytest.mark.e2e
async def test_a_hub_killed_under_the_console_comes_back_without_a_lost_or_doubled_line(tmp_path: Path) -> None:
    moved: asyncio.Queue[Ready] = asyncio.Queue()
    trouble: list[list[str]] = []
    hub = EmbeddedHub(tmp_path / "demo", sample=True, moved=moved.put_nowait, trouble=trouble.append)
    ready = await hub.start()
    desk = await open_desk(claim(tmp_path / "desks", "demo", ready.agent), Address(ready.url, ready.token))
    desk.start()
    try:
        await until(desk, lambda: not desk.link.stale and desk.tray("in_progress").rows)
        thread = desk.open_thread(desk.tray("in_progress").rows[0].id)
        await until(desk, lambda: thread.loaded)
        for n in range(6):
            desk.submit("message.note", Note(thread.conversation, f"note {n}"))
            if n == 2:
                os.kill(ready.pid, signal.SIGKILL)
        again = await asyncio.wait_for(moved.get(), 60)
        desk.use(Address(again.url, again.token))
        await until(desk, lambda: desk.link.unsent == 0 and all(m.rev for m in thread.messages))
        assert [m.b for m in thread.messages if m.b.startswith("note ")] == [f"note {n}" for n in range(6)]
        assert (again.url, again.token, trouble) == (ready.url, ready.token, [])
    finally:
        await desk.stop()
        await hub.stop()
    assert not (tmp_path / "demo" / "hub.json").exists()
