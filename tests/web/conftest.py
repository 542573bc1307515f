"""One headless Chromium for all tests that drive the pages; a hub, a foreign site and a fresh profile for each.

The browser lives on the event loop of the run, so the tests that use it say `loop_scope="session"`.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

sys.path.insert(0, str(Path(__file__).parent))
from web_bench import Bench, Site

OpenPage = Callable[..., Awaitable[Page]]
WITHIN = 15_000  # ms that a page may take on a busy machine

expect.set_options(timeout=WITHIN)


def chromium_path() -> str:
    path = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), "")
    if not path:
        reason = "Chromium is not installed (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium_path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[Site]:
    site = Site()
    await site.up()
    yield site
    await site.down()


@pytest_asyncio.fixture(loop_scope="session")
async def bench(site: Site, sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Bench]:
    shutil.copy(sqlite_template, tmp_path / "hub.db")
    bench = Bench(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}", [site.url])
    await bench.up()
    yield bench
    await bench.down()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, bench: Bench) -> AsyncIterator[OpenPage]:
    """`await open_page(url, **context options)`: a page in a profile of its own; an error in it fails the test."""
    contexts, errors = [], []

    async def make(url: str = "", **options: Any) -> Page:
        context = await browser.new_context(**{"locale": "es-PY", **options})
        context.set_default_timeout(WITHIN)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(url or bench.chat)
        if not url or url == bench.chat:
            await page.wait_for_selector("body[data-phase=online]")
        return page

    yield make
    for context in contexts:
        await context.close()
    assert errors == []


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:
    """Wait for something at the hub that the browser brings about; returns what it was."""
    async with asyncio.timeout(WITHIN / 1000):
        while not (found := await condition()):
            await asyncio.sleep(0.02)
        return found


@pytest.fixture(name="until")
def _until() -> Callable[..., Awaitable[Any]]:
    return until
