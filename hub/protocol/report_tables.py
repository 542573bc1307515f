"""The reports as tables of a spreadsheet, the same from the console and from the hub's command line."""

from collections.abc import Callable
from typing import Any

import msgspec

from hub.protocol.reports import Attention, Transferred
from hub.protocol.settings import N_


class Names(msgspec.Struct, frozen=True):
    """How whoever writes the table calls things; each by its id, and times (UTC ms) as they are read there."""

    queue: Callable[[int], str]
    agent: Callable[[int], str]
    channel: Callable[[int], str]
    time: Callable[[int], str]


Cells = Callable[[Any, Names], list[object]]

TRANSFERS = (
    N_("transferred"), N_("conversation"), N_("customer"), N_("channel"), N_("transfer no."), N_("from queue"),
    N_("from agent"), N_("to queue"), N_("to agent"), N_("transferred by"), N_("opened"), N_("opened by"),
    N_("waited (s)"), N_("comment"), N_("form of"), N_("form version"),
)  # fmt: skip
ATTENTIONS = (
    N_("began"), N_("conversation"), N_("customer"), N_("channel"), N_("queue"), N_("agent"), N_("opened"),
    N_("ended"), N_("waited (s)"), N_("handled (s)"), N_("first answer (s)"), N_("messages in"), N_("messages out"),
    N_("ended by"), N_("outcome"), N_("form of"), N_("form version"),
)  # fmt: skip


def transfer(row: Transferred, names: Names) -> list[object]:
    """The cells below `TRANSFERS`. What there is nothing to say of is empty; spans are whole seconds."""
    return [
        names.time(row.at), row.conversation, row.name, names.channel(row.channel), row.n, names.queue(row.queue),
        _of(names.agent, row.agent), names.queue(row.to_queue), _of(names.agent, row.to_agent),
        _of(names.agent, row.by), _of(names.time, row.opened), _of(names.agent, row.opened_by), _seconds(row.waited),
        row.comment, *_form(row, names),
    ]  # fmt: skip


def attention(row: Attention, names: Names) -> list[object]:
    """The cells below `ATTENTIONS`, the same way."""
    return [
        names.time(row.began), row.conversation, row.name, names.channel(row.channel), names.queue(row.queue),
        _of(names.agent, row.agent), _of(names.time, row.opened), _of(names.time, row.ended), _seconds(row.waited),
        _seconds(row.handled), _seconds(row.response), row.received, row.sent, row.how, row.outcome,
        *_form(row, names),
    ]  # fmt: skip


TABLES: dict[str, tuple[tuple[str, ...], Cells]] = {
    "reports.transfers": (TRANSFERS, transfer),
    "reports.attentions": (ATTENTIONS, attention),
}


def _form(row: Transferred | Attention, names: Names) -> list[object]:
    """Whose form it was, and which version; what was filled in stands behind, see `FormColumns`."""
    return [names.queue(row.queue), row.form] if row.form else ["", ""]


def _of(told: Callable[[int], str], value: int | None) -> str:
    return "" if value is None else told(value)


def _seconds(span: int | None) -> int | str:
    return "" if span is None else span // 1000
