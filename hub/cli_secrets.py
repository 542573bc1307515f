"""What the command line does with secrets: the key file that seals them, and showing a new one once."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from hub.cli_options import ConfigFile, KeySettings, Refusal
from hub.cli_store import with_store
from hub.config import read_config
from hub.i18n import _
from hub.protocol.manual import looks

if TYPE_CHECKING:
    from hub.store.engine import Store

Roll = Annotated[bool, Parameter(help=_("Make a new secret. What it replaces can't be shown again."), negative=())]
GraceHours = Annotated[
    int, Parameter(help=_("Hours for which the secret before it is good too; 0 ends it at once."), metavar="HOURS")
]

keys = App(name="keys", help=_("The key file, which seals the secrets in the database."), **looks(_))


def must_roll(roll: bool) -> None:
    if not roll:
        raise Refusal(_("A secret is shown only once, when it is made. Make a new one with --roll."))


def show_secret(secret: str) -> None:
    print(_("Secret, shown only now: {secret}").format(secret=secret))


async def roll_and_show(rolled: Awaitable[str]) -> None:
    show_secret(await rolled)


@keys.command(name="rotate", help=_("Put a new key into the key file, and seal all secrets by it."))
def rotate(*, config: ConfigFile = "", settings: KeySettings | None = None) -> None:
    from hub.desk.sealed import rewrap, rewrapped, used_keys
    from hub.sealing import add_key, read_keys

    chosen = read_config(settings, file=config, say=_)
    path = chosen.key_file

    async def run(store: "Store") -> None:
        known = read_keys(path)
        await store.read(lambda conn: rewrapped(conn, known))  # what does not open is told before a key is added
        ring = add_key(path)
        count = await store.write(lambda unit: rewrap(unit, ring))
        print(_("Secrets sealed by the new key: {count}.").format(count=count))
        used = await store.read(used_keys)
        idle = [f"{number} ({key})" for number, key in enumerate(ring.ids, 1) if number > 1 and not used[key]]
        if idle:
            print(
                _("These lines of {file} seal nothing any more: {lines}.").format(file=path, lines=", ".join(idle)),
                _("Keep them as long as backups from before are to be read; then delete them."),
                sep="\n",
            )
        print(_("Give the file to every hub on this database, and keep a copy apart from the backups."))

    with_store(settings, config, run)
