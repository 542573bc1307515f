"""Queues, teams, branches, departments and capacities, as an admin sets them up."""

from collections.abc import Iterator

import pytest
from admin_desk import ANA_DUARTE, ESTE, HOURS, OPEN, STEPS, WORKDAYS, admin_desk
from fake_desk import CARLA, LUIS, ME, SOPORTE, VENTAS, ZONE, FakeDesk, replace
from opened import Console, Open, painted, screen_lines
from textual.widgets import Input, TextArea

from agent_tui import glyphs, i18n
from agent_tui.link import model
from agent_tui.screens.desk_settings import SettingsScreen
from agent_tui.screens.picker import Picker
from agent_tui.screens.queue_form import QueueForm
from agent_tui.screens.setting_form import SettingForm
from agent_tui.screens.setting_forms import BranchForm, CapacityForm, DepartmentForm, TeamForm
from hub.protocol import commands, queues
from hub.protocol.hours import Holiday, Hours

SIZES = [(80, 24), (120, 40)]


@pytest.fixture(autouse=True)
def unicode_afterwards() -> Iterator[None]:
    yield
    glyphs.use("unicode")


@pytest.fixture
def desk() -> FakeDesk:
    return admin_desk()


async def settings(console: Console) -> SettingsScreen:
    for keys in OPEN:
        await console.press(*keys)
    screen = console.app.screen
    assert isinstance(screen, SettingsScreen)
    return screen


async def mark(console: Console, screen: SettingsScreen, kind: str, thing: int) -> None:
    rows = screen.list.rows
    screen.list.move_to(next(n for n, one in enumerate(rows) if (one.kind, one.thing) == (kind, thing)))
    await console.rest()


async def form(console: Console, kind: str, thing: int) -> SettingForm:
    """The form of a thing, opened by the keys."""
    await mark(console, await settings(console), kind, thing)
    await console.press("enter")
    opened = console.app.screen
    assert isinstance(opened, SettingForm)
    return opened


async def put(console: Console, opened: SettingForm, name: str, text: str) -> None:
    """Type over what stands in a field."""
    field = next(one for one in opened.entries if one.called == name).field
    field.focus()
    await console.rest()
    assert isinstance(field, Input | TextArea)
    if isinstance(field, Input):
        field.value = ""
    else:
        field.text = ""
    for line, words in enumerate(text.split("\n")):
        await console.press(*(["enter"] if line else []))
        await console.type(words)


def head(opened: SettingForm, name: str) -> str:
    return next(one for one in opened.entries if one.called == name).head.fault


def saved(console: Console) -> commands.Args:
    return console.desk.submitted[-1][1]


# -- the list ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["agent", "supervisor"])
async def test_only_who_may_manage_is_offered_it(open_console: Open, role: str) -> None:
    async with open_console(desk=FakeDesk(role=role), language="en") as console:
        await console.press("ctrl+x", "d")
        assert console.app.screen is console.home
        assert "desk settings: that can't be done here now" in console.home.notice.words
        await console.press("ctrl+p")
        await console.type("desk settings")
        assert "Nothing by that name" in "\n".join(screen_lines(console.app))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", ("Casa central", "Comercial", "2 esperan", "ofrecer", "inactiva", "Clientes VIP", "Ana Duarte")),
        ("en", ("Head office", "Commercial", "2 wait", "offer", "switched off", "Shipping", "has left")),
    ],
)
@pytest.mark.parametrize("size", SIZES)
async def test_the_tree_the_teams_and_the_capacities_are_seen_at_a_glance(
    open_console: Open, desk: FakeDesk, size: tuple[int, int], language: str, words: tuple[str, ...]
) -> None:
    async with open_console(size, desk=desk, language=language) as console:
        screen = await settings(console)
        lines = painted(screen.list)
        assert all(one in lines for one in words), lines
        kinds = [(one.kind, one.thing, one.depth) for one in screen.list.rows]
        assert kinds[1:4] == [("branch", 1, 1), ("department", 1, 2), ("queue", VENTAS, 3)]
        assert ("queue", ESTE, 3) in kinds
        sales = next(line for line in lines.split("\n") if "ventas" in line)
        assert "2 + 1" in sales


