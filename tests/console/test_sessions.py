"""Where one is signed in, as the console shows it, and what one does about one's own account there."""

from typing import Any

import pytest
import segno
from fake_account import URI, Account, with_sessions
from fake_desk import FakeDesk
from opened import Open, painted, screen_lines

from agent_tui.link import model
from agent_tui.link.sign_in import NotSignedIn
from agent_tui.screens.account_forms import FactorForm, PasswordForm
from agent_tui.screens.sessions import SessionScreen
from hub.protocol import accounts, views


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def desk() -> FakeDesk:
    return with_sessions(FakeDesk())


async def test_every_session_is_listed_with_this_one_marked(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("ctrl+x", "m")
        screen = console.app.screen
        assert isinstance(screen, SessionScreen)
        first, second, third = painted(screen.list).splitlines()[:3]
        assert "marta@mesa" in first
        assert "desde 13:32, vista ahora" in first
        assert "10.1.2.0/24" in first
        assert first.endswith("esta")
        assert "vista hace 2 h 00" in second
        assert "esta" not in second.split()
        assert "—" in third
        assert "sin segundo factor" in painted(screen.title_line)
        await console.press("escape")
        assert not isinstance(console.app.screen, SessionScreen)


async def test_one_is_ended_after_one_question(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        await console.press("ctrl+x", "m", "j", "d")
        assert "marta@casa" in painted(console.app.screen.footer)
        await console.press("n", "d", "s")
        assert console.commands("session.end") == [accounts.EndSession(session=7)]
        asked = len(desk.asked)
        desk.told["sessions"].pop(1)
        desk.tell(model.CommandDone("k", "session.end", {}))
        await console.rest()
        assert len(desk.asked) > asked
        assert "marta@casa" not in painted(console.app.screen.list)


async def test_ending_this_very_one_is_asked_in_other_words_which_fit_the_smallest_screen(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        await console.press("ctrl+x", "m", "d")
        assert "¿Cerrar esta sesión? Salís y se borra la copia de acá." in painted(console.app.screen.footer)


async def test_all_others_are_ended_at_once(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("ctrl+x", "m", "D")
        assert "las otras 2 sesiones" in painted(console.app.screen.footer)
        await console.press("s")
        assert console.commands("session.end_others") == [accounts.EndOtherSessions()]


async def test_without_a_hub_the_list_says_why_it_is_empty_and_comes_with_the_link(
    open_console: Open, desk: FakeDesk
) -> None:
    told = dict(desk.told)
    desk.told.clear()
    async with open_console() as console:
        await console.press("ctrl+x", "m")
        screen = console.app.screen
        assert isinstance(screen, SessionScreen)
        assert "No se llega al hub" in painted(screen.list)
        await console.press("d", "D")
        assert console.commands("session.end", "session.end_others") == []
        desk.told.update(told)
        desk.tell(model.LinkChanged())
        await console.rest()
        assert "marta@casa" in painted(screen.list)


async def test_a_new_password_is_typed_twice_and_takes_the_old_one(open_console: Open, account: Account) -> None:
    async with open_console(account=account) as console:
        await console.press("ctrl+x", "m", "p")
        form = console.app.screen
        assert isinstance(form, PasswordForm)
        await console.press(*"vieja", "enter", *"corta", "enter", *"corta", "enter")
        assert "al menos 8" in painted(form.notice)
        form.new.value, form.again.value = "nueva-y-larga", "otra"
        await console.press("f8")
        assert "no son iguales" in painted(form.notice)
        assert account.done == []
        form.again.value = "nueva-y-larga"
        account.refusal = NotSignedIn("bad_credentials")
        await console.press("f8")
        assert "La contraseña no es correcta" in painted(form.notice)
        assert form.password.value == ""
        assert form.password.has_focus
        await console.press(*"buena", "enter")
        assert account.done[-1] == ("password", "buena", "nueva-y-larga")
        assert isinstance(console.app.screen, SessionScreen)
        assert "nueva-y-larga" not in str(console.desk.submitted)


async def test_a_second_factor_is_turned_on_by_what_can_be_scanned_or_typed(
    open_console: Open, account: Account
) -> None:
    async with open_console(account=account) as console:
        await console.press("ctrl+x", "m", "2")
        form = console.app.screen
        assert isinstance(form, FactorForm)
        assert "F8 seguir" in painted(form.footer)
        await console.press(*"clave", "enter")
        assert form.qr.size.height > 0
        shown = "\n".join(screen_lines(console.app))
        assert "▀" in shown
        assert "JBSW Y3DP EHPK 3PXP" in shown
        assert form.code.has_focus
        account.refusal = NotSignedIn("second_factor", {"wrong": 1})
        await console.press(*"000000", "enter")
        assert "esperá el siguiente" in painted(form.notice)
        await console.press(*"123456", "enter")
        shown = "\n".join(screen_lines(console.app))
        assert "aaaa-bbbb-cccc-dddd" in shown
        assert "JBSW" not in shown
        assert "esc cerrar" in painted(form.footer)
        assert "F8" not in painted(form.footer)
        await console.press("escape")
        assert "¿" in painted(form.footer)
        await console.press("s")
        assert isinstance(console.app.screen, SessionScreen)
    assert account.done == [("enrol", "clave"), ("confirm", "000000"), ("confirm", "123456")]


async def test_the_qr_code_says_what_the_hub_gave(open_console: Open, account: Account) -> None:
    async with open_console(account=account) as console:
        await console.press("ctrl+x", "m", "2", *"clave", "enter")
        form: Any = console.app.screen
        halves = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
        modules = [list(row) for row in segno.make(URI, error="l", micro=False).matrix_iter(border=2)]
        shown = [form.qr.render_line(y).text[: len(modules[0])] for y in range(form.qr.size.height - 1)]
        read = [[halves[cell][half] for cell in line] for line in shown for half in (0, 1)]
        assert read[: len(modules)] == modules
        paper = next(iter(form.qr.render_line(1))).style
        assert (paper.color.name, paper.bgcolor.name) == ("#000000", "#ffffff")


@pytest.mark.parametrize(("size", "drawing"), [((80, 24), "unicode"), ((120, 40), "ascii")])
async def test_without_room_for_the_code_its_secret_can_be_typed(
    open_console: Open, account: Account, size: tuple[int, int], drawing: str
) -> None:
    async with open_console(size, account=account, drawing=drawing) as console:
        await console.press("ctrl+x", "m", "2", *"clave", "enter")
        form: Any = console.app.screen
        assert form.qr.size.height == 0
        shown = "\n".join(screen_lines(console.app))
        assert "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP" in shown
        assert form.code.has_focus


async def test_a_second_factor_is_turned_off_with_the_password(
    open_console: Open, account: Account, desk: FakeDesk
) -> None:
    desk.told["account"] = views.Account(factor=True, recovery=1)
    async with open_console(account=account) as console:
        await console.press("ctrl+x", "m")
        assert "queda 1 código" in painted(console.app.screen.title_line)
        await console.press("2", *"clave", "enter")
        assert account.done == [("drop", "clave")]
        assert isinstance(console.app.screen, SessionScreen)


async def test_the_sample_desk_has_no_password_to_change(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("ctrl+x", "m", "p")
        assert isinstance(console.app.screen, SessionScreen)
        assert "no hay contraseña" in painted(console.app.screen.notice)
