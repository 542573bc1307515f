"""The hub's log: one event a line, to stderr or to a file. Never a customer's words, a name, a password or a token.

Every line of a request, a socket or a command bears its ids (`request`, `command`, `key`), which are bound where they
begin. What an exception says may quote what somebody wrote (a value that can't be read, a row that is there already),
so of an exception only its type and where it happened is told, and its message only where that speaks of our own code
or of the machine. Libraries are heard from warnings on, whatever the level: at `debug` some of them tell each row.
"""

import asyncio
import logging
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from hub.protocol.errors import Refused

OWN = (OSError, AttributeError, NameError, ImportError, NotImplementedError)  # what these say quotes nobody

log = structlog.get_logger(__name__)


def configure(level: str, file: Path | None = None, form: str = "auto") -> None:
    """Log from `level` on, to the end of `file` (0600) where one is given. `form`: auto, logfmt or json."""
    stream = sys.stderr
    if file is not None:
        stream = file.open("a", encoding="utf-8", buffering=1)
        file.chmod(0o600)
    renderer = _renderer(form, human=file is None and stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        withhold,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, _first_line, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, getattr(logging, level.upper())), force=True)


def _renderer(form: str, *, human: bool) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    if form == "auto" and human:
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.LogfmtRenderer(bool_as_flag=False)


def withhold(_: Any, __: str, event: EventDict) -> EventDict:
    """Put exceptions, as values or as what has just happened, into words that quote nobody."""
    error = _exception(event.pop("exc_info", None))
    for name, value in event.items():
        if isinstance(value, BaseException):
            event[name] = described(value)
    if error is not None:
        event["exception"] = "".join(traced(error)).rstrip("\n")
    return event


def _exception(info: Any) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple):
        return _exception(info[1])
    return sys.exception() if info else None


def described(error: BaseException) -> str:
    """An exception's type; and what it says, where that can't be anybody's words."""
    name = type(error).__qualname__
    if isinstance(error, Refused):
        return f"{name}: {error.code}" + (f" ({error.field})" if error.field else "")
    if isinstance(error, OWN):
        return f"{name}: {error}".rstrip(": ")
    original = getattr(error, "orig", None)  # of SQLAlchemy, about what a database has refused; or the driver's own
    code = getattr(original or error, "sqlstate", None) or getattr(original or error, "sqlite_errorname", None) or ""
    if original is not None or code:
        return f"{name}: {type(original or error).__qualname__} {code}".rstrip()
    return name


def traced(error: BaseException) -> Iterator[str]:
    """Where an exception and what it came from happened, the first one first."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from traced(before)
        yield "which led to\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{described(error)}\n"
    for inner in getattr(error, "exceptions", ()):
        yield "among them\n"
        yield from traced(inner)


def _first_line(_: Any, __: str, event: EventDict) -> EventDict:
    """What follows in a library's message is the inside of some object, as asyncio tells of a task that has failed."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def watch_loop() -> None:
    """Log what fails in the running event loop and nobody waits for, like everything else that fails."""

    def handle(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        task = context.get("task") or context.get("future")
        name = task.get_name() if isinstance(task, asyncio.Task) else ""
        what = str(context["message"]).partition("\n")[0]
        log.error("loop_error", what=what, task=name, exc_info=context.get("exception"))

    asyncio.get_running_loop().set_exception_handler(handle)
