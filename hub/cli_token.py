"""The commands about tokens: who is signed in, which programs act for whom, and ending either."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from hub.cli_options import ConfigFile, Refusal, StoreSettings
from hub.cli_store import print_table, with_store
from hub.config import read_config
from hub.i18n import _
from hub.protocol.manual import looks

if TYPE_CHECKING:
    from hub.store.engine import Store

token = App(name="token", help=_("What opens the hub: API tokens of programs, and the sessions of people."), **looks(_))


@token.command(name="add", help=_("Make an API token, with which a program acts for an agent. It is shown this once."))
def add_token(
    login: Annotated[str, Parameter(help=_("The agent whom the program acts for."))],
    *,
    name: Annotated[str, Parameter(help=_("What it is for, so that you know it in a year."), metavar="NAME")],
    scope: Annotated[
        list[str],
        Parameter(
            help=_("A grant of the agent's that it leaves to the program. Repeat for more."),
            metavar="GRANT",
            negative=(),
        ),
    ],
    days: Annotated[int, Parameter(help=_("Days until it ends, 365 unless you say; 0: never."), metavar="N")] = 365,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub import admin_tokens

    if not 0 <= days <= 36_500:
        raise Refusal(_("--days must be a whole number from 0 to 36500."))

    async def run(store: "Store") -> None:
        allowed = await admin_tokens.scopes_of(store, login)
        for one in scope:
            if one not in allowed:
                raise Refusal(
                    _("{login} has no {grant} to give. There are: {names}.").format(
                        login=login, grant=one, names=", ".join(allowed)
                    )
                )
        number, made = await admin_tokens.add(store, login, name, scope, days)
        print(made)
        print(_("This is the only time that it is shown. End it with: bandeja-hub token revoke {id}").format(id=number))

    with_store(settings, config, run)


@token.command(name="list", help=_("What opens the hub now: of everybody, or of one agent."))
def list_tokens(
    login: Annotated[str, Parameter(help=_("Only those of this agent."), show_default=False)] = "",
    *,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub import admin_tokens

    zone = read_config(settings, file=config, say=_).zone
    head = ("id", _("login"), _("name"), _("grants"), _("since"), _("until"), _("last used"), _("from"))
    print_table(settings, config, head, lambda conn: admin_tokens.table(conn, login, zone))


@token.command(name="revoke", help=_("End an API token, or sign somebody out: at once, wherever it is used."))
def revoke_token(
    identifier: Annotated[str, Parameter(name="ID", help=_("As `token list` shows it: t3 or s9."))],
    *,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub import admin_tokens

    async def run(store: "Store") -> None:
        try:
            await admin_tokens.revoke(store, identifier)
        except ValueError:
            raise Refusal(
                _("{id} is neither a token's nor a session's: bandeja-hub token list tells them.").format(id=identifier)
            ) from None
        print(_("{id} opens nothing any more.").format(id=identifier))

    with_store(settings, config, run)
