"""The page that a link for a new password opens, in a real browser: what it does, and what it leaves nowhere."""

import re
import secrets
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from hub.auth import fits
from hub.desk import people
from hub.desk.principal import SYSTEM
from hub.protocol.accounts import LinkPassword

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.e2e]
PAGE = Path(__file__).parents[2] / "hub" / "web" / "reset"


async def linked(bench):
    token = secrets.token_urlsafe(32)
    link = LinkPassword(bench.agent, people.token_hash(token))
    await bench.hub.submit(SYSTEM, "password.link", link, f"link:{token[:8]}")
    return token


async def password_is(bench, password):
    found = await bench.hub.store.read(lambda conn: people.credentials(conn, "lucia"))
    return found.password_hash.startswith("$argon2") and await fits(found.password_hash, password)


async def test_a_new_password_is_set_by_keyboard_alone(bench, open_page):
    token = await linked(bench)
    page = await open_page(f"{bench.url}/reset#{token}")
    await expect(page.locator("h1")).to_have_text("Contraseña nueva")
    await expect(page.locator("#password")).to_be_focused()
    for typed in ("corta", "Enter", "nueva-y-larga", "Tab", "nueva-y-lerga", "Enter"):
        await (page.keyboard.press(typed) if typed in ("Enter", "Tab") else page.keyboard.type(typed))
        if typed == "Enter" and await page.locator("#password").input_value() == "corta":
            await expect(page.locator("#fault")).to_contain_text("menos de 8")
            await page.fill("#password", "")
    await expect(page.locator("#fault")).to_contain_text("no son iguales")
    await expect(page.locator("#again")).to_be_focused()
    await page.fill("#again", "nueva-y-larga")
    await page.keyboard.press("Enter")
    await expect(page.locator("#done")).to_be_focused()
    await expect(page.locator("#done")).to_contain_text("bandeja login")
    await expect(page.locator("#form")).to_be_hidden()
    assert await password_is(bench, "nueva-y-larga")


async def test_the_token_is_in_no_address_and_in_no_history(bench, open_page):
    token = await linked(bench)
    asked = []
    page = await open_page("about:blank")
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{bench.url}/reset#{token}")
    await expect(page.locator("#password")).to_be_focused()
    assert page.url == f"{bench.url}/reset"
    assert any(url.endswith("reset.js") for url in asked)
    assert not any(token in url for url in asked[1:])  # the first is as the browser shows it, not as it sends it
    stored = await page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])")
    assert token not in stored


@pytest.mark.parametrize(("token", "words"), [("x" * 43, "already"), ("", "not whole")])
async def test_a_link_that_is_no_good_says_what_to_do(bench, open_page, token, words):
    page = await open_page(f"{bench.url}/reset#{token}", locale="en-US")
    if token:
        await page.fill("#password", "long enough")
        await page.fill("#again", "long enough")
        await page.click("#set")
    await expect(page.locator("#done")).to_contain_text(words)
    await expect(page.locator("#done")).to_contain_text("ask an admin")


async def test_a_hub_that_is_away_loses_nothing_that_was_typed(bench, open_page):
    token = await linked(bench)
    page = await open_page(f"{bench.url}/reset#{token}", locale="en-US")
    await page.fill("#password", "long enough")
    await page.fill("#again", "long enough")
    await page.context.set_offline(True)
    await page.click("#set")
    await expect(page.locator("#fault")).to_contain_text("can't be reached")
    await page.context.set_offline(False)
    await page.click("#set")
    await expect(page.locator("#done")).to_contain_text("is set")
    assert await password_is(bench, "long enough")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["es-PY", "en-US"])
async def test_axe_finds_nothing(bench, open_page, locale, scheme):
    # axe is put into the page from outside, which the page's own policy rightly forbids
    page = await open_page(f"{bench.url}/reset#x", locale=locale, color_scheme=scheme, bypass_csp=True)
    for _ in range(2):
        results = await Axe().run(page, options={"resultTypes": ["violations"]})
        assert [(fault["id"], fault["nodes"]) for fault in results.response["violations"]] == []
        await page.fill("#password", "x")
        await page.click("#set")
        await expect(page.locator("#fault")).not_to_be_empty()


async def test_nothing_but_the_pages_own_files_runs_and_nobody_frames_it(bench, open_page):
    page = await open_page("about:blank")
    answer = await page.goto(f"{bench.url}/reset")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_both_languages_say_everything():
    tables = re.findall(r"^  (\w+): \{\n(.*?)^  \},", (PAGE / "strings.js").read_text("utf-8"), re.M | re.S)
    names = {language: re.findall(r"^    (\w+):", body, re.M) for language, body in tables}
    assert names.keys() == {"en", "es"}
    assert names["en"] == names["es"]
    used = set(re.findall(r'data-text="(\w+)"', (PAGE / "index.html").read_text("utf-8")))
    used |= set(re.findall(r"words\.(\w+)", (PAGE / "reset.js").read_text("utf-8")))
    assert used == set(names["en"])