async def test_what_somebody_else_changes_is_seen_at_once(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk, language="en") as console:
        screen = await settings(console)
        desk.teams[1] = replace(desk.teams[1], name={"en": "Deliveries"})
        desk.tell(model.RefsChanged("teams"))
        await console.rest()
        assert "Deliveries" in painted(screen.list)


async def test_a_desk_without_branches_is_a_list_of_queues(open_console: Open) -> None:
    async with open_console(desk=FakeDesk(role="admin"), language="en") as console:
        screen = await settings(console)
        assert [one.depth for one in screen.list.rows if one.kind == "queue"] == [0, 1, 1, 1]
        await mark(console, screen, "team", 0)
        assert "edit" not in painted(screen.footer)
        await console.press("n", "enter")
        assert isinstance(console.app.screen, TeamForm)


# -- queues ------------------------------------------------------------------------------------------------------------


async def test_saving_a_queue_untouched_says_all_that_it_is(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk) as console:
        await form(console, "queue", VENTAS)
        await console.press("f8")
        assert saved(console) == queues.SaveQueue(
            code="ventas", name={"es": "Ventas", "en": "Sales"}, primary=[ME, LUIS], support=[CARLA], capacity=5,
            open_within=300, reopen_within=86_400, department=1, answer_within=900, own_first=30, priority=2,
            hours=HOURS, closed_text={"es": "Abrimos de lunes a viernes de 8 a 18."},
        )  # fmt: skip
        assert isinstance(console.app.screen, SettingsScreen)
        assert "Guardado." in console.app.screen.notice.words


@pytest.mark.parametrize("size", SIZES)
async def test_every_field_of_a_queue_is_changed_by_keys(
    open_console: Open, desk: FakeDesk, size: tuple[int, int]
) -> None:
    async with open_console(size, desk=desk, language="en") as console:
        opened = await form(console, "queue", ESTE)
        assert isinstance(opened, QueueForm)
        await put(console, opened, "name", "Ventas CDE")
        await console.press("tab", "tab", "enter")
        await console.type("after")
        await console.press("enter", "tab", "enter")  # primary members
        await console.type("luis")
        await console.press("enter", "escape", "tab", "space")  # support members
        await console.type("carla")
        await console.press("enter", "f8", "tab", "space", "tab", "enter")  # switched off; handed out
        await console.type("offer")
        await console.press("enter")
        for name, text in (("capacity", "8"), ("open_within", "5m"), ("answer_within", "1h30m"),
                           ("own_first", "45s"), ("reopen_within", "2d"),
                           ("hours.week", "mon-fri 8:00-12:00 13:30-18:00\nsat,sun closed"),
                           ("hours.holidays", "2026-12-25 Christmas\n2026-12-24 08:00-12:00 Christmas Eve"),
                           ("closed_text", "Mañana")):  # fmt: skip
            await put(console, opened, name, text)
        next(one for one in opened.entries if one.called == "priority").field.focus()
        await console.press("enter", "up", "enter", "f8")
        assert "Switch Sales East off? Nobody waits in it." in painted(opened.footer)
        await console.press("y")
        holidays = [Holiday("2026-12-24", ["08:00-12:00"], "Christmas Eve"), Holiday("2026-12-25", [], "Christmas")]
        assert saved(console) == queues.SaveQueue(
            code="este", name={"es": "Ventas CDE", "en": "Sales East"}, primary=[ANA_DUARTE, LUIS], support=[CARLA],
            capacity=8, open_within=300, reopen_within=172_800, department=2, active=False, handout="offer",
            answer_within=5400, own_first=45, priority=2, hours=Hours(ZONE, WORKDAYS, holidays),
            closed_text={"es": "Mañana"}, transfers=[VENTAS],
        )  # fmt: skip


