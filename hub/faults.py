"""What went wrong, for a person at a shell: a sentence for every failure that is not a fault of the program."""

import errno
import sqlite3
import ssl

import asyncpg
import sqlalchemy as sa

from hub.admin import NoDesk, OldSchema
from hub.i18n import _
from hub.protocol.errors import Code, Refused
from hub.sealing import BadKeys, NotOpened
from hub.store.migrate import BrokenReferences, HalfRestored, NewerSchema
from hub.store.occupancy import BeingRestored, InUse
from hub.upkeep import Unable


def sentence(error: Exception) -> str | None:
    """What to tell the person; None where it is a fault of ours, and the traceback says more."""
    match error:
        case NoDesk():
            return _("There is no desk in {place}. Make one with: bandeja-hub init").format(place=error)
        case OldSchema():
            return _(
                "The database has schema {found}, and this version works on {newest}. Run: bandeja-hub migrate"
            ).format(found=error.found, newest=error.newest)
        case Refused():
            return _refusal(error)
        case NewerSchema():
            return _(
                "The database was written by a newer version of bandeja-hub (schema {found}, this one knows {known}): "
                "update this one."
            ).format(found=error.found, known=error.known)
        case HalfRestored():
            return _("A restore of this database was broken off: run bandeja-hub restore again.")
        case BeingRestored():
            return _("The database is being restored: try again when that is done.")
        case InUse():
            return _("The database is in use by {by}: stop the hub, and what else has it open, first.").format(
                by=error.by
            )
        case BrokenReferences():
            return _(
                "The upgrade was taken back, because it would have left rows without what they refer to: {why}"
            ).format(why=error)
        case Unable():
            values = {name: _explained(value) for name, value in error.values.items()}
            return _(error.what).format(**values)
        case sqlite3.Error() | asyncpg.PostgresError():
            return _("The database can't be used: {why}").format(why=str(error).strip().splitlines()[0])
        case BadKeys():
            return _(error.what).format(file=error.file, why=error.why)
        case NotOpened():
            return _(
                "A secret in the database does not open ({why}). Use the key file that it was sealed with."
            ).format(why=error)
        case ssl.SSLError():
            return _("The certificate or its key can't be used: {why}").format(why=error)
        case sa.exc.DBAPIError():
            return _("The database can't be used: {why}").format(why=str(error.orig).strip().splitlines()[0])
        case OSError() if error.errno == errno.EADDRINUSE:
            return _("The port is taken. Choose another with --port, or stop what listens there.")
        case OSError():
            return _("It did not work: {why}").format(why=error)
        case _:
            return None


def _explained(value: object) -> object:
    """A reason that is a failure itself, in the caller's language."""
    return (sentence(value) or value) if isinstance(value, Exception) else value


def _refusal(refusal: Refused) -> str:
    what = refusal.field or ""
    match refusal.code:
        case Code.NOT_FOUND:
            return _("There is no such {what}: {id}").format(
                what=refusal.detail.get("what"), id=refusal.detail.get("id", "")
            )
        case Code.BAD_ARGS:
            return _("{what} can't be used: {why}").format(what=what, why=refusal.detail.get("why", ""))
        case Code.DUPLICATE:
            return _("{what} is taken already.").format(what=what)
        case Code.SECOND_FACTOR:
            return _("This is not the code of now: look at the clocks of hub and authenticator, and begin again.")
        case Code.EMPTY:
            return _("{what} is missing.").format(what=what)
        case _:
            return _("The hub refuses it: {why}").format(why=refusal)
