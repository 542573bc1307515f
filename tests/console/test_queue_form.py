"""The form for a queue, and what all the forms of the desk's settings do when something goes wrong."""

from collections.abc import Iterator

import pytest
from admin_desk import ANA_DUARTE, ESTE, HOURS, WORKDAYS, admin_desk, form, head, mark, put, saved, settings
from fake_desk import CARLA, LUIS, ME, SOPORTE, VENTAS, ZONE, FakeDesk, replace
from opened import Open, painted, screen_lines

from agent_tui import glyphs, i18n
from agent_tui.link import model
from agent_tui.screens.desk_settings import SettingsScreen
from agent_tui.screens.queue_form import QueueForm
from agent_tui.screens.setting_forms import TeamForm
from hub.protocol import queues
from hub.protocol.hours import Holiday, Hours

SIZES = [(80, 24), (120, 40)]


@pytest.fixture(autouse=True)
def unicode_afterwards() -> Iterator[None]:
    yield
    glyphs.use("unicode")


@pytest.fixture
def desk() -> FakeDesk:
    return admin_desk()


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
        assert saved(console) == queues.SaveQueue(code="reclamos", name={"es": "Reclamos"}, department=2, new=True)
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
            await put(console, opened, name, "7" if name == "capacity" else "")
            assert not entry.head.fault  # gone as soon as it is mended
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
        ("es", "¿Desactivar Ventas? Esperan 2.", "se sigue repartiendo"),
        ("en", "Switch Sales off? 2 wait in it.", "is still given to its members"),
    ],
)
@pytest.mark.parametrize("size", SIZES)
async def test_switching_off_asks_first_and_says_what_becomes_of_those_who_wait(
    open_console: Open, desk: FakeDesk, size: tuple[int, int], language: str, question: str, then: str
) -> None:
    desk.channels = {}
    async with open_console(size, desk=desk, language=language) as console:
        opened = await form(console, "queue", VENTAS)
        next(one for one in opened.entries if one.called == "active").field.focus()
        await console.press("space", "f8")
        assert question in painted(opened.footer)
        assert then in " ".join(opened.notice.words.split())
        await console.press("n")
        assert not console.commands("queue.save")
        assert console.app.screen is opened
        await console.press("f8", "s")
        args = saved(console)
        assert isinstance(args, queues.SaveQueue)
        assert not args.active


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", "Por WhatsApp ventas, Instagram llegan clientes a la cola: asignales otra antes."),
        ("en", "Customers come into the queue by WhatsApp ventas, Instagram: give these another queue first."),
    ],
)
@pytest.mark.parametrize("size", SIZES)
async def test_a_queue_that_channels_feed_is_not_switched_off_and_they_are_named(
    open_console: Open, desk: FakeDesk, size: tuple[int, int], language: str, words: str
) -> None:
    async with open_console(size, desk=desk, language=language) as console:
        opened = await form(console, "queue", VENTAS)
        active = next(one for one in opened.entries if one.called == "active")
        active.field.focus()
        await console.press("space", "f8")
        assert words in " ".join(opened.notice.words.split())
        assert active.field.has_focus
        assert not console.commands("queue.save")
        detail = {"channels": "wa, ig"}  # one that was added meanwhile: the hub says it
        desk.channels = {}
        desk.carry_out = False
        await console.press("f8", "s")
        desk.tell(model.CommandRefused(opened.sent, "queue.save", "queue_fed", "active", detail))
        await console.rest()
        assert "wa, ig" in head(opened, "active")


async def test_a_code_that_somebody_else_took_meanwhile_is_said_beside_it(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk, language="en") as console:
        desk.carry_out = False
        await mark(console, await settings(console), "queue", ESTE)
        await console.press("n", "enter")
        opened = console.app.screen
        assert isinstance(opened, QueueForm)
        await console.type("reclamos")
        await console.press("tab", "x", "f8")
        desk.tell(model.CommandRefused(opened.sent, "queue.save", "duplicate", "code", {"what": "queue"}))
        await console.rest()
        assert "the code is taken already: choose another." in head(opened, "code")
        assert next(one for one in opened.entries if one.called == "code").raw == "reclamos"


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