async def test_a_new_queue_begins_in_the_department_that_is_marked(open_console: Open, desk: FakeDesk) -> None:
    async with open_console((80, 24), desk=desk) as console:
        await mark(console, await settings(console), "queue", SOPORTE)
        await console.press("n", "enter")
        opened = console.app.screen
        assert isinstance(opened, QueueForm)
        await console.type("reclamos")
        await console.press("tab")
        await console.type("Reclamos")
        await console.press("f8")
        assert saved(console) == queues.SaveQueue(code="reclamos", name={"es": "Reclamos"}, department=2)
        assert "Reclamos" in painted(console.app.screen.list)


async def test_a_code_that_is_taken_is_not_written_over(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk) as console:
        await mark(console, await settings(console), "queue", ESTE)
        await console.press("n", "enter")
        await console.type("Ventas")
        await console.press("tab", "x", "f8")
        opened = console.app.screen
        assert isinstance(opened, QueueForm)
        assert head(opened, "code") == "«ventas» ya está en uso: elegí otro"
        assert not console.commands("queue.save")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_each_fault_stands_beside_its_field_with_the_remedy(
    open_console: Open, desk: FakeDesk, size: tuple[int, int], language: str
) -> None:
    faulty = {
        "capacity": ("many", "1000"), "open_within": ("5 minutes", "5m"), "hours.week": ("mon 8-12", "08:00-12:00"),
        "hours.holidays": ("25/12 Navidad", "2026-12-25"),
    }  # fmt: skip
    async with open_console(size, desk=desk, language=language) as console:
        opened = await form(console, "queue", VENTAS)
        for name, (typed, _remedy) in faulty.items():
            await put(console, opened, name, typed)
        await console.press("f8")
        assert not console.commands("queue.save")
        for name, (typed, remedy) in faulty.items():
            entry = next(one for one in opened.entries if one.called == name)
            assert remedy in entry.head.fault, name
            assert entry.raw == typed  # nothing is lost
            entry.field.focus()
            await console.rest()
            assert any(remedy in line for line in screen_lines(console.app))
            await put(console, opened, name, "")
        await put(console, opened, "capacity", "7")
        await console.press("f8")
        assert not any(one.head.fault for one in opened.entries)
        args = saved(console)
        assert isinstance(args, queues.SaveQueue)
        assert (args.capacity, args.open_within, args.hours) == (7, 0, None)


async def test_holidays_need_the_hours_of_the_other_days(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk, language="en") as console:
        opened = await form(console, "queue", ESTE)
        await put(console, opened, "hours.holidays", "2026-12-25")
        await console.press("f8")
        assert "say above when it is open" in head(opened, "hours.holidays")
        await put(console, opened, "hours.week", "closed")
        await console.press("f8")
        args = saved(console)
        assert isinstance(args, queues.SaveQueue)
        assert args.hours == Hours(ZONE, {}, [Holiday("2026-12-25")])


@pytest.mark.parametrize(
    ("language", "question", "then"),
    [
        ("es", "¿Desactivar Ventas? Esperan 2.", ("se sigue repartiendo", "WhatsApp ventas, Instagram")),
        ("en", "Switch Sales off? 2 wait in it.", ("is still given to its members", "WhatsApp ventas, Instagram")),
    ],
)
@pytest.mark.parametrize("size", SIZES)
async def test_switching_off_asks_first_and_says_what_becomes_of_those_who_wait(
    open_console: Open, desk: FakeDesk, size: tuple[int, int], language: str, question: str, then: tuple[str, ...]
) -> None:
    async with open_console(size, desk=desk, language=language) as console:
        opened = await form(console, "queue", VENTAS)
        next(one for one in opened.entries if one.called == "active").field.focus()
        await console.press("space", "f8")
        assert question in painted(opened.footer)
        assert all(words in " ".join(opened.notice.words.split()) for words in then)
        await console.press("n")
        assert not console.commands("queue.save")
        assert console.app.screen is opened
        await console.press("f8", "s")
        args = saved(console)
        assert isinstance(args, queues.SaveQueue)
        assert not args.active


