"""Looking for words in all that was written, and going to where they stand."""

import pytest
from fake_desk import ANA, CAJA, CARLA, HOUR, LUIS, ME, NOW, SOPORTE, FakeDesk, replace
from opened import Console, Open, screen_lines

from agent_tui.screens.search import SearchScreen, parted
from hub.protocol import queries, views

OLD = 10399
DAY = 24 * HOUR


def _seen(console: Console) -> str:
    return "\n".join(screen_lines(console.app))


def _told(desk: FakeDesk, *texts: str, go_on: int = 0) -> None:
    first = desk.threads[ANA].messages[0]
    hits = [queries.Hit(first.id - n, NOW - n, "in", text, desk.rows[ANA]) for n, text in enumerate(texts)]
    desk.told["search"] = queries.Found(hits, go_on)


async def test_words_are_looked_for_and_one_goes_to_where_they_stand(open_console: Open, desk: FakeDesk) -> None:
    _told(desk, "hice un pedido el lunes", "otro pedido")
    async with open_console() as console:
        await console.press("ctrl+k")
        await console.type("pedido")
        await console.press("enter")
        assert console.desk.asked[-1] == ("search", queries.Search(words="pedido", limit=50))
        seen = _seen(console)
        assert "hice un pedido el lunes" in seen
        assert "2 líneas" in seen
        await console.press("enter")
        assert console.home.shown == ANA
        marked = console.home.selecting.message
        assert marked is not None
        assert marked.id == desk.threads[ANA].messages[0].id


async def test_one_comes_back_to_the_results_as_they_were(open_console: Open, desk: FakeDesk) -> None:
    _told(desk, "uno", "dos", "tres")
    async with open_console() as console:
        await console.press("ctrl+k")
        await console.type("o")
        await console.press("enter", "down", "down", "escape", "ctrl+k")
        screen = console.app.screen
        assert isinstance(screen, SearchScreen)
        assert screen.field.value == "o"
        assert screen.list.marked is not None
        assert screen.list.marked.text == "tres"


async def test_who_joins_what_was_found_comes_back_to_where_they_were_in_the_results(
    open_console: Open, desk: FakeDesk
) -> None:
    first = desk.threads[ANA].messages[0]
    ended = replace(desk.rows[10400], owner=ME)
    desk.add(ended)
    found = desk.message(10400, "in", "quiero otro pedido", NOW - 1)
    hits = [queries.Hit(first.id, NOW, "in", "un pedido", desk.rows[ANA]),
            queries.Hit(found.id, NOW - 1, "in", "quiero otro pedido", ended)]  # fmt: skip
    desk.told["search"] = queries.Found(hits, 0)
    async with open_console() as console:
        await console.press("ctrl+k")
        await console.type("pedido")
        await console.press("enter", "down", "enter")
        assert console.home.shown == 10400
        await console.press("escape", "r")
        assert desk.rows[10400].state == "open"
        await console.press("escape", "ctrl+k")
        screen = console.app.screen
        assert isinstance(screen, SearchScreen)
        assert screen.list.marked is not None
        assert (screen.field.value, screen.list.marked.text) == ("pedido", "quiero otro pedido")


async def test_who_joins_one_of_attended_comes_back_to_the_place_and_the_filter(
    open_console: Open, desk: FakeDesk
) -> None:
    async with open_console((80, 24)) as console:
        await console.press("3", "/")
        await console.type("cola:ventas")
        await console.press("enter", *["down"] * 8)
        home = console.home
        rows, top = [row.id for row in home.list.tray.rows], home.list.scroll_offset.y
        assert home.list.row is not None
        joined = home.list.row.id
        at = rows.index(joined)
        await console.press("enter")
        assert home.shown == joined
        await console.press("r")
        assert desk.rows[joined].state == "open"
        await console.press("escape")
        assert home.focused is home.list
        assert (home.list.name_of_tray, home.filter_bar.field.value) == ("view", "cola:ventas")
        assert [row.id for row in home.list.tray.rows] == [one for one in rows if one != joined]
        assert home.list.row is not None
        assert home.list.row.id in rows[at - 1 : at + 2]
        assert abs(home.list.scroll_offset.y - top) <= 3


async def test_at_the_end_of_the_list_the_search_goes_on(open_console: Open, desk: FakeDesk) -> None:
    _told(desk, "uno", "dos", go_on=77)
    async with open_console() as console:
        await console.press("ctrl+k")
        await console.type("o")
        await console.press("enter", "down")
        assert console.desk.asked[-1] == ("search", queries.Search(words="o", before=77, limit=50))


async def test_a_line_that_is_not_loaded_is_loaded_up_to(open_console: Open, desk: FakeDesk) -> None:
    thread = desk.threads[ANA]
    first = thread.messages[0].id
    thread.more = True
    desk.told["search"] = queries.Found([queries.Hit(first - 5, NOW, "in", "antes 15", desk.rows[ANA])])
    async with open_console() as console:
        await console.press("ctrl+k")
        await console.type("antes")
        await console.press("enter", "enter")
        assert desk.asked_messages == [ANA]
        marked = console.home.selecting.message
        assert marked is not None
        assert marked.id == first - 5


