"""Every view of the desk that can be asked for: name, address, parameters, rows, needed grant, one line of help.

The HTTP API, its OpenAPI document, `ask` on the wire, the documentation and the tests are read off this registry, as
they are off that of the commands. An answer for each query lives in `hub.desk`; a query without an answer, or the
reverse, fails a test.

Lists come in pages by keyset: `after` is the place of the last row that one has, never a number of rows, so that what
is added or goes meanwhile makes nothing come twice or be left out.
"""

from collections.abc import Callable
from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from hub.protocol import views
from hub.protocol.registry import END, NO_NUL, Id
from hub.protocol.saved_trays import Base, Order
from hub.protocol.states import State

LIMIT = 200  # rows of a page at most


class Params(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """The parameters of a query. Unknown ones are refused by name."""


class Page(Params, kw_only=True):
    """Those of a list. `after` is given out as part of `next`; leave it out for the first page."""

    after: Annotated[str, Meta(pattern=r"^[0-9]{1,15}" + END)] | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=LIMIT)] = 50


P = TypeVar("P", bound=Params)
R = TypeVar("R")


class Rows(msgspec.Struct, Generic[R], omit_defaults=True):
    """A page over the socket. `next`: what to ask for as `after`; empty: that was the last page."""

    items: list[R]
    next: str = ""


class Query(msgspec.Struct, frozen=True):
    """One view. `verb` is the grant that it needs, empty where whoever is signed in may ask; `path` is its address
    under /api/v1, with the parameters that stand in it in braces. Whoever reads more than their own of a `bulk` one
    stands in the audit trail, as for an export."""

    name: str
    path: str
    params: type[Params]
    row: type[msgspec.Struct]
    verb: str
    help: str
    bulk: bool = False

    @property
    def listed(self) -> bool:
        """Whether the answer is a list in pages, or one thing."""
        return issubclass(self.params, Page)


QUERIES: dict[str, Query] = {}


def query(
    name: str, *, path: str, row: type[msgspec.Struct], verb: str, help: str, bulk: bool = False
) -> Callable[[type[P]], type[P]]:
    """Enter a struct into the registry as the parameters of `name`."""

    def enter(params: type[P]) -> type[P]:
        if name in QUERIES:
            raise ValueError(f"the query {name} is declared twice")
        QUERIES[name] = Query(name, path, params, row, verb, help, bulk)
        return params

    return enter


# -- conversations -----------------------------------------------------------------------------------------------------


@query(
    "conversations",
    path="conversations",
    row=views.Row,
    verb="conversation.see",
    help="Conversations in my sight that fit a filter of FILTERS.md, by last activity, newest first, or as asked.",
)
class Conversations(Page):
    after: Annotated[str, Meta(pattern=r"^([0-9]{1,15}|-|x[0-9a-f]{0,4000})\.[0-9]{1,15}" + END)] | UnsetType = UNSET
    tray: Base | UnsetType = UNSET  # attended: today, unless the filter asks for a time
    filter: Annotated[str, Meta(max_length=500, pattern=NO_NUL)] | UnsetType = UNSET
    sort: Order | UnsetType = UNSET
    state: State | UnsetType = UNSET
    queue: Id | UnsetType = UNSET
    owner: Id | UnsetType = UNSET


@query(
    "conversation",
    path="conversations/{conversation}",
    row=views.Row,
    verb="conversation.see",
    help="One conversation.",
)
class OneConversation(Params):
    conversation: Id


@query(
    "messages",
    path="conversations/{conversation}/messages",
    row=views.Message,
    verb="conversation.see",
    help="The lines of a conversation, private notes among them, in the order in which they were written.",
)
class Messages(Page):
    conversation: Id
    order: Literal["oldest", "newest"] = "oldest"


class Place(views.View):
    """Where a conversation stood."""

    state: str
    queue: int
    owner: int | None = None


class Why(views.View):
    """Why it came to somebody: the rule, how many conversations each of those with room had, and where it was given by
    hand to one who had as many as may be, that."""

    rule: str = ""  # of dispatch: own, primary, support; transfer; empty: it was taken or assigned
    loads: dict[str, int] = {}  # by agent
    over: dict[str, int] | None = None  # load, capacity


class Event(views.View):
    """Something that happened to a conversation. Words and names are not in it: they may be erased."""

    seq: int  # its number in the journal
    at: int
    kind: str
    actor: str  # agent:3, channel:1, system
    by: str = ""  # the command that moved it
    was: Place | None = None
    now: Place | None = None
    messages: list[int] = []
    tags: list[int] | None = None
    priority: int | None = None
    topics: list[int] | None = None
    form: int = 0  # the version of the form that was filled in
    delivery: str = ""
    why: Why | None = None


@query(
    "timeline",
    path="conversations/{conversation}/timeline",
    row=Event,
    verb="conversation.see",
    help="What happened to a conversation, from its journal.",
)
class Timeline(Page):
    conversation: Id
    order: Literal["oldest", "newest"] = "oldest"


