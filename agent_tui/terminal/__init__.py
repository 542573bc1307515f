"""The terminal driver: what Textual paints becomes the fewest bytes that show it. Knows nothing of desks.

`driver.ThriftyDriver` is given to an app as its driver class. It keeps two pictures: the **page**, which is what
Textual wants on the screen (`page.py`), and the **glass**, which is what the terminal shows already (`glass.py`); only
where they differ is something written. It is also the last wall: of what an app writes, only what stands in `orders.py`
reaches the terminal as an order, and only when it is written by itself, never from within painted text.
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver


def driver_class(*, plain: bool = False) -> "type[Driver] | None":
    """The thrifty driver on systems with POSIX terminals, or one that paints as Textual's own does; None elsewhere:
    Textual then takes its own."""
    if sys.platform == "win32":
        return None
    from agent_tui.terminal.calling import CallingDriver
    from agent_tui.terminal.driver import ThriftyDriver

    return CallingDriver if plain else ThriftyDriver


def call(app: "App[Any]", order: str) -> None:
    """Have the terminal do something, where the app's driver can: see `calls`."""
    calling = getattr(app._driver, "call", None)
    if calling is not None:
        calling(order)


def stop(app: "App[Any]") -> bool:
    """Stop the app until a shell brings it back; whether there is one that can."""
    if not getattr(app._driver, "has_shell", False):
        return False
    app.action_suspend_process()
    return True


def entitle(app: "App[Any]", words: str) -> None:
    """Give the terminal a title for as long as the app has it; without words, its own."""
    entitling = getattr(app._driver, "entitle", None)
    if entitling is not None:
        entitling(words)


def repaint(app: "App[Any]") -> None:
    """Write the whole screen again, where the app's driver writes only what changed."""
    again = getattr(app._driver, "repaint", None)
    if again is not None:
        again()
