"""The chat page against a running hub, in a real browser."""

import dataclasses
import logging

import pytest
from playwright.async_api import Page, expect
from web_bench import ROOMY

from hub.channels.ratelimit import Rate
from hub.protocol import visitor
from hub.web.chat_routes import Outlet

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.e2e]


async def say(page: Page, *lines: str) -> None:
    for line in lines:
        await page.fill("#text", line)
        await page.press("#text", "Enter")


def bubbles(page: Page):
    return page.locator(".bubble .text")


async def test_a_line_from_the_page_reaches_the_desk_with_where_it_was_written(bench, open_page, site, until):
    site.page = f'<a href="{bench.chat}">chat</a>'
    page = await open_page(f"{site.url}/ofertas")
    await page.click("a")
    await page.wait_for_selector("body[data-phase=online]")
    await say(page, "¿Hacen envíos?")
    await page.wait_for_selector(".mine[data-state=sent]")
    row = await bench.conversation()
    assert await bench.received() == ["¿Hacen envíos?"]
    assert (row.language, row.page) == ("es", bench.chat)
    assert row.referrer.startswith(site.url)


async def test_the_answer_appears_under_the_agents_name_and_stays_after_a_reload(bench, open_page):
    page = await open_page()
    await say(page, "Hola")
    await page.wait_for_selector(".mine[data-state=sent]")
    await bench.answer("Buenas tardes")
    await expect(page.locator(".theirs .text")).to_have_text("Buenas tardes")
    await expect(page.locator(".who")).to_have_text("Lucía Giménez")
    await page.fill("#text", "una idea a medias")
    await page.reload()
    await expect(bubbles(page)).to_have_text(["Hola", "Buenas tardes"])
    await expect(page.locator("#text")).to_have_value("una idea a medias")


async def test_what_is_written_while_the_hub_is_away_goes_out_once_and_in_order(bench, open_page, until):
    page = await open_page()
    await say(page, "uno")
    await page.wait_for_selector(".mine[data-state=sent]")
    await bench.down()
    await expect(page.locator("#banner")).to_be_visible()
    await say(page, "dos", "tres", "cuatro")
    await expect(page.locator(".mine[data-state=sending]")).to_have_count(3)
    await bench.up()
    await expect(page.locator(".mine[data-state=sent]")).to_have_count(4)
    await expect(page.locator("#banner")).to_be_hidden()
    await expect(bubbles(page)).to_have_text(["uno", "dos", "tres", "cuatro"])
    assert await bench.received() == ["uno", "dos", "tres", "cuatro"]


async def test_a_page_that_a_stopping_hub_sends_away_comes_back_by_itself_with_what_was_written(bench, open_page):
    page = await open_page()
    await bench.hub.farewell()
    await page.wait_for_selector("body[data-phase=waiting]")
    await say(page, "mientras tanto")
    await bench.down()
    await bench.up()
    await expect(page.locator(".mine[data-state=sent]")).to_have_count(1)
    assert await bench.received() == ["mientras tanto"]


async def test_unsent_lines_outlive_a_reload(bench, open_page):
    page = await open_page()
    bench.deaf = True
    await page.reload()
    await say(page, "uno", "dos")
    await page.reload()
    await expect(bubbles(page)).to_have_text(["uno", "dos"])
    await expect(page.locator(".mine[data-state=sending]")).to_have_count(2)
    bench.deaf = False
    await page.evaluate("document.querySelector('#again').click()")  # or it has come back by itself
    await expect(page.locator(".mine[data-state=sent]")).to_have_count(2)
    assert await bench.received() == ["uno", "dos"]


async def test_a_line_whose_answer_was_lost_is_not_written_twice(bench, open_page, monkeypatch):
    lost = []
    send = Outlet.send

    def lose_the_first_answer(outlet: Outlet, frame: visitor.HubFrame | None) -> None:
        if isinstance(frame, visitor.Ok) and not lost:
            lost.append(frame)
            outlet.end()
        send(outlet, frame)

    monkeypatch.setattr(Outlet, "send", lose_the_first_answer)
    page = await open_page()
    await say(page, "una sola vez")
    await page.wait_for_selector(".mine[data-state=sent]")
    await expect(bubbles(page)).to_have_text(["una sola vez"])
    assert lost
    assert await bench.received() == ["una sola vez"]


async def test_two_tabs_show_one_conversation(bench, open_page):
    page = await open_page()
    other = await page.context.new_page()
    await other.goto(bench.chat)
    await other.wait_for_selector("body[data-phase=online]")
    await say(page, "de la primera")
    await expect(other.locator(".mine[data-state=sent]")).to_have_count(1)
    await say(other, "de la segunda")
    await bench.answer("a las dos")
    for tab in (page, other):
        await expect(bubbles(tab)).to_have_text(["de la primera", "de la segunda", "a las dos"])


