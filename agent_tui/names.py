"""What things of the desk are called on the screen."""

from agent_tui.glyphs import drawn
from agent_tui.i18n import N_, _, named
from agent_tui.link.model import Desk
from hub.protocol.views import Channel, Row

TRAYS: dict[str, str] = {
    "pending": N_("Pending"),
    "in_progress": N_("In progress"),
    "attended": N_("Attended"),
    "awaiting": N_("Awaiting attention"),
    "mine": N_("Mine"),
    "unassigned": N_("Unassigned"),
    "snoozed": N_("Snoozed"),
    "spam": N_("Spam"),
    "mentions": N_("Mentions"),
    "comments": N_("Comments"),
}
STATUSES: dict[str, tuple[str, str, str]] = {
    "online": ("●", "good", N_("Online")),
    "resting": ("◷", "wait", N_("Resting")),
    "lunch": ("◷", "wait", N_("At lunch")),
    "documenting": ("◷", "wait", N_("Documenting")),
    "offline": ("○", "quiet", N_("Offline")),
}
APPS: dict[str, tuple[str, str]] = {
    "web": ("#", N_("Web chat")),
    "whatsapp": ("W", "WhatsApp"),
    "telegram": ("T", "Telegram"),
    "messenger": ("M", "Messenger"),
    "instagram": ("I", "Instagram"),
    "mail": ("@", N_("Mail")),
    "api": ("A", N_("App")),
}
STATES: dict[str, str] = {
    "scheduled": N_("scheduled"),
    "waiting": N_("waiting"),
    "assigned": N_("assigned"),
    "calling": N_("being called"),
    "open": N_("being served"),
    "held": N_("held"),
    "snoozed": N_("snoozed"),
    "closed": N_("ended"),
}
INTAKES: dict[str, str] = {
    "push": N_("given to me"),
    "manual": N_("only what I take"),
    "paused": N_("paused"),
}
PRIORITIES: dict[int, str] = {1: N_("urgent"), 2: N_("high"), 3: N_("normal"), 4: N_("low")}
NO_COLOR = "#7b818c"


def customer(row: Row) -> str:
    """Name, else number, else what can be said of somebody without either."""
    if row.hid:
        return _("Conversation {id}").format(id=row.id)
    return row.name or row.num or _("Visitor {id}").format(id=row.id)


def letter(channel: Channel | None) -> str:
    return APPS[channel.app][0] if channel and channel.app in APPS else "?"


def app_name(channel: Channel | None) -> str:
    return _(APPS[channel.app][1]) if channel and channel.app in APPS else ""


def queue(desk: Desk, identifier: int) -> str:
    found = desk.queues.get(identifier)
    return named(found.name) if found else ""


def agent(desk: Desk, identifier: int | None) -> str:
    """An agent's name; "you" for the person at the console."""
    if identifier is None:
        return ""
    if desk.me and desk.me.agent == identifier:
        return _("You")
    found = desk.agents.get(identifier)
    return found.name if found else _("Agent {id}").format(id=identifier)


def first(name: str) -> str:
    """The first word of a name, where there is one."""
    return name.split()[0] if name.split() else ""


def team(desk: Desk, identifier: int | None) -> str:
    found = desk.teams.get(identifier) if identifier is not None else None
    return named(found.name) if found else ""


def tags(desk: Desk, row: Row) -> list[str]:
    return [desk.tags[tag].name for tag in row.tags if tag in desk.tags]


def urgency(priority: int) -> tuple[str, str]:
    """The mark of a priority, with its role; a blank for a normal one."""
    glyph, role = {1: ("⚑", "need"), 2: ("⚐", "wait"), 4: ("↓", "quiet")}.get(priority, (" ", "quiet"))
    return drawn(glyph), role


def count(n: int) -> str:
    return "999+" if n > 999 else str(n)


def zone(desk: Desk) -> str:
    return desk.me.zone if desk.me else ""


def absence(status: str) -> int:
    """What to sort people by, so that who is there stands first."""
    return [*STATUSES, status].index(status)
