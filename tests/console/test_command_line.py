"""The command line: what a line means, what it may become, what is wrong with it; and how it is typed."""

import pytest
from fake_desk import ANA, LUIS, ME, MINUTE, NOW, FakeDesk
from opened import Console, Open, painted

from agent_tui import i18n
from agent_tui.actions import ACTIONS as REGISTERED
from agent_tui.arguments import BadOrder
from agent_tui.orders import HELP, Orders, Ready
from agent_tui.screens.command_line import CommandLine
from hub.protocol import commands
from hub.protocol.commands import REGISTRY

ACTIONS = ("conversation.end", "conversation.hold", "composer.note", "status", "sheet", "thread.end", "tray.next")


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.use("en")


@pytest.fixture
def orders() -> Orders:
    desk = FakeDesk(role="supervisor")
    return Orders(desk, desk.rows[ANA], ACTIONS)


@pytest.mark.parametrize(
    ("line", "ready"),
    [
        ("end", Ready(action="conversation.end")),
        ("end spam", Ready(command="conversation.end", args=commands.End(ANA, commands.Outcome.SPAM))),
        ("assign luis", Ready(command="conversation.assign", args=commands.Assign(ANA, LUIS))),
        ("assign Luis Duarte", Ready(command="conversation.assign", args=commands.Assign(ANA, LUIS))),
        ("tag factura", Ready(command="conversation.tag", args=commands.SetTags(ANA, [1, 2]))),
        ("tag -vip may", Ready(command="conversation.tag", args=commands.SetTags(ANA, [3]))),
        ("snooze 1h30m", Ready(command="conversation.snooze", args=commands.Snooze(ANA, NOW + 90 * MINUTE))),
        ("status lunch", Ready(command="agent.status", args=commands.SetStatus("lunch"))),
        ("status at", Ready(command="agent.status", args=commands.SetStatus("lunch"))),
        ("status", Ready(action="status")),
        ("note call her: at six", Ready(command="message.note", args=commands.Note(ANA, "call her: at six"))),
        ("she", Ready(action="sheet")),
        ("thread.end", Ready(action="thread.end")),
    ],
)
def test_a_line_means_an_action_or_a_command(orders: Orders, line: str, ready: Ready) -> None:
    assert orders.read(line) == ready


def test_a_time_of_day_is_the_next_one_by_the_desk_s_clock(orders: Orders) -> None:
    assert orders.read("snooze 14:42").args.until == NOW - NOW % MINUTE + 10 * MINUTE  # type: ignore[attr-defined]
    assert orders.read("snooze 14:00").args.until > NOW + 23 * 60 * MINUTE  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("fly", "There is no command fly."),
        ("s", "“s” could be schedule, send, sheet, snooze, spam, status"),
        ("assign zoe", "agent: there is no “zoe”"),
        ("assign", "agent: say which"),
        ("tag nope", "tags: there is no “nope”"),
        ("snooze soon", "until: “soon” is no time: 30m, 2h, 1d and 15:30 are"),
        ("status o", "status: “o” could be offline, online"),
        ("end spam now", "“now” is too much"),
        ("sheet up", "sheet takes no arguments."),
        ("resume", "resume can't be done here now."),
    ],
)
def test_what_is_wrong_is_said_by_the_name_of_the_argument(orders: Orders, line: str, words: str) -> None:
    with pytest.raises(BadOrder) as caught:
        orders.read(line)
    assert str(caught.value) == words


def test_a_line_is_completed_by_names_and_by_what_they_are_called_here(orders: Orders) -> None:
    i18n.use("es")
    assert [one.line for one in orders.complete("ass")] == ["assign "]
    assert "end " in [one.line for one in orders.complete("termin")]
    assert [one.line for one in orders.complete("assign l")] == ["assign Luis Duarte"]
    assert [one.line for one in orders.complete("tag factura -v")] == ["tag factura -vip"]
    assert [one.text for one in orders.complete("status alm")] == ["lunch"]
    assert [one.text for one in orders.complete("snooze ")] == ["30m", "1h", "3h", "1d"]
    assert orders.complete("sheet ") == []
    assert [one.line for one in orders.complete("posp")] == ["snooze "], "by what it does"
    assert [one.text for one in orders.complete("estado alm")] == ["lunch"]


