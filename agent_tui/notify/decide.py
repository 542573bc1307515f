"""In which ways a thing is told: a decision that depends on nothing but what is given."""

from collections.abc import Iterable

from agent_tui.notify import quiet
from agent_tui.notify.kinds import KINDS
from agent_tui.notify.preferences import Preferences

IDLE = 60.0  # seconds without a key, after which a terminal that tells nothing of its focus counts as left


def attentive(focused: bool | None, idle: float) -> bool:
    """Whether the person is at this terminal. `focused` is what it reports, None where it reports nothing; `idle` are
    the seconds since the last key."""
    return idle < IDLE if focused is None else focused


def wanted(kinds: Iterable[str], chosen: Preferences, *, there: bool, minute: int) -> frozenset[str]:
    """The ways in which things of these kinds are told at a minute of the day, `there` saying whether the person is at
    the terminal; as if they had agreed, where they were not asked yet. None in quiet hours."""
    if chosen.answer == "off" or quiet.within(chosen.quiet, minute):
        return frozenset()
    found: set[str] = set()
    for kind in kinds:
        ways = chosen.ways[kind]
        found |= ways & frozenset(KINDS[kind].always) if there and chosen.when == "unfocused" else ways
    return frozenset(found)
