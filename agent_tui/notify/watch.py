"""What happened on the desk that a person may want to hear of, found out from the changes that the link tells.

Of single conversations only what the hub tells as it happens counts. While the link is down, or what is shown is not
confirmed, nothing is told; afterwards what has changed meanwhile is told once, as a summary. Whatever the person does
themselves is known by the commands that they submit.
"""

from collections.abc import Iterator

import msgspec

from agent_tui import names, rights
from agent_tui.link import model
from hub.protocol.states import TRANSITIONS, State
from hub.protocol.views import Row

LONG = 60_000  # ms without the hub, after which that is told
SURELY = 60_000  # ms since something happened to a row that was not known before, within which it is news
OWN = 30_000  # ms after the answer to a command, within which its effect is expected
MOVING = {row.command for row in TRANSITIONS}  # the commands that change a conversation's state, owner or queue
TRAYS = ("pending", "in_progress")


class Notice(msgspec.Struct, frozen=True):
    """One thing of one kind. `text` is the customer's line where there is one: hostile, like the name."""

    kind: str
    conversation: int = 0
    who: str = ""
    text: str = ""
    queue: int = 0
    to: int | None = None  # the agent who has it now
    back: bool = False  # the link is back, rather than lost


class _Own(msgspec.Struct):
    """A command of the person's own: when it was answered, and whether its effect was seen."""

    key: str
    done: int | None = None
    seen: bool = False


class _Before(msgspec.Struct):
    """The desk as it was when the link was lost."""

    mine: dict[int, Row]
    waiting: set[int]
    whole: bool  # everything that waited was loaded


