"""What a contact came with before: listed, searched and read in place."""

from typing import Any

import pytest
from fake_desk import ANA, CARLA, HOUR, LUIS, NOW, SOPORTE, VENTAS, FakeDesk, replace
from opened import Console, Open, screen_lines

from agent_tui.link.asks import NotTold
from agent_tui.screens.history import LINES, PAGE, EarlierScreen, HistoryScreen
from agent_tui.screens.searched_list import SearchedList
from hub.protocol.histories import History, HistoryLines
from hub.protocol.views import Message, Row

DAY = 24 * HOUR
OLD, OLDER = 10201, 10102


def _seen(console: Console) -> str:
    return "\n".join(screen_lines(console.app))


def _told(desk: FakeDesk) -> None:
    base = desk.rows[ANA]
    rows = [
        replace(base, id=OLD, state="closed", owner=LUIS, q=VENTAS, begun=NOW - 9 * DAY, ended=NOW - 9 * DAY + HOUR,
                out="attended", last="Gracias, llegó bien", un=0),
        replace(base, id=OLDER, state="closed", owner=CARLA, q=SOPORTE, begun=NOW - 40 * DAY, ended=NOW - 39 * DAY,
                out="cancelled", last="Lo cancelamos entonces", ld="out", un=0),
    ]  # fmt: skip
    lines = [
        Message(71, 1, OLD, "in", NOW - 9 * DAY, "¿Llegó mi envío?"),
        Message(72, 1, OLD, "note", NOW - 9 * DAY, "ojo: cliente mayorista", by=LUIS),
        Message(73, 1, OLD, "out", NOW - 9 * DAY, "Sale hoy", by=LUIS, st="failed"),
        Message(74, 1, OLD, "in", NOW - 9 * DAY, "Gracias, llegó bien"),
    ]

    def history(params: History) -> list[Row]:
        return [rows[0]] if params.words else rows

    desk.told["history"] = history
    desk.told["history.lines"] = lines[::-1]


async def test_one_key_lists_them_enter_reads_one_and_escape_goes_back(open_console: Open, desk: FakeDesk) -> None:
    _told(desk)
    async with open_console() as console:
        await console.press("H")
        assert desk.asked[-1] == ("history", History(conversation=ANA, limit=PAGE))
        seen = _seen(console)
        assert all(words in seen for words in ("2 conversaciones", "Luis Duarte", "Soporte", "cancelada", "Lo cancel"))
        await console.press("enter")
        assert desk.asked[-1] == ("history.lines", HistoryLines(conversation=ANA, of=OLD, limit=LINES))
        seen = _seen(console)
        assert all(words in seen for words in ("¿Llegó mi envío?", "ojo: cliente mayorista", "Gracias, llegó bien"))
        assert "otra vez" not in seen  # nothing can be tried again of what is over
        await console.press("escape")
        assert isinstance(console.app.screen, HistoryScreen)
        await console.press("escape")
        assert console.app.screen is console.home
        assert desk.submitted == []


async def test_words_narrow_it_and_the_line_that_has_them_is_marked(open_console: Open, desk: FakeDesk) -> None:
    _told(desk)
    async with open_console((80, 24), language="en") as console:
        await console.press("H", "/")
        await console.type("envio")
        await console.press("enter")
        assert desk.asked[-1][1] == History(conversation=ANA, limit=PAGE, words="envio")
        assert "1 conversation" in _seen(console)
        await console.press("enter")
        screen = console.app.screen
        assert isinstance(screen, EarlierScreen)
        assert screen.lines.marked == "m71"
        await console.press("/")
        assert isinstance(console.app.screen, SearchedList)
        assert console.app.screen.focused is console.app.screen.field


@pytest.mark.parametrize("language", ["es", "en"])
async def test_of_what_one_may_not_read_it_says_who_has_it(open_console: Open, desk: FakeDesk, language: str) -> None:
    base = desk.rows[ANA]
    kept = {"id": OLD, "hid": True, "owner": LUIS, "last": "", "num": "", "un": 0}
    desk.told["history"] = [replace(base, **kept), replace(base, **kept | {"id": OLDER, "state": "closed"})]
    async with open_console((80, 24), language=language) as console:
        await console.press("H")
        seen = _seen(console)
        assert "Luis Duarte" in seen
        assert {"es": "no la podés leer", "en": "not for you to see"}[language] in seen
        await console.press("enter")
        assert {"es": "Está con Luis", "en": "It is with Luis"}[language] in _seen(console)
        await console.press("down", "enter")
        assert {"es": "Terminó con Luis", "en": "It ended with Luis"}[language] in _seen(console)
        assert isinstance(console.app.screen, HistoryScreen)
        assert [one for one in desk.asked if one[0] == "history.lines"] == []


async def test_longer_ones_come_in_pages(open_console: Open, desk: FakeDesk) -> None:
    _told(desk)
    every = [Message(n, 1, OLD, "in", NOW - 9 * DAY, f"línea {n}") for n in range(1, 151)]
    first = replace(desk.rows[ANA], id=OLD, state="closed", owner=LUIS, un=0)

    def lines(params: HistoryLines) -> list[Message]:
        before = int(params.after) if isinstance(params.after, str) else 10**9
        return [line for line in reversed(every) if line.id < before][: params.limit]

    def history(params: History) -> list[Row]:
        before = int(params.after) if isinstance(params.after, str) else OLD + 1
        return [replace(first, id=number) for number in range(before - 1, OLD - 70, -1)][: params.limit]

    desk.told |= {"history": history, "history.lines": lines}
    async with open_console() as console:
        await console.press("H", *["pagedown"] * 3)
        screen: Any = console.app.screen
        assert [row.id for row in screen.found] == list(range(OLD, OLD - 70, -1))
        await console.press("enter", *["pageup"] * 12)
        read: Any = console.app.screen
        assert [line.id for line in read.read.messages] == list(range(1, 151))
        assert "línea 1" in _seen(console)


@pytest.mark.parametrize("language", ["es", "en"])
async def test_nothing_before_and_a_hub_that_is_away_are_said(
    open_console: Open, desk: FakeDesk, language: str
) -> None:
    desk.told["history"] = []
    async with open_console((80, 24), language=language) as console:
        await console.press("H")
        words = {"es": "No hay ninguna conversación anterior", "en": "There is no earlier conversation"}
        assert words[language] in _seen(console)
        await console.press("escape")
        _told(desk)

        def away(_: HistoryLines) -> list[Message]:
            raise NotTold("not_found", {"what": "conversation", "id": OLD})

        desk.told["history.lines"] = away
        await console.press("H", "enter")
        assert isinstance(console.app.screen, EarlierScreen)
        assert console.app.screen.notice.words
        await console.press("escape", "escape")
        del desk.told["history"]
        await console.press("H")
        words = {"es": "No se llega al hub", "en": "The hub can't be reached"}
        assert words[language] in _seen(console)


async def test_what_may_be_typed_and_what_the_columns_are_called_stand_above_the_list(
    open_console: Open, desk: FakeDesk
) -> None:
    _told(desk)
    async with open_console((80, 24)) as console:
        await console.press("H")
        lines = screen_lines(console.app)
        typed = next(y for y, line in enumerate(lines) if "palabras de lo que se escribió" in line)
        heads = next(y for y, line in enumerate(lines) if "quién la tuvo" in line)
        first = next(y for y, line in enumerate(lines) if "Gracias, llegó bien" in line)
        assert (heads - typed, first - heads) == (2, 1)
