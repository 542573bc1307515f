"""The commands that keep the data for years: backup, restore, migrate, check, erase, diagnostics."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from hub.cli_options import ConfigFile, Refusal, Settings, StoreSettings
from hub.config import Config, read_config
from hub.i18n import _
from hub.protocol.manual import looks

if TYPE_CHECKING:
    from hub.desk.projections import Fault

erase = App(name="erase", help=_("Erase what is personal, for good."), **looks(_))


def enter(app: App) -> None:
    """Add these commands to the program's."""
    app.command(backup, help=_("Make a backup while the hub runs, and look whether it is whole."))
    app.command(restore, help=_("Put a backup in the place of the desk, which is kept aside. The hub must be stopped."))
    app.command(migrate, help=_("Bring the database up to this version, without serving. The desk is copied first."))
    app.command(
        check,
        help=_("Look for what does not hold: derived columns and the rules of the desk. The hub may run meanwhile."),
    )
    app.command(erase)
    app.command(
        diagnostics,
        help=_("Collect what helps to find a fault: versions, settings, counts, the log's end. Nothing personal."),
    )


def backup(
    *,
    to: Annotated[
        str,
        Parameter(
            help=_("Folder to put it in, or a file that is not there yet. [default: backups in the data folder]"),
            metavar="PATH",
            show_default=False,
        ),
    ] = "",
    keep: Annotated[
        int,
        Parameter(help=_("Keep so many backups in the folder, and delete the oldest beyond. 0: all."), metavar="N"),
    ] = 0,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub.upkeep.backup import back_up

    chosen = _existing(settings, config)
    if keep < 0:
        raise Refusal(_("--keep takes a number from 0 on."))
    file, made = asyncio.run(back_up(chosen, Path(to).expanduser().absolute() if to else None, keep=keep))
    print(
        _("{file}: {size} bytes, schema {schema}, up to event {seq}.").format(
            file=file, size=made.size, schema=made.position.schema, seq=made.position.seq
        )
    )
    if chosen.key_file.exists():
        print(_("The key in {file} is not in it: keep a copy of that in another place.").format(file=chosen.key_file))


def restore(
    file: Annotated[str, Parameter(help=_("The backup; its manifest FILE.json lies beside it."))],
    *,
    sign_out: Annotated[
        bool,
        Parameter(help=_("End all sessions, so that none that was ended since the backup is good again."), negative=()),
    ] = False,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> int:
    from hub.upkeep.restore import restore as put_back

    done = asyncio.run(
        put_back(read_config(settings, file=config, say=_), Path(file).expanduser().absolute(), sign_out=sign_out)
    )
    print(_("The desk is as it was at event {seq}.").format(seq=done.backup.position.seq))
    if done.aside:
        print(
            _("The one that was there is kept in {place}: delete it when you need it no more.").format(place=done.aside)
        )
    if done.unsure:
        print(_("Messages that may have gone out since, now marked as uncertain: {count}.").format(count=done.unsure))
    if done.erased:
        print(_("Customers erased again, because they were erased since: {count}.").format(count=done.erased))
    if done.unread:
        print(_("The desk that was there can't be read: who was erased is known from erasures.log alone."))
    return _report(done.faults, {})


def migrate(
    *,
    no_copy: Annotated[
        bool, Parameter(help=_("Don't copy the desk first. Only with a backup of your own."), negative=())
    ] = False,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub.upkeep.upgrade import upgrade

    copy = asyncio.run(upgrade(_existing(settings, config), copy=not no_copy))
    if copy is not None:
        print(_("The desk as it was is in {file}.").format(file=copy))
    print(_("The database is up to date."))


def check(
    *,
    repair: Annotated[bool, Parameter(help=_("Rebuild what can be derived from the rest."), negative=())] = False,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> int:
    """Exit code 1 where something is wrong, and stays wrong."""
    from hub import admin

    found = asyncio.run(admin.check(read_config(settings, file=config, say=_), repair=repair))
    if repair:
        print(_("Rows mended: {count}.").format(count=found.mended))
    return _report(found.faults, found.extent)


def _report(faults: "list[Fault]", extent: dict[str, int]) -> int:
    """Say what does not hold; the exit code."""
    for fault in faults:
        hint = " " + _("(--repair mends it)") if fault.repairable else ""
        print(
            _("{count} times: {what}").format(count=fault.count, what=_(fault.what).format(column=fault.column)) + hint
        )
    if extent:
        print(_("Looked at {conversations} conversations, {messages} messages and {events} events.").format(**extent))
    if not faults:
        print(_("Everything holds."))
    return 1 if faults else 0


@erase.command(name="contact", help=_("Erase a customer: name, numbers, every word that they and we wrote."))
def erase_contact(
    number: Annotated[int, Parameter(help=_("Number of the contact."))] = 0,
    *,
    conversation: Annotated[
        int, Parameter(help=_("Number of any of their conversations, as the console shows it."), metavar="N")
    ] = 0,
    identity: Annotated[str, Parameter(help=_("Who they are on a channel: SLUG:ID."), metavar="CHANNEL:ID")] = "",
    yes: Annotated[
        bool, Parameter(help=_("Do it. Without, it is only said what would be erased."), negative=())
    ] = False,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub.upkeep.erase import Whom, erase, find

    if sum(map(bool, (number, conversation, identity))) != 1:
        raise Refusal(_("Name the customer by a number, by --conversation or by --identity, and by one of them only."))
    chosen = _existing(settings, config)
    found = asyncio.run(find(chosen, Whom(number, conversation, identity)))
    print(
        _("Contact {contact}: {conversations} conversations, {messages} messages, first seen {seen}.").format(
            contact=found.contact, conversations=found.conversations, messages=found.messages, seen=found.seen
        )
    )
    if found.erased:
        print(_("They were erased before."))
        return
    if not yes:
        print(_("Nothing was erased. To erase them for good, say it again with --yes."))
        return
    clean = asyncio.run(erase(chosen, found.contact))
    print(_("They are erased. Backups of before still hold them: a restore erases them again."))
    if not clean:
        print(_("The journal beside the database is read just now, and is emptied by the running hub, or by the next."))


def diagnostics(
    *,
    to: Annotated[
        str,
        Parameter(
            help=_("File to write. [default: bandeja-diagnostics-DATE.zip here]"), metavar="PATH", show_default=False
        ),
    ] = "",
    log: Annotated[
        str, Parameter(help=_("The hub's log; its last lines are taken, cleaned."), metavar="PATH", show_default=False)
    ] = "",
    config: ConfigFile = "",
    settings: Settings | None = None,
) -> None:
    from hub.upkeep.diagnostics import write

    chosen = _existing(settings, config)
    made = asyncio.run(write(chosen, Path(to).expanduser() if to else None, Path(log).expanduser() if log else None))
    print(_("{file}: nothing personal is in it, but have a look before you send it.").format(file=made))


def _existing(settings: dict[str, str] | None, config: str) -> Config:
    """The settings of a desk that is there."""
    chosen = read_config(settings, file=config, say=_)
    if chosen.sqlite_path is not None and not chosen.sqlite_path.exists():
        raise Refusal(
            _("There is no desk in {place}. Make one with: bandeja-hub init").format(place=chosen.sqlite_path)
        )
    return chosen
