"""The commands of webhooks: who is told what happens at the desk, and what they could not be told."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from hub.cli_endpoints import must_be_open
from hub.cli_options import ConfigFile, KeySettings, StoreSettings
from hub.cli_secrets import GraceHours, Roll, must_roll, roll_and_show, show_secret
from hub.cli_store import print_table, with_store
from hub.config import read_config
from hub.i18n import _
from hub.protocol.manual import looks

if TYPE_CHECKING:
    from hub.store.engine import Store

webhook = App(name="webhook", help=_("Servers that are told what happens at the desk."), **looks(_))
Name = Annotated[str, Parameter(help=_("The webhook's name: small letters, digits, - and _"))]


@webhook.command(
    name="add", help=_("Add a webhook, or change the one with this name. The secret of a new one is shown once.")
)
def add(
    name: Name,
    url: Annotated[str, Parameter(help=_("Where events are posted, as https://example.org/hook."))],
    *,
    event: Annotated[
        list[str] | None,
        Parameter(
            help=_("An event that it is told, as message.received. Repeat for more; without it, all but notes."),
            metavar="EVENT",
            negative=(),
        ),
    ] = None,
    content: Annotated[
        bool, Parameter(help=_("With what was written, and the contact's name and number."), negative=())
    ] = False,
    notes: Annotated[
        bool, Parameter(help=_("Private notes may leave the desk: with --event message.noted, or all."), negative=())
    ] = False,
    off: Annotated[bool, Parameter(help=_("Switched off: it is told nothing."), negative=())] = False,
    config: ConfigFile = "",
    settings: KeySettings | None = None,
) -> None:
    from hub.hooks import admin

    chosen = read_config(settings, file=config, say=_)
    must_be_open(url, "url", chosen.webhook_networks)

    async def run(store: "Store") -> None:
        made = await admin.save_webhook(
            store, chosen, name, url=url, events=event or [], content=content, notes=notes, active=not off
        )
        if made:
            show_secret(made)

    with_store(settings, config, run)


@webhook.command(name="list", help=_("The webhooks, and how much each is still to be told."))
def list_webhooks(*, config: ConfigFile = "", settings: StoreSettings | None = None) -> None:
    from hub.hooks import admin

    head = (_("name"), _("url"), _("events"), _("with"), _("status"), _("waiting"), _("failed"))
    print_table(settings, config, head, admin.list_webhooks)


@webhook.command(name="secret", help=_("Give a webhook a new secret, which is shown once."))
def secret(
    name: Name,
    *,
    roll: Roll = False,
    grace: GraceHours = 24,
    config: ConfigFile = "",
    settings: KeySettings | None = None,
) -> None:
    from hub.hooks import admin

    chosen = read_config(settings, file=config, say=_)
    must_roll(roll)
    with_store(settings, config, lambda store: roll_and_show(admin.roll_webhook(store, chosen, name, grace=grace)))


@webhook.command(name="delete", help=_("Delete a webhook, and what it has not been told yet."))
def delete(name: Name, *, config: ConfigFile = "", settings: StoreSettings | None = None) -> None:
    from hub.hooks import admin

    with_store(settings, config, lambda store: admin.delete_webhook(store, name))


@webhook.command(name="failed", help=_("What webhooks could not be told: the dead-letter list, the newest first."))
def failed(
    name: Annotated[str, Parameter(help=_("Only those of this webhook."))] = "",
    *,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub.hooks import admin

    head = (_("id"), _("name"), _("event"), _("given up"), _("tries"), _("why"), _("answer"))
    print_table(settings, config, head, lambda conn: admin.list_failed(conn, name))


@webhook.command(name="retry", help=_("Tell a webhook what is on its dead-letter list: all of it, or one."))
def retry(
    name: Name,
    *,
    id: Annotated[int | None, Parameter(help=_("Its number in the list."), metavar="N")] = None,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub.hooks import admin

    async def run(store: "Store") -> None:
        count = await admin.retry(store, name, id)
        print(_("To be told again: {count}.").format(count=count))

    with_store(settings, config, run)
