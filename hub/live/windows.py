"""Windows: what one connection watches, kept up from the changes themselves.

A tray window holds the newest rows of a tray. A changed conversation is tested against its filter in memory; only where
a page has run short at its edge is the database asked again. Counts follow from the place before and after each change.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.desk.facts import Facts
from hub.desk.filters import Filter
from hub.live.tail import Change

CAP = 1000  # counts from here on stand for "more than 999"


@dataclass(slots=True)
class TrayWindow:
    w: int
    name: str
    filter: Filter  # tray and sight together
    limit: int
    keys: dict[int, tuple[int, int]] = field(default_factory=dict)  # id → (last activity, id)
    complete: bool = True  # there is nothing beyond `keys`
    count: int = 0
    capped: bool = False  # `count` stands for that many and more
    seq: int = 0  # the journal number that the last snapshot was taken at
    count_seq: int = 0  # and the one that the rows were last counted at

    def load(self, facts: Iterable[Facts], *, more: bool, seq: int) -> None:
        self.keys = {f.row.id: (f.row.at, f.row.id) for f in facts}
        self.complete, self.seq = not more, seq

    def counted(self, count: int, *, seq: int, capped: bool) -> None:
        self.count, self.count_seq, self.capped = count, seq, capped

    def update(self, facts: Facts) -> bool:
        """Whether the conversation stands in the window now. A snapshot that is newer than the facts stands."""
        conversation_id = facts.row.id
        if facts.row.rev <= self.seq:
            return conversation_id in self.keys
        key = (facts.row.at, conversation_id)
        inside = self.filter.test(facts.place) and (
            self.complete or key >= min(self.keys.values(), default=(0, 0))  # what went beyond the edge has left
        )
        if inside:
            self.keys[conversation_id] = key
        else:
            self.keys.pop(conversation_id, None)
        return inside

    def recount(self, changes: Iterable[Change]) -> bool:
        """Follow the count; whether it has changed. At the cap it must be asked for anew."""
        step = 0
        for change in changes:
            if change.now is None or change.seq <= self.count_seq:
                continue
            step += self.filter.test(change.now) - (change.was is not None and self.filter.test(change.was))
        self.count += step
        return step != 0

    @property
    def worn(self) -> bool:
        """Too short at its edge, or far longer than was asked for: time for a new snapshot."""
        return (not self.complete and len(self.keys) < max(1, self.limit // 2)) or len(self.keys) > 2 * self.limit


@dataclass(slots=True)
class ThreadWindow:
    w: int
    conversation: int
    limit: int
    seq: int = 0
    first: int = 0  # the oldest message in the window, where there are older ones
