"""The entry of `bandeja`. Plain `bandeja`, which begins every day, goes straight to the desk: reading a command line
takes longer than all that the desk needs beside its screen. Whatever else is asked is `cli`'s to read."""

import gc
import os
import sys

from agent_tui import i18n
from agent_tui.failure import Failure
from agent_tui.i18n import _
from agent_tui.settings import Settings, read_settings
from hub.protocol.settings import BadSetting

SWITCH = 0.0005  # seconds that a key waits, at most, for other threads: one imports the link's library


def settled(config: str = "", options: dict[str, str] | None = None) -> Settings:
    """The settings, and the language that they say. Raises BadSetting."""
    settings = read_settings(options, file=config, say=_)
    i18n.use(i18n.choose(settings.language))
    return settings


def check_terminal() -> None:
    """Refuse where no screen can be shown, before anything is started. Raises Failure."""
    if not (sys.stdin.isatty() and sys.__stderr__ is not None and sys.__stderr__.isatty()):
        raise Failure(_("Bandeja needs a terminal: run it in one, without redirecting its input or output."))
    term = os.environ.get("TERM", "")
    if term in ("", "dumb"):
        words = _("This terminal (TERM={term}) can't show a screen. Use another, or set TERM to what it is.")
        raise Failure(words.format(term=term))


def console(config: str = "", options: dict[str, str] | None = None) -> int:
    """Open the console at the hub of last time. Returns the exit code. Raises BadSetting, Failure."""
    settings = settled(config, options)
    check_terminal()
    gc.disable()  # what is imported stays: looking through it for what might go takes a tenth of the time
    import asyncio

    from agent_tui import app  # noqa: F401  needed soon
    from agent_tui.console import work

    gc.freeze()
    gc.enable()
    sys.setswitchinterval(SWITCH)
    return asyncio.run(work(settings))


def main() -> None:
    """Exit codes: 0 done, 1 it can't be done, 2 it was asked wrongly."""
    i18n.use(i18n.choose(os.environ.get("BANDEJA_LANGUAGE", "")))
    try:
        if not sys.argv[1:]:
            sys.exit(console())
        from agent_tui.cli import app

        app(sys.argv[1:])
    except BadSetting as fault:
        print(fault, file=sys.stderr)
        sys.exit(2)
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
    except (KeyboardInterrupt, EOFError):
        sys.exit(130)


if __name__ == "__main__":
    main()