def test_an_order_is_carried_out_by_its_label_in_one_s_language(orders: Orders) -> None:
    i18n.use("es")
    assert orders.read("terminar").action == "conversation.end"
    assert orders.read("estado almorzando").args == commands.SetStatus(status="lunch")
    assert orders.read("hol").action == "conversation.hold", "what it is called comes before labels"


def test_who_types_a_tag_is_not_offered_to_take_it_away() -> None:
    desk = FakeDesk()
    desk.change(ANA, tags=[1])
    orders = Orders(desk, desk.rows[ANA], ACTIONS)
    assert orders.complete("tag v") == []
    assert [one.text for one in orders.complete("tag -v")] == ["-vip"]
    assert "-vip" in [one.text for one in orders.complete("tag ")]


def test_what_is_for_supervisors_says_so() -> None:
    desk = FakeDesk()
    i18n.use("en")
    with pytest.raises(BadOrder, match="assign is not for your role"):
        Orders(desk, desk.rows[ANA], ACTIONS).read("assign luis")


def test_setting_the_tags_that_are_there_is_nothing_to_undo() -> None:
    desk = FakeDesk()
    desk.change(ANA, tags=[1])
    desk.submit("conversation.tag", commands.SetTags(conversation=ANA, tags=[1]))
    assert not desk.undoable
    desk.submit("conversation.tag", commands.SetTags(conversation=ANA, tags=[1, 2]))
    assert desk.undoable


def test_only_what_would_be_taken_is_offered() -> None:
    desk = FakeDesk()
    agent = Orders(desk, desk.rows[ANA], ACTIONS)
    assert "assign" not in [one.text for one in agent.complete("")], "assigning takes a supervisor"
    assert {"end", "snooze", "tag"} <= {one.text for one in agent.complete("")}
    assert "tag" not in [one.text for one in Orders(desk, None, ACTIONS).complete("")], "no conversation, no tags"


def test_every_command_that_can_be_typed_says_in_one_s_language_what_it_does() -> None:
    desk = FakeDesk()
    bare = [order for order in Orders(desk, desk.rows[ANA], list(REGISTERED)).all.values() if not order.action]
    assert {order.help for order in bare} <= set(HELP)
    assert set(HELP) <= {spec.help for spec in REGISTRY.values()}


async def typing(console: Console) -> CommandLine:
    await console.press("colon")
    screen = console.app.screen
    assert isinstance(screen, CommandLine)
    return screen


async def test_a_command_is_typed_completed_and_submitted(open_console: Open) -> None:
    async with open_console() as console:
        line = await typing(console)
        await console.type("tag f")
        await console.press("tab")
        assert line.field.value == "tag factura"
        await console.press("enter")
        assert console.commands("conversation.tag") == [commands.SetTags(ANA, [1, 2])]
        assert console.app.screen is console.home


async def test_what_is_wrong_leaves_the_line_to_be_mended(open_console: Open) -> None:
    async with open_console(language="en") as console:
        line = await typing(console)
        await console.type("snooze x")
        await console.press("enter")
        assert "until: “x” is no time" in painted(line.above)
        await console.press("backspace", "2", "h", "enter")
        assert console.commands("conversation.snooze") == [commands.Snooze(ANA, NOW + 120 * MINUTE)]


