"""The language of the hub's command line: gettext catalogues, chosen from the caller's environment.

English is the language of the message ids. Pages bring their own texts; the desk's own names are `{language: text}`.
"""

import gettext
import os
from collections.abc import Mapping
from pathlib import Path

LANGUAGES = ("es", "en")
DEFAULT = "es"
_FOLDER = Path(__file__).parent / "locale"


def spoken(environ: Mapping[str, str] = os.environ) -> str:
    """The first of BANDEJA_HUB_LANGUAGE, LC_ALL, LC_MESSAGES, LANG that is set, if it is spoken here; else Spanish."""
    names = ("BANDEJA_HUB_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    first = next((environ[name] for name in names if environ.get(name)), "")
    code = first.replace("-", "_").split("_")[0].split(".")[0].lower()
    return code if code in LANGUAGES else DEFAULT


_catalogue = gettext.translation("hub", _FOLDER, [spoken()], fallback=spoken() == "en")


def _(message: str) -> str:
    return _catalogue.gettext(message)
