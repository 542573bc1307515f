"""What the terminal sends, as keys: the few places where Textual's reader takes one key for another.

A terminal sends Escape as the byte that every sequence begins with. Textual takes what comes within a tenth of a second
of it for a key with Alt, loses the Escape, and types the other key where one was writing: over a slow line an order
becomes part of an answer. Here it is Escape and then that key, as in every editor, and no time is waited for it.
"""

import codecs
import os
import selectors
from collections.abc import Callable, Iterable
from threading import Event

from textual import events
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.message import Message

ESCAPE = "\x1b"
INTRODUCERS = "[O"  # CSI and SS3: what stands behind is one key
WORDWISE = "bf"  # Option with an arrow on a Mac: the word before, the word after
IDLE = 0.1  # seconds between two looks at whether the reader is to end


class KeyParser(XTermParser):
    """`feed` is to be given what one read has brought: what a terminal sends for one key comes in one read, what a
    hand types does so only where the line is slow."""

    _open = False  # the last read ended with an Escape
    _apart = False  # this one does not begin with what belongs to it by sight

    def feed(self, data: str) -> Iterable[Message]:
        self._apart, self._open = self._open, data.endswith(ESCAPE)
        yield from super().feed(data)

    @property
    def patience(self) -> float:
        """Seconds until `tick` has something to decide."""
        return IDLE if self._timeout_time is None else min(max(self._timeout_time - get_time(), 0.0), IDLE)

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        first, rest = sequence[:1], sequence[1:]
        if first == ESCAPE and len(rest) == 1 and rest not in INTRODUCERS and (rest not in WORDWISE or self._apart):
            alt, sequence = True, rest
        if alt:
            yield events.Key("escape", ESCAPE)
        yield from super()._sequence_to_key_events(sequence)


def read_keys(file: int, ended: Event, heard: Callable[[Message], object]) -> None:
    """Read from a terminal until `ended`, or its end. A byte that is no UTF-8 costs one character, not the keyboard."""
    parser = KeyParser()
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    with selectors.DefaultSelector() as selector:
        selector.register(file, selectors.EVENT_READ)
        while not ended.is_set():
            if selector.select(parser.patience):
                read = os.read(file, 4096)
                if not read:
                    return
                text = decode(read)
                for message in parser.feed(text) if text else ():
                    heard(message)
            for message in parser.tick():
                heard(message)
