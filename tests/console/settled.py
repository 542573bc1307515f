"""What the tests of the console need not compute anew, or at all, for each console that they open.

A test opens a console of its own, and presses keys that it waits for. What is here changes nothing of what a console
does, nor of what a pilot waits for: only what Textual spends on finding that out.
"""

import asyncio
from typing import Any

import textual._wait
import textual.app
import textual.pilot
import textual.screen
from textual.app import ScreenStackError
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.message_pump import MessagePump
from textual.pilot import Pilot, WaitForScreenTimeout

STRETCH = 0.004  # seconds in which an idle process hardly works
SOON = 0.01  # seconds; Textual lays out anew 1/120 s after a terminal was resized
UPDATE = 0.002  # seconds; a screen is brought up to date each 1/60 s by itself, which would have to be waited for
_wait_by_the_clock = textual._wait.wait_for_idle
_parse_rules = Stylesheet._parse_rules
_parsed: dict[tuple[object, ...], list[RuleSet]] = {}


def _parse_once(sheet: Stylesheet, css: str, *args: Any, **kwargs: Any) -> list[RuleSet]:
    """Styles are parsed once a process and theme, not once a console. Nobody changes what was parsed."""
    key = (css, args, *kwargs.items(), *sheet._variables.items())
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, css, *args, **kwargs)
    return _parsed[key]


def _has_nothing_to_do(pump: MessagePump) -> bool:
    """Whether it stands where it waits for its next message, and there is none."""
    queue = pump._message_queue
    return queue.empty() and any(not waiter.done() for waiter in queue.ready_event._waiters)  # type: ignore[attr-defined]


async def _wait_for_screen(pilot: Pilot[Any], timeout: float = 30.0) -> bool:
    """As Textual's own, which sends a message to every widget of the screen and waits for all of them: half of all the
    messages of a test. Those that have nothing to do would answer at once, and are not asked."""
    app = pilot.app
    try:
        screen = app.screen
    except ScreenStackError:
        return False
    busy = [node for node in screen.walk_children() if not _has_nothing_to_do(node)]
    asked = [node.call_later for node in (app, screen, *busy)]
    left, all_done = 0, asyncio.Event()

    def done() -> None:
        nonlocal left
        left -= 1
        if not left:
            all_done.set()

    done._param_count = 0  # type: ignore[attr-defined]  # else it is looked for in its signature, each time
    left = sum(ask(done) for ask in asked)
    if left:
        waiting = [asyncio.create_task(all_done.wait()), asyncio.create_task(app._exception_event.wait())]
        came, pending = await asyncio.wait(waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        if not came:
            raise WaitForScreenTimeout("Timed out while waiting for widgets to process pending messages.")
    return left <= 0


async def _wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Until no step of any task is due, now or soon. Textual's own takes a process for idle that has hardly worked for
    a stretch: it sleeps through several of them for each key, and may miss a timer all the same."""
    loop = asyncio.get_running_loop()
    if loop._default_executor is not None:  # type: ignore[attr-defined]
        await _wait_by_the_clock(min_sleep, max_sleep)  # a thread works where no task shows it
        return
    end = loop.time() + max_sleep
    while loop.time() < end:
        await asyncio.sleep(0)
        if loop._ready:  # type: ignore[attr-defined]
            continue
        due = min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=end)  # type: ignore[attr-defined]
        if due > loop.time() + SOON:
            return
        await asyncio.sleep(due - loop.time())


def hurry() -> None:
    """For all consoles of this process."""
    textual._wait.SLEEP_GRANULARITY, textual._wait.SLEEP_IDLE = STRETCH, STRETCH / 10
    textual.app.wait_for_idle = textual.pilot.wait_for_idle = _wait_for_idle
    textual.screen.UPDATE_PERIOD = UPDATE  # type: ignore[misc]
    Stylesheet._parse_rules = _parse_once  # type: ignore[method-assign, assignment]
    Pilot._wait_for_screen = _wait_for_screen  # type: ignore[method-assign]
