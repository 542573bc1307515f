"""The whole of it, as a newcomer would try it: a browser, a console in a terminal, and a hub that is killed."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parent))
from browsing import browser as browser
from browsing import choose, say, visitor
from seen_terminal import Terminal

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


class Desk:
    """The sample desk in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "bandeja"
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("BANDEJA", "LC_", "LANG", "XDG"))},
            "BANDEJA_DATA": str(self.data),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "BANDEJA_LANGUAGE": "es",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        self.consoles: list[Terminal] = []

    def console(self) -> Terminal:
        terminal = Terminal([sys.executable, "-m", "agent_tui", "demo"], self.env)
        self.consoles.append(terminal)
        return terminal

    @property
    def hub(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "demo" / "hub.json").read_text())
        return found

    def bodies(self, like: str) -> list[str]:
        with sqlite3.connect(f"file:{self.data / 'demo' / 'hub.db'}?mode=ro", uri=True) as database:
            rows = database.execute("SELECT body FROM message WHERE body LIKE ? ORDER BY id", (f"%{like}%",))
            return [row[0] for row in rows]


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    for terminal in desk.consoles:
        terminal.close()


async def settled(page: Page, texts: list[str]) -> None:
    """The page shows exactly these lines of ours, in this order."""
    shown: list[str] = []
    for _ in range(400):
        shown = list(await page.locator("[role=log]").all_inner_texts())
        if all(text in "\n".join(shown) for text in texts):
            break
        await asyncio.sleep(0.1)
    whole = "\n".join(shown)
    assert [whole.count(text) for text in texts] == [1] * len(texts), whole
    assert sorted(texts, key=whole.index) == texts


async def test_a_customer_is_served_and_nothing_is_lost_whatever_dies(browser: Browser, desk: Desk) -> None:
    console = desk.console()
    await console.until("Pendientes")
    page = await visitor(browser, desk.hub["chat"])

    await say(page, "Hola, escribo desde el sitio")
    await choose(console, "Hola, escribo desde el sitio")
    await console.key("enter")
    await console.until("›")
    await console.until(lambda: console.line("nuevo") is not None)

    console.type("/envio-h")
    await console.until("/envio-hoy")
    await console.key("tab")
    await console.until(lambda: console.line(r"› Tu pedido") is not None)
    await console.key("ctrl+j")
    console.type("segunda línea")
    await console.until("segunda línea")
    await console.key("enter")
    await page.get_by_text("segunda línea").wait_for()
    answered = desk.bodies("segunda línea")
    assert len(answered) == 1
    assert answered[0].count("\n") == 1
    assert "{{" not in answered[0]

    # the hub dies under both, and both go on writing
    dead = desk.hub["pid"]
    os.kill(dead, signal.SIGKILL)
    console.type("escrito sin hub")
    await console.key("enter")
    await say(page, "yo también sin hub")
    await console.until("yo también sin hub")
    await settled(page, ["Hola, escribo desde el sitio", "segunda línea", "escrito sin hub"])
    assert desk.hub["pid"] != dead
    for text in ("escrito sin hub", "yo también sin hub", "segunda línea"):
        assert len(desk.bodies(text)) == 1, text

    # hub and console die together, with a line that can't have gone out
    os.kill(desk.hub["pid"], signal.SIGKILL)
    console.type("lo último que escribí")
    await console.until("lo último que escribí")
    await console.key("enter")
    await console.until(lambda: console.line(r"lo último que escribí.*○") is not None or desk.bodies("lo último"))
    console.kill()
    again = desk.console()
    await again.until("Pendientes")
    await page.get_by_text("lo último que escribí").wait_for()
    await settled(page, ["segunda línea", "escrito sin hub", "lo último que escribí"])
    assert len(desk.bodies("lo último que escribí")) == 1


async def test_a_console_whose_terminal_is_closed_ends_and_takes_its_hub_with_it(desk: Desk) -> None:
    console = desk.console()
    await console.until("Pendientes")
    hub = desk.hub["pid"]
    desk.consoles.remove(console)
    console.hang_up()
    for process in (console.process.pid, hub):
        for _ in range(400):
            if not Path(f"/proc/{process}").exists() or (console.process.poll() is not None and process != hub):
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError(f"process {process} is still there")
