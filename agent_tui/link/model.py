"""What the screens read and call: the desk as the console knows it, on a live link or on a dead one.

Widgets get a `Desk` and nothing else of the link. They read its state synchronously, submit commands, and are told what
changed by the small dataclasses at the end of this module. All text here is sanitised: it was made harmless where it
entered the mirror.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal, Protocol

import msgspec

from hub.protocol import views
from hub.protocol.commands import Args
from hub.protocol.filter_fields import Names
from hub.protocol.queries import Params
from hub.protocol.trays import DEFAULT_SORT


class LinkState(msgspec.Struct):
    """The truth about the link, for the footer."""

    phase: Literal["starting", "connecting", "online", "waiting", "signed_out", "unsupported"] = "starting"
    rtt: float | None = None  # milliseconds, of the last ping
    silent: int = 0  # seconds without an answer, from 5 on, in steps of 5
    unsent: int = 0  # commands in the outbox
    retry_in: int = 0  # seconds until the next try, while waiting
    stale: bool = True  # what is shown is the last known desk, not yet confirmed by the hub on this connection
    as_of: int = 0  # when that was, by the hub's clock; 0: it is not known
    review: int = 0  # commands held back because the hub was restored from an older copy
    limit: str = ""  # which limit of the hub's keeps us out, of hub.protocol.limits
    why: str = ""  # what is the matter with the hub, so that it takes nothing just now: disk_full
    error: str = ""  # a code of hub.protocol.errors; or unreachable, keyring, no_token, gap, restored, internal


class Outgoing(msgspec.Struct):
    """A command that was typed and has not been answered yet. Kept on disk until it is."""

    key: str
    name: str  # of the command: message.send, message.note, …
    conversation: int
    body: str  # what was typed, where it is a message or a note
    at: int  # by the console's clock, corrected to the hub's
    state: Literal["typed", "sending", "failed"] = (
        "sending"  # typed: not on disk yet, so that the console's end loses it
    )
    code: str = ""  # why the hub refused it, or "not_stored": it could not be written to disk, and was not sent
    detail: dict[str, object] = msgspec.field(default_factory=dict)


class Look(msgspec.Struct, frozen=True):
    """What is asked of the hub's tray `of`: a filter laid over it, as text with things by id, and an order."""

    of: str
    filter: str = ""
    sort: str = DEFAULT_SORT


class Tray(msgspec.Struct):
    """A list of conversations, newest first. `rows` holds what is loaded; `count` counts all there are."""

    name: str  # pending, in_progress, attended; or VIEW, which has the order of its look
    count: int = 0  # 1000 stands for "more than 999"
    rows: list[views.Row] = msgspec.field(default_factory=list)
    more: bool = False  # the hub has more than `rows`
    loaded: bool = False  # a snapshot has come, from the hub or from the last time
    partly: bool = False  # of a view: what fits of that which is known here; the hub has not answered
    refused: dict[str, object] | None = None  # of a view: why the hub does not show it


class Thread(msgspec.Struct):
    """A conversation's messages, oldest first, and what is still in the outbox for it, as typed."""

    conversation: int
    row: views.Row | None = None
    messages: list[views.Message] = msgspec.field(default_factory=list)
    outgoing: list[Outgoing] = msgspec.field(default_factory=list)  # messages and notes only, in order
    more: bool = False  # there are earlier ones
    loaded: bool = False
    first_unread: int | None = None  # the customer's first message that was unread when the thread was opened
    typing: bool = False  # the customer types
    writing: list[int] = msgspec.field(default_factory=list)  # other agents who write there
    company: list[int] = msgspec.field(default_factory=list)  # other agents who look at it
    forms: list[views.Submission] = msgspec.field(default_factory=list)  # of its legs, the newest first
    plans: list[views.Plan] = msgspec.field(default_factory=list)  # what waits to happen in it, the next first


class Undone(msgspec.Struct, frozen=True):
    """What became of taking back a command: `waiting` for its answer, or `moved_on`, the desk is another by now. Of one
    that was done to many it is the command of each, taken back under `keys` from so many as `each`, of `of`."""

    name: str
    conversation: int  # 0: it was about none, or about many
    state: Literal["undone", "waiting", "moved_on"]
    of: int = 0
    each: int = 0
    keys: tuple[str, ...] = ()


