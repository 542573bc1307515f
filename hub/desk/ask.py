"""How every query is answered: parameters, permission, rows; all from one state of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

import hub.desk.conversation_queries
import hub.desk.form_queries
import hub.desk.history_queries
import hub.desk.match_queries
import hub.desk.people_queries
import hub.desk.reference_queries
import hub.desk.report_queries  # noqa: F401  importing a capability enters its answers
from hub.desk.queries import ANSWERS, Asking, Placed
from hub.desk.registry import fault
from hub.protocol.errors import Code, Refused
from hub.protocol.queries import Page, Params, Query


@dataclass(frozen=True, slots=True)
class Listed:
    """A page. `next` is where the following one begins; None: there is none."""

    rows: list[msgspec.Struct]
    next: str | None = None


def parameters(query: Query, given: Mapping[str, str]) -> Params:
    """Parameters as they stand in an address. Refuses bad ones by name."""
    try:
        return msgspec.convert(dict(given), query.params, strict=False)
    except msgspec.ValidationError as error:
        raise fault(error) from error


def ask(asking: Asking, query: Query, params: Params) -> Listed | msgspec.Struct:
    """Answer one query, or raise `Refused`."""
    if query.verb and asking.who.scope(query.verb) is None:
        raise Refused(Code.FORBIDDEN, verb=query.verb)
    answer: Any = ANSWERS[query.name](asking, params)
    if not isinstance(params, Page):
        one: msgspec.Struct = answer
        return one
    rows: list[Placed] = answer[: params.limit]
    more = len(answer) > params.limit
    return Listed([row for _, row in rows], ".".join(map(str, rows[-1][0])) if more else None)
