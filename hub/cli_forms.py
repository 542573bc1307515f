"""The forms of queues at a shell: shown as a file, made of one, and what was filled in as a table."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from cyclopts import App, Parameter

from hub.cli_options import ConfigFile, Refusal, StoreSettings, opened_anew
from hub.cli_store import with_store
from hub.config import read_config
from hub.i18n import _
from hub.protocol.manual import looks

if TYPE_CHECKING:
    from hub.store.engine import Store

form = App(name="form", help=_("What queues ask about their conversations: forms and topics."), **looks(_))
Queue = Annotated[str, Parameter(help=_("Code of the queue."), metavar="CODE")]


@form.command(name="show", help=_("The form and the topics of a queue as a JSON file, to be changed and imported."))
def show_form(queue: Queue, *, config: ConfigFile = "", settings: StoreSettings | None = None) -> None:
    import msgspec

    from hub import admin_forms

    async def run(store: "Store") -> None:
        found = msgspec.json.encode(await admin_forms.read_file(store, queue))
        print(msgspec.json.format(found).decode())

    with_store(settings, config, run)


@form.command(
    name="import",
    help=_(
        "Make a queue ask what a file says, in TOML or JSON. What was filled in before stays with the form as it was. "
        "docs/FORMS.md tells what stands in a file."
    ),
)
def import_form(
    queue: Queue,
    file: Annotated[Path, Parameter(help=_("The file; its name ends in .toml or .json."))],
    *,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    import tomllib

    import msgspec

    from hub import admin_forms

    try:
        raw = file.read_bytes()
        if file.suffix == ".toml":
            raw = msgspec.json.encode(tomllib.loads(raw.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(_("{file} can't be read: {why}").format(file=file, why=error)) from error

    async def run(store: "Store") -> None:
        done = await admin_forms.import_file(store, queue, raw)
        print(_("Fields: {fields}, topics: {topics}.").format(**done))

    with_store(settings, config, run)


@form.command(
    name="export",
    help=_("What was filled in of a queue's form as CSV, a row a leg, oldest first. That it was done is audited."),
)
def export_forms(
    queue: Queue,
    file: Annotated[Path | None, Parameter(help=_("Where to write; to standard output if left out."))] = None,
    *,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub import admin_forms
    from hub.desk import audit
    from hub.protocol import spreadsheet

    chosen = read_config(settings, file=config, say=_)

    async def run(store: "Store") -> None:
        await admin_forms.read_file(store, queue)  # refuses a queue that is not there before a file is made
        await store.write(lambda unit: audit.export(unit, "system", {"of": "form_submissions"}))
        out = sys.stdout if file is None else opened_anew(file)
        try:
            zone = ZoneInfo(chosen.zone)
            await store.read(lambda conn: spreadsheet.write(out, admin_forms.table_of(conn, queue, zone)))
        finally:
            if file is not None:
                out.close()

    with_store(settings, config, run)
