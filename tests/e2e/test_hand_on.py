"""Two agents at their consoles and a customer in a browser: offered, taken, given back, missed, transferred to a queue
and to an agent, ended with form and topic, and reopened; each as the others see it."""

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "hub"))
from browsing import browser as browser
from browsing import choose, say, visitor
from seen_terminal import Terminal
from served_process import ServedProcess

from hub.auth import hash_password
from hub.desk.principal import SYSTEM
from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol.forms import Field

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
PASSWORD = "correct horse battery"
MISSED = 12  # seconds that an agent has to open what was given to them
HELLO = "Una ayudita"  # short enough for a row that says who looks at it, too


@pytest.fixture
async def served(
    make_hub: Callable[..., Awaitable[Hub]], database: str, tmp_path: Path
) -> AsyncIterator[ServedProcess]:
    """A hub with an offering queue, one that pushes to Marta before Luis, and a web chat."""
    hub = await make_hub()

    async def run(name: str, args: c.Args, key: str) -> int:
        made: dict[str, Any] = await hub.submit(SYSTEM, name, args, f"key-of-{key}")
        return int(next(iter(made.values())) or 0)

    secret = await hash_password(PASSWORD)
    marta = await run("agent.save", c.SaveAgent("marta", "Marta Giménez", "agent", password_hash=secret), "marta")
    luis = await run("agent.save", c.SaveAgent("luis", "Luis Duarte", "agent", password_hash=secret), "luis")
    offer = c.SaveQueue("mesa", {"es": "Mesa"}, primary=[marta, luis], handout="offer")
    desk = await run("queue.save", offer, "mesa")
    push = c.SaveQueue("ventas", {"es": "Ventas"}, [marta], [luis], open_within=MISSED, topics_required=True)
    sales = await run("queue.save", push, "ventas")
    await run("form.save", c.SaveForm(sales, [Field("producto", "text", {"es": "Producto"}, required=True)]), "form")
    await run("topic.save", c.SaveTopic(sales, "cambio", {"es": "Cambio de talle"}), "topic")
    await run("channel.save", c.SaveChannel("sitio", "web", {"es": "Sitio"}, desk, "web", "#7a5ce0"), "sitio")
    await hub.stop()
    served = ServedProcess(tmp_path, database)
    await served.start()
    yield served
    await served.kill()


@pytest.fixture
async def sign_in(served: ServedProcess, tmp_path: Path) -> AsyncIterator[Callable[[str], Awaitable[Terminal]]]:
    """A console in which somebody has signed in."""
    terminals: list[Terminal] = []

    async def enter(login: str) -> Terminal:
        folder = tmp_path / f"of-{login}"
        env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("BANDEJA", "LC_", "LANG", "XDG"))},
            "BANDEJA_DATA": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "BANDEJA_LANGUAGE": "es",
            "BANDEJA_NOTIFY": "off",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        terminal = Terminal([sys.executable, "-m", "agent_tui"], env)
        terminals.append(terminal)
        await terminal.until("Contraseña")
        for text in (served.url, login, PASSWORD):
            terminal.type(text)
            await terminal.key("tab" if text != PASSWORD else "enter")
        await terminal.until("Pendientes")
        return terminal

    yield enter
    for terminal in terminals:
        terminal.close()


async def test_a_conversation_goes_from_hand_to_hand(
    browser: Browser, served: ServedProcess, sign_in: Callable[[str], Awaitable[Terminal]]
) -> None:
    marta, luis = await sign_in("marta"), await sign_in("luis")
    page = await visitor(browser, f"{served.url}/chat/sitio")
    await say(page, HELLO)

    # offered to both; one takes it, and the other sees with whom it is
    await luis.until(HELLO)
    await choose(marta, HELLO)
    await marta.key("enter")
    await marta.until("En curso 1")
    await luis.until(lambda: luis.line(HELLO) is None)

    # declined: it is offered again, and the other one takes it
    await marta.key("esc")
    await marta.press("2")
    await choose(marta, HELLO)
    await marta.press("b")
    await marta.until(r"¿Devolver.*\?")
    await marta.answer("s")
    await marta.until("En curso 0")
    await choose(luis, HELLO)
    await luis.key("enter")
    await luis.until("En curso 1")
    luis.type("Hola, ¿en qué puedo ayudar?")
    await luis.key("enter")
    await page.get_by_text("¿en qué puedo ayudar?").wait_for()

    # transferred to a queue, with a comment: given to the primary member there, who misses it
    await luis.press("\x14")
    await luis.until("Transferir")
    luis.type("ventas")
    await luis.key("tab")
    await luis.until("transfer ventas")
    luis.type("quiere otro talle")
    await luis.key("enter")
    await luis.until("espera en Ventas")
    await marta.until("Pendientes 1")
    await marta.press("1")
    await marta.until("quiere otro talle")
    await marta.until("Pendientes 0")

    # not opened in time: given to the other one, and both can see why
    await luis.until("Pendientes 1")
    await choose(luis, "quiere otro talle")
    await luis.press("w")
    await luis.press("h")
    await luis.until("Sin atender a tiempo por Marta")
    await luis.until("asesor propio")
    await luis.key("esc")
    await luis.until("Pendientes 1")
    await luis.key("enter")
    await luis.until("En curso 1")

    # transferred to an agent by name
    await luis.press("\x14")
    await luis.until("Transferir")
    luis.type("marta")
    await luis.key("enter")
    await luis.until("Transferida a Marta")
    await marta.until("Pendientes 1")
    await choose(marta, "quiere otro talle")
    await marta.key("enter")
    await marta.until("En curso 1")
    marta.type("Soy Marta, ya lo cambio")
    await marta.key("enter")
    await page.get_by_text("Soy Marta").wait_for()
    assert not await page.get_by_text("quiere otro talle").count(), "a comment is a private note"

    # ended, for which the queue asks its form and a topic, and reopened by who has it
    await marta.key("esc")
    await marta.press("2")
    await choose(marta, "Soy Marta")
    await marta.press("e")
    await marta.until("Producto")
    marta.type("Zapatilla 42")
    await marta.key("tab")
    await marta.key("enter")
    await marta.until("Cambio de talle")
    marta.type("cambio")
    await marta.key("enter")
    await marta.key("f9")
    await marta.until(r"¿Terminar.*\?")
    await marta.answer("s")
    await marta.until("En curso 0")
    await marta.press("3")
    await choose(marta, "Soy Marta")
    await marta.press("r")
    await marta.until("En curso 1")
    marta.type("Una cosa más")
    await marta.key("enter")
    await page.get_by_text("Una cosa más").wait_for()