async def test_typing_shows_both_ways(bench, open_page, until):
    heard = []
    page = await open_page()
    await say(page, "Hola")
    await page.wait_for_selector(".mine[data-state=sent]")
    conversation = (await bench.conversation()).id

    def hear(*told):
        heard.append(told)

    bench.hub.presence.listen(hear)
    await page.locator("#text").press_sequentially("Qui")

    async def began():
        return (conversation, None, True) in heard

    async def ended():
        return (conversation, None, False) in heard

    await until(began)
    await page.fill("#text", "")
    await until(ended)
    bench.hub.presence.deafen(hear)
    await bench.shown_typing(page, conversation)
    await expect(page.locator("#typing-text")).to_have_text("Lucía Giménez está escribiendo")
    bench.typing(conversation, False)
    await expect(page.locator("#typing")).to_have_class("typing")


async def test_read_marks_go_both_ways(bench, open_page, until):
    page = await open_page()
    await say(page, "Hola")
    await page.wait_for_selector(".mine[data-state=sent]")
    await bench.read()
    await page.wait_for_selector(".mine[data-state=read]")
    await expect(page.get_by_role("img", name="Leído")).to_be_visible()
    answer = await bench.answer("Buenas")

    async def read():
        return await bench.state_of(answer) == "read"

    await until(read)
    await page.reload()
    await page.wait_for_selector(".mine[data-state=read]")


async def test_an_answer_that_nobody_looks_at_is_delivered_and_not_read(bench, open_page, until):
    page = await open_page()
    await say(page, "Hola")
    await page.wait_for_selector(".mine[data-state=sent]")
    await page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true})")
    answer = await bench.answer("¿Seguís ahí?")

    async def delivered():
        return await bench.state_of(answer) == "delivered"

    await until(delivered)
    await expect(page).to_have_title("(1) Tienda Don José")


async def test_an_ended_conversation_says_so_and_begins_again(bench, open_page):
    page = await open_page()
    await say(page, "Hola")
    await page.wait_for_selector(".mine[data-state=sent]")
    await bench.end()
    ended = page.locator(".ended")
    await expect(ended).to_have_text("Esta conversación terminó. Escribí para empezar de nuevo.")
    await page.reload()
    await expect(ended).to_be_visible()
    await say(page, "Otra cosa")
    await expect(ended).to_have_count(0)
    await bench.answer("Decime")
    await expect(bubbles(page)).to_have_text(["Hola", "Otra cosa", "Decime"])


@pytest.mark.parametrize(
    ("locale", "language", "label", "title"),
    [
        ("es-PY", "es", "Tu mensaje", "Tienda Don José"),
        ("en-GB", "en", "Your message", "Don José Store"),
        ("pt-BR", "es", "Tu mensaje", "Tienda Don José"),
        ("de-DE", "en", "Your message", "Don José Store"),
    ],
)
async def test_the_page_speaks_the_browsers_language(bench, open_page, locale, language, label, title):
    page = await open_page(locale=locale)
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await expect(page.get_by_role("textbox", name=label)).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)


HOSTILE = [
    "<script>window.pwned = 1</script>",
    '<img src=x onerror="window.pwned = 1">',
    '"><svg onload=window.pwned=1>',
    "javascript:window.pwned=1",
    "{{constructor.constructor('window.pwned = 1')()}}",
    "&lt;b&gt;entities&lt;/b&gt; <b>bold</b>",
    "abc\u202egnp.exe\u0007\u001b]52;c;AAAA\u0007",
]


async def test_hostile_text_is_inert_both_ways(bench, open_page):
    page = await open_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    for text in HOSTILE:
        await say(page, text)
    await expect(page.locator(".mine[data-state=sent]")).to_have_count(len(HOSTILE))
    for text in HOSTILE:
        await bench.answer(text)
    await expect(page.locator(".theirs")).to_have_count(len(HOSTILE))
    await page.reload()
    await expect(page.locator(".theirs")).to_have_count(len(HOSTILE))
    shown = await page.locator(".theirs .text").all_text_contents()
    assert shown == [*HOSTILE[:-1], "abcgnp.exe]52;c;AAAA"]
    assert await page.evaluate("window.pwned") is None
    assert await page.locator("#lines :is(script, img, svg, b, a)").count() == 0
    assert refused == []  # nothing even got as far as being stopped by the policy


async def test_only_web_addresses_of_ours_become_links_and_they_show_where_they_lead(bench, open_page):
    page = await open_page()
    await say(page, "mirá https://visitante.example/")
    await page.wait_for_selector(".mine[data-state=sent]")
    await bench.answer(
        "Está en https://tienda.example/a?b=1. No en https://banco.example@otro.example/ ni en ftp://x.y/"
    )
    link = page.locator("#lines a")
    await expect(link).to_have_text(["https://tienda.example/a?b=1"])
    await expect(link).to_have_attribute("href", "https://tienda.example/a?b=1")
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


