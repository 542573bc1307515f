"""Handing on: transfers, assignments, priorities, the pause, and why a conversation is where it is."""

import pytest
from fake_desk import ANA, CAJA, CARLA, LUIS, ME, NOW, SOPORTE, VENTAS, FakeDesk, replace
from opened import Console, Open, painted, screen_lines

from agent_tui import i18n
from agent_tui.handed import bars, destinations
from agent_tui.orders import BadOrder, Orders
from agent_tui.story import reasons, told
from hub.protocol import commands, handing, queries, views

CARLOS = 10470


def _seen(console: Console) -> str:
    return "\n".join(screen_lines(console.app))


async def test_one_key_a_part_of_the_name_and_enter(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("2", "T")
        await console.type("luis")
        assert "Luis Duarte" in _seen(console)
        await console.press("enter")
        name, args = console.desk.submitted[-1]
        assert (name, args) == ("conversation.transfer", handing.Transfer(CARLOS, SOPORTE, LUIS))
        assert "Transferida a Luis Duarte, en Soporte." in console.home.notice.words


async def test_to_a_queue_it_waits_there(open_console: Open) -> None:
    async with open_console(language="en") as console:
        await console.press("2", "T")
        await console.type("sales")
        await console.press("enter")
        assert console.desk.submitted[-1][1] == handing.Transfer(CARLOS, VENTAS)
        assert "it waits in Sales" in console.home.notice.words
        assert console.desk.rows[CARLOS].state == "waiting"


async def test_it_works_while_one_writes_and_keeps_what_is_written(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("2", "enter")
        await console.type("un momento")
        await console.press("ctrl+t")
        await console.type("caja")
        await console.press("enter")
        assert console.desk.submitted[-1][1] == handing.Transfer(CARLOS, CAJA)
        assert console.desk.drafts[CARLOS] == "un momento"


async def test_what_cant_be_had_says_why_and_is_not_chosen(open_console: Open) -> None:
    desk = FakeDesk()
    desk.agents[CARLA] = replace(desk.agents[CARLA], status="offline", reach=False)
    desk.queues[9] = views.Queue(9, 1, "vieja", {"es": "Cola vieja"}, [LUIS], active=False)
    async with open_console(desk=desk) as console:
        await console.press("2", "T")
        await console.type("vieja")
        assert "cerrada" in _seen(console)
        before = list(desk.submitted)
        await console.press("enter")
        assert desk.submitted == before
        assert console.app.screen is not console.home
    why = {one.agent.id: one.why for one in destinations(desk, desk.rows[CARLOS]) if one.agent is not None}
    assert why[CARLA] == "desconectado"
    assert any(
        one.agent is not None and one.agent.id == LUIS and not one.why for one in destinations(desk, desk.rows[CARLOS])
    )


async def test_tab_goes_on_in_the_line_with_a_comment(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("2", "T")
        await console.type("luis")
        await console.press("tab")
        await console.type("pide factura A")
        await console.press("enter")
        args = console.desk.submitted[-1][1]
        assert args == handing.Transfer(CARLOS, SOPORTE, LUIS, "pide factura A")


def test_the_line_takes_queue_agent_and_comment() -> None:
    i18n.use("en")
    desk = FakeDesk()
    orders = Orders(desk, desk.rows[CARLOS], [])
    assert orders.read("transfer ventas").args == handing.Transfer(CARLOS, VENTAS)
    assert orders.read("transfer ventas @luis").args == handing.Transfer(CARLOS, VENTAS, LUIS)
    assert orders.read("transfer ventas quiere pagar").args == handing.Transfer(CARLOS, VENTAS, None, "quiere pagar")
    for line, field in (("transfer", "queue"), ("transfer nada", "queue"), ("transfer ventas @nadie", "agent")):
        with pytest.raises(BadOrder, match=field):
            orders.read(line)


def test_the_line_offers_who_works_in_the_queue_and_says_who_can_t_be_given_anything() -> None:
    i18n.use("en")
    desk = FakeDesk()
    desk.agents[CARLA] = replace(desk.agents[CARLA], status="offline")
    orders = Orders(desk, desk.rows[CARLOS], [])

    def offered(line: str) -> list[tuple[str, str]]:
        return [(one.text, one.about) for one in orders.complete(line)]

    assert offered("transfer ventas @") == [("@luis", "Luis Duarte")]
    assert offered("transfer soporte @") == [("@luis", "Luis Duarte"), ("@carla", "Carla Ríos · offline")]
    assert offered("transfer soporte @car") == [("@carla", "Carla Ríos · offline")]
    assert offered("transfer nada @") == []
    with pytest.raises(BadOrder, match="agent: there is no “@carla”"):
        orders.read("transfer ventas @carla")
    with pytest.raises(BadOrder, match="agent: @carla: offline"):
        orders.read("transfer soporte @carla")
    desk.queues[SOPORTE] = replace(desk.queues[SOPORTE], active=False)
    assert offered("transfer sop") == [("soporte", "Support · closed")]
    with pytest.raises(BadOrder, match="queue: soporte: closed"):
        orders.read("transfer soporte")


def test_the_line_assigns_to_who_works_in_the_queue_and_to_others_where_they_are_meant() -> None:
    i18n.use("en")
    desk = FakeDesk(role="supervisor")
    desk.queues[SOPORTE] = replace(desk.queues[SOPORTE], primary=[LUIS, CARLA], support=[])
    desk.rows[CARLOS] = replace(desk.rows[CARLOS], q=SOPORTE, owner=None, state="waiting")
    orders = Orders(desk, desk.rows[CARLOS], ["conversation.assign"])
    assert [(one.text, one.about) for one in orders.complete("assign ")] == [
        ("Luis Duarte", "luis"),
        ("Carla Ríos", "carla · At lunch"),
    ]
    assert [(one.text, one.about) for one in orders.complete("assign mar")] == [
        ("Marta Giménez", "marta · not in the queue")
    ]
    assert orders.read("assign marta").args == commands.Assign(CARLOS, ME)
    many = Orders(desk, desk.rows[CARLOS], ["conversation.assign"], many=True)
    assert len(many.complete("assign ")) == len(desk.agents)


async def test_what_is_only_assigned_says_that_it_has_to_be_opened(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("T")
        assert "abrila primero" in console.home.notice.words


async def test_a_supervisor_gives_it_to_anybody_or_takes_it(open_console: Open) -> None:
    async with open_console(desk=FakeDesk(role="supervisor")) as console:
        console.desk.teams[3] = views.Team(3, 1, "envios", {"es": "Envíos"}, [LUIS])
        await console.press("down", "a")
        window = _seen(console)
        assert all(name in window for name in ("A mí", "Luis Duarte", "Envíos"))
        await console.type("envíos")
        await console.press("enter")
        assert console.desk.submitted[-1][1] == handing.SetTeam(10483, 3)
        await console.press("a")
        await console.type("luis")
        await console.press("enter")
        assert console.desk.submitted[-1][1] == commands.Assign(10483, LUIS)


async def test_priority_is_chosen_from_four(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("!")
        await console.press("up", "up", "enter")
        assert console.desk.submitted[-1][1] == handing.SetPriority(ANA, 1)


async def test_a_pause_is_one_key_and_stands_in_the_top_line(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("P")
        assert console.desk.agents[ME].intake == "paused"
        assert "en pausa" in painted(console.home.top)
        await console.press("P")
        assert console.desk.agents[ME].intake == "push"
        assert "en pausa" not in painted(console.home.top)


def test_the_top_line_says_what_bars_dispatch() -> None:
    i18n.use("en")
    desk = FakeDesk()
    assert "5" in bars(desk)  # five in hand, five at most
    desk.agents[ME] = replace(desk.agents[ME], intake="manual")
    assert bars(desk) == "only what I take"
    desk.agents[ME] = replace(desk.agents[ME], status="lunch")
    assert bars(desk) == ""  # the status says it
    desk.agents[ME] = replace(desk.agents[ME], status="online", intake="push")
    desk.queues = {n: replace(queue, capacity=9) for n, queue in desk.queues.items()}
    assert bars(desk) == ""


async def test_what_is_given_to_me_calls_until_it_is_opened(open_console: Open) -> None:
    async with open_console() as console:
        tray = console.home.list
        await console.press("down")
        wearing = console.app.cockpit.palette.theme.colors["wait_ground"]

        def look() -> tuple[bool, str]:
            bar = next(iter(tray.render_line(0)))
            assert bar.style is not None
            assert bar.style.bgcolor is not None
            return bool(bar.style.blink), bar.style.bgcolor.name

        assert look() == (True, wearing)
        await console.press("up", "enter", "escape", "escape", "2")
        assert console.desk.rows[ANA].state == "open"
        assert not look()[0]


async def test_it_stands_still_where_nothing_is_to_move(open_console: Open) -> None:
    async with open_console(blink=False) as console:
        await console.press("down")
        bar = next(iter(console.home.list.render_line(0)))
        assert bar.text == "▌"
        assert bar.style is not None
        assert not bar.style.blink


def _event(seq: int, by: str, was: queries.Place | None, now: queries.Place, **more: object) -> queries.Event:
    return queries.Event(seq, NOW, "conversation.changed", str(more.pop("actor", "system")), by, was, now, **more)  # type: ignore[arg-type]


async def test_why_it_is_here_is_one_key_away(open_console: Open) -> None:
    waiting, given = queries.Place("waiting", VENTAS), queries.Place("assigned", VENTAS, ME)
    desk = FakeDesk()
    desk.told["timeline"] = [
        queries.Event(9, NOW, "conversation.tagged", f"agent:{LUIS}", tags=[1]),
        _event(8, "dispatch", waiting, given, why=queries.Why("primary", {str(ME): 2, str(LUIS): 3})),
        _event(7, "message.receive", None, waiting, actor="channel:1"),
    ]
    async with open_console(language="en", desk=desk) as console:
        await console.press("w", "h")
        seen = _seen(console)
        assert "Given to Marta Giménez, in Sales" in seen
        assert "a primary member of the queue" in seen
        assert "Marta Giménez 2, Luis Duarte 3" in seen
        await console.press("up")
        assert "a primary member" not in _seen(console)
        await console.press("escape")
        assert console.app.screen is console.home


def test_every_move_of_the_table_has_words() -> None:
    from agent_tui.story import MOVES
    from hub.protocol.states import TRANSITIONS

    moved = {row.command for row in TRANSITIONS} - {"conversation.transfer"}
    assert moved <= set(MOVES)
    desk = FakeDesk()
    full = _event(1, "conversation.assign", None, queries.Place("assigned", VENTAS, LUIS), actor=f"agent:{ME}",
                  why=queries.Why("", {}, {"load": 5, "capacity": 5}))  # fmt: skip
    assert "Luis Duarte" in told(desk, full)
    assert any("5" in words for words in reasons(desk, full))
