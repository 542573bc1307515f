"""One line of script puts the chat on another site: on those of the channel's list, and on no other."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Frame, Page, expect
from web_bench import Site

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.e2e]


def shop(bench) -> str:
    return (
        '<!doctype html><html lang="es"><head><title>Tienda</title>'
        '<meta name="viewport" content="width=device-width"></head><body><main><h1>Tienda</h1>'
        f'</main><script src="{bench.chat}/widget.js" async></script></body></html>'
    )


async def chat_of(page: Page) -> Frame:
    await page.get_by_role("button", name="Abrir el chat").click()
    handle = await page.wait_for_selector("iframe")
    frame = await handle.content_frame()
    assert frame is not None
    await frame.wait_for_selector("body[data-phase=online]")
    return frame


async def say(frame: Frame, text: str) -> None:
    await frame.fill("#text", text)
    await frame.press("#text", "Enter")
    await frame.wait_for_selector(".mine[data-state=sent]")


async def test_an_allowed_site_shows_the_chat_and_the_desk_learns_the_sites_page(bench, open_page, site):
    site.page = shop(bench)
    page = await open_page(f"{site.url}/yerba?marca=campesino#arriba")
    frame = await chat_of(page)
    await say(frame, "¿Tienen yerba?")
    row = await bench.conversation()
    assert row.page == f"{site.url}/yerba?marca=campesino"
    await bench.answer("Sí, de medio kilo")
    await expect(frame.locator(".theirs .text")).to_have_text("Sí, de medio kilo")


async def test_another_site_is_refused_and_offers_the_page_itself(bench, open_page):
    stranger = Site()
    await stranger.up()
    try:
        stranger.page = shop(bench)
        page = await open_page(stranger.url)
        await page.get_by_role("button", name="Abrir el chat").click()
        link = page.get_by_role("link", name="Abrilo en otra pestaña")
        await expect(link).to_be_visible(timeout=15_000)
        await expect(link).to_have_attribute("href", bench.chat)
        assert await page.locator("iframe").count() == 0
        outcome = await page.evaluate(
            """(url) => new Promise((resolve) => {
                 const socket = new WebSocket(url);
                 socket.onopen = () => resolve('open');
                 socket.onerror = () => resolve('refused');
               })""",
            f"{bench.chat}/socket".replace("http", "ws", 1),
        )
        assert outcome == "refused"
    finally:
        await stranger.down()


async def test_the_button_works_by_keyboard_and_gets_the_focus_back(bench, open_page, site):
    site.page = shop(bench)
    page = await open_page(site.url)
    button = page.get_by_role("button", name="Abrir el chat")
    await expect(button).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    close = page.locator("[data-bandeja-chat] .button")
    await expect(close).to_have_attribute("aria-expanded", "true")
    frame = await (await page.wait_for_selector("iframe")).content_frame()
    await frame.wait_for_selector("body[data-phase=online]")
    await expect(frame.locator("#text")).to_be_focused()
    await page.keyboard.type("Hola")
    await page.keyboard.press("Enter")
    await frame.wait_for_selector(".mine[data-state=sent]")
    await page.keyboard.press("Escape")
    await expect(button).to_have_attribute("aria-expanded", "false")
    await expect(button).to_be_focused()
    await expect(page.locator("iframe")).to_be_hidden()


async def test_an_answer_to_a_closed_chat_is_counted_on_the_button_also_after_a_reload(bench, open_page, site, until):
    site.page = shop(bench)
    page = await open_page(site.url)
    frame = await chat_of(page)
    await say(frame, "Hola")
    await frame.get_by_role("button", name="Cerrar el chat").click()
    first = await bench.answer("Buenas")
    await bench.answer("¿En qué te ayudo?")
    await expect(page.locator(".badge")).to_have_text("2")

    async def delivered():
        return await bench.state_of(first) == "delivered"

    await until(delivered)
    await page.reload()
    await expect(page.locator(".badge")).to_have_text("2")
    await page.get_by_role("button", name="Abrir el chat, mensajes sin leer: 2").click()

    async def read():
        return await bench.state_of(first) == "read"

    await until(read)
    await expect(page.locator(".badge")).to_be_hidden()


async def test_nothing_is_loaded_of_the_chat_before_somebody_wants_it(bench, open_page, site):
    site.page = shop(bench)
    page = await open_page(site.url)
    await expect(page.get_by_role("button", name="Abrir el chat")).to_be_visible()
    assert await page.locator("iframe").count() == 0


async def test_a_site_with_a_strict_policy_of_its_own_can_embed_the_chat(bench, open_page, site):
    site.page = shop(bench)
    site.headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src {bench.url}; frame-src {bench.url}; require-trusted-types-for 'script'"
        ),
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Referrer-Policy": "no-referrer",
    }
    page = await open_page(site.url)
    refused = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    frame = await chat_of(page)
    await say(frame, "Hola")
    box = await page.locator("[data-bandeja-chat] .button").bounding_box()
    assert (box["width"], box["height"]) == (56, 56)  # styled, although the site forbids styles
    assert [text for text in refused if "widget" in text or "chat" in text] == []


async def test_the_chat_takes_messages_only_from_the_window_around_it(bench, open_page, site):
    site.page = shop(bench)
    page = await open_page(site.url)
    frame = await chat_of(page)
    await say(frame, "Hola")
    await frame.evaluate("window.postMessage({bandeja: 'host', page: 'https://falsa.example/', open: true}, '*')")
    await page.evaluate("window.postMessage({bandeja: 'chat', unread: 7, close: true}, '*')")
    await expect(page.locator("[data-bandeja-chat] .button")).to_have_attribute("aria-expanded", "true")
    await expect(page.locator(".badge")).to_be_hidden()
    await bench.end()
    await say(frame, "Otra vez")
    assert (await bench.conversation()).page.startswith(site.url)


async def test_axe_finds_nothing_on_the_embedding_page(bench, open_page, site):
    site.page = shop(bench)
    page = await open_page(site.url, bypass_csp=True)
    await expect(page.get_by_role("button", name="Abrir el chat")).to_be_visible()
    for _ in range(2):
        results = await Axe().run(page, options={"resultTypes": ["violations"]})
        assert [fault["id"] for fault in results.response["violations"]] == []
        await chat_of(page) if await page.locator("iframe").count() == 0 else None


async def test_on_a_phone_the_chat_fills_the_screen_and_can_be_left(bench, open_page, site):
    site.page = shop(bench)
    page = await open_page(site.url, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    frame = await chat_of(page)
    box = await page.locator("iframe").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 360, "height": 640}
    await expect(page.locator("[data-bandeja-chat] .button")).to_be_hidden()
    await frame.get_by_role("button", name="Cerrar el chat").tap()
    await expect(page.get_by_role("button", name="Abrir el chat")).to_be_focused()


async def test_an_allowed_site_may_frame_the_page_by_hand(bench, open_page, site):
    site.page = f'<iframe src="{bench.chat}" title="chat"></iframe>'
    page = await open_page(site.url)
    frame = await (await page.wait_for_selector("iframe")).content_frame()
    await frame.wait_for_selector("body[data-phase=online]")
    await say(frame, "Hola")
