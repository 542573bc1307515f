"""The commands that set a desk up: who works there, where conversations wait, how customers reach it."""

from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from hub import cli_accounts
from hub.cli_endpoints import must_be_open
from hub.cli_options import ConfigFile, KeySettings, PasswordStdin, Refusal, StoreSettings
from hub.cli_secrets import GraceHours, Roll, must_roll, roll_and_show, show_secret
from hub.cli_store import print_table, with_store
from hub.config import read_config
from hub.i18n import _
from hub.protocol.manual import looks

if TYPE_CHECKING:
    from hub.store.engine import Store

user = App(name="user", help=_("The people who work at the desk."), **looks(_))
queue = App(name="queue", help=_("Where conversations wait for an agent."), **looks(_))
channel = App(name="channel", help=_("How customers reach the desk."), **looks(_))

cli_accounts.add_to(user)


@user.command(name="add", help=_("Add an agent, a supervisor or an admin. Asks for the password."))
def add_user(
    login: Annotated[str, Parameter(help=_("What they sign in as: small letters, digits and . _ @ -"))],
    *,
    name: Annotated[str, Parameter(help=_("Their name, as others and customers see it."), metavar="NAME")] = "",
    role: Annotated[
        Literal["agent", "supervisor", "admin"], Parameter(help=_("What they may do."), metavar="ROLE")
    ] = "agent",
    password_stdin: PasswordStdin = False,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub import admin
    from hub.ask import new_password

    async def run(store: "Store") -> None:
        if any(row[0] == login for row in await store.read(admin.list_agents)):
            raise Refusal(_("{login} is there already. Change the password with: user passwd").format(login=login))
        hashed = new_password(from_stdin=password_stdin)
        await admin.submit(store, "agent.save", login=login, name=name or login, role=role, password_hash=hashed)

    with_store(settings, config, run)


@user.command(name="passwd", help=_("Give somebody a new password."))
def change_password(
    login: str, *, password_stdin: PasswordStdin = False, config: ConfigFile = "", settings: StoreSettings | None = None
) -> None:
    from hub import admin
    from hub.ask import new_password

    async def run(store: "Store") -> None:
        if all(row[0] != login for row in await store.read(admin.list_agents)):
            raise Refusal(_("There is no {login}.").format(login=login))
        await admin.change_agent(store, login, password_hash=new_password(from_stdin=password_stdin))

    with_store(settings, config, run)


@user.command(name="disable", help=_("Keep somebody from signing in. What they did stays."))
def disable_user(login: str, *, config: ConfigFile = "", settings: StoreSettings | None = None) -> None:
    from hub import admin

    with_store(settings, config, lambda store: admin.change_agent(store, login, active=False))


@user.command(name="enable", help=_("Let somebody sign in again."))
def enable_user(login: str, *, config: ConfigFile = "", settings: StoreSettings | None = None) -> None:
    from hub import admin

    with_store(settings, config, lambda store: admin.change_agent(store, login, active=True))


@user.command(name="list", help=_("Who works at the desk."))
def list_users(*, config: ConfigFile = "", settings: StoreSettings | None = None) -> None:
    from hub import admin

    print_table(settings, config, (_("login"), _("name"), _("role"), _("status")), admin.list_agents)


@queue.command(name="add", help=_("Add a queue, or change the one with this code."))
def add_queue(
    code: Annotated[str, Parameter(help=_("A short name: small letters, digits, - and _"))],
    *,
    name: Annotated[str, Parameter(help=_("What it is called on screens."), metavar="NAME")] = "",
    member: Annotated[
        list[str] | None, Parameter(help=_("Login of a member. Repeat for more."), metavar="LOGIN", negative=())
    ] = None,
    support: Annotated[
        list[str] | None,
        Parameter(help=_("Login of somebody who helps out when the members are full."), metavar="LOGIN", negative=()),
    ] = None,
    capacity: Annotated[int, Parameter(help=_("Conversations that one agent is given at a time."), metavar="N")] = 5,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub import admin

    chosen = read_config(settings, file=config, say=_)
    names = {chosen.language: name or code}

    async def run(store: "Store") -> None:
        await admin.save_queue(store, code, names, member or [], support or [], capacity)

    with_store(settings, config, run)


@queue.command(name="list", help=_("The queues and their members; in brackets who helps out."))
def list_queues(*, config: ConfigFile = "", settings: StoreSettings | None = None) -> None:
    from hub import admin

    print_table(settings, config, (_("code"), _("name"), _("capacity"), _("members")), admin.list_queues)


@channel.command(
    name="add",
    help=_(
        "Add a channel, or change the one with this name. A web chat's page is /chat/SLUG. With --driver api it is an "
        "app of your own: its secret is shown once, and docs/WEBHOOKS.md says what it posts."
    ),
)
def add_channel(
    slug: Annotated[str, Parameter(help=_("Its name in addresses: small letters, digits, - and _"))],
    *,
    queue: Annotated[str, Parameter(help=_("Code of the queue that its conversations wait in."), metavar="CODE")],
    name: Annotated[str, Parameter(help=_("What it is called on screens."), metavar="NAME")] = "",
    origin: Annotated[
        list[str] | None,
        Parameter(
            help=_("A site that may embed the chat, as https://www.example.org. Repeat for more."),
            metavar="SITE",
            negative=(),
        ),
    ] = None,
    color: Annotated[str, Parameter(help=_("Colour of its letter in the trays."), metavar="#RRGGBB")] = "#7a5ce0",
    driver: Annotated[
        Literal["web", "api"], Parameter(help=_("A web chat, or an app of your own."), metavar="DRIVER")
    ] = "web",
    callback: Annotated[
        str, Parameter(help=_("With --driver api: where replies are posted, signed."), metavar="URL")
    ] = "",
    resend: Annotated[
        int,
        Parameter(
            help=_(
                "With --driver api: how often a reply whose answer was lost goes again by itself. For apps that know a "
                "repeated one by its webhook-id."
            ),
            metavar="N",
        ),
    ] = 0,
    config: ConfigFile = "",
    settings: KeySettings | None = None,
) -> None:
    from hub import admin
    from hub.hooks import admin as hooks

    chosen = read_config(settings, file=config, say=_)
    names = {chosen.language: name or slug}
    if callback:
        must_be_open(callback, "callback", chosen.webhook_networks)

    async def run(store: "Store") -> None:
        await admin.save_channel(
            store, slug, driver, names, queue, color, origin or [], callback=callback, resend=resend
        )
        if driver == "api" and not await hooks.has_channel_secret(store, slug):
            show_secret(await hooks.roll_channel(store, chosen, slug, grace=0))

    with_store(settings, config, run)


@channel.command(name="secret", help=_("Give an API channel a new secret, which is shown once."))
def channel_secret(
    slug: Annotated[str, Parameter(help=_("The channel's name in addresses."))],
    *,
    roll: Roll = False,
    grace: GraceHours = 24,
    config: ConfigFile = "",
    settings: KeySettings | None = None,
) -> None:
    from hub.hooks import admin as hooks

    chosen = read_config(settings, file=config, say=_)
    must_roll(roll)
    with_store(settings, config, lambda store: roll_and_show(hooks.roll_channel(store, chosen, slug, grace=grace)))


@channel.command(name="list", help=_("How customers reach the desk."))
def list_channels(*, config: ConfigFile = "", settings: StoreSettings | None = None) -> None:
    from hub import admin

    head = (_("slug"), _("app"), _("name"), _("queue"), _("sites"))
    print_table(settings, config, head, admin.list_channels)