async def test_earlier_lines_come_back(open_console: Open) -> None:
    async with open_console() as console:
        for text in ("status lunch", "status online"):
            await typing(console)
            await console.type(text)
            await console.press("enter")
        line = await typing(console)
        await console.press("up", "up")
        assert line.field.value == "status lunch"
        await console.press("down")
        assert line.field.value == "status online"
        await console.press("escape")
        assert console.app.screen is console.home
        assert console.desk.agents[ME].status == "online"


async def test_an_action_in_the_line_asks_as_its_key_does(open_console: Open) -> None:
    async with open_console() as console:
        await typing(console)
        await console.type("end")
        await console.press("enter")
        assert console.home.contexts == ("confirm",)
        assert not console.commands("conversation.end")
        await console.press("y")
        assert console.commands("conversation.end") == [commands.End(ANA)]


async def test_the_line_opens_while_one_writes_too(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("hola")
        await console.press("ctrl+x", ":")
        assert isinstance(console.app.screen, CommandLine)
        await console.type("note visto")
        await console.press("enter")
        assert console.commands("message.note") == [commands.Note(ANA, "visto")]
        assert console.composer.text == "hola"
        assert console.composer.has_focus


async def test_a_long_fault_is_told_whole(open_console: Open) -> None:
    async with open_console((60, 20), language="en") as console:
        await console.press("colon")
        await console.type("s")
        await console.press("enter")
        line = console.app.screen
        assert isinstance(line, CommandLine)
        assert "…" not in painted(line.above)
        assert line.fault.split() == painted(line.above).removeprefix(" ✗").split()


async def test_where_the_colours_give_the_list_no_ground_a_hairline_is_above_it(open_console: Open) -> None:
    for theme, hairlines in (("ansi", 1), ("mono", 1), ("dark", 0)):
        async with open_console((80, 24), theme=theme) as console:
            await console.press("colon")
            line = console.app.screen
            assert isinstance(line, CommandLine)
            first, *rest = painted(line.above).splitlines()
            assert first.count("─" * 80) == hairlines
            assert not any("─" in other for other in rest)
            assert len([first, *rest]) == 8 + hairlines


@pytest.mark.parametrize(
    ("line", "about"),
    [("schedule 1h Hola", "Ana López"), ("snoo", "Ana López"), ("status lunch", ""), ("s", ""), ("", "")],
)
def test_a_line_says_whom_it_is_about(orders: Orders, line: str, about: str) -> None:
    assert orders.target(line) == about
    assert Orders(orders.desk, None, ACTIONS).target(line) == ""


def test_a_line_about_all_that_are_marked_names_nobody(orders: Orders) -> None:
    many = Orders(orders.desk, orders.row, ACTIONS, many=True)
    assert (many.target("snooze 1h"), many.target("schedule 1h Hola")) == ("", "Ana López")


async def test_whom_a_line_is_about_stands_at_its_end(open_console: Open) -> None:
    async with open_console((80, 24), language="en") as console:
        await console.press("colon")
        await console.type("snooze ")
        line = console.app.screen
        assert isinstance(line, CommandLine)
        assert painted(line.target).strip() == "Ana López"
        await console.press(*["backspace"] * 7)
        assert line.target.size.width == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", ""),
        ("remind 30m", ""),
        ("assign Luis", ""),
        ("snooze", "until: say which"),
        ("save ", "name: type it"),
        ("transfer ventas ", "transfer can't be done here now."),
    ],
)
def test_a_line_says_what_it_lacks_before_it_is_sent(line: str, words: str) -> None:
    desk = FakeDesk(role="supervisor")
    assert Orders(desk, desk.rows[ANA], (*ACTIONS, "tray.save")).hint(line) == words


async def test_that_it_does_something_is_said_of_a_line_that_can(open_console: Open) -> None:
    async with open_console(language="en") as console:
        await console.type(":save ")
        assert "name: type it" in painted(console.app.screen.query_one("_Above"))  # type: ignore[arg-type]
        await console.type("mine")
        assert "⏎ does it" in painted(console.app.screen.query_one("_Above"))  # type: ignore[arg-type]