# -- what goes wrong ---------------------------------------------------------------------------------------------------


async def test_a_refusal_of_the_hub_stands_beside_its_field_and_nothing_is_lost(
    open_console: Open, desk: FakeDesk
) -> None:
    async with open_console((80, 24), desk=desk, language="en") as console:
        desk.carry_out = False
        opened = await form(console, "queue", VENTAS)
        await put(console, opened, "capacity", "9")
        await console.press("f8")
        detail = {"why": "“25:00” is no time"}
        desk.tell(model.CommandRefused(opened.sent, "queue.save", "bad_args", "hours.week.mon", detail))
        await console.rest()
        assert console.app.screen is opened
        assert "“25:00” is no time" in head(opened, "hours.week")
        assert next(one for one in opened.entries if one.called == "hours.week").field.has_focus
        assert next(one for one in opened.entries if one.called == "capacity").raw == "9"
        desk.carry_out = True
        await console.press("f8")
        assert isinstance(console.app.screen, SettingsScreen)


async def test_without_a_link_it_is_kept_and_saved_later(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk, language="en") as console:
        desk.carry_out, desk.link.phase = False, "waiting"
        opened = await form(console, "team", 1)
        await put(console, opened, "name", "Entregas")
        await console.press("f8")
        assert "saved when the link is back" in opened.notice.words
        await console.press("f8")
        assert len(console.commands("team.save")) == 1  # not twice
        await console.press("escape")
        assert "It is not saved yet, and will be. Leave?" in painted(opened.footer)
        await console.press("y", "escape")
        screen = console.app.screen
        assert isinstance(screen, SettingsScreen)
        assert "1 form is not saved yet. Leave?" in painted(screen.footer)
        await console.press("n")
        (key,) = screen.unsaved.sent
        desk.tell(model.CommandRefused(key, "team.save", "not_found", "members", {}))
        await console.rest()
        assert "What you typed is kept: open it again." in " ".join(screen.notice.words.split())
        await console.press("enter")
        again = console.app.screen
        assert isinstance(again, TeamForm)
        assert again.entries[0].raw == "Entregas"
        desk.carry_out, desk.link.phase = True, "online"
        await console.press("f8")
        assert desk.teams[1].name["es"] == "Entregas"
        await console.press("escape")
        assert console.app.screen is console.home


async def test_leaving_asks_only_where_something_was_typed(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk, language="en") as console:
        await form(console, "queue", VENTAS)
        await console.press("escape")
        assert isinstance(console.app.screen, SettingsScreen)
        await console.press("enter", "x", "escape")
        assert "Leave without saving?" in painted(console.app.screen.footer)
        await console.press("y")
        assert isinstance(console.app.screen, SettingsScreen)


async def test_somebody_elses_change_meanwhile_is_told(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk, language="en") as console:
        opened = await form(console, "queue", VENTAS)
        desk.queues[VENTAS] = replace(desk.queues[VENTAS], rev=77, capacity=2)
        desk.tell(model.RefsChanged("queues"))
        await console.rest()
        assert "Somebody else has changed it" in opened.notice.words


# -- teams, branches, departments, capacities --------------------------------------------------------------------------


async def test_a_team_has_a_name_and_members(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk) as console:
        await mark(console, await settings(console), "team", 2)
        await console.press("n", "enter")
        assert isinstance(console.app.screen, TeamForm)
        await console.type("turno-2")
        await console.press("tab", *"Tarde", "tab", "tab", "enter")
        picker = console.app.screen
        assert isinstance(picker, Picker)
        assert "Pedro Vera" not in painted(picker.window)  # who has left
        await console.press("enter", "down", "enter", "escape", "f8")
        assert saved(console) == queues.SaveTeam("turno-2", {"es": "Tarde"}, [ANA_DUARTE, CARLA])


