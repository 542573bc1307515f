"""Signing in before the console opens: on a screen, or without one where the password comes from a program."""

import asyncio
import socket
import sys
from collections.abc import Sequence

from agent_tui import credentials, glyphs, profile, refusals
from agent_tui.failure import Failure
from agent_tui.i18n import _
from agent_tui.link.address import BadAddress, normal
from agent_tui.link.sign_in import NotSignedIn, sign_in
from agent_tui.profile import Profile
from agent_tui.settings import Settings


def last_profile() -> Profile | None:
    """The sign-in of last time, or what is left of it."""
    return credentials.last(profile.config_folder())


async def signed_in(url: str, login: str, password: str, code: str = "") -> Profile:
    """Sign in and remember it. Raises NotSignedIn, BadAddress."""
    import getpass

    tokens = await sign_in(url, login, password, label=f"{getpass.getuser()}@{socket.gethostname()}", code=code)
    made = Profile(normal(url), login.strip().lower(), credentials.packed(tokens))
    try:
        return await credentials.remember(profile.config_folder(), made)
    except OSError as error:
        raise NotSignedIn("not_stored") from error


async def on_screen(
    settings: Settings, *, url: str = "", login: str = "", unsent: Sequence[str] = ()
) -> Profile | None:
    """Ask on a screen until the hub says yes; None where the person leaves. `unsent` is what they had typed at that hub
    and nobody has taken. Raises Failure."""
    from agent_tui.looks import Looks
    from agent_tui.screens.sign_in import SignInApp
    from agent_tui.theme import ThemeFault

    made: list[Profile] = []

    async def attempt(url: str, login: str, password: str, code: str) -> None:
        made.append(await signed_in(url, login, password, code))

    try:
        colors = Looks(profile.config_folder(), settings.theme).opening()
    except ThemeFault as error:
        raise Failure(str(error)) from error
    glyphs.use(settings.glyphs)
    app = SignInApp(
        attempt,
        url=url,
        login=login,
        theme=colors,
        language=settings.language,
        plain=settings.plain_driver,
        unsent=unsent,
    )
    await app.run_async()
    return made[-1] if made else None


def from_stdin(url: str, login: str, code: str = "") -> Profile:
    """Sign in with the first line of standard input as the password. Raises Failure."""

    if not url or not login:
        raise Failure(_("Without a screen, say where and as whom: bandeja login URL --user LOGIN --password-stdin"))
    try:
        return asyncio.run(signed_in(url, login, sys.stdin.readline().rstrip("\n"), code))
    except NotSignedIn as error:
        hint = " " + _("It goes with --code.") if error.code == "second_factor" and not code else ""
        raise Failure(refusals.sentence(None, error.code, detail=error.detail) + hint) from error
    except BadAddress as error:
        raise Failure(refusals.sentence(None, error.code)) from error
