"""What all commands of the hub's command line share: the options of the settings, how --help looks, and `Refusal`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO, TypedDict

from cyclopts import Group, Parameter

from hub.config import PREFIX, Config
from hub.i18n import _
from hub.protocol.settings import declared

if TYPE_CHECKING:
    Flags = dict[str, str]
    StoreFlags = dict[str, str]
    KeyFlags = dict[str, str]
else:

    def _flags(*names: str) -> type:
        settings = declared(Config, PREFIX)
        group = Group(_("Settings"), sort_key=9)
        return TypedDict(
            "Flags",
            {
                one.name: Annotated[
                    str,
                    Parameter(name=one.flag, help=one.manual(_), group=group, metavar=one.metavar, show_default=False),
                ]
                for one in settings.values()
                if not names or one.name in names
            },
            total=False,
        )

    Flags = _flags()
    StoreFlags = _flags("data", "database")
    KeyFlags = _flags("data", "database", "key_file")

Settings = Annotated[Flags, Parameter(name="*")]
StoreSettings = Annotated[StoreFlags, Parameter(name="*")]
KeySettings = Annotated[KeyFlags, Parameter(name="*")]
ConfigFile = Annotated[
    str,
    Parameter(
        help=_("Read settings from this TOML file. [BANDEJA_HUB_CONFIG; default: hub.toml in the config folder]"),
        metavar="PATH",
        show_default=False,
    ),
]
PasswordStdin = Annotated[
    bool, Parameter(help=_("Read the password from the first line of standard input."), negative=())
]


class Refusal(Exception):
    """The command can't be done; the text says why and what to do."""


def opened_anew(file: Path) -> TextIO:
    """A file to write what was asked for into: for its owner alone, and never over what is there."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refusal(_("{file} is there already. Choose another name.").format(file=file)) from None
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")
