"""Who the sample customers are and what each would say next. Pure: all follows from a seed and from what was said.

A person is known by the key of their identity. `sample-17` is the seventeenth made-up one, the others come with the
desk. Nothing about them is kept: after a restart they go on where their conversation stands.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hub.demo.script import Customers, Desk

SECOND = 1000


class Said(NamedTuple):
    """A line of a conversation: `direction` is in or out; `at` in UTC ms; `id` is the message's."""

    direction: str
    body: str
    at: int
    id: int = 0


class Line(NamedTuple):
    """What a customer will say, and when (UTC ms)."""

    due: int
    body: str


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    channel: str  # slug
    opening: tuple[str, ...]
    replies: tuple[str, ...]
    nudge: str
    name: str = ""
    phone: str = ""
    page: str = ""

    def next_line(self, said: Sequence[Said], *, attended: bool) -> Line | None:
        """What they say next in a conversation that stands so, or None where they wait or have said all.

        Their opening goes out line by line; to an answer they reply after reading it and typing; `attended` says that
        somebody is there to answer, otherwise they don't lose patience.
        """
        last = said[-1]
        mine = {line.body for line in said if line.direction == "in"}
        chance = random.Random(f"{self.key}:{len(said)}")  # noqa: S311 - paces made-up people
        answered = any(line.direction == "out" for line in said)
        if not answered and (left := [text for text in self.opening if text not in mine]):
            return Line(last.at + _typing(left[0], chance), left[0])
        if last.direction == "out":
            left = [text for text in self.replies if text not in mine]
            reading = int(chance.uniform(3, 7) * SECOND) + 30 * len(last.body)
            return Line(last.at + reading + _typing(left[0], chance), left[0]) if left else None
        if attended and self.nudge and self.nudge not in mine:
            return Line(last.at + int(chance.uniform(180, 420) * SECOND), self.nudge)
        return None


def _typing(text: str, chance: random.Random) -> int:
    """Milliseconds to type a text on a phone."""
    return int(chance.uniform(1.5, 2.5) * SECOND) + 70 * len(text)


class Cast:
    """All the sample people of a desk."""

    def __init__(self, desk: Desk, customers: Customers, seed: int) -> None:
        self._customers = customers
        self._seed = seed
        self._known = {
            told.key: Person(
                told.key,
                told.channel,
                opening=(),
                replies=tuple(told.replies),
                nudge=customers.nudge[0] if told.replies else "",
                name=told.name,
                phone=told.phone,
                page=told.page,
            )
            for told in desk.conversation
        }

    def person(self, key: str) -> Person | None:
        """The person with a key; None where it is nobody of ours."""
        if key in self._known:
            return self._known[key]
        number = number_of(key)
        return self.newcomer(number) if number else None

    def newcomer(self, number: int) -> Person:
        """The made-up person with a number, always the same one."""
        cast = self._customers
        chance = random.Random(f"{self._seed}:{number}")  # noqa: S311 - makes people up
        story = cast.story[(number * 5 + self._seed) % len(cast.story)]  # 5 and the stories: no two alike in a row
        name = f"{chance.choice(cast.first_names)} {chance.choice(cast.last_names)}"
        phone = f"59598{chance.randint(1, 9)}555{chance.randint(100, 999)}" if story.channel == "whatsapp" else ""
        known = chance.random() < 0.8 or story.channel == "instagram"
        if story.channel == "instagram":
            name = name.lower().replace(" ", ".")
        return Person(
            f"sample-{number}",
            story.channel,
            opening=tuple(story.opening),
            replies=tuple(story.replies),
            nudge=chance.choice(cast.nudge),
            name=name if known and story.channel != "demo" else "",
            phone=phone,
            page=story.page,
        )


def number_of(key: str) -> int:
    """The number in a made-up person's key; 0 where it is another key."""
    match = re.fullmatch(r"sample-(\d+)", key)
    return int(match[1]) if match else 0
