"""Signing in on a screen: what is typed goes to the callback, what is wrong is said where one can mend it."""

from opened import painted, screen_lines

from agent_tui.link.address import BadAddress
from agent_tui.link.sign_in import NotSignedIn
from agent_tui.screens.sign_in import SignInApp


class Door:
    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, ...]] = []

    async def __call__(self, url: str, login: str, password: str, code: str) -> None:
        self.asked.append((url, login, password, *([code] if code else [])))
        answer = self.answers.pop(0)
        if answer is not None:
            raise answer


async def test_what_is_typed_is_tried_and_signing_in_leaves_the_screen() -> None:
    door = Door(None)
    app = SignInApp(door, url="https://mesa.example", language="es", theme="dark")
    async with app.run_test() as pilot:
        assert app.login.has_focus
        await pilot.press(*"marta", "enter", *"clave", "enter")
        await app.workers.wait_for_complete()
    assert door.asked == [("https://mesa.example", "marta", "clave")]
    assert app.return_value is True


async def test_a_wrong_password_is_said_and_typed_again() -> None:
    door = Door(
        NotSignedIn("bad_credentials"), NotSignedIn("rate_limited", {"seconds": 7}), BadAddress("insecure", "x")
    )
    app = SignInApp(door, url="http://mesa.example", login="marta", language="es", theme="dark")
    async with app.run_test() as pilot:
        assert app.password.has_focus
        await pilot.press("x", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "contraseña no es correcto" in painted(app.fault)
        assert app.password.value == ""
        await pilot.press("y", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "7 s" in painted(app.fault)
        await pilot.press("z", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "https" in painted(app.fault)
        assert app.url.has_focus
        await pilot.press("escape")
    assert app.return_value is False


async def test_what_was_not_sent_is_listed_with_what_becomes_of_it() -> None:
    texts = ["El pedido\nsale hoy", "x" * 300, "tercero", "cuarto"]
    app = SignInApp(Door(), url="https://mesa.example", login="marta", language="es", theme="dark", unsent=texts)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        screen = "\n".join(screen_lines(app))
        assert "4 textos sin enviar: vuelven cuando ingreses" in screen
        assert "› El pedido sale hoy" in screen
        assert "x…" in screen
        assert "tercero" in screen
        assert "cuarto" not in screen
        await pilot.press("escape")


async def test_the_code_of_a_second_factor_is_asked_for_where_the_hub_wants_one() -> None:
    door = Door(NotSignedIn("second_factor"), NotSignedIn("second_factor", {"wrong": 1}), None)
    app = SignInApp(door, url="https://mesa.example", login="marta", language="es", theme="dark")
    async with app.run_test() as pilot:
        assert not app.code.display
        await pilot.press(*"clave", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.code.has_focus
        assert "segundo factor" in painted(app.fault)
        await pilot.press(*"111111", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "ya se usó" in painted(app.fault)
        await pilot.press(*"222222", "enter")
        await app.workers.wait_for_complete()
    login = ("https://mesa.example", "marta", "clave")
    assert door.asked == [login, (*login, "111111"), (*login, "222222")]
    assert app.return_value is True


async def test_an_admin_without_the_factor_that_they_must_have_is_told_who_gives_one() -> None:
    app = SignInApp(
        Door(NotSignedIn("second_factor", {"enrol": 1})),
        url="https://mesa.example", login="marta", language="es", theme="dark",
    )  # fmt: skip
    async with app.run_test() as pilot:
        await pilot.press(*"clave", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "user totp" in painted(app.fault)
        assert not app.code.display