class Watch(msgspec.Struct):
    """`hear` is called with every change of the desk, `check` when the link may have been down for long."""

    desk: model.Desk
    _own: dict[int, _Own] = msgspec.field(default_factory=dict)
    _fresh: bool = False
    _lost: int = 0
    _told_lost: bool = False
    _before: _Before | None = None

    def __post_init__(self) -> None:
        self._lost = self.desk.now
        self._fresh = self._is_fresh()

    def hear(self, change: model.Change) -> list[Notice]:
        match change:
            case model.Submitted(key=key, name=name, conversation=conversation) if name in MOVING:
                self._own = {one: own for one, own in self._own.items() if self._is_own(one)}
                self._own[conversation] = _Own(key)
            case model.CommandDone(key=key):
                self._answered(key)
            case model.CommandRefused(key=key):
                self._own = {one: own for one, own in self._own.items() if own.key != key}
            case model.RowMoved(before=before, after=after) if self._fresh:
                return list(self._moved(before, after))
            case model.LinkChanged():
                return list(self._link())
        return []

    @property
    def worrying(self) -> bool:
        """Whether the link is down, and that was not told."""
        return not self._fresh and not self._told_lost

    def check(self) -> list[Notice]:
        """Tell once that the link is down, where it has been for long or will not come back by itself."""
        over = self.desk.link.phase in ("signed_out", "unsupported") or self.desk.now - self._lost >= LONG
        if self._fresh or self._told_lost or not over:
            return []
        self._told_lost = True
        return [Notice("link")]

    def holds(self, notice: Notice) -> bool:
        """Whether it is still so: what has been dealt with since needs no telling."""
        row = self.desk.row(notice.conversation)
        match notice.kind:
            case "link":
                return notice.back == self._fresh
            case "away":
                return row is None or not rights.mine(self.desk, row)
            case "assigned":
                return row is not None and rights.mine(self.desk, row) and row.state == State.ASSIGNED
            case "mentioned":
                return row is not None and self._mentioned(row)
            case "wrote":
                return row is not None and rights.mine(self.desk, row) and row.un > 0
            case _:
                return row is not None and self._waits(row)

    # -- of one conversation ---------------------------------------------------------------------------------------

    def _moved(self, before: Row | None, after: Row | None) -> Iterator[Notice]:
        own = self._own_doing(before, after)
        if after is None:
            if before is not None and self._serving(before) and not own:
                yield self._notice("away", before)
            return
        if self._mentioned(after) and not (before is not None and self._mentioned(before)):
            yield self._notice("mentioned", after)
        was, mine = before is not None and self._serving(before), self._serving(after)
        if mine and not was:
            # somebody who opens or reopens a conversation becomes its owner: what is open is the person's own doing
            if after.state == State.ASSIGNED and not own and (before is not None or self._is_news(after)):
                yield self._notice("assigned", after)
        elif was and not mine and after.state != State.CLOSED and not own:
            yield self._notice("away", after)
        elif before is not None and mine and _wrote(before, after):
            yield self._notice("wrote", after)
        waited = before is not None and self._waits(before) and before.q == after.q
        if self._waits(after) and not waited and not own and (before is not None or self._is_news(after)):
            yield self._notice("waiting", after)

    def _serving(self, row: Row) -> bool:
        return rights.mine(self.desk, row) and row.state != State.CLOSED

    def _waits(self, row: Row) -> bool:
        """For the person, too; what they have put off waits for others only."""
        waiting = row.state == State.WAITING and row.owner is None and rights.member(self.desk, row)
        return waiting and self.desk.me is not None and self.desk.me.agent not in row.later

    def _mentioned(self, row: Row) -> bool:
        return self.desk.me is not None and self.desk.me.agent in row.unseen

    def _is_news(self, row: Row) -> bool:
        """Of a row that was not known: in a desk with more than is loaded, it may be an old one."""
        latest = max(row.at, row.wait or 0)
        return self.desk.now - latest < SURELY or not any(self.desk.tray(name).more for name in TRAYS)

    def _notice(self, kind: str, row: Row) -> Notice:
        text = row.last if row.ld == "in" and not row.hid else ""
        return Notice(kind, row.id, names.customer(row), text, row.q, row.owner)

    # -- the person's own doing ------------------------------------------------------------------------------------

    def _own_doing(self, before: Row | None, after: Row | None) -> bool:
        row = after or before
        own = self._own.get(row.id) if row is not None else None
        if row is None or own is None or not _structural(before, after):
            return False
        mine = self._is_own(row.id)
        own.seen = True
        if own.done is not None:
            del self._own[row.id]
        return mine

    def _is_own(self, conversation: int) -> bool:
        """Whether a command of the person's own about it is under way, or was answered a moment ago."""
        own = self._own.get(conversation)
        return own is not None and (own.done is None or self.desk.now - own.done < OWN)

    def _answered(self, key: str) -> None:
        for conversation, own in list(self._own.items()):
            if own.key == key and own.seen:
                del self._own[conversation]
            elif own.key == key:
                own.done = self.desk.now

    # -- the link --------------------------------------------------------------------------------------------------

    def _is_fresh(self) -> bool:
        return self.desk.link.phase == "online" and not self.desk.link.stale

    def _link(self) -> Iterator[Notice]:
        fresh = self._is_fresh()
        if self._fresh and not fresh:
            self._lost, self._before = self.desk.now, self._picture()
        elif fresh and not self._fresh:
            self._fresh = True
            if self._told_lost:
                yield Notice("link", back=True)
            yield from self._meanwhile()
            self._told_lost, self._before = False, None
        self._fresh = fresh
        yield from self.check()

    def _picture(self) -> _Before:
        rows = [row for name in TRAYS for row in self.desk.tray(name).rows]
        return _Before(
            {row.id: row for row in rows if self._serving(row)},
            {row.id for row in rows if self._waits(row)},
            not any(self.desk.tray(name).more for name in TRAYS),
        )

    def _meanwhile(self) -> Iterator[Notice]:
        """What is otherwise than when the link was lost."""
        if self._before is None:
            return
        old, new = self._before, self._picture()
        for conversation, row in new.mine.items():
            had = old.mine.get(conversation)
            if had is None and row.state == State.ASSIGNED and not self._is_own(conversation):
                yield self._notice("assigned", row)
            elif had is not None and _wrote(had, row):
                yield self._notice("wrote", row)
        for conversation in sorted(old.mine.keys() - new.mine.keys()):
            now = self.desk.row(conversation)
            gone = now is not None and now.state != State.CLOSED and not rights.mine(self.desk, now)
            if now is not None and gone and not self._is_own(conversation):
                yield self._notice("away", now)
        for conversation in sorted(new.waiting - old.waiting):
            found = self.desk.row(conversation)
            if found is None or self._is_own(conversation):
                continue
            if old.whole or max(found.at, found.wait or 0) >= self._lost:
                yield self._notice("waiting", found)


def _structural(before: Row | None, after: Row | None) -> bool:
    if before is None or after is None:
        return True
    return (before.state, before.owner, before.q) != (after.state, after.owner, after.q)


def _wrote(before: Row, after: Row) -> bool:
    """The customer has written; a mark that was read at the same time must not hide it."""
    return after.un > before.un or (after.un > 0 and after.ld == "in" and after.at > before.at)
