"""What a notification says: one line, for one thing or for many."""

from collections.abc import Sequence

from agent_tui import names
from agent_tui.glyphs import drawn, spelled
from agent_tui.i18n import _, ngettext
from agent_tui.link.model import Desk
from agent_tui.notify.kinds import KINDS
from agent_tui.notify.watch import Notice
from agent_tui.text import line

NAME = 40  # characters of a name
TEXT = 80  # of what was written


def sentence(desk: Desk, notices: Sequence[Notice], *, text: bool) -> str:
    """One line without anything in it that acts. `text`: say also what was written."""
    parts = []
    for kind in KINDS:
        of_kind = [one for one in notices if one.kind == kind]
        if of_kind:
            parts.append(_one(desk, of_kind[0], text=text) if len(of_kind) == 1 else _many(kind, len(of_kind)))
    return line("; ".join(parts))


def _one(desk: Desk, notice: Notice, *, text: bool) -> str:
    who, said = _short(notice.who, NAME), _short(notice.text, TEXT) if text else ""
    match notice.kind:
        case "assigned":
            words = _("{who} is yours to serve").format(who=who)
            return f"{words}: {said}" if said else words
        case "wrote":
            return f"{who}: {said}" if said else _("{who} wrote").format(who=who)
        case "mentioned":
            return _("A note on {who} mentions you").format(who=who)
        case "waiting":
            return _("{who} waits in {queue}").format(who=who, queue=_short(names.queue(desk, notice.queue), NAME))
        case "away" if notice.to is not None:
            agent = _short(names.agent(desk, notice.to), NAME)
            return _("{who} is with {agent} now").format(who=who, agent=agent)
        case "away":
            return _("{who} is not with you any more").format(who=who)
        case _:
            return _("The connection is back") if notice.back else _("There is no connection to the hub")


def _many(kind: str, n: int) -> str:
    match kind:
        case "assigned":
            return ngettext("{n} conversation for you", "{n} conversations for you", n).format(n=n)
        case "wrote":
            return ngettext("{n} customer of yours wrote", "{n} customers of yours wrote", n).format(n=n)
        case "mentioned":
            return ngettext("{n} note mentions you", "{n} notes mention you", n).format(n=n)
        case "waiting":
            return ngettext("{n} waits in your queues", "{n} wait in your queues", n).format(n=n)
        case _:
            return ngettext("{n} of yours is with others now", "{n} of yours are with others now", n).format(n=n)


def _short(words: str, longest: int) -> str:
    words = line(words)
    return words if len(words) <= longest else words[: longest - 1].rstrip() + spelled("…")


def title(waiting: int) -> str:
    """The terminal's title while so many conversations wait for the person."""
    return f"{drawn('●')} {names.count(waiting)} {drawn('·')} Bandeja" if waiting else "Bandeja"
