"""The frames of the agents' WebSocket, both ways. docs/PROTOCOL.md tells their story; the visitors' are in `visitor`.

Every frame is one JSON text message with its kind in `t`. A client's cursor is `[seq, nonce]`: the number of the last
journal row that it knows of and that row's random nonce, by which a hub that was restored from an older copy is found
out. An `ev` is applied only if its `prev` equals the client's `seq`; otherwise the client reconnects.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hub.protocol import views
from hub.protocol.registry import NO_NUL, Key, Number

Cursor = tuple[Number, Number]
Version = Annotated[int, Meta(gt=-(2**53), lt=2**53)]  # below 0: of what was handed on
Held = list[tuple[Number, Version]]  # (id, rev) of what the client holds already, so that only the rest is sent


class Frame(msgspec.Struct, tag_field="t", omit_defaults=True):
    """Base of all frames."""


# -- from the client ---------------------------------------------------------------------------------------------------


class Hello(Frame, tag="hello"):
    """The first frame of a connection. A browser, which can't set headers, signs in with `token`."""

    proto: int
    client: Annotated[str, Meta(max_length=100)] = ""
    token: str = ""
    epoch: str = ""
    cursor: Cursor | None = None
    refs: dict[str, int] = {}  # versions of the reference data that the client holds
    drafts: dict[int, int] | None = None  # conversation → version of the drafts that it holds; left out: it takes none


class Cmd(Frame, tag="cmd"):
    """Submit a command. `id` pairs it with its answer on this connection; `key` makes it safe to send again."""

    id: int
    key: Key
    name: str
    args: msgspec.Raw


class Sub(Frame, tag="sub"):
    """Open window `w`, or replace it: a tray (its first `count` rows) or a thread (its newest `count` messages).

    `filter` is laid over a tray, in the language of `hub.protocol.filter_text`, and `sort` is one of
    `hub.protocol.trays.SORTS`; left out, the newest activity comes first. `held` lists what the client still has of it.
    With a `count` of 0 a tray is only counted: its window has no rows.
    A thread is extended by subscribing again with a larger `count`.
    """

    w: int
    tray: str = ""
    thread: Number = 0
    count: Annotated[int, Meta(ge=0, le=5000)] = 50
    held: Held = []
    filter: Annotated[str, Meta(max_length=2000)] = ""
    sort: Annotated[str, Meta(max_length=16)] = ""


class Unsub(Frame, tag="unsub"):
    w: int


class Typing(Frame, tag="typing"):
    """The agent types in a conversation, or has stopped. Never journaled; a lost one does no harm. `note`: it is a
    note, of which no customer is told; only for a hub whose welcome says `notes`."""

    c: Number
    on: bool = True
    note: bool = False


class Look(Frame, tag="look"):
    """The agent looks at this conversation, whose thread the client watches, and at no other one; 0: at none. The hub
    tells who else does (`looking`), where its welcome says `looks`. Never journaled."""

    c: Number = 0


class Draft(Frame, tag="draft"):
    """What the agent has typed in a conversation and not sent; empty: nothing any more. Never journaled.

    To the hub `v` is the version that it was made from, from the hub its own. Answered by `drafted`."""

    c: Number
    text: Annotated[str, Meta(max_length=16_000, pattern=NO_NUL)] = ""
    v: Number = 0


class Ask(Frame, tag="ask"):
    """Ask for a view of `hub.protocol.queries`. `id` pairs it with its answer; it is of one row with those of `cmd`."""

    id: int
    view: str
    args: msgspec.Raw = msgspec.Raw(b"{}")


class Ping(Frame, tag="ping"):
    n: int


ClientFrame = Hello | Cmd | Sub | Unsub | Typing | Look | Draft | Ask | Ping


# -- from the hub ------------------------------------------------------------------------------------------------------


class Ref(Frame, tag="ref"):
    """Reference data, whole: `items` replaces what the client holds of `name`."""

    name: str
    version: int
    items: list[msgspec.Raw]


class Welcome(Frame, tag="welcome"):
    """Answers hello. `resume`: `fresh` (no cursor given), `resumed`, or `restored`: the database is another or an older
    one, so what the client holds is void and its outbox is shown for review instead of being sent."""

    proto: int
    hub: str  # version, for the log
    now: int  # hub's clock, UTC ms
    epoch: str
    cursor: Cursor
    resume: Literal["fresh", "resumed", "restored"]
    me: views.Me
    asks: bool = False  # the hub answers `ask`
    drafts: bool = False  # the hub keeps drafts, and tells them where hello says that the client takes them
    counts: bool = False  # the hub takes a `sub` of a tray with a count of 0
    looks: bool = False  # the hub takes `look`
    notes: bool = False  # the hub tells customers nothing of a `typing` that says `note`


