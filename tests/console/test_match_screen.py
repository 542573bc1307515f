"""Who may be the customer at hand under another entry: listed with the reason, and read in place where one may."""

import pytest
from fake_desk import ANA, CAJA, CARLA, HOUR, LUIS, NOW, SOPORTE, FakeDesk, replace
from opened import Console, Open, screen_lines

from agent_tui.link.asks import NotTold
from agent_tui.screens.history import EarlierScreen
from agent_tui.screens.matches import MatchScreen
from hub.protocol.matches import Match, Matches, MatchesOf
from hub.protocol.queries import Messages
from hub.protocol.views import Message, Row

OLD, OLDER, OTHER = 10201, 10102, 10300


def _seen(console: Console) -> str:
    return "\n".join(screen_lines(console.app))


def _hidden(number: int, name: str, state: str, owner: int | None) -> Row:
    return Row(number, 0, "chat", state, 1, CAJA, name, NOW - HOUR, NOW - HOUR, owner=owner, hid=True)


def _told(desk: FakeDesk, *, many: bool = False) -> None:
    old = replace(desk.rows[ANA], id=OLD, state="closed", owner=LUIS, q=SOPORTE, un=0, last="ya me llegó", ld="in")
    twice = Match(7, "Ana M. López", ["number", "name"], [old, _hidden(OLDER, "Ana M. López", "closed", CARLA)], True)
    desk.told["matches"] = Matches(
        [twice, Match(8, "Acme", ["email"], [_hidden(OTHER, "Acme", "waiting", None)])], many
    )
    desk.told["messages"] = [Message(9, 1, OLD, "in", NOW - HOUR, "ya me llegó")]


async def test_each_is_listed_with_what_is_in_common_and_what_they_came_with(
    open_console: Open, desk: FakeDesk
) -> None:
    _told(desk, many=True)
    async with open_console((160, 45)) as console:
        await console.press("M")
        assert isinstance(console.app.screen, MatchScreen)
        assert console.desk.asked[-1] == ("matches", MatchesOf(conversation=ANA))
        seen = _seen(console)
        assert "Ana López · 2+ contactos" in seen
        assert "Ana M. López 2+" in seen
        assert seen.count("número, nombre") == 1
        for standing in ("terminada · con Luis Duarte · Soporte", "terminada · con Carla Ríos · Caja"):
            assert standing in seen
        assert "ya me llegó" in seen


async def test_one_that_may_be_read_is_read_in_place(open_console: Open, desk: FakeDesk) -> None:
    _told(desk)
    async with open_console() as console:
        await console.press("M", "enter")
        read = console.app.screen
        assert isinstance(read, EarlierScreen)
        assert console.desk.asked[-1] == ("messages", Messages(conversation=OLD, order="newest", limit=100))
        assert "ya me llegó" in _seen(console)
        await console.press("escape")
        assert isinstance(console.app.screen, MatchScreen)
        await console.press("escape")
        assert console.app.screen is console.home


@pytest.mark.parametrize("language", ["es", "en"])
async def test_why_the_others_are_not_read_is_said(open_console: Open, desk: FakeDesk, language: str) -> None:
    _told(desk)
    said = {
        "es": ("Terminó con Carla Ríos; no podés leer", "Está en Caja, todavía con nadie"),
        "en": ("It ended with Carla Ríos; its text", "It is in Till with nobody yet"),
    }[language]
    async with open_console((80, 24), language=language) as console:
        await console.press("M")
        for why in said:
            await console.press("down", "enter")
            assert isinstance(console.app.screen, MatchScreen)
            assert why in console.app.screen.notice.words


@pytest.mark.parametrize("language", ["es", "en"])
async def test_nobody_else_and_a_hub_that_is_away_are_said(open_console: Open, desk: FakeDesk, language: str) -> None:
    desk.told["matches"] = Matches([])
    async with open_console((80, 24), language=language) as console:
        await console.press("w", "d")
        words = {"es": "Nadie más tiene este número", "en": "Nobody else has this number"}
        assert words[language] in _seen(console)
        await console.press("escape")

        def away(_: MatchesOf) -> Matches:
            raise NotTold("unreachable")

        desk.told["matches"] = away
        await console.press("w", "d")
        words = {"es": "No se llega al hub", "en": "The hub can't be reached"}
        assert words[language] in _seen(console)


async def test_on_80_columns_nothing_of_who_and_why_is_cut(open_console: Open, desk: FakeDesk) -> None:
    _told(desk)
    async with open_console((80, 24)) as console:
        await console.press("w", "d")
        seen = _seen(console)
        assert "Ana M. López 2+  número, nombre" in seen
        assert "terminada · con Carla Ríos · Caja" in seen
