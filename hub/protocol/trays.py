"""The trays that every desk has, and the orders that a tray can be in: one table each.

A tray is some states and a filter in the language of `filter_text`. A comment is in the tray of comments and counted
there only.
"""

import msgspec

from hub.protocol.states import TRAYS, State

TALKS = ("chat", "turn", "virtual_turn", "appointment", "call")
COMMENTS = ("comment",)


class BuiltIn(msgspec.Struct, frozen=True):
    """`today`: what ended today only, unless the filter that is laid over it asks for a time. `kinds`: of what.
    `handed_on`: also what its reader has handed on, which is to them as if it had ended then."""

    states: tuple[State, ...]
    filter: str = ""
    today: bool = False
    kinds: tuple[str, ...] = TALKS
    handed_on: bool = False


_LIVE = (State.WAITING, State.ASSIGNED, State.CALLING, State.OPEN, State.HELD, State.SNOOZED)
BUILT_IN: dict[str, BuiltIn] = {
    "pending": BuiltIn(TRAYS["pending"]),
    "in_progress": BuiltIn(TRAYS["in_progress"]),
    "attended": BuiltIn(TRAYS["attended"], today=True, handed_on=True),
    "mine": BuiltIn((State.ASSIGNED, State.CALLING, State.OPEN, State.HELD), "agent:me"),
    "unassigned": BuiltIn((State.WAITING,), "agent:nobody"),
    "offered": BuiltIn((State.WAITING,), "offered:yes"),
    "mentions": BuiltIn(tuple(State), "mention:unseen"),
    "snoozed": BuiltIn((State.SNOOZED,)),
    "spam": BuiltIn((State.CLOSED,), "outcome:spam"),
    "awaiting": BuiltIn(
        (State.WAITING, State.ASSIGNED, State.OPEN, State.HELD), "state:waiting,assigned or answered:no"
    ),
    "live": BuiltIn(_LIVE),
    "comments": BuiltIn(_LIVE, kinds=COMMENTS),
    "all": BuiltIn(tuple(State), handed_on=True),
}

SORTS = (
    "active",
    "waiting",
    "created",
    "priority",
    "name",
)  # with a dash before it: the other way round, the greatest first
DEFAULT_SORT = "-active"
