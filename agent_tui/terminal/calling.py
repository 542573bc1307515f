"""A driver that an app can have call the terminal, that leaves it with the title that it found, and that reads its keys
as `keyboard` does."""

import os
import signal

from textual.drivers.linux_driver import LinuxDriver

from agent_tui.terminal import calls, orders
from agent_tui.terminal.keyboard import read_keys


class CallingDriver(LinuxDriver):
    """Paints as Textual's own does."""

    _entitled = ""  # what is the title while the app has the terminal; empty: the terminal's own
    _pushed = False  # the terminal's own is kept on its stack
    _there = False  # the app has the terminal

    def call(self, order: str) -> None:
        """Write an order. Nothing while somebody else has the terminal. Raises ValueError for what is no order."""
        if not orders.is_order(order):
            raise ValueError(f"not an order that may pass: {order!r}")
        if self._there:
            self.write(order)

    def entitle(self, words: str) -> None:
        """Have `words` as the title; without any, the terminal's own."""
        if words != self._entitled:
            self._entitled = words
            self._show_title() if words else self._give_back()

    def run_input_thread(self) -> None:
        read_keys(self.fileno, self.exit_event, self.process_message)

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._there = self._writer_thread is not None
        if self._entitled:
            self._show_title()

    def stop_application_mode(self) -> None:
        self._give_back()
        self._there = False
        super().stop_application_mode()

    @property
    def has_shell(self) -> bool:
        """Whether some shell would bring back what is stopped: not where the terminal was opened for the app alone."""
        return os.getpgrp() != os.getsid(0)

    def _sigtstp_application(self, *signals: object) -> None:
        """Stop, as a terminal stops its foreground: with all that was started together, make and the like, or the
        shell would wait for them. Only once the terminal is as it was found, or the shell would write into it."""
        if self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = True
        os.kill(0 if self.has_shell else os.getpid(), signal.SIGSTOP)

    def _show_title(self) -> None:
        if not self._pushed and self._there:
            self._pushed = True
            self.call(orders.KEEP_TITLE)
        self.call(calls.title(self._entitled))

    def _give_back(self) -> None:
        if self._pushed:
            self._pushed = False
            self.call(orders.BRING_TITLE)
