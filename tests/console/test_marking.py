"""Marking conversations in a tray, and doing the same with all that are marked."""

from collections.abc import Iterator

import pytest
from fake_desk import ANA, LUIS, NOW, SOPORTE, FakeDesk, replace
from opened import Console, Open, painted, screen_lines

from agent_tui import glyphs, i18n
from agent_tui.link import model
from agent_tui.orders import BadOrder, Orders
from agent_tui.widgets.tray_row import MARKED
from hub.protocol import bulk, commands, handing
from hub.protocol.errors import Code


@pytest.fixture(autouse=True)
def _usual_drawing() -> Iterator[None]:
    yield
    glyphs.use("unicode")


class BulkDesk(FakeDesk):
    """Answers a bulk command as the hub would, with these refused."""

    refuses: tuple[bulk.RowRefused, ...] = ()

    def settle(self, key: str, name: str, args: commands.Args) -> None:
        if not isinstance(args, bulk.Bulk):
            super().settle(key, name, args)
            return
        refused = [one for one in self.refuses if one.conversation in args.conversations]
        left = {one.conversation for one in refused}
        for number in (one for one in args.conversations if one not in left):
            match args.do:
                case bulk.EachEnd():
                    self.change(number, state="closed", ended=self.now, out="attended")
                case bulk.EachTag(add=add, remove=remove):
                    self.change(number, tags=sorted({*self.rows[number].tags, *add} - {*remove}))
                case bulk.EachAssign(agent=agent):
                    self.change(number, state="assigned", owner=agent)
        result: dict[str, int | str | None] = {
            "done": len(args.conversations) - len(refused),
            "refused": bulk.written(refused),
        }
        self.tell(model.CommandDone(key, name, result))


def ids(console: Console) -> list[int]:
    return [row.id for row in console.home.list.tray.rows]


def sent(console: Console) -> list[bulk.Bulk]:
    return [args for args in console.commands("conversation.bulk") if isinstance(args, bulk.Bulk)]


def seen(console: Console) -> str:
    return "\n".join(screen_lines(console.app))


@pytest.fixture
def supervised() -> BulkDesk:
    return BulkDesk(role="supervisor")


async def test_marks_are_set_taken_away_and_counted(open_console: Open) -> None:
    async with open_console() as console:
        first, second, *_rest = ids(console)
        await console.press("g", "x", "x")
        assert console.home.list.marks == {first, second}
        assert painted(console.home.list).count(MARKED) == 2
        footer = painted(console.home.footer)
        assert "2 marcadas" in footer
        assert "esc limpiar" in footer
        assert "tomar" not in footer, "that would be about one of them"
        await console.press("g", "x")
        assert console.home.list.marks == {second}
        assert "1 marcada" in painted(console.home.footer)
        await console.press("escape")
        assert console.home.list.marks == set()
        assert MARKED not in painted(console.home.list)
        assert "marcada" not in painted(console.home.footer)


async def test_a_range_goes_from_the_last_mark_to_here_either_way(open_console: Open) -> None:
    async with open_console() as console:
        there = ids(console)
        await console.press("g", "x", "j", "j", "X")
        assert console.home.list.marks == set(there[:4])
        await console.press("escape", "k", "X", "k", "k", "X")
        assert console.home.list.marks == set(there[:3])


