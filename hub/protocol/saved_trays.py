"""Trays that agents save: a filter over a built-in tray and an order under a name. `commands` counts these among its
own."""

from typing import Annotated, Literal

from msgspec import Meta

from hub.protocol.registry import NO_NUL, Args, Id, Word, command

Base = Literal[
    "pending", "in_progress", "attended", "mine", "unassigned", "snoozed", "spam", "awaiting", "comments", "live", "all"
]
Order = Literal[
    "", "active", "-active", "waiting", "-waiting", "created", "-created", "priority", "-priority", "name", "-name"
]


@command(
    "tray.save",
    verb="tray.save",
    events=("tray.changed",),
    help="Save a tray, or change one: a filter and an order. Sharing it with the whole desk takes a supervisor.",
    personal=True,
)
class SaveTray(Args):
    name: Word
    base: Base = "live"  # the built-in tray that the filter is laid over
    filter: Annotated[str, Meta(max_length=500, pattern=NO_NUL)] = ""  # in the language of docs/FILTERS.md
    sort: Order = ""
    shared: bool = False  # with everybody
    team: Id | None = None  # with this team
    tray: Id | None = None  # the one to change; left out, a new one is made


@command(
    "tray.delete",
    verb="tray.save",
    events=("tray.deleted",),
    help="Delete a saved tray. One of somebody else's that everybody has takes a supervisor.",
)
class DeleteTray(Args):
    tray: Id
