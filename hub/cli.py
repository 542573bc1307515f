"""`bandeja-hub`: what an administrator does from a shell. A failure is a sentence that says how to mend it.

Nothing heavy is imported before a command needs it, so that `--help` answers at once.
"""

import asyncio
import sys
from typing import Annotated

from cyclopts import App, Parameter

from hub import __version__, cli_watch
from hub import cli_upkeep as upkeep
from hub.cli_audit import audit
from hub.cli_desk import channel, queue, user
from hub.cli_forms import form
from hub.cli_hooks import webhook
from hub.cli_options import ConfigFile, PasswordStdin, Refusal, Settings, StoreSettings
from hub.cli_report import report
from hub.cli_secrets import keys
from hub.cli_token import token
from hub.config import Config, read_config
from hub.i18n import _
from hub.protocol.manual import looks
from hub.protocol.settings import BadSetting

OCCUPIED = 3  # exit code: another hub runs in this folder

app = App(
    name="bandeja-hub",
    help=_(
        """The hub of a support desk: it keeps the conversations and queues, and tells consoles and pages what changes.

A new desk takes four steps: `init` makes the database and the first admin, `user add` the agents, `queue add` a queue
with its members, `channel add` the web chat. Then `serve`. All of them work beside a running hub, too.

A setting has one name: `--public-url` as an option, BANDEJA_HUB_PUBLIC_URL in the environment, `public_url` in
hub.toml. An option wins over the environment, the environment over the file."""
    ),
    version=__version__,
    **looks(_),
)
for part in (user, queue, channel, token, webhook, keys, audit, form, report):
    app.command(part)
upkeep.enter(app)
cli_watch.add_commands(app)


@app.command(help=_("Make the database and the first admin. Asks for what is not given."))
def init(
    *,
    login: Annotated[str, Parameter(help=_("What the admin signs in as."), metavar="LOGIN")] = "",
    name: Annotated[str, Parameter(help=_("The admin's name, as others see it."), metavar="NAME")] = "",
    password_stdin: PasswordStdin = False,
    config: ConfigFile = "",
    settings: StoreSettings | None = None,
) -> None:
    from hub import admin
    from hub.ask import answer, new_password
    from hub.store.migrate import migrate

    chosen = read_config(settings, file=config, say=_)
    if chosen.sqlite_path is not None:
        chosen.sqlite_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def prepare() -> None:
        await migrate(chosen.database)
        async with admin.opened(chosen) as store:
            if await admin.has_admin(store):
                raise Refusal(_("This desk has an admin already. Add people with: bandeja-hub user add"))

    async def make(login: str, name: str, hashed: str) -> None:
        async with admin.opened(chosen) as store:
            await admin.submit(store, "agent.save", login=login, name=name, role="admin", password_hash=hashed)

    asyncio.run(prepare())
    login = login or answer(_("Login"), "--login", "admin")
    name = name or answer(_("Name"), "--name", login)
    asyncio.run(make(login, name, new_password(from_stdin=password_stdin)))
    print(_("The desk is in {place}.").format(place=chosen.sqlite_path or _("the database")))
    print(_("Next: bandeja-hub user add, queue add, channel add; then bandeja-hub serve"))


@app.command(help=_("Run the hub until it is stopped with Ctrl+C or SIGTERM. Brings the database up to date first."))
def serve(
    *,
    embedded: Annotated[
        bool,
        Parameter(help=_("As a console's own hub: on 127.0.0.1, for as long as a console wants it."), negative=()),
    ] = False,
    sample: Annotated[
        bool, Parameter(help=_("With --embedded: a sample desk, and sample customers who write."), negative=())
    ] = False,
    fresh: Annotated[
        bool, Parameter(help=_("With --sample: throw the sample desk away and start over."), negative=())
    ] = False,
    config: ConfigFile = "",
    settings: Settings | None = None,
) -> int:
    chosen = read_config(settings, file=config, say=_)
    if (sample and not embedded) or (fresh and not sample):
        raise Refusal(_("--sample goes with --embedded, and --fresh with --sample."))
    if embedded:
        return _serve_embedded(chosen, sample=sample, fresh=fresh)
    from hub.logs import configure
    from hub.serving import serve as serve_hub

    configure(chosen.log_level, form=chosen.log_format)
    asyncio.run(serve_hub(chosen))
    return 0


def _serve_embedded(config: Config, *, sample: bool, fresh: bool) -> int:
    from hub.embedded import NotASample, Occupied, serve_embedded, sole, start_over
    from hub.logs import configure

    try:
        with sole(config.data):
            if fresh:
                start_over(config.data)
            configure(config.log_level, config.data / "hub.log", config.log_format)
            asyncio.run(serve_embedded(config, sample=sample))
    except Occupied:
        print(_("A hub runs in {folder} already.").format(folder=config.data), file=sys.stderr)
        return OCCUPIED
    except NotASample:
        raise Refusal(
            _("The desk in {folder} is not a sample: it is not thrown away.").format(folder=config.data)
        ) from None
    return 0


@app.command(help=_("Print the version."))
def version() -> None:
    print(__version__)


def main() -> None:
    """Entry of the `bandeja-hub` command. Exit codes: 0 done, 1 it can't be done, 2 it was asked wrongly."""
    try:
        app(sys.argv[1:])
    except BadSetting as fault:
        sys.exit(_failed(str(fault), 2))
    except Refusal as fault:
        sys.exit(_failed(str(fault), 1))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from hub.faults import sentence

        said = sentence(error)
        if said is None:
            raise
        sys.exit(_failed(said, 1))


def _failed(said: str, code: int) -> int:
    print(said, file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