class Desk(Protocol):
    """Everything that a screen may ask of the link. Nothing here blocks: what takes time is told by a change."""

    @property
    def link(self) -> LinkState: ...

    @property
    def me(self) -> views.Me | None: ...

    @property
    def now(self) -> int:
        """UTC milliseconds by the hub's clock."""

    @property
    def agents(self) -> dict[int, views.Agent]: ...

    @property
    def queues(self) -> dict[int, views.Queue]: ...

    @property
    def branches(self) -> dict[int, views.Branch]: ...

    @property
    def departments(self) -> dict[int, views.Department]: ...

    @property
    def forms(self) -> dict[int, views.Form]: ...

    @property
    def topics(self) -> dict[int, views.Topic]: ...

    @property
    def channels(self) -> dict[int, views.Channel]: ...

    @property
    def tags(self) -> dict[int, views.Tag]: ...

    @property
    def shortcuts(self) -> dict[int, views.Shortcut]: ...

    @property
    def teams(self) -> dict[int, views.Team]: ...

    @property
    def saved_trays(self) -> dict[int, views.SavedTray]: ...

    @property
    def names(self) -> Names:
        """All that a filter can name."""

    def tray(self, name: str) -> Tray:
        """One of TRAYS, or VIEW."""

    def look(self, look: Look | None) -> None:
        """Show in VIEW what is asked for from now on; None: nothing. What is known here fits at once."""

    def watch(self, looks: Collection[Look]) -> None:
        """Have these counted from now on, and no others."""

    def counted(self, look: Look) -> int | None:
        """How many there are, of what is watched; None: not known yet."""

    def row(self, conversation: int) -> views.Row | None: ...

    def thread(self, conversation: int) -> Thread | None:
        """The thread as far as it is held; None where it was never opened."""

    def more_rows(self, name: str) -> None:
        """Load a further page of a tray."""

    def open_thread(self, conversation: int) -> Thread:
        """Subscribe to a thread and keep it live until it is closed. Does not open the conversation."""

    def close_thread(self, conversation: int) -> None: ...

    def more_messages(self, conversation: int) -> None:
        """Load earlier messages."""

    async def ask(self, view: str, params: Params) -> Any:
        """Ask the hub for what no window shows, a view of `hub.protocol.queries`, now or not at all. Raises
        asks.NotTold."""

    def submit(self, name: str, args: Args) -> str:
        """Put a command into the outbox, to go out once, in order, now or when the link is back. Returns its key."""

    def retry(self, key: str) -> None:
        """Send a refused outgoing message again, as a new command."""

    def discard(self, key: str) -> str:
        """Take a refused outgoing message out of the outbox; returns what was typed."""

    def recallable(self, conversation: int) -> bool:
        """Whether there is a line of mine that the customer has not got yet."""

    def recall(self, conversation: int) -> Outgoing | None:
        """Take back the newest such line. Returns it where it had not left; otherwise its text comes back as a draft
        (`DraftChanged`) when the hub has let go of it."""

    @property
    def undoable(self) -> bool:
        """Whether this console has done something that can be taken back."""

    def undo(self) -> Undone:
        """Take back what this console did last."""

    def taken_back(self, key: str) -> int:
        """How many conversations `undo` would take back of what was submitted under that key."""

    def release_review(self) -> None:
        """Send after all what was held back because the hub was restored from an older copy."""

    def drop_review(self) -> None:
        """Forget what was held back."""

    def visitors(self, conversation: int) -> list[int]:
        """Which other agents look at a conversation, as far as this console is told."""

    def attend(self, conversation: int) -> None:
        """Say which conversation is on the screen, 0 for none: colleagues who look at the same are told."""

    def type_in(self, conversation: int, on: bool, *, note: bool = False) -> None:
        """Tell colleagues who look at it, and the customer unless it is a `note`, that the person types. Sent at most
        every few seconds, never queued."""

    def draft(self, conversation: int) -> str: ...

    def save_draft(self, conversation: int, text: str) -> None: ...

    def subscribe(self, listener: "Listener") -> None:
        """Call `listener` in the event loop after each change."""


# -- what changed ------------------------------------------------------------------------------------------------------


class LinkChanged(msgspec.Struct, frozen=True):
    """`desk.link` or `desk.me` has changed."""


class TrayChanged(msgspec.Struct, frozen=True):
    """Rows, order or count of a tray."""

    name: str


class CountsChanged(msgspec.Struct, frozen=True):
    """How many there are of something that is watched."""


class ThreadChanged(msgspec.Struct, frozen=True):
    """Messages, outgoing ones, header row, typing or company of a thread."""

    conversation: int


class VisitorsChanged(msgspec.Struct, frozen=True):
    """Who else looks at a conversation that is not the one on the screen."""

    conversation: int


class ThreadGone(msgspec.Struct, frozen=True):
    """The conversation is out of sight now; what was held of it is forgotten."""

    conversation: int


class RefsChanged(msgspec.Struct, frozen=True):
    """Agents, queues, channels, tags or shortcuts."""

    name: str


class CommandRefused(msgspec.Struct, frozen=True):
    """The hub refused a command. A refused message or note stays in its thread as a failed `Outgoing`, except where the
    conversation has gone to somebody else: then `draft` is what was typed, given back as a draft with the reason.
    Without a key it is no command of ours that was refused, but what the console asks for by itself."""

    key: str
    name: str
    code: str
    field: str | None = None
    detail: dict[str, object] = msgspec.field(default_factory=dict)
    conversation: int = 0
    draft: str = ""


class CommandDone(msgspec.Struct, frozen=True):
    """The hub has taken a command into effect."""

    key: str
    name: str
    result: dict[str, int | str | None]


class Submitted(msgspec.Struct, frozen=True):
    """A command was put into the outbox. `conversation` is the one that it is about, 0 for none."""

    key: str
    name: str
    conversation: int


class RowMoved(msgspec.Struct, frozen=True, eq=False):
    """The hub told of a change of a conversation as it happened: what a snapshot brings is not told so. `before` is
    what was known of it, None for nothing; `after` is None where it went out of sight."""

    before: views.Row | None
    after: views.Row | None


class DraftChanged(msgspec.Struct, frozen=True):
    """The draft of a conversation is another now, and not by this console's composer; `was` is what it was."""

    conversation: int
    was: str = ""


Happened = Submitted | RowMoved  # what no screen shows
Shown = (
    LinkChanged
    | TrayChanged
    | CountsChanged
    | ThreadChanged
    | VisitorsChanged
    | ThreadGone
    | RefsChanged
    | CommandRefused
    | CommandDone
    | DraftChanged
)
Change = Shown | Happened
Listener = Callable[[Change], None]
TRAYS: Sequence[str] = ("pending", "in_progress", "attended")  # those that are always watched
VIEW = "view"
