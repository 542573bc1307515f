"""How a process that serves a hub is asked to end: by a signal; by a second one, to hurry; and by its own watch, which
ends it whatever hangs.

What the watch cuts off was durable, or was never answered: whoever sent it sends it again, under the same key.
"""

import asyncio
import os
import signal
import threading

import structlog

OVERDUE = 4  # exit code of a process that its watch has ended

log = structlog.get_logger(__name__)


class Stop:
    """`asked` is set by the first SIGTERM or Ctrl+C, `hurry` by the second one."""

    def __init__(self, within: float) -> None:
        """`within`: seconds after the first signal in which the process ends, one way or the other."""
        self.asked = asyncio.Event()
        self.hurry = asyncio.Event()
        self._within = within
        self._watch: threading.Timer | None = None

    def listen(self) -> "Stop":
        """Take the signals of this process. Call it on the running loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled)
        return self

    def _signalled(self) -> None:
        if self.asked.is_set():
            log.info("hurrying")
            self.hurry.set()
            return
        self.asked.set()
        self._watch = threading.Timer(self._within, self._overdue)
        self._watch.daemon = True
        self._watch.start()

    def done(self) -> None:
        """Nothing hung: whoever served goes on with what they do, which need not be ending."""
        if self._watch is not None:
            self._watch.cancel()

    def _overdue(self) -> None:
        """In a thread of its own: what hangs may be the event loop, or the database under the writer's thread."""
        log.error("stop_overdue", seconds=self._within)
        os._exit(OVERDUE)
