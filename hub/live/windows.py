"""Windows: what one connection watches, kept up from the changes themselves.

A tray window holds the first rows of a tray. A changed conversation is tested against its filter in memory; only where
a page has run short at its edge is the database asked again. Counts follow from the place before and after each change,
or where a filter looks at more than places, from the set of those that match. A filter that time alone changes has a
next time at which it is looked at again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.desk.asked import Asked
from hub.desk.facts import Facts
from hub.desk.handed_on import Upto
from hub.desk.sorts import Key
from hub.live.tail import Change

CAP = 1000  # counts from here on stand for "more than 999"


SLACK = 250  # how many more than CAP are kept, so that not every one that goes makes the rest be counted


@dataclass(slots=True)
class Members:
    """Which conversations match a filter that looks at more than places: all of them, or where there are very many
    (`partial`), more than CAP of them."""

    ids: set[int] = field(default_factory=set)
    partial: bool = False

    def load(self, ids: set[int], most: int) -> None:
        self.ids, self.partial = ids, len(ids) >= most

    def put(self, conversation_id: int, inside: bool, most: int) -> None:
        if not inside:
            self.ids.discard(conversation_id)
        elif len(self.ids) < most:
            self.ids.add(conversation_id)
        else:
            self.partial = self.partial or conversation_id not in self.ids


@dataclass(slots=True)
class TrayWindow:
    w: int
    asked: Asked  # tray, filter and sight together, and the order
    limit: int
    keys: dict[int, Key] = field(default_factory=dict)  # id → where it stands in the order
    complete: bool = True  # there is nothing beyond `keys`
    count: int = 0
    capped: bool = False  # `count` stands for that many and more
    seq: int = 0  # the journal number that the last snapshot was taken at
    count_seq: int = 0  # and the one that the rows were last counted at
    members: Members | None = None  # where a count does not follow from places
    due: int | None = None  # when time alone may next change something
    revs: dict[int, int] = field(default_factory=dict)  # where it may: the versions that the client has of its rows
    adrift: bool = False  # all its rows have gone and there were more: what comes has no edge to be held against

    def load(self, facts: Iterable[Facts], *, more: bool, seq: int) -> None:
        rows = list(facts)
        self.keys = {f.row.id: self.asked.sort.key(f) for f in rows}
        self.complete, self.seq, self.adrift = not more, seq, False
        self.revs = {f.row.id: f.row.rev for f in rows} if self.asked.ages else {}

    def counted(self, count: int, *, seq: int, capped: bool) -> None:
        self.count, self.count_seq, self.capped = count, seq, capped

    def update(self, facts: Facts, now: int) -> bool:
        """Whether the conversation stands in the window now. A snapshot that is newer than the facts stands."""
        conversation_id, sort = facts.row.id, self.asked.sort
        matches = self.asked.test(facts, now)
        if self.members is not None and facts.rev > self.count_seq:
            self.members.put(conversation_id, matches, CAP + SLACK)
        if not self.limit:  # only counted
            self._follow_time(facts, now)
            return False
        if facts.rev <= self.seq:
            return conversation_id in self.keys
        self._follow_time(facts, now)
        self.adrift = self.adrift or not (self.complete or self.keys)
        key = sort.key(facts)
        inside = matches and (  # what went beyond the edge has left
            self.complete or not self.keys or sort.within(key, sort.edge(self.keys.values()))
        )
        if inside:
            self.keys[conversation_id] = key
        else:
            self.keys.pop(conversation_id, None)
        return inside

    def _follow_time(self, facts: Facts, now: int) -> None:
        if self.asked.more is None or not self.asked.ages:
            return
        if self.limit:
            self.revs[facts.row.id] = facts.row.rev
        turn = self.asked.more.turns(facts, now) if self.asked.place.test(facts.place) else None
        if turn is not None:
            self.due = turn if self.due is None else min(self.due, turn)

    def forget(self, conversation_id: int, rev: int) -> bool:
        """It is out of sight, as of that version; whether it was in the window. A snapshot that is newer stands."""
        if self.members is not None and rev > self.count_seq:
            self.members.ids.discard(conversation_id)
        if rev <= self.seq:
            return conversation_id in self.keys
        self.revs.pop(conversation_id, None)
        return self.keys.pop(conversation_id, None) is not None

    def recount(self, changes: Iterable[Change]) -> bool:
        """Follow the count; whether it has changed. At the cap it must be asked for anew."""
        if self.members is not None:
            before, self.count = self.count, min(CAP, len(self.members.ids))
            return before != self.count
        step, place = 0, self.asked.place
        for change in changes:
            if change.now is None or change.seq <= self.count_seq:
                continue
            step += place.test(change.now) - (change.was is not None and place.test(change.was))
        self.count += step
        return step != 0

    @property
    def unsure(self) -> bool:
        """The count was only known as "more than 999", and can't be followed by steps."""
        if self.members is not None:
            return self.members.partial and len(self.members.ids) < CAP
        return self.capped or self.count >= CAP

    @property
    def worn(self) -> bool:
        """Too short at its edge, or far longer than was asked for: time for a new snapshot."""
        short = not self.complete and len(self.keys) < max(1, self.limit // 2)
        return self.limit > 0 and (self.adrift or short or len(self.keys) > 2 * self.limit)


@dataclass(slots=True)
class ThreadWindow:
    w: int
    conversation: int
    limit: int
    seq: int = 0
    first: int = 0  # the oldest message in the window, where there are older ones
    upto: Upto | None = None  # what its reader handed on: no further than that
    owner: int | None = None  # with whom it is
    stale: bool = False  # and now they may read on: it is to be loaded anew
