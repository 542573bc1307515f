"""A customer in a browser, and the row of theirs in a console."""

import os
import re
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright
from seen_terminal import Terminal


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed (apt-get install chromium)")
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def visitor(browser: Browser, url: str) -> Page:
    page = await (await browser.new_context(locale="es-PY")).new_page()
    page.set_default_timeout(40_000)
    await page.goto(url)
    await page.wait_for_selector("body[data-phase=online]")
    return page


async def say(page: Page, text: str) -> None:
    await page.locator("textarea").fill(text)
    await page.keyboard.press("Enter")


async def choose(terminal: Terminal, text: str) -> None:
    """Bring the selection to the row whose last line is `text`; rows may move meanwhile.

    Each key is pressed when the one before has been seen to act: a slow console would be past the row by then.
    """

    def chosen() -> list[str]:
        return [line for line in terminal.screen.display if "▌" in line]

    await terminal.until(lambda: terminal.line(re.escape(text)) is not None)
    key = "home"
    for _ in range(80):
        if any(re.search(rf"▌.*{re.escape(text)}", line) for line in chosen()):
            return
        before = chosen()
        await terminal.key(key)
        try:
            await terminal.until(lambda before=before: chosen() not in ([], before), within=2.0)
            key = "down"
        except AssertionError:  # it is the first, or the last
            key = "down" if key == "home" else "home"
    raise AssertionError(f"{text!r} could not be chosen\n{terminal.text}")