async def test_a_branch_has_a_zone_and_a_department_a_branch(open_console: Open, desk: FakeDesk) -> None:
    async with open_console((80, 24), desk=desk) as console:
        await mark(console, await settings(console), "branch", 2)
        await console.press("n", "enter")
        assert isinstance(console.app.screen, BranchForm)
        await console.type("lisboa")
        await console.press("tab", *"Lisboa", "tab", "tab", "enter")
        await console.type("europe/lis")
        await console.press("enter", "f8")
        assert saved(console) == queues.SaveBranch("lisboa", {"es": "Lisboa"}, "Europe/Lisbon")
        await console.press("n")
        await console.type("departamento")
        await console.press("enter")
        assert isinstance(console.app.screen, DepartmentForm)
        await console.type("soc")
        await console.press("tab", *"Socios", "f8")
        assert saved(console) == queues.SaveDepartment("soc", {"es": "Socios"}, 2)


async def test_a_department_needs_a_branch(open_console: Open) -> None:
    async with open_console(desk=FakeDesk(role="admin"), language="en") as console:
        await settings(console)
        await console.press("n", *"depart", "enter", "x", "tab", "x", "f8")
        opened = console.app.screen
        assert isinstance(opened, DepartmentForm)
        assert head(opened, "branch") == "there is no branch yet: make one first"


async def test_an_agents_capacity_is_changed_and_nothing_else(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk, language="en") as console:
        opened = await form(console, "agent", ANA_DUARTE)
        assert isinstance(opened, CapacityForm)
        await put(console, opened, "capacity", "2")
        await console.press("f8")
        assert saved(console) == commands.SaveAgent(login="ana", name="Ana Duarte", role="agent", capacity=2)
        await console.press("enter")
        opened = console.app.screen
        assert isinstance(opened, CapacityForm)
        await put(console, opened, "capacity", "")
        await console.press("f8")
        assert saved(console) == commands.SaveAgent(login="ana", name="Ana Duarte", role="agent")


async def test_who_may_not_manage_agents_does_not_see_their_capacities(open_console: Open, desk: FakeDesk) -> None:
    assert desk.me is not None
    del desk.me.grants["agent.manage"]
    async with open_console(desk=desk) as console:
        screen = await settings(console)
        assert not any(one.kind == "agent" for one in screen.list.rows)


# -- on every screen ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [*SIZES, (160, 45)])
async def test_it_is_drawn_with_ascii_alone_where_nothing_else_is_there(
    open_console: Open, desk: FakeDesk, size: tuple[int, int]
) -> None:
    from test_ascii_glyphs import customers_own

    async with open_console(size, desk=desk, language="en", drawing="ascii") as console:
        theirs = customers_own(desk) | set("íñ")
        for keys in STEPS:
            await console.press(*keys)
            for line in screen_lines(console.app):
                assert not {c for c in line if not c.isascii()} - theirs, line


@pytest.mark.parametrize("keys", [["pagedown"], ["enter", "tab", "tab"]])
async def test_the_mouse_does_what_the_keys_do(open_console: Open, desk: FakeDesk, keys: list[str]) -> None:
    async with open_console(desk=desk, language="en") as console:
        screen = await settings(console)
        await console.pilot.click(screen.list, offset=(6, 3))
        await console.pilot.click(screen.list, offset=(6, 3))
        await console.rest()
        opened = console.app.screen
        assert isinstance(opened, QueueForm)
        chooser = next(one for one in opened.entries if one.called == "primary").field
        await console.pilot.click(chooser)
        await console.rest()
        assert isinstance(console.app.screen, Picker)
