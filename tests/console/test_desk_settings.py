"""Queues, teams, branches, departments and capacities, as an admin sets them up."""

from collections.abc import Iterator

import pytest
from admin_desk import ANA_DUARTE, ESTE, STEPS, admin_desk, form, head, mark, put, saved, settings
from fake_desk import CARLA, SOPORTE, VENTAS, FakeDesk, replace
from fake_reports import with_reports
from opened import Open, painted, screen_lines

from agent_tui import glyphs
from agent_tui.link import model
from agent_tui.screens.desk_settings import SettingsScreen
from agent_tui.screens.picker import Picker
from agent_tui.screens.queue_form import QueueForm
from agent_tui.screens.setting_forms import BranchForm, CapacityForm, DepartmentForm, TeamForm
from hub.protocol import commands, queues

SIZES = [(80, 24), (120, 40)]


@pytest.fixture(autouse=True)
def unicode_afterwards() -> Iterator[None]:
    yield
    glyphs.use("unicode")


@pytest.fixture
def desk() -> FakeDesk:
    return admin_desk()


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
        for branch, department, queue in ((1, 1, VENTAS), (1, 2, SOPORTE), (2, 3, ESTE)):
            at = kinds.index(("department", department, 2))
            assert kinds[at + 1] == ("queue", queue, 3)
            assert kinds.index(("branch", branch, 1)) < at
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
        assert saved(console) == queues.SaveTeam("turno-2", {"es": "Tarde"}, [ANA_DUARTE, CARLA], new=True)


async def test_a_branch_has_a_zone_and_a_department_a_branch(open_console: Open, desk: FakeDesk) -> None:
    async with open_console((80, 24), desk=desk) as console:
        await mark(console, await settings(console), "branch", 2)
        await console.press("n", "enter")
        assert isinstance(console.app.screen, BranchForm)
        await console.type("lisboa")
        await console.press("tab", *"Lisboa", "tab", "tab", "enter")
        await console.type("europe/lis")
        await console.press("enter", "f8")
        assert saved(console) == queues.SaveBranch("lisboa", {"es": "Lisboa"}, "Europe/Lisbon", new=True)
        screen = console.app.screen
        assert isinstance(screen, SettingsScreen)
        assert screen.list.marked is not None
        assert console.desk.branches[screen.list.marked.thing].code == "lisboa"  # the mark is where the new one is
        await console.press("n")
        await console.type("departamento")
        await console.press("enter")
        assert isinstance(console.app.screen, DepartmentForm)
        await console.type("soc")
        await console.press("tab", *"Socios", "f8")
        lisboa = next(one.id for one in console.desk.branches.values() if one.code == "lisboa")
        assert saved(console) == queues.SaveDepartment("soc", {"es": "Socios"}, lisboa, new=True)


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

    async with open_console(size, desk=with_reports(desk), language="en", drawing="ascii") as console:
        theirs = customers_own(desk) | set("íñ")
        for keys in STEPS:
            await console.press(*keys)
            for line in screen_lines(console.app):
                assert not {c for c in line if not c.isascii()} - theirs, line


async def test_the_mouse_does_what_the_keys_do(open_console: Open, desk: FakeDesk) -> None:
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


async def test_the_first_heading_is_in_view_when_the_list_is_longer_than_the_screen(open_console: Open) -> None:
    desk = admin_desk()
    desk.teams[3] = replace(desk.teams[1], id=3, code="otro")
    async with open_console((80, 24), desk=desk, language="es") as console:
        screen = await settings(console)
        assert len(screen.list.rows) > screen.list.size.height
        assert "Sucursales y colas" in painted(screen.list)
