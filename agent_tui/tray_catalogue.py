"""All the trays that a person has: those of every desk, one a team, and saved ones; each under a key of its own."""

import msgspec

from agent_tui import names, rights
from agent_tui.i18n import N_, _, named
from agent_tui.link.model import TRAYS, Desk, Look
from agent_tui.shortcuts import fold
from hub.protocol.trays import DEFAULT_SORT, SORTS
from hub.protocol.views import SavedTray

FURTHER = ("awaiting", "mine", "unassigned", "mentions", "snoozed", "spam", "comments")
OFFERED, TEAM, SAVED = "offered", "team:", "saved:"
ORDERS: dict[str, str] = {
    "-active": N_("Last activity, newest first"),
    "active": N_("Last activity, oldest first"),
    "waiting": N_("Waiting since, longest first"),
    "-waiting": N_("Waiting since, shortest first"),
    "-created": N_("Begun, newest first"),
    "created": N_("Begun, oldest first"),
    "priority": N_("Priority, urgent first"),
    "-priority": N_("Priority, low first"),
    "name": N_("Name, A to Z"),
    "-name": N_("Name, Z to A"),
}
SHORT: dict[str, str] = {
    "active": N_("activity"),
    "waiting": N_("waiting"),
    "created": N_("begun"),
    "priority": N_("priority"),
    "name": N_("name"),
}


class Listed(msgspec.Struct, frozen=True):
    """A tray as it can be chosen. `about` says whose it is, where that is not plain."""

    key: str
    label: str
    look: Look
    about: str = ""
    saved: SavedTray | None = None


def every(desk: Desk) -> list[Listed]:
    """All of them, in the order of the tabs."""
    found = [Listed(key, _(names.TRAYS[key]), Look(key)) for key in (*TRAYS, *FURTHER)]
    if _is_offered(desk):
        found.append(Listed(OFFERED, _("Offered"), Look(OFFERED)))
    teams = sorted(desk.teams.values(), key=lambda team: fold(named(team.name)))
    found += [_of_team(team.id, named(team.name)) for team in teams if _concerns(desk, team.members)]
    saved = sorted(desk.saved_trays.values(), key=lambda tray: (not _mine(desk, tray), fold(tray.name)))
    return found + [_of_saved(desk, tray) for tray in saved]


def find(desk: Desk, key: str) -> Listed | None:
    return next((one for one in every(desk) if one.key == key), None)


def may_change(desk: Desk, tray: SavedTray) -> bool:
    """Whether the hub would let it be deleted or saved anew."""
    scope = desk.me.grants.get("tray.save") if desk.me else None
    return _mine(desk, tray) or (tray.shared and scope == "entity")


def order(sort: str) -> str:
    """An order as one of `ORDERS`; the usual one where there is none, or where it is none any more."""
    return sort if sort.removeprefix("-") in SORTS and sort in ORDERS else DEFAULT_SORT


def _mine(desk: Desk, tray: SavedTray) -> bool:
    return desk.me is not None and tray.owner == desk.me.agent


def _is_offered(desk: Desk) -> bool:
    """Whether a queue of mine offers what comes in to all who may take it."""
    me = desk.me.agent if desk.me else 0
    return any(q.handout == "offer" and q.active and me in (*q.primary, *q.support) for q in desk.queues.values())


def _concerns(desk: Desk, members: list[int]) -> bool:
    """A team's tray is for its members, and for those who see everybody's."""
    me = desk.me.agent if desk.me else 0
    return me in members or rights.granted(desk, "conversation.manage")


def _of_team(number: int, name: str) -> Listed:
    return Listed(f"{TEAM}{number}", name, Look("live", f"team:#{number}"), _("team"))


def _of_saved(desk: Desk, tray: SavedTray) -> Listed:
    team = desk.teams.get(tray.team) if tray.team is not None else None
    if tray.shared:
        about = _("for everybody")
    elif team is not None:
        about = _("for {team}").format(team=named(team.name))
    else:
        about = _("mine")
    return Listed(f"{SAVED}{tray.id}", tray.name, Look(tray.base, tray.filter, order(tray.sort)), about, tray)