async def test_what_is_gone_and_a_hub_that_is_away_are_said(open_console: Open, desk: FakeDesk) -> None:
    desk.told["search"] = queries.Found([queries.Hit(1, NOW, "in", "borrado", desk.rows[ANA])])
    async with open_console() as console:
        await console.press("ctrl+k")
        await console.type("borrado")
        await console.press("enter", "enter")
        assert "ya no está" in console.home.notice.words
        del desk.told["search"]
        await console.press("ctrl+k", "/", "enter")
        assert "No se llega al hub" in _seen(console)


async def test_nothing_found_says_so(open_console: Open, desk: FakeDesk) -> None:
    desk.told["search"] = queries.Found([])
    async with open_console((80, 24), language="en") as console:
        await console.press("ctrl+k")
        await console.type("zz")
        await console.press("enter")
        assert "Nothing that begins so was written here" in _seen(console)


def _hidden(number: int, name: str, state: str, queue: int, owner: int | None) -> views.Row:
    return views.Row(number, 0, "chat", state, 1, queue, name, NOW, NOW, owner=owner, hid=True)


async def test_people_are_found_and_what_may_be_read_is_gone_to(open_console: Open, desk: FakeDesk) -> None:
    _told(desk, "para Ana")
    desk.told["search"].called = [desk.rows[ANA], _hidden(7, "Ana Duarte", "open", SOPORTE, LUIS)]
    desk.told["search"].many = True
    async with open_console() as console:
        await console.press("ctrl+k")
        await console.type("ana")
        await console.press("enter")
        seen = _seen(console)
        assert "2+ conversaciones · 1 línea" in seen
        assert f"#{ANA}" in seen
        assert "#7  en curso · con Luis Duarte · Soporte" in seen
        await console.press("enter")
        assert console.home.shown == ANA
        assert console.home.selecting.message is None
        await console.press("ctrl+k")
        assert "con Luis Duarte" in _seen(console), "the results are as they were left"


@pytest.mark.parametrize("language", ["es", "en"])
async def test_why_one_of_somebody_elses_is_not_opened_is_said(
    open_console: Open, desk: FakeDesk, language: str
) -> None:
    said = {
        "es": ("Está con Carla Ríos;", "Está en Caja, todavía con nadie;", "Terminó en Caja;"),
        "en": ("It is with Carla Ríos;", "It is in Till with nobody yet;", "It ended in Till;"),
    }[language]
    rows = [("open", CARLA), ("waiting", None), ("closed", None)]
    called = [_hidden(n, "Ana", state, CAJA, owner) for n, (state, owner) in enumerate(rows, 7)]
    desk.told["search"] = queries.Found([], 0, called)
    async with open_console((80, 24), language=language) as console:
        await console.press("ctrl+k")
        await console.type("ana")
        await console.press("enter")
        for why in said:
            await console.press("enter")
            assert isinstance(console.app.screen, SearchScreen)
            assert why in console.app.screen.notice.words
            await console.press("down")


def test_the_words_that_were_looked_for_are_told_apart_whatever_their_accents() -> None:
    parts = parted("El envío, a Asunción", ["envi", "asun"])
    assert [part for part, hit in parts if hit] == ["envío", "Asunción"]
    assert "".join(part for part, _hit in parts) == "El envío, a Asunción"


@pytest.mark.parametrize("language", ["es", "en"])
async def test_lines_stand_below_each_other_whatever_their_day_is_called(
    open_console: Open, desk: FakeDesk, language: str
) -> None:
    ago = (0, DAY, 40 * DAY, 400 * DAY)
    hits = [queries.Hit(9 - n, NOW - when, "in", "pedido", desk.rows[ANA]) for n, when in enumerate(ago)]
    desk.told["search"] = queries.Found(hits, 0)
    async with open_console((80, 24), language=language) as console:
        await console.press("ctrl+k")
        await console.type("pedido")
        await console.press("enter")
        lines = [line for line in screen_lines(console.app) if "Ana López" in line]
        assert len(lines) == 4
        assert {"es": "ayer", "en": "yesterday"}[language] in lines[1]
        assert len({line.index("Ana López") for line in lines}) == 1


async def test_before_the_first_search_it_says_what_is_looked_through(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        await console.press("ctrl+k")
        seen = " ".join(_seen(console).split())
        assert "palabras, un nombre, un número o #id" in seen
        assert "en todo lo que podés ver, lo más nuevo primero; las personas, por nombre y número" in seen


@pytest.mark.parametrize("words", [10, 11, 12, 13, 14, 15])
async def test_a_line_that_is_too_long_says_so_wherever_it_is_cut(
    open_console: Open, desk: FakeDesk, words: int
) -> None:
    _told(desk, "pedido " + "a" * words + " con factura a nombre de la empresa")
    async with open_console((80, 24)) as console:
        await console.press("ctrl+k")
        await console.type("pedido")
        await console.press("enter")
        line = next(line for line in screen_lines(console.app) if "con factura" in line)
        assert line.rstrip().endswith("…")
