"""Channels: one module per service, all behind one small interface.

What comes in is a `message.receive` command. What goes out is either fetched by the customer's own page (web chat), or
handed to a driver, which is all that a service has to write: `send` says what became of a message as far as is known at
once, and later news (delivered, read, failed after all) goes through the `Reporter` that the driver was started with.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from hub.protocol.states import Delivery

Reporter = Callable[["Outgoing", Delivery, str], Awaitable[None]]
"""Reports how far a message has come, and for a failed one a code why. Safe to call twice."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be handed to a service. `recipient` is the raw key of the person on the channel."""

    message: int
    rev: int
    conversation: int
    channel: int
    recipient: str
    body: str


@dataclass(frozen=True, slots=True)
class Handed:
    """The service's answer: `sent`, or `failed` with the code why. A lost answer is no answer: raise `AnswerLost`."""

    state: Delivery
    error: str = ""


class AnswerLost(Exception):
    """The message may or may not have arrived: the service was asked and no answer came back."""


class Driver(Protocol):
    """A service that messages are pushed to."""

    async def start(self, report: Reporter) -> None: ...

    async def stop(self) -> None:
        """Stop reporting; what is under way may be left unreported."""

    async def send(self, outgoing: Outgoing) -> Handed:
        """Hand one message over. Raises `AnswerLost`; a time-out or a broken connection counts as that too."""
