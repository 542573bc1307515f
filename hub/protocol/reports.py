"""The reports: what was transferred in a period, and what each agent attended to. A row is about one leg.

Spans are milliseconds. Rows tell ids, times and counts; the customer's name, the comment and what was filled in of the
form only where the reader has the conversation in sight, or the leg was their own: that stays readable up to its end.
"""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from hub.protocol import views
from hub.protocol.forms import Values
from hub.protocol.queries import Page, query
from hub.protocol.registry import END, Id

Moment = Annotated[str, Meta(pattern=r"^([0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2})" + END)]


class Report(Page, kw_only=True):
    """The newest first. `from` and `to` are days of the desk's zone, both of them included, or UTC ms, `to` not
    included. Without `from` it is today; of one conversation everything."""

    after: Annotated[str, Meta(pattern=r"^[0-9]{1,15}\.[0-9]{1,15}" + END)] | UnsetType = UNSET  # time, id
    since: Moment | UnsetType = msgspec.field(default=UNSET, name="from")
    until: Moment | UnsetType = msgspec.field(default=UNSET, name="to")
    queue: Id | UnsetType = UNSET
    agent: Id | UnsetType = UNSET
    channel: Id | UnsetType = UNSET
    conversation: Id | UnsetType = UNSET


class Transferred(views.View):
    """One transfer: the leg that it ended, and what came of it."""

    id: int  # of the leg
    conversation: int
    channel: int
    n: int  # which transfer of its conversation it is, from 1
    at: int
    queue: int  # from here …
    to_queue: int
    agent: int | None = None  # whose it was
    to_agent: int | None = None  # None: the queue's
    by: int | None = None  # who transferred it; None: the hub
    opened: int | None = None  # there, by …
    opened_by: int | None = None
    waited: int | None = None  # until it was opened, or went on or ended unopened; None: it still waits
    note: int | None = None  # the message that is the comment
    name: str = ""  # or the number, of whoever has none
    comment: str = ""
    form: int = 0  # the version of its queue's form that was filled in for the leg; 0: of none
    values: Values = {}  # by field, as in `Submission`


@query(
    "reports.transfers",
    path="reports/transfers",
    row=Transferred,
    verb="report.see",
    help="Transfers of a period: from where, to where, by whom, how long it waited there, with comment and form.",
    bulk=True,
)
class Transfers(Report):
    """By the time of the transfer. `queue` and `agent`: on either side of it."""


class Attention(views.View):
    """One leg: a conversation in a queue while somebody had it, with the wait before it; or while nobody had it, where
    nobody in that queue ever got it."""

    id: int  # of the leg
    conversation: int
    channel: int
    queue: int
    began: int  # when it came to the agent
    agent: int | None = None
    opened: int | None = None
    ended: int | None = None
    waited: int | None = None  # in the queue and with the agent, until opened or over; None: it still waits
    handled: int | None = None  # open or held; None: it is not over
    response: int | None = None  # from the beginning of the wait to the agent's first answer
    received: int = 0  # the customer's messages
    sent: int = 0  # the agent's
    how: str = ""  # the command that ended it: conversation.end, conversation.transfer, …
    outcome: str = ""  # of the conversation, where it ended with this leg
    name: str = ""
    form: int = 0  # as of a transfer
    values: Values = {}


@query(
    "reports.attentions",
    path="reports/attentions",
    row=Attention,
    verb="report.see",
    help="Attentions of a period, one for each agent who had the conversation: times, messages, end, with its form.",
    bulk=True,
)
class Attentions(Report):
    """By the time at which it came to the agent."""
