"""The hub's log: one event a line, to stderr or to a file. Never a customer's words, a name, a password or a token."""

import logging
import sys
from pathlib import Path

import structlog


def configure(level: str, file: Path | None = None) -> None:
    """Log from `level` on, to the end of `file` (0600) where one is given."""
    stream = sys.stderr
    if file is not None:
        stream = file.open("a", encoding="utf-8", buffering=1)
        file.chmod(0o600)
    human = file is None and stream.isatty()
    renderer = structlog.dev.ConsoleRenderer() if human else structlog.processors.LogfmtRenderer(bool_as_flag=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if human else [structlog.processors.format_exc_info]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    logging.basicConfig(
        stream=stream, level=level.upper(), format="timestamp=%(asctime)s %(name)s: %(message)s", force=True
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)  # addresses of pages, not for the log
