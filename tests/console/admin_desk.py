"""A desk with branches, departments and teams, as an admin has it, and a walk through all of its settings."""

from fake_desk import CARLA, LUIS, ME, NOW, SOPORTE, VENTAS, ZONE, FakeDesk, replace
from opened import Console
from textual.widgets import Input, TextArea

from agent_tui.screens.desk_settings import SettingsScreen
from agent_tui.screens.setting_form import SettingForm
from hub.protocol import commands, views
from hub.protocol.hours import Holiday, Hours

ESTE, VIEJA, ANA_DUARTE = 5, 4, 4
WORKDAYS = {day: ["08:00-12:00", "13:30-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
HOURS = Hours(
    ZONE,
    WORKDAYS | {"sat": ["08:00-12:00"]},
    [Holiday("2026-12-24", ["08:00-12:00"], "Nochebuena"), Holiday("2026-12-25", [], "Navidad")],
)
OPEN = (["ctrl+x"], ["d"])
STEPS = (
    *OPEN, ["down"], ["down"], ["enter"], ["tab"], ["tab"], ["enter"], ["down"], ["escape"], ["tab"], ["enter"],
    ["enter"], ["down"], ["escape"], *[["tab"]] * 4, ["x"], ["f8"], *[["tab"]] * 15, ["enter"], ["escape"],
    ["escape"], ["y"],  # a queue
    ["n"], ["enter"], ["f8"], ["escape"],  # a new one, in Spanish or English
    ["pagedown"], ["enter"], ["tab"], ["escape"],  # an agent's capacity
    ["n"], ["down"], ["enter"], ["f8"], ["escape"], ["n"], ["down"], ["down"], ["enter"], ["escape"],
    ["n"], ["up"], ["enter"], ["tab"], ["tab"], ["tab"], ["enter"], ["escape"], ["escape"],
    ["f"], ["escape"], ["escape"],
)  # fmt: skip


def admin_desk() -> FakeDesk:
    desk = FakeDesk(role="admin")
    desk.branches |= {
        1: views.Branch(1, 1, "central", {"es": "Casa central", "en": "Head office"}, ZONE),
        2: views.Branch(2, 1, "este", {"es": "Ciudad del Este", "en": "Ciudad del Este"}, ZONE),
    }
    desk.departments |= {
        1: views.Department(1, 1, "comercial", {"es": "Comercial", "en": "Commercial"}, 1),
        2: views.Department(2, 1, "posventa", {"es": "Posventa", "en": "After sales"}, 1),
        3: views.Department(3, 1, "este-com", {"es": "Comercial", "en": "Commercial"}, 2),
    }
    desk.teams |= {
        1: views.Team(1, 1, "envios", {"es": "Envíos", "en": "Shipping"}, [ME, LUIS]),
        2: views.Team(2, 1, "vip", {"es": "Clientes VIP"}, [CARLA]),
    }
    desk.agents[ANA_DUARTE] = views.Agent(4, 1, "ana", "Ana Duarte", "agent", "offline", NOW, capacity=3)
    desk.agents[5] = views.Agent(5, 1, "pedro", "Pedro Vera", "agent", "offline", NOW, active=False)
    desk.queues[VENTAS] = replace(
        desk.queues[VENTAS], department=1, primary=[ME, LUIS], support=[CARLA], open_within=300, answer_within=900,
        own_first=30, priority=2, hours=HOURS, closed_text={"es": "Abrimos de lunes a viernes de 8 a 18."},
    )  # fmt: skip
    desk.queues[SOPORTE] = replace(
        desk.queues[SOPORTE], department=2, handout="offer", hours=Hours(ZONE, {"mon": ["08:00-12:00"]})
    )
    desk.queues[VIEJA] = views.Queue(VIEJA, 1, "vieja", {"es": "Cola vieja", "en": "Old queue"}, [ME], active=False)
    este = views.Queue(ESTE, 1, "este", {"es": "Ventas Este", "en": "Sales East"}, [ANA_DUARTE], department=3)
    desk.queues[ESTE] = replace(este, to=[VENTAS])
    return desk


async def settings(console: Console) -> SettingsScreen:
    for keys in OPEN:
        await console.press(*keys)
    screen = console.app.screen
    assert isinstance(screen, SettingsScreen)
    return screen


async def mark(console: Console, screen: SettingsScreen, kind: str, thing: int) -> None:
    rows = screen.list.rows
    screen.list.move_to(next(n for n, one in enumerate(rows) if (one.kind, one.thing) == (kind, thing)))
    screen.refresh_footer()
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
    await console.rest()
    for line, words in enumerate(text.split("\n")):
        await console.press(*(["enter"] if line else []))
        await console.type(words)


def head(opened: SettingForm, name: str) -> str:
    return next(one for one in opened.entries if one.called == name).head.fault


def saved(console: Console) -> commands.Args:
    return console.desk.submitted[-1][1]
