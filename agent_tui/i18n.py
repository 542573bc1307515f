"""The console's language: gettext catalogues, chosen once at start-up.

English is the language of the message ids and needs no catalogue to be right; Spanish is what the console speaks unless
a setting or the environment asks for something else.
"""

import gettext
import os
from collections.abc import Mapping
from pathlib import Path

from agent_tui.glyphs import spelled

LANGUAGES = ("es", "en")
DEFAULT = "es"
_FOLDER = Path(__file__).parent / "locale"

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def choose(setting: str = "", environ: Mapping[str, str] = os.environ) -> str:
    """The language to speak: the setting, then LC_ALL, LC_MESSAGES, LANG as POSIX orders them, then Spanish.

    Only the first that is set counts, and only where the console speaks it: `C.UTF-8` says nothing about a language.
    """
    asked = [setting, *(environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))]
    first = next((name for name in asked if name), "")
    code = first.replace("-", "_").split("_")[0].split(".")[0].lower()
    return code if code in LANGUAGES else DEFAULT


def use(language: str) -> None:
    """Speak `language` from now on; what is already painted is not repainted."""
    global _catalogue, _language
    _language = language if language in LANGUAGES else DEFAULT
    _catalogue = gettext.translation("bandeja", _FOLDER, [_language])


def language() -> str:
    return _language


def _(message: str) -> str:
    return spelled(_catalogue.gettext(message))


def ngettext(one: str, many: str, n: int) -> str:
    return spelled(_catalogue.ngettext(one, many, n))


def N_(message: str) -> str:  # noqa: N802 - the name that extraction knows
    """Mark a text for translation where it stands; it is translated where it is shown."""
    return message


def named(names: Mapping[str, str]) -> str:
    """A name that the desk defined, `{language: text}`: in the reader's language, else in any there is."""
    return names.get(_language) or next(iter(names.values()), "")
