"""Fixtures: the sample desk, and the console on it in a terminal of any size, in any language."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fake_desk import FakeDesk
from settled import hurry
from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget

from agent_tui.app import BandejaApp
from agent_tui.looks import Looks
from agent_tui.notify.preferences import Chosen
from agent_tui.own_keys import OwnKeys
from agent_tui.registers import Registers
from agent_tui.screens.desk import DeskScreen
from agent_tui.screens.keyed import KeyedScreen
from agent_tui.theme import ThemeFile
from agent_tui.tray_sorts import TraySorts
from agent_tui.widgets.composer import Composer
from hub.protocol.commands import Send

hurry()
Open = Callable[..., AbstractAsyncContextManager["Console"]]


@dataclass
class Console:
    """The console under test, and how a person would use it."""

    app: BandejaApp
    desk: FakeDesk
    pilot: Pilot[None]

    @property
    def home(self) -> DeskScreen:
        return self.app._home

    @property
    def composer(self) -> Composer:
        return self.home.conversation.composer

    async def press(self, *keys: str) -> None:
        """Keys with time between them, as a hand gives; the console has done all of it afterwards."""
        for key in keys:
            await self.pilot.press(key)
            await self.rest()

    async def type(self, text: str) -> None:
        """Text as typed by hand."""
        await self.press(*("space" if c == " " else c for c in text))

    async def rest(self) -> None:
        """Until every key is decided and everything is painted."""
        await self.pilot.pause()
        while self.composer._held is not None or not self.app._ahead.idle:
            await self.pilot.pause(0.002)
        await self.pilot.pause()

    def commands(self, *names: str) -> list[object]:
        """What was submitted under these names."""
        return [args for name, args in self.desk.submitted if name in names]

    def answers(self) -> list[tuple[int, str]]:
        """What was sent to customers: where, and what."""
        sent = [args for _, args in self.desk.submitted if isinstance(args, Send)]
        return [(args.conversation, args.body) for args in sent]


def painted(widget: Widget) -> str:
    """What a widget shows, line by line."""
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


def screen_lines(app: App[object]) -> list[str]:
    """What stands on the whole screen, line by line."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def open_console(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> Open:
    """`async with open_console() as console`; opened and closed in the test's own task, as Textual needs it."""

    @asynccontextmanager
    async def make(
        size: tuple[int, int] = (120, 40),
        *,
        desk: FakeDesk = desk,
        language: str = "es",
        theme: str | ThemeFile = "dark",
        chat: str = "",
        style: str = "",
        keys: OwnKeys | None = None,
        looks: Looks | None = None,
        notices: Chosen | None = None,
        drawing: str = "unicode",
        blink: bool = True,
        registers: Registers | None = None,
        account: Any = None,
        sorts: TraySorts | None = None,
    ) -> AsyncIterator[Console]:
        keys = OwnKeys(Path("/nonexistent"), style) if style else keys
        app = BandejaApp(
            desk,
            theme=theme,
            language=language,
            keys=keys,
            chat=chat,
            looks=looks,
            notices=notices,
            drawing=drawing,
            blink=blink,
            registers=registers,
            account=account,
            sorts=sorts,
        )
        async with app.run_test(size=size) as pilot:
            console = Console(app, desk, pilot)
            console.composer.burst.gap = 0.0  # a test's keys come faster than any hand's
            monkeypatch.setattr(KeyedScreen, "reading_time", 0.0)
            await console.rest()
            yield console

    return make
