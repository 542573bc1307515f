"""The page that shows the API: whole, in both languages, by keyboard, and without a script that could run in it."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from hub.config import Config
from hub.hub import Hub
from hub.protocol.commands import REGISTRY
from hub.protocol.queries import QUERIES
from hub.server import create_app

pytestmark = [pytest.mark.asyncio(loop_scope="session")]
AGENTS = [spec for spec in REGISTRY.values() if spec.actor == "agent"]


@pytest_asyncio.fixture(loop_scope="session")
async def url(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[str]:
    shutil.copy(sqlite_template, tmp_path / "hub.db")
    hub = Hub(Config(data=tmp_path, zone="UTC", port=0))
    await hub.start()
    runner = web.AppRunner(create_app(hub), shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()
    await hub.stop()


async def fetched(url: str, **headers: str) -> tuple[str, dict[str, str]]:
    async with ClientSession() as http, http.get(url, headers=headers) as response:
        assert response.status == 200
        return await response.text(), dict(response.headers)


async def test_the_page_shows_every_command_and_view_that_the_document_describes(url: str) -> None:
    page, headers = await fetched(f"{url}/api/docs?lang=en")
    for name, text in [(s.name, s.help) for s in AGENTS] + [(q.name, q.help) for q in QUERIES.values()]:
        assert f'id="op-{name}"' in page
        assert text.replace("'", "&#x27;") in page
    assert 'id="op-message.receive"' not in page
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert len(re.findall(r' id="', page)) == len(ids)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
    assert "<script" not in page
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


async def test_the_page_speaks_the_readers_language(url: str) -> None:
    spanish, _ = await fetched(f"{url}/api/docs", **{"Accept-Language": "es-PY,es;q=0.9"})
    english, _ = await fetched(f"{url}/api/docs", **{"Accept-Language": "en-US"})
    chosen, _ = await fetched(f"{url}/api/docs?lang=es", **{"Accept-Language": "en-US"})
    assert "Escribir una nota privada que ningún cliente ve nunca." in spanish
    assert "Write a private note that no customer ever sees." in english
    assert chosen == spanish
    for spec in AGENTS:
        assert spec.help.replace("'", "&#x27;") not in spanish, spec.name


# Every language meets every scheme and width, and every scheme every width. All three together would tell no more, and
# axe takes seconds of processor for so long a page; so each looks at its share of the commands and views, which are all
# of one make.
SHARES = [("es", "light", 1200), ("en", "dark", 1200), ("en", "light", 360), ("es", "dark", 360)]
KEEP = """([share, shares]) => [...document.querySelectorAll('[id^="op-"]')]
    .filter((_, number) => number % shares !== share).forEach(part => part.remove())"""


@pytest.mark.e2e
@pytest.mark.parametrize(("language", "scheme", "width"), SHARES)
async def test_axe_finds_nothing(url: str, browser: Browser, language: str, scheme: str, width: int) -> None:
    page = await opened(browser, f"{url}/api/docs?lang={language}", color_scheme=scheme, width=width)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for wide in (1560 - width, width):  # axe looks at one, and this at either
        await page.set_viewport_size({"width": wide, "height": 800})
        assert await page.evaluate(overflow) <= 0
    await page.evaluate(KEEP, [SHARES.index((language, scheme, width)), len(SHARES)])
    results = await Axe().run(page, options={"resultTypes": ["violations"]})
    faults = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in results.response["violations"]]
    assert faults == []
    await page.context.close()


@pytest.mark.e2e
async def test_the_keyboard_goes_everywhere_and_the_style_is_let_in(url: str, browser: Browser) -> None:
    page = await opened(browser, f"{url}/api/docs?lang=en", bypass=False)
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"
    await page.focus('nav a[href="#op-message.note"]')
    await page.keyboard.press("Enter")
    assert await page.evaluate("location.hash") == "#op-message.note"
    assert await page.evaluate("getComputedStyle(document.querySelector('nav')).position") == "sticky"
    await page.context.close()


async def opened(browser: Browser, url: str, *, bypass: bool = True, width: int = 1200, **options: str) -> Page:
    """axe is put into the page from outside, which the page's own policy forbids; hence `bypass`."""
    context = await browser.new_context(bypass_csp=bypass, viewport={"width": width, "height": 800}, **options)
    page = await context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    await page.goto(url)
    assert refused == []
    return page