async def test_a_note_reaches_neither_the_page_nor_its_socket(bench, open_page):
    frames = []
    page = await open_page()
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    await page.reload()
    await say(page, "Hola")
    await page.wait_for_selector(".mine[data-state=sent]")
    await bench.note("cliente difícil, ojo con el crédito")
    await bench.answer("Buenas")
    await expect(page.locator(".theirs")).to_have_count(1)
    await page.reload()
    await expect(page.locator(".theirs")).to_have_count(1)
    assert len(frames) >= 4
    assert not any("difícil" in frame for frame in frames)
    assert "difícil" not in await page.content()


async def test_the_token_is_in_no_address_and_in_no_log(bench, open_page, caplog):
    caplog.set_level(logging.DEBUG)
    asked = []
    page = await open_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    await page.reload()
    await say(page, "Hola")
    await page.wait_for_selector(".mine[data-state=sent]")
    token = await page.evaluate("localStorage.getItem('bandeja.chat.web.token')")
    assert len(token) == 43
    assert len(asked) > 5
    assert not any(token in text for text in [*asked, page.url, caplog.text])


async def test_the_keyboard_is_enough(bench, open_page):
    page = await open_page()
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.type("una")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("dos")
    await page.keyboard.press("Enter")
    await expect(page.locator("#text")).to_be_focused()
    await expect(page.locator("#text")).to_have_value("")
    await page.wait_for_selector(".mine[data-state=sent]")
    assert await bench.received() == ["una\ndos"]
    await page.keyboard.type("tres")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Enviar")).to_be_focused()
    await page.keyboard.press("Space")
    await expect(page.locator(".mine[data-state=sent]")).to_have_count(2)
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("log", name="Conversación")).to_be_focused()


async def test_an_input_methods_enter_sends_nothing(bench, open_page):
    page = await open_page()
    await page.fill("#text", "にほん")
    await page.dispatch_event("#text", "keydown", {"key": "Enter", "isComposing": True, "keyCode": 229})
    await expect(page.locator("#text")).to_have_value("にほん")
    assert await bench.received() == []


async def test_blank_lines_are_not_sent(bench, open_page):
    page = await open_page()
    await say(page, "   \n ", "algo")
    await page.wait_for_selector(".mine[data-state=sent]")
    assert await bench.received() == ["algo"]


@pytest.mark.parametrize("width", [320, 360, 768])
async def test_nothing_is_wider_than_the_screen(bench, open_page, width):
    page = await open_page(viewport={"width": width, "height": 560}, has_touch=True, is_mobile=True)
    await say(page, "x" * 300, "palabra " * 60)
    await expect(page.locator(".mine[data-state=sent]")).to_have_count(2)
    await bench.answer("https://tienda.example/" + "y" * 300)
    await expect(page.locator(".theirs")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate("document.querySelector('#log').scrollWidth") <= width


async def test_whoever_asked_for_less_motion_gets_none(bench, open_page):
    page = await open_page(reduced_motion="reduce")
    await say(page, "Hola")
    await page.wait_for_selector(".mine[data-state=sent]")
    await bench.shown_typing(page, (await bench.conversation()).id)
    assert await page.evaluate("document.getAnimations().length") == 0


async def test_all_languages_have_the_same_texts(bench, open_page):
    page = await open_page()
    names = await page.evaluate(
        """async () => {
             const script = document.querySelector('script[type=module]').src;
             const { STRINGS } = await import(script.replace('chat.js', 'strings.js'));
             return Object.values(STRINGS).map((table) => Object.keys(table).sort().join());
           }"""
    )
    assert len(names) == 2
    assert len(set(names)) == 1


async def test_whoever_writes_too_fast_loses_nothing(bench, open_page):
    await bench.down()
    bench.rates = dataclasses.replace(ROOMY, visitor_lines=Rate(2, 2))
    await bench.up()
    page = await open_page()
    words = [f"línea {n}" for n in range(5)]
    await say(page, *words)
    await expect(page.get_by_text("Estás escribiendo muy rápido")).to_be_visible()
    await expect(page.locator(".mine[data-state=sent]")).to_have_count(5)
    await expect(page.get_by_text("Estás escribiendo muy rápido")).to_be_hidden()
    assert await bench.received() == words


async def test_a_hub_restored_from_an_older_copy_makes_the_page_forget_what_is_void(bench, open_page):
    page = await open_page()
    await say(page, "antes de la copia")
    await page.wait_for_selector(".mine[data-state=sent]")
    await bench.down()
    database = bench.config.sqlite_path
    copy = database.read_bytes()
    await bench.up()
    await say(page, "perdida con el disco")
    await expect(page.locator(".mine[data-state=sent]")).to_have_count(2)
    await bench.down()
    database.write_bytes(copy)
    for left in database.parent.glob("hub.db-*"):
        left.unlink()
    await bench.up()
    await expect(bubbles(page)).to_have_text(["antes de la copia"])
