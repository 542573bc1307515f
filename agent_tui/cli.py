"""`bandeja` with words behind it. A failure is a sentence that says how to mend it; `start` prints it.

Nothing of the screen is imported before it is needed, and nothing of the hub's half ever.
"""

import asyncio
from typing import TYPE_CHECKING, Annotated, TypedDict

from cyclopts import App, Group, Parameter

from agent_tui import __version__, start
from agent_tui.i18n import _
from agent_tui.settings import PREFIX, Settings
from agent_tui.start import check_terminal, settled
from hub.protocol.manual import looks
from hub.protocol.settings import declared

if TYPE_CHECKING:
    Flags = dict[str, str]
else:
    _group = Group(_("Settings"), sort_key=9)
    Flags = TypedDict(
        "Flags",
        {
            one.name: Annotated[
                str,
                Parameter(name=one.flag, help=one.manual(_), group=_group, metavar=one.metavar, show_default=False),
            ]
            for one in declared(Settings, PREFIX).values()
        },
        total=False,
    )

Options = Annotated[Flags, Parameter(name="*")]
ConfigFile = Annotated[
    str,
    Parameter(
        help=_("Read settings from this TOML file. [BANDEJA_CONFIG; default: config.toml in the config folder]"),
        metavar="PATH",
        show_default=False,
    ),
]
app = App(
    name="bandeja",
    help=_(
        """A support desk in the terminal.

`bandeja demo` opens a sample desk that needs nothing else. `bandeja login URL` signs in at a hub; from then on plain
`bandeja` opens the console there, and `bandeja logout` signs out. In the console, F1 tells the keys.

A setting has one name: `--theme` as an option, BANDEJA_THEME in the environment, `theme` in config.toml. An option wins
over the environment, the environment over the file."""
    ),
    version=__version__,
    **looks(_),
)


@app.default
def console(*, config: ConfigFile = "", options: Options | None = None) -> int:
    """Open the console at the hub of last time."""
    return start.console(config, options)


@app.command(help=_("Sign in at a hub and open the console there."))
def login(
    url: Annotated[str, Parameter(help=_("Where the hub is, as https://desk.example.org. Default: last time's."))] = "",
    *,
    user: Annotated[str, Parameter(help=_("What you sign in as. Asked for if not given."), metavar="LOGIN")] = "",
    password_stdin: Annotated[
        bool,
        Parameter(help=_("Only sign in, with the first line of standard input as the password."), negative=()),
    ] = False,
    code: Annotated[
        str, Parameter(help=_("With --password-stdin: the code of your second factor."), metavar="CODE")
    ] = "",
    config: ConfigFile = "",
    options: Options | None = None,
) -> int:
    from agent_tui.console import sign_in_and_work
    from agent_tui.credentials import place_of
    from agent_tui.profile import config_folder
    from agent_tui.signing_in import from_stdin, last_profile

    settings = settled(config, options)
    last = last_profile()
    url = url or (last.url if last else "")
    user = user or (last.login if last and last.url == url else "")
    if password_stdin:
        made = from_stdin(url, user, code)
        print(_("Signed in at {url} as {login}.").format(url=made.url, login=made.login))
        print(place_of(made, config_folder()))
        return 0
    check_terminal()
    return asyncio.run(sign_in_and_work(settings, url=url, login=user))


@app.command(help=_("Sign out: end the session at the hub, and delete the token and the copy of the desk here."))
def logout(*, config: ConfigFile = "", options: Options | None = None) -> int:
    from agent_tui.signing_out import sign_out

    return asyncio.run(sign_out(settled(config, options)))


@app.command(help=_("Open the sample desk, with sample customers who write. Its hub runs beside the console."))
def demo(
    *,
    fresh: Annotated[bool, Parameter(help=_("Throw the sample desk away and start over."), negative=())] = False,
    config: ConfigFile = "",
    options: Options | None = None,
) -> int:
    from agent_tui.console import demo as run

    settings = settled(config, options)
    check_terminal()
    return asyncio.run(run(settings, fresh=fresh))


@app.command(help=_("Print the version."))
def version() -> None:
    print(__version__)
