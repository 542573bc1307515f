"""The language of the hub's command line and of the pages that it prints: gettext catalogues.

English is the language of the message ids. The caller's environment chooses for the command line, a reader's browser
for a page. The chat page brings its own texts; the desk's own names are `{language: text}`.
"""

import gettext
import os
from collections.abc import Callable, Mapping
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


def speaking(language: str) -> Callable[[str], str]:
    """What puts a message into one of LANGUAGES."""
    return gettext.translation("hub", _FOLDER, [language], fallback=language == "en").gettext
