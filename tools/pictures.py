"""Take the pictures in docs/pictures: real screens of the sample desk and of its web chat, drawn by Chromium.

usage: pictures.py   (needs Chromium; `make pictures` runs it)
"""

import asyncio
import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, async_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from agent_tui import i18n, theme
from agent_tui.app import BandejaApp
from agent_tui.console import desk_at
from agent_tui.embedded import EmbeddedHub, Ready
from agent_tui.link.address import Address
from agent_tui.link.desk import LiveDesk
from agent_tui.link.model import TRAYS
from agent_tui.settings import Settings
from hub.protocol.commands import Open, Send

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
FONT = re.compile(r"@font-face\s*{[^}]*}")  # the drawing asks for a font from elsewhere; the machine's own will do
SHOTS = (
    # name, columns, lines, theme, tray, customer whose conversation is opened, keys before the picture
    ("desk-120x40-dark", 120, 40, "dark", "in_progress", "Ana López", (*"Hola Ana, /env",)),
    ("desk-160x45-light", 160, 45, "light", "in_progress", "Pedro Acosta", ()),
    ("note-120x40-ansi", 120, 40, "ansi", "in_progress", "Marta Villalba", ("ctrl+n", *"Falta el RUC")),
    ("conversation-80x24-light", 80, 24, "light", "in_progress", "Carlos Benítez", ()),
    ("trays-80x24-dark", 80, 24, "dark", "pending", "", ()),
    ("sheet-80x24-high-contrast", 80, 24, "high-contrast", "in_progress", "Carlos Benítez", ("f4",)),
    ("message-120x40-dark", 120, 40, "dark", "in_progress", "Pedro Acosta", ("ctrl+f", "up")),
    ("switcher-120x40-light", 120, 40, "light", "in_progress", "", ("ctrl+g", "a", "c")),
    ("commands-80x24-dark", 80, 24, "dark", "in_progress", "", ("ctrl+p",)),
    ("line-120x40-mono", 120, 40, "mono", "in_progress", "", (":", *"tag ")),
    ("letters-120x40-dark", 120, 40, "dark", "in_progress", "Ana López", ("ctrl+x", "ctrl+f")),
    ("emoji-80x24-light", 80, 24, "light", "in_progress", "Ana López", (":", "f", "e")),
    ("colours-120x40-ansi", 120, 40, "ansi", "in_progress", "Ana López", ("f11",)),
    ("status-80x24-mono", 80, 24, "mono", "in_progress", "", ("f3",)),
    ("notifications-80x24-dark", 80, 24, "dark", "in_progress", "", ("ctrl+x", "a", "down", "down", "down")),
    ("shortcuts-120x40-high-contrast", 120, 40, "high-contrast", "in_progress", "", ("f2",)),
    ("shortcut-80x24-dark", 80, 24, "dark", "in_progress", "", ("f2", "n", *"gracias")),
    ("help-80x24-light", 80, 24, "light", "in_progress", "Ana López", ("f1",)),
)
NAMES = {"/": "slash", " ": "space", ",": "comma", ":": "colon"}


async def draw(browser: Browser, svg: str, target: Path) -> None:
    page = await browser.new_page(device_scale_factor=1)
    await page.set_content(f"<body style='margin:0'>{FONT.sub('', svg)}</body>")
    await page.locator("svg").screenshot(path=target)
    await page.close()


async def console(browser: Browser, desk: LiveDesk, chat: str) -> None:
    for name, columns, lines, colors, tray, customer, keys in SHOTS:
        app = BandejaApp(desk, theme=theme.load(colors, ()), language="es", chat=chat)
        async with app.run_test(size=(columns, lines)) as pilot:
            await pilot.pause(1.5)
            await pilot.press(str(TRAYS.index(tray) + 1))
            names = [row.name for row in desk.tray(tray).rows]
            if customer:
                await pilot.press("home", *["down"] * names.index(customer), "enter")
            await pilot.pause(0.5)
            for key in keys:
                await pilot.press(NAMES.get(key, key))
            await pilot.pause(0.5)
            await draw(browser, app.export_screenshot(title="Bandeja"), PICTURES / f"{name}.png")
            for row in desk.tray(tray).rows:
                desk.save_draft(row.id, "")


async def page(browser: Browser, desk: LiveDesk, chat: str) -> None:
    tab = await browser.new_page(viewport={"width": 720, "height": 560}, locale="es-PY")
    await tab.goto(chat)
    await tab.wait_for_selector("body[data-phase=online]")
    for line in ("Hola, hice un pedido el lunes y todavía no llega", "¿Sale hoy?"):
        await tab.locator("textarea").fill(line)
        await tab.keyboard.press("Enter")
        await tab.wait_for_timeout(500)
    mine = next(row for row in desk.tray("pending").rows if row.last == "¿Sale hoy?")
    desk.submit("conversation.open", Open(mine.id))
    desk.submit("message.send", Send(mine.id, "¡Buenas! Sí: sale hoy por la tarde y te llega mañana."))
    await tab.get_by_text("Sí: sale hoy").wait_for()
    await tab.wait_for_timeout(500)
    await tab.screenshot(path=PICTURES / "web-chat.png")


async def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    i18n.use("es")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))

        def moved(_: Ready) -> None:
            raise RuntimeError("the hub of the pictures died")

        hub = EmbeddedHub(settings.demo, sample=True, moved=moved, trouble=print)
        ready = await hub.start()
        try:
            async with (
                async_playwright() as playwright,
                desk_at(settings, "pictures", ready.agent, Address(ready.url, ready.token)) as desk,
            ):
                desk.start()
                browser = await playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox"]
                )
                await console(browser, desk, ready.chat)
                await page(browser, desk, ready.chat)
                await browser.close()
        finally:
            await hub.stop()


if __name__ == "__main__":
    asyncio.run(main())