class Hit(views.View):
    """A line that was found, a note among them, with the conversation that it stands in."""

    id: int  # of the message
    at: int
    d: str  # in, out, note
    text: str  # its words around the first that was looked for
    row: views.Row


class Found(msgspec.Struct, omit_defaults=True):
    """`next`: what to ask for as `before` to look further back; 0: all was looked through. As far as one look goes, a
    page may be short of hits and yet not be the last. `called` comes with the first page: conversations whose contact
    has the words in name or number, or that have the number themselves; of one that is out of my sight (`hid`) nothing
    but whom it is with and who has it. `many`: there are more of those."""

    items: list[Hit]
    next: int = 0
    called: list[views.Row] = []
    many: bool = False


@query(
    "search",
    path="search",
    row=Found,
    verb="conversation.see",
    help="Lines in my sight in which each of these words begins a word, newest first; and conversations of everybody "
    "by the contact's name and number, or by their own. Case and accents don't matter.",
)
class Search(Params):
    words: Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
    before: Id | UnsetType = UNSET  # a message
    limit: Annotated[int, Meta(ge=1, le=LIMIT)] = 50


@query(
    "submissions",
    path="conversations/{conversation}/submissions",
    row=views.Submission,
    verb="conversation.see",
    help="What was filled in of the forms of the queues that a conversation went through, a leg each, oldest first.",
)
class Submissions(Page):
    conversation: Id


@query(
    "form_submissions",
    path="forms/{form}/submissions",
    row=views.Submission,
    verb="conversation.manage",
    help="What was filled in of a queue's form, whichever version it was, oldest first. That it was read is audited.",
    bulk=True,
)
class FormSubmissions(Page):
    form: Id


# -- people ------------------------------------------------------------------------------------------------------------


class Contact(views.View):
    id: int
    name: str
    since: int
    phone: str = ""  # raw, as the channel gave it
    agent: int | None = None  # who served them last
    saved: bool = False
    sample: bool = False


@query(
    "contacts",
    path="contacts",
    row=Contact,
    verb="conversation.see",
    help="The people of the conversations in my sight, newest first.",
)
class Contacts(Page):
    pass


@query("me", path="me", row=views.Me, verb="", help="Who the token speaks for, and what it may.")
class WhoAmI(Params):
    pass


@query(
    "sessions",
    path="sessions",
    row=views.Session,
    verb="session.end",
    help="The sign-ins that are alive, the newest first.",
)
class Sessions(Page):
    agent: Id | UnsetType = UNSET  # left out: me. Anybody else takes an admin


@query("account", path="account", row=views.Account, verb="session.end", help="How I sign in.")
class OwnAccount(Params):
    pass


class Token(views.View):
    """An API token; what it opens is told once, when it is made."""

    id: int
    name: str
    scopes: list[str]
    since: int
    expires: int = 0  # 0: never
    used: int | None = None  # to the minute
    address: str = ""  # of the program, when it was last used


@query(
    "tokens",
    path="tokens",
    row=Token,
    verb="token.manage",
    help="My API tokens that were not revoked, newest first.",
)
class Tokens(Page):
    pass


# -- reference data ----------------------------------------------------------------------------------------------------


@query("agents", path="agents", row=views.Agent, verb="", help="Who works at the desk.")
class Agents(Page):
    pass


@query("queues", path="queues", row=views.Queue, verb="", help="The queues and their members.")
class Queues(Page):
    pass


@query("channels", path="channels", row=views.Channel, verb="", help="How customers reach the desk.")
class Channels(Page):
    pass


@query("tags", path="tags", row=views.Tag, verb="", help="The tags of conversations.")
class Tags(Page):
    pass


@query("shortcuts", path="shortcuts", row=views.Shortcut, verb="", help="The shared shortcuts and my own.")
class Shortcuts(Page):
    pass


@query("trays", path="trays", row=views.SavedTray, verb="", help="My saved trays and those that are shared with me.")
class Trays(Page):
    pass


@query("plans", path="plans", row=views.Plan, verb="", help="My reminders and scheduled messages.")
class Plans(Page):
    pass


@query("branches", path="branches", row=views.Branch, verb="", help="The branches.")
class Branches(Page):
    pass


@query("departments", path="departments", row=views.Department, verb="", help="The departments of the branches.")
class Departments(Page):
    pass


@query("teams", path="teams", row=views.Team, verb="", help="The teams and their members.")
class Teams(Page):
    pass


@query("forms", path="forms", row=views.Form, verb="", help="The forms of the queues, as they are now.")
class Forms(Page):
    pass


@query(
    "form_version",
    path="forms/versions/{version}",
    row=views.FormVersion,
    verb="",
    help="A form as it was when something was filled in.",
)
class OneFormVersion(Params):
    version: Id


@query("topics", path="topics", row=views.Topic, verb="", help="The topics of the queues.")
class Topics(Page):
    pass


import hub.protocol.histories  # noqa: E402  what is entered from modules of its own
import hub.protocol.matches  # noqa: E402
import hub.protocol.reports  # noqa: E402,F401
