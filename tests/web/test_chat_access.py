"""axe-core finds nothing, in either language, in light and dark, in any state of the page."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.e2e]


async def faults(page: Page) -> str:
    results = await Axe().run(page, options={"resultTypes": ["violations"]})
    return "\n".join(
        f"{fault['id']}: {fault['help']}: {[node['html'] for node in fault['nodes']]}"
        for fault in results.response["violations"]
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["es-PY", "en-US"])
async def test_axe_finds_nothing(bench, open_page, locale, scheme):
    # axe is put into the page from outside, which the page's own policy rightly forbids
    page = await open_page(locale=locale, color_scheme=scheme, bypass_csp=True)
    await expect(page.locator("#empty")).to_be_visible()
    assert await faults(page) == ""

    await page.fill("#text", "Hola")
    await page.press("#text", "Enter")
    await page.wait_for_selector(".mine[data-state=sent]")
    await bench.answer("Está en https://tienda.example/pedidos")
    await page.wait_for_selector(".theirs")
    await bench.shown_typing(page, (await bench.conversation()).id)
    assert await faults(page) == ""

    await bench.end()
    await expect(page.locator(".ended")).to_be_visible()
    assert await faults(page) == ""

    bench.deaf = True
    await page.reload()
    await expect(page.locator("#banner")).to_be_visible()
    await page.fill("#text", "x" * 7900)
    await page.press("#text", "Enter")
    await page.fill("#text", "x" * 7900)
    await expect(page.locator(".mine[data-state=sending]")).to_have_count(1)
    assert await faults(page) == ""


async def test_axe_finds_nothing_about_a_refused_line(bench, open_page):
    page = await open_page(bypass_csp=True)
    bench.deaf = True
    await page.reload()
    await page.fill("#text", "Hola")
    await page.press("#text", "Enter")
    await page.evaluate(
        """() => {
             const name = Object.keys(localStorage).find((key) => key.includes('.line.'));
             localStorage.setItem(name, JSON.stringify({ ...JSON.parse(localStorage[name]), failed: 'forbidden' }));
           }"""
    )
    await page.reload()
    await expect(page.get_by_text("No se envió")).to_be_visible()
    assert await faults(page) == ""
    bench.deaf = False
    await page.evaluate("document.querySelector('#again').click()")  # or it has come back by itself
    await page.get_by_role("button", name="Reintentar", exact=True).click()
    await page.wait_for_selector(".mine[data-state=sent]")
    assert await bench.received() == ["Hola"]
