"""A program in a pseudo-terminal, and what a person would see of it."""

import asyncio
import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping

import pyte

WAIT = 40.0  # seconds that anything may take on a busy machine
KEYS = {
    "enter": "\r", "ctrl+j": "\n", "tab": "\t", "esc": "\x1b",
    "up": "\x1b[A", "down": "\x1b[B", "home": "\x1b[H", "f9": "\x1b[20~",
}  # fmt: skip


class Terminal:
    """80 to 160 columns of a program; `text` is the screen, `raw` every byte that it wrote."""

    def __init__(self, command: list[str], env: Mapping[str, str], *, columns: int = 120, lines: int = 40) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = bytearray()
        self._changed = asyncio.Event()
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={name: value for name, value in env.items() if name not in ("COLUMNS", "LINES")},  # its own size
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that a hang-up reaches it
        )
        os.close(slave)
        asyncio.get_running_loop().add_reader(self.master, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self.master)
        self.raw += data
        self._stream.feed(data)
        self._changed.set()

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def line(self, pattern: str) -> int | None:
        """The first line of the screen that matches."""
        return next((y for y, text in enumerate(self.screen.display) if re.search(pattern, text)), None)

    async def until(self, true: Callable[[], object] | str, within: float = WAIT) -> None:
        """Wait until the screen matches, or something else holds after it has changed."""
        try:
            async with asyncio.timeout(within):
                while not (re.search(true, self.text) if isinstance(true, str) else true()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"never came: {true}\n{self.text}") from None

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    async def key(self, name: str) -> None:
        """One key, apart from what was typed before, as fingers do."""
        await self.press(KEYS[name])

    async def press(self, letter: str) -> None:
        """The same by what it sends."""
        await asyncio.sleep(0.15)
        self.type(letter)
        await asyncio.sleep(0.05)

    async def answer(self, letter: str) -> None:
        """To a question, after the time that it takes to read one: what comes sooner counts as no."""
        await asyncio.sleep(0.3)
        await self.press(letter)

    def hang_up(self) -> None:
        """Close the terminal's window under it."""
        asyncio.get_running_loop().remove_reader(self.master)
        os.close(self.master)

    def kill(self) -> None:
        """As the out-of-memory killer would."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.master)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        with contextlib.suppress(OSError):
            os.close(self.master)
