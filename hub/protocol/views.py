"""What a client sees of the desk. Short names where a field repeats; ids are integers below 2^53; times are UTC ms."""

import msgspec

from hub.protocol.forms import Field, Values
from hub.protocol.hours import Hours


class View(msgspec.Struct, omit_defaults=True, gc=False):  # never part of a cycle
    """A thing as one principal sees it. `rev` is the journal number of its last change: an older one never replaces."""


class Row(View):
    """A conversation as a tray shows it.

    With `upto` it is what whoever reads it has handed on by a transfer, as it was then: closed for them, with the times
    of their leg, and readable up to that line and no further. Its `rev` is below 0, for it is no version of the
    conversation as it is: either replaces the other."""

    id: int
    rev: int
    kind: str  # chat, later comment, turn, virtual_turn, appointment, call
    state: str
    ch: int  # channel
    q: int  # queue
    name: str  # what the customer goes by, or empty
    at: int  # last activity; trays are sorted by (at, id), newest first
    begun: int
    num: str = ""  # phone number or the like, raw
    owner: int | None = None
    last: str = ""  # the last line, shortened, one line
    ld: str = ""  # whose it is: in, out, note
    un: int = 0  # the customer's lines that the owner has not read
    owed: bool = False  # the assigned agent has not answered the customer yet
    ans: bool = False  # the last line for the customer's eyes is ours
    tags: list[int] = []
    topics: list[int] = []
    wait: int | None = None  # waiting since
    until: int | None = None  # the channel's reply window ends; None where it has none
    ended: int | None = None
    out: str | None = None  # outcome
    prev: int | None = None  # the conversation that this one continues
    team: int | None = None
    pri: int = 3  # 1 urgent, 2 high, 3 normal, 4 low
    moved: bool = False  # it was transferred
    sample: bool = False
    lang: str = ""
    page: str = ""
    ref: str = ""
    guests: list[int] = []  # agents who were invited
    unseen: list[int] = []  # agents who have not read yet what mentions them
    muted: bool = False  # what the customer writes is kept and wakes nobody
    saved: bool = False  # the contact was saved under a name by an agent
    later: list[int] = []  # agents who have put the offer off
    upto: int | None = None  # the last line that may be read; None: all may
    resp: int | None = None  # of one that has ended: milliseconds until its agent's first answer
    hid: bool = False  # only that it exists and who has it may be seen: no text, no number


class Message(View):
    """One line of a thread."""

    id: int
    rev: int
    c: int  # conversation
    d: str  # in, out, note
    at: int
    b: str  # body, as it was written: hostile until sanitised
    k: str = "text"
    by: int | None = None  # the agent who wrote it
    st: str = ""  # Delivery, of outgoing ones; a recalled one is to be forgotten; of incoming ones: muted, or empty
    err: str = ""  # why it failed
    key: str = ""  # the command key that made it, by which a client knows its own
    to: list[int] = []  # of a note: the agents whom it mentions


class Agent(View):
    id: int
    rev: int
    login: str
    name: str
    role: str
    status: str  # online, resting, lunch, documenting, offline
    since: int  # of the status
    reach: bool = False  # a console of theirs is connected
    active: bool = True
    sample: bool = False
    intake: str = "push"  # how work comes to them: push, manual, paused
    capacity: int | None = None  # conversations at once, whatever a queue allows


class Queue(View):
    id: int
    rev: int
    code: str
    name: dict[str, str]
    primary: list[int] = []
    support: list[int] = []
    capacity: int = 5
    active: bool = True
    handout: str = "push"  # or offer
    to: list[int] | None = None  # queues that its members may transfer to; None: any
    hours: Hours | None = None
    department: int | None = None
    priority: int = 3
    open_within: int = 0  # seconds, as of `queue.save`
    answer_within: int = 0
    reopen_within: int = 86_400
    own_first: int = 0
    closed_text: dict[str, str] = {}
    guests_reply: bool = False
    offer_again: int = 300
    topics_required: bool = False


class Branch(View):
    id: int
    rev: int
    code: str
    name: dict[str, str]
    zone: str


class Department(View):
    id: int
    rev: int
    code: str
    name: dict[str, str]
    branch: int


class Team(View):
    id: int
    rev: int
    code: str
    name: dict[str, str]
    members: list[int] = []


class Channel(View):
    id: int
    rev: int
    slug: str
    app: str
    name: dict[str, str]
    color: str
    queue: int
    window: int = 0  # seconds


class Tag(View):
    id: int
    rev: int
    name: str
    color: str


class Plan(View):
    """A reminder or a scheduled message. Its author is told of it, and while it waits whoever has the thread of its
    conversation."""

    id: int
    rev: int
    c: int  # conversation
    kind: str  # reminder, message
    by: int
    due: int
    b: str = ""  # text, as it was written
    why: str = ""  # a code: it could not be done, and came back


class Shortcut(View):
    id: int
    rev: int
    code: str
    body: str
    shared: bool
    owner: int


class SavedTray(View):
    """A filter over a built-in tray, and an order, under a name. The filter has things by id."""

    id: int
    rev: int
    name: str
    base: str
    owner: int
    filter: str = ""
    sort: str = ""
    shared: bool = False  # with everybody
    team: int | None = None  # with this team


class Form(View):
    """What a queue asks about each of its conversations, as it is now."""

    id: int
    rev: int
    queue: int
    version: int  # rises with each change
    fields: list[Field] = []  # none: nothing any more


class Topic(View):
    id: int
    rev: int
    queue: int
    code: str
    name: dict[str, str]
    parent: int | None = None
    active: bool = True


class FormVersion(View):
    """A form as it was from a time on."""

    id: int
    queue: int
    at: int
    fields: list[Field] = []


class Submission(View):
    """What was filled in of a form, for one leg of a conversation."""

    id: int
    rev: int
    c: int  # conversation
    leg: int
    q: int  # queue
    version: int  # of the form
    at: int
    values: Values  # by field, as they are kept: see `hub.protocol.forms`
    by: int | None = None  # who saved it last
    owner: int | None = None  # whose leg it is


REFERENCES: dict[str, type[View]] = {
    "agents": Agent,
    "queues": Queue,
    "channels": Channel,
    "tags": Tag,
    "shortcuts": Shortcut,
    "plans": Plan,
    "forms": Form,
    "topics": Topic,
    "branches": Branch,
    "departments": Department,
    "teams": Team,
    "trays": SavedTray,
}


class Session(View):
    """A sign-in of one console, as its agent, or an admin, sees it."""

    id: int
    label: str  # what the console calls itself
    since: int
    seen: int  # to a minute
    kind: str = "console"  # or embedded: of the hub of a sample desk
    network: str = ""  # that it was last seen from, shortened: of IPv4 24 bits, of IPv6 48
    this: bool = False  # the one that asks


class Account(View):
    """What an agent is told of how they sign in."""

    factor: bool = False  # sign-in asks for a code, too
    recovery: int = 0  # recovery codes that are left
    mail: str = ""


class Me(View):
    """The principal that a connection speaks for."""

    agent: int
    session: int
    grants: dict[str, str]  # verb → scope: own, queue, branch, entity
    entity: str
    zone: str  # IANA name of the desk's time zone
    language: str = "es"
    recall: int = 0  # seconds in which a message that was sent can be recalled; 0: not at all