class Ok(Frame, tag="ok"):
    """The command has taken effect and is durable. `result` names what it made."""

    re: int
    result: dict[str, int | str | None] = {}


class Error(Frame, tag="error"):
    """The command, or the frame, was refused; nothing was written. `re` is 0 where no id could be read."""

    re: int
    code: str
    args: dict[str, int | str | None] = {}
    field: str | None = None


class Snap(Frame, tag="snap"):
    """A page of window `w`, at most 16 KiB, as of journal row `seq` with `nonce`; the last one says `last`.

    The first page (`part` 0) replaces the window: `order` lists its ids in order; `rows` or `messages` (a thread's own
    row is in `rows`) carry those that the client did not hold in that version; `forms` and `plans` of a thread
    come whole.
    """

    w: int
    part: int
    last: bool
    seq: int
    order: list[int] = []
    rows: list[views.Row] = []
    messages: list[views.Message] = []
    forms: list[views.Submission] = []  # of a thread: what was filled in for its legs
    plans: list[views.Plan] = []  # of a thread: what waits to happen in it
    count: int | None = None  # of all the rows of a tray; 1000 stands for "more than 999"
    more: bool = False  # there is more beyond `order`
    read: int = 0  # of a thread: the last message that its owner had read
    nonce: int = 0


class RowChanged(msgspec.Struct, tag_field="k", tag="row", omit_defaults=True):
    """A conversation is now so; it stands in these of the client's tray windows, and in none of the others. Where its
    thread is subscribed, `forms` is what was filled in."""

    row: views.Row
    ws: list[int] = []
    forms: list[views.Submission] = []


class RowGone(msgspec.Struct, tag_field="k", tag="gone", omit_defaults=True):
    """A conversation is out of the client's sight: forget it and its thread. `erased`: the customer was erased, so what
    was typed for it is to be forgotten too, and no trace of it may stay on a disk."""

    c: int
    erased: bool = False


class MessageChanged(msgspec.Struct, tag_field="k", tag="msg"):
    """A message of a subscribed thread was added or changed."""

    m: views.Message


class CountChanged(msgspec.Struct, tag_field="k", tag="count"):
    w: int
    n: int


class RefChanged(msgspec.Struct, tag_field="k", tag="ref", omit_defaults=True):
    """Reference data changed: `items` are added or replace, `gone` are removed."""

    name: str
    version: int
    items: list[msgspec.Raw] = []
    gone: list[int] = []


Event = RowChanged | RowGone | MessageChanged | CountChanged | RefChanged


class Ev(Frame, tag="ev"):
    """What changed since `prev`. Hidden changes advance the cursor with the next visible one, or before a `pong`."""

    epoch: str
    prev: int
    seq: int
    nonce: int
    events: list[Event] = []


class Typed(Frame, tag="typed"):
    """Somebody types in a conversation: `by` is null for the customer, or an agent, in the conversation that the client
    looks at."""

    c: int
    by: int | None = None
    on: bool = True


class Looking(Frame, tag="looking"):
    """Who else looks at a conversation: agents, without the client's own. Of the one that the client looks at, all who
    do; of another that is a row of its trays, those whom it is not with."""

    c: int
    by: list[int] = []


class Drafted(Frame, tag="drafted"):
    """A draft was saved, and its version is `v`; or not: it was made from an older one than there is, which has been
    told before this."""

    c: int
    v: int = 0
    ok: bool = True


class Answer(Frame, tag="answer"):
    """What was asked for: the view's row, or `Rows` of them. A refusal is an `error`, as that of a command."""

    re: int
    data: msgspec.Raw


class Resync(Frame, tag="resync"):
    """The client is too far behind, or what it may see has changed: subscribe all windows again. `me`: as of now."""

    cursor: Cursor
    me: views.Me | None = None


class Bye(Frame, tag="bye"):
    """The hub closes this connection. `after`: milliseconds until it makes sense to come back; 0: not by itself.
    `limit` names what was exceeded, where that is why (`hub.protocol.limits`)."""

    code: str
    after: int = 0
    limit: str = ""


class Pong(Frame, tag="pong"):
    n: int
    now: int


HubFrame = Welcome | Ref | Ok | Error | Snap | Ev | Typed | Draft | Drafted | Answer | Resync | Bye | Pong | Looking

decode_client: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
decode_hub: msgspec.json.Decoder[HubFrame] = msgspec.json.Decoder(HubFrame)
encode = msgspec.json.Encoder().encode
