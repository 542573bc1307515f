"""What an administrator does to somebody's account from a shell: a new password, a second factor, where mail goes."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from hub.cli_options import ConfigFile, Refusal, StoreSettings
from hub.config import Config, read_config
from hub.i18n import _

if TYPE_CHECKING:
    from hub.store.engine import Store

Login = Annotated[str, Parameter(help=_("What they sign in as."))]


def add_to(user: App) -> None:
    """The commands below `bandeja-hub user`."""
    user.command(
        reset, help=_("Make a link by which somebody sets a new password. It is good once, and for half an hour.")
    )
    user.command(totp, help=_("Give somebody a second factor, or turn theirs off."))
    user.command(mail, help=_("Say where mail for somebody goes."))


def reset(
    login: Login,
    *,
    mail: Annotated[
        bool, Parameter(help=_("Send it to their mail address rather than print it."), negative=())
    ] = False,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub import admin

    chosen = read_config(settings, file=config, say=_)

    async def run() -> None:
        async with admin.opened(chosen) as store:
            if mail:
                to = await _address(store, chosen, login)
                await _mail(chosen, to, await admin.link_password(store, chosen, login))
                print(_("Sent to {mail}. The link is good once, and for half an hour.").format(mail=to))
            else:
                print(await admin.link_password(store, chosen, login))
                print(
                    _("Hand it to {login} and nobody else: it is good once, and for half an hour.").format(login=login),
                    file=sys.stderr,
                )

    asyncio.run(run())


async def _address(store: "Store", config: Config, login: str) -> str:
    from hub import admin
    from hub.desk.accounts import mail_of

    if not config.smtp or not config.mail_from:
        raise Refusal(_("The hub has no way to send mail: set smtp and mail_from, or leave --mail out."))
    agent_id = await admin.agent_id(store, login)
    to = await store.read(lambda conn: mail_of(conn, agent_id))
    if not to:
        words = _("There is no mail address of {login}: say it with bandeja-hub user mail {login} ADDRESS")
        raise Refusal(words.format(login=login))
    return to


async def _mail(config: Config, to: str, link: str) -> None:
    from hub.mail import NotMailed, send

    text = _(
        """With this link you set a new password for Bandeja. It is good once, and for half an hour.

{link}

If you have not asked for it, ignore it: your password is as it was."""
    ).format(link=link)
    try:
        await send(config, to, _("Your new password for Bandeja"), text)
    except NotMailed as why:
        raise Refusal(_("The mail was not sent ({why}): look at smtp and mail_from.").format(why=why)) from why


def totp(
    login: Login,
    *,
    off: Annotated[bool, Parameter(help=_("Turn it off, as when they have lost it."), negative=())] = False,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub import admin

    chosen = read_config(settings, file=config, say=_)

    async def run() -> None:
        async with admin.opened(chosen) as store:
            agent_id = await admin.agent_id(store, login)
            if off:
                await admin.submit(store, "agent.factor_off", agent=agent_id)
                print(_("{login} signs in without a second factor now.").format(login=login))
            else:
                await _enrol(chosen, store, agent_id, login)

    asyncio.run(run())


async def _enrol(config: Config, store: "Store", agent_id: int, login: str) -> None:
    import segno

    from hub.desk.accounts import has_factor
    from hub.enrolment import confirm, enrol

    if await store.read(lambda conn: has_factor(conn, agent_id)):
        words = _("{login} has a second factor already. Turn it off first: bandeja-hub user totp {login} --off")
        raise Refusal(words.format(login=login))
    made = await enrol(store, config, agent_id, login)
    segno.make(made.uri, error="m").terminal(compact=True)
    print(_("Scan it with an authenticator, or type this secret there: {secret}").format(secret=made.secret))
    code = _shown(login)
    print(_("Recovery codes, each good once in place of a code. Write them down now, they are not shown again:"))
    print(*await confirm(store, config, agent_id, code), sep="\n")


def _shown(login: str) -> str:
    try:
        return input(_("The code that it shows now") + ": ")
    except EOFError:
        raise Refusal(_("No code was given: {login} signs in as before.").format(login=login)) from None


def mail(
    login: Login,
    address: Annotated[str, Parameter(help=_("Their mail address; left out, it is forgotten."))] = "",
    *,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub import admin

    chosen = read_config(settings, file=config, say=_)

    async def run() -> None:
        async with admin.opened(chosen) as store:
            agent_id = await admin.agent_id(store, login)
            await admin.submit(store, "agent.mail", agent=agent_id, mail=address)

    asyncio.run(run())
