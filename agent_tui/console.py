"""A console from its start to its end: the desk it shows, the hub that it watches over, and the screen.

Everything that can fail before the screen opens is told as a sentence on the terminal; see `Failure`.
"""

import asyncio
import contextlib
import errno
import importlib
import logging
import logging.handlers
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent_tui import __version__, credentials
from agent_tui.failure import Failure
from agent_tui.i18n import _
from agent_tui.link.address import Address
from agent_tui.link.carried import Carried
from agent_tui.link.desk import LiveDesk, open_desk
from agent_tui.link.dial import Dial, dial
from agent_tui.link.disk import NewerFile
from agent_tui.link.place import NoPlace, claim
from agent_tui.profile import Profile, config_folder
from agent_tui.session import Session
from agent_tui.settings import Settings
from agent_tui.signing_in import last_profile, on_screen
from hub.protocol.errors import Code

if TYPE_CHECKING:
    from agent_tui.embedded import Ready

LOG_BYTES = 1_000_000
log = logging.getLogger(__name__)


def keep_log(folder: Path) -> None:
    """Log into the data folder, bounded; nothing that a customer wrote goes there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "console.log"
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    path.chmod(0o600)
    logging.basicConfig(handlers=[handler], level=logging.INFO, format="%(asctime)s %(process)d %(name)s: %(message)s")


@contextlib.asynccontextmanager
async def desk_at(
    settings: Settings, hub: str, login: str, address: Address, *, dial: Dial = dial, carried: Carried | None = None
) -> AsyncIterator[LiveDesk]:
    """The desk of an agent at a hub, to be started once its screen is there. `hub` names the hub for good; `carried` is
    what was typed on a desk of theirs that was wiped.

    Raises Failure.
    """
    try:
        place = claim(settings.desks, hub, login)
    except NoPlace as error:
        raise Failure(_("There are too many consoles open already: {why}").format(why=error)) from error
    try:
        desk = await open_desk(place, address, client=f"bandeja {__version__}", dial=dial, carried=carried)
    except NewerFile as error:
        raise Failure(_("A newer Bandeja wrote {file}: update this one.").format(file=place.path)) from error
    except (OSError, sqlite3.Error) as error:
        raise Failure(_("{file} can't be used: {why}").format(file=place.path, why=error)) from error
    try:
        yield desk
    finally:
        await desk.stop()
        place.release()


async def show(
    desk: LiveDesk,
    settings: Settings,
    *,
    chat: str = "",
    shown: asyncio.Event | None = None,
    word: str = "",
    session: Session | None = None,
) -> int:
    """Open the screen on a desk until the person leaves; returns the exit code. `chat` is the web chat's address;
    `shown` is set when the first screen stands, and `word` is then said on it."""
    from agent_tui import theme
    from agent_tui.app import BandejaApp
    from agent_tui.link.account import Account
    from agent_tui.looks import Looks
    from agent_tui.notify.preferences import Chosen
    from agent_tui.own_keys import OwnKeys
    from agent_tui.registers import Registers
    from agent_tui.tray_sorts import TraySorts

    try:
        looks = Looks(config_folder(), settings.theme)
        colors = looks.opening()
    except theme.ThemeFault as error:
        raise Failure(str(error)) from error
    if settings.keymap != Path() and not settings.own_keymap.is_file():
        raise Failure(_("{file} can't be read: {why}").format(file=settings.own_keymap, why=os.strerror(errno.ENOENT)))

    def opened() -> None:
        desk.start()
        if word:
            app.tell(word)
        if shown is not None:
            shown.set()

    app = BandejaApp(
        desk,
        theme=colors,
        keys=OwnKeys(settings.own_keymap, settings.keys),
        language=settings.language,
        chat=chat,
        plain=settings.plain_driver,
        looks=looks,
        sorts=TraySorts(config_folder()),
        notices=Chosen(config_folder(), settings.notices),
        drawing=settings.glyphs,
        blink=settings.blink,
        opened=opened,
        registers=Registers(settings.data / "macros.json"),
        account=Account(session) if session is not None else None,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, app.exit)
    await app.run_async()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.remove_signal_handler(number)
    return app.return_code or 0


async def work(settings: Settings) -> int:
    """Serve at the hub of last time; sign in where there was none, or where it ended."""
    last = last_profile()
    if last is None:
        return await sign_in_and_work(settings)
    if not last.signed_in:
        return await sign_in_and_work(settings, url=last.url, login=last.login)
    return await _serve(settings, last)


async def sign_in_and_work(settings: Settings, *, url: str = "", login: str = "") -> int:
    made = await on_screen(settings, url=url, login=login)
    return 0 if made is None else await _serve(settings, made, fresh=True)


async def _serve(settings: Settings, profile: Profile, *, fresh: bool = False, carried: Carried | None = None) -> int:
    """Open the console; once the hub has ended the session, ask to sign in again when the person leaves it. `fresh`:
    they have just signed in."""
    keep_log(settings.data)
    shown = asyncio.Event()
    word = credentials.place_of(profile, config_folder()) if fresh and profile.kept == "file" else ""
    session = Session(config_folder(), profile, shown)
    address = Address(profile.url, "")  # the session knows the token
    async with desk_at(settings, profile.url, profile.login, address, dial=session.call, carried=carried) as desk:
        moving = asyncio.create_task(_move(profile, shown), name="token into the keyring")
        code = await show(desk, settings, shown=shown, word=word, session=session)
        moving.cancel()
        ended, wiped = desk.link.phase == "signed_out", desk.link.error == Code.SIGNED_OUT
        carried = desk.carried() if wiped else Carried()
    return await _sign_in_again(settings, profile, carried) if ended else code


async def _move(profile: Profile, shown: asyncio.Event) -> None:
    await shown.wait()
    await credentials.move(config_folder(), profile)


async def _sign_in_again(settings: Settings, was: Profile, carried: Carried) -> int:
    """What was typed and not sent goes on with the same person at the same hub; otherwise it is printed, not lost."""
    texts = carried.texts()
    made = await on_screen(settings, url=was.url, login=was.login, unsent=texts)
    same = made is not None and (made.url, made.login) == (was.url, was.login)
    if texts and not same:
        print(_("This was not sent, and is forgotten now:"), *texts, sep="\n\n")
    if made is None:
        return 0
    return await _serve(settings, made, fresh=True, carried=carried if same else None)


async def demo(settings: Settings, *, fresh: bool) -> int:
    """Serve at the sample desk, whose hub runs beside this console."""
    from agent_tui.embedded import EmbeddedHub, HubFailed, HubInUse

    keep_log(settings.data)
    desks: list[LiveDesk] = []  # the one desk, once it is open
    trouble: list[str] = []  # what the hub said last, while it does not stay up

    def moved(ready: "Ready") -> None:
        trouble.clear()
        for desk in desks:
            desk.use(Address(ready.url, ready.token))

    def failed(lines: list[str]) -> None:
        trouble[:] = lines
        log.error("the embedded hub does not stay up: %s", lines[-1] if lines else "it says nothing")

    hub = EmbeddedHub(settings.demo, fresh=fresh, sample=True, moved=moved, trouble=failed)
    screen = asyncio.to_thread(importlib.import_module, "agent_tui.app")  # meanwhile
    try:
        ready, _module = await asyncio.gather(hub.start(), screen)
    except HubInUse as error:
        raise Failure(_("Another console works on the sample desk: leave it first, then start over.")) from error
    except HubFailed as failure:
        raise Failure(_failed(failure.lines, settings.demo)) from failure
    try:
        async with desk_at(settings, str(settings.demo), ready.agent, Address(ready.url, ready.token)) as desk:
            desks.append(desk)
            code = await show(desk, settings, chat=ready.chat)
    finally:
        await hub.stop()
    if trouble:
        raise Failure(_failed(trouble, settings.demo))
    return code


def _failed(lines: list[str], folder: Path) -> str:
    words = _("The hub of the sample desk does not stay up. It said, in {file}:")
    return "\n  ".join([words.format(file=folder / "hub.log"), *lines[-5:]])
