"""What a hub keeps of one's own account: where one is signed in, the password, the second factor."""

from fake_desk import HOUR, NOW, FakeDesk

from agent_tui.link.account import Enrolment
from agent_tui.link.sign_in import NotSignedIn
from hub.protocol import views

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Acme:marta?secret={SECRET}&issuer=Acme"
RECOVERY = ["aaaa-bbbb-cccc-dddd", "eeee-ffff-gggg-hhhh"]


class Account:
    """Answers as a hub does to what one changes of one's own."""

    def __init__(self) -> None:
        self.done: list[tuple[str, ...]] = []
        self.refusal: NotSignedIn | None = None

    async def _do(self, *what: str) -> None:
        self.done.append(what)
        refusal, self.refusal = self.refusal, None
        if refusal is not None:
            raise refusal

    async def change_password(self, password: str, new: str) -> None:
        await self._do("password", password, new)

    async def enrol(self, password: str) -> Enrolment:
        await self._do("enrol", password)
        return Enrolment(SECRET, URI)

    async def confirm(self, code: str) -> list[str]:
        await self._do("confirm", code)
        return RECOVERY

    async def drop(self, password: str) -> None:
        await self._do("drop", password)


def with_sessions(desk: FakeDesk) -> FakeDesk:
    """The desk, on which its agent is signed in at three places, without a second factor."""
    desk.told["sessions"] = [
        views.Session(9, "marta@mesa", NOW - HOUR, NOW, network="10.1.2.0/24", this=True),
        views.Session(7, "marta@casa", NOW - 3 * HOUR, NOW - 2 * HOUR, network="203.0.113.0/24"),
        views.Session(4, "", NOW - 50 * HOUR, NOW - 40 * HOUR),
    ]
    desk.told["account"] = views.Account(factor=False)
    return desk