async def test_escape_takes_the_marks_and_then_the_filter(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("/")
        await console.type("cola:soporte")
        await console.press("enter", "*")
        marked = console.home.list.marks
        assert marked == set(ids(console))
        assert marked
        await console.press("escape")
        assert console.home.list.marks == set()
        assert console.home.views.filtered
        await console.press("escape")
        assert not console.home.views.filtered


async def test_all_that_match_are_loaded_and_marked_up_to_as_many_as_one_command_takes(open_console: Open) -> None:
    desk = FakeDesk()
    pattern = desk.rows[ANA]
    for number in range(230):
        desk.add(replace(pattern, id=20_000 + number, at=NOW - number))
    async with open_console(desk=desk) as console:
        assert console.home.list.tray.more
        await console.press("*")
        assert len(console.home.list.marks) == bulk.MOST
        assert console.home.list.marks == set(ids(console)[: bulk.MOST])
        assert "200" in console.home.notice.words
        await console.press("e", "s")
        (args,) = sent(console)
        assert args.conversations == ids(console)[: bulk.MOST]


async def test_one_question_names_the_number_and_what_was_refused_stays_marked(open_console: Open) -> None:
    desk = BulkDesk(role="supervisor")
    async with open_console(desk=desk, language="en") as console:
        there = ids(console)[:4]
        desk.refuses = (bulk.RowRefused(there[1], Code.NOT_OWNER, {"owner": LUIS}),)
        await console.press("g", "x", "x", "x", "x", "e")
        assert "End 4 conversations?" in painted(console.home.footer)
        await console.press("n")
        assert sent(console) == []
        assert len(console.home.list.marks) == 4
        await console.press("e", "y")
        assert sent(console) == [bulk.Bulk(there, bulk.EachEnd())]
        said = console.home.notice.words
        assert said.startswith("3 done, 1 refused: ")
        assert "Luis Duarte" in said
        assert console.home.list.marks == {there[1]}


async def test_all_is_said_to_be_done_and_several_refusals_are_counted(open_console: Open) -> None:
    desk = BulkDesk(role="supervisor")
    async with open_console(desk=desk, language="en") as console:
        there = ids(console)[:3]
        desk.refuses = tuple(bulk.RowRefused(one, Code.WRONG_STATE, {"state": "closed"}) for one in there)
        await console.press("g", "x", "x", "x", "w", "s", "y")
        assert sent(console)[-1] == bulk.Bulk(there, bulk.EachSpam())
        assert console.home.notice.words.startswith("0 done, 3 refused: ")
        assert console.home.notice.words.endswith("And 2 more.")
        desk.refuses = ()
        await console.press("e", "y")
        assert console.home.notice.words == "3 done. It can't be undone.", "they were not open, and not mine"
        assert console.home.list.marks == set()


async def test_assign_and_transfer_choose_first_and_then_ask(open_console: Open, supervised: BulkDesk) -> None:
    async with open_console(desk=supervised) as console:
        there = ids(console)[:2]
        await console.press("g", "x", "x", "a")
        assert "Dar 2 atenciones a" in seen(console)
        await console.type("luis")
        await console.press("enter")
        assert "¿Dar 2 atenciones a Luis Duarte?" in painted(console.home.footer)
        await console.press("s")
        assert sent(console) == [bulk.Bulk(there, bulk.EachAssign(LUIS))]
        await console.press("g", "x", "x", "T")
        assert "Transferir 2 atenciones a" in seen(console)
        await console.type("luis")
        await console.press("enter", "s")
        assert sent(console)[-1] == bulk.Bulk(there, bulk.EachTransfer(SOPORTE, LUIS))


async def test_the_command_line_is_about_all_that_are_marked(open_console: Open, supervised: BulkDesk) -> None:
    async with open_console(desk=supervised) as console:
        there = ids(console)[:2]
        for line, do in (
            ("tag vip -factura", bulk.EachTag([1], [2])),
            ("snooze 1h", bulk.EachSnooze(NOW + 3_600_000)),
            ("transfer soporte @luis va todo", bulk.EachTransfer(SOPORTE, LUIS, "va todo")),
        ):
            await console.press("g", "x", "x", ":")
            await console.type(line)
            await console.press("enter", "s")
            assert sent(console)[-1] == bulk.Bulk(there, do)
            assert console.home.list.marks == set()


async def test_one_key_takes_back_what_was_done_to_all_and_says_what_it_could_not(
    open_console: Open, supervised: BulkDesk
) -> None:
    i18n.use("es")
    async with open_console((160, 45), desk=supervised) as console:
        there = ids(console)[:3]
        before = [list(supervised.rows[one].tags) for one in there]
        await console.press("x", "x", "x", ":")
        await console.type("tag vip")
        await console.press("enter", "s")
        assert all(1 in supervised.rows[one].tags for one in there)
        changed = sum(1 not in tags for tags in before)
        notice = painted(console.home.notice)
        assert ("U lo deshace" if changed == 3 else f"U deshace {changed}") in notice
        await console.press("U")
        assert [supervised.rows[one].tags for one in there] == before
        assert f"Deshecho: etiquetas, {changed} conversaciones." in painted(console.home.notice)
        await console.press("escape", "home", "x", "x", "a")
        await console.type("luis")
        await console.press("enter", "s")
        assert {supervised.rows[one].owner for one in there[:2]} == {LUIS}
        supervised.refuses = (bulk.RowRefused(there[1], Code.WRONG_STATE, {"state": "open"}),)
        await console.press("U")
        said = painted(console.home.notice)
        assert "Deshecho: asignar, " in said
        assert "1 rechazada" in said


async def test_what_nothing_takes_back_says_so_and_is_not_offered(open_console: Open, supervised: BulkDesk) -> None:
    i18n.use("es")
    async with open_console((160, 45), desk=supervised) as console:
        await console.press("x", "x", ":")
        await console.type("transfer soporte")
        await console.press("enter", "s")
        assert "No se puede deshacer." in painted(console.home.notice)
        assert not supervised.undoable


async def test_without_marks_and_in_a_conversation_keys_are_about_one(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("2", "g", "x", "g", "T")
        assert "Transferir 1 atención a" in seen(console)
        await console.press("escape", "escape", "T")
        await console.type("luis")
        await console.press("enter")
        assert isinstance(console.desk.submitted[-1][1], handing.Transfer)


async def test_what_leaves_the_tray_is_not_marked_any_more(open_console: Open) -> None:
    async with open_console() as console:
        there = ids(console)
        await console.press("g", "x", "x")
        console.desk.change(there[0], state="closed", ended=NOW, out="attended")
        await console.rest()
        assert console.home.list.marks == {there[1]}
        await console.press("2")
        assert console.home.list.marks == set()


async def test_marks_stand_in_letters_at_every_size_and_without_colours(open_console: Open) -> None:
    for size in ((80, 24), (120, 40), (160, 45)):
        async with open_console(size, desk=FakeDesk(), drawing="ascii") as console:
            await console.press("g", "x")
            assert painted(console.home.list).count(MARKED) == 1
            assert "1 marcada" in painted(console.home.footer)


def test_a_line_for_many_names_tags_and_not_conversations() -> None:
    i18n.use("en")
    desk = FakeDesk(role="supervisor")
    orders = Orders(desk, desk.rows[ANA], [], many=True)
    assert orders.read("tag vip, -factura").args == bulk.Bulk([], bulk.EachTag([1], [2]))
    assert orders.read("end cancelled").command == "conversation.bulk"
    with pytest.raises(BadOrder, match="tags"):
        orders.read("tag nada")


async def test_who_is_there_stands_first_among_those_to_give_to(open_console: Open, supervised: BulkDesk) -> None:
    async with open_console(desk=supervised) as console:
        await console.press("x", "x", "a")
        lines = [line for line in screen_lines(console.app) if "Luis Duarte" in line or "Carla Ríos" in line]
        assert ["Luis" in line for line in lines] == [True, False]
