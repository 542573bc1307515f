"""What an administrator looks at from a shell: the way that a command has taken."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from hub.cli_options import ConfigFile, Refusal, StoreSettings
from hub.config import read_config
from hub.i18n import _

if TYPE_CHECKING:
    from hub.desk.trace import Step

ANSWERED = "answered"


def add_commands(app: App) -> None:
    app.command(trace, help=_("Show what became of a command: its answer, its events, its messages."))


def trace(
    named: Annotated[
        str,
        Parameter(
            help=_("Its key, as the console's log and the hub's have it; or the number of a journal row."),
            metavar="KEY",
        ),
    ],
    *,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub import admin
    from hub.desk import trace as ways

    chosen = read_config(settings, file=config, say=_)

    async def look() -> "ways.Trace | None":
        async with admin.opened(chosen) as store:
            return await store.read(lambda conn: ways.trace(conn, named))

    found = asyncio.run(look())
    if found is None:
        raise Refusal(
            _("Nothing is known of {named}. A key is in the log behind key=; it may have been refused there.").format(
                named=named
            )
        )
    print(_("Command {key}").format(key=found.key or "—"))
    for step in found.steps:
        print(_line(step, found.key))


def _line(step: "Step", key: str) -> str:
    at = datetime.fromtimestamp(step.at / 1000, UTC).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
    number = f"#{step.seq}" if step.seq else ""
    about = f"conversation {step.conversation}" if step.conversation is not None else ""
    by = f"({step.key})" if step.key and step.key != key else ""
    parts = (f"{at}Z", f"{number:<8}", f"{step.who:<12}", f"{step.what or ANSWERED:<22}", about, step.detail, by)
    return "  ".join(part for part in parts if part).rstrip()
