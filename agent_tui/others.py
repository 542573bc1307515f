"""What is said of conversations that are found by whom they are with, of those that one may not read too."""

from agent_tui import names
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.link.model import Desk
from hub.protocol.states import State
from hub.protocol.views import Row


def customer(row: Row) -> str:
    """Whom it is with, by name; by the name alone where one may not read it."""
    return row.name or names.customer(row)


def standing(desk: Desk, row: Row) -> str:
    """How it stands, who has it, and in which queue."""
    parts = (_(names.STATES.get(row.state, row.state)), _with(desk, row.owner), names.queue(desk, row.q))
    return drawn(" · ").join(part for part in parts if part)


def _with(desk: Desk, owner: int | None) -> str:
    if owner is None:
        return ""
    mine = desk.me is not None and desk.me.agent == owner
    return _("with you") if mine else _("with {name}").format(name=names.agent(desk, owner))


def why_not(desk: Desk, row: Row) -> str:
    """Why one that may not be read is not opened."""
    queue, ended = names.queue(desk, row.q), row.state == State.CLOSED
    if row.owner is not None:
        name = names.agent(desk, row.owner)
        if ended:
            return _("It ended with {name}; its text is not for you to see.").format(name=name)
        return _("It is with {name}; its text is not for you to see.").format(name=name)
    if ended:
        return _("It ended in {queue}; its text is not for you to see.").format(queue=queue)
    return _("It is in {queue} with nobody yet; its text is not for you to see.").format(queue=queue)
