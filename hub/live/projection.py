"""What a list of changes means for one principal's windows: the events to send, and nothing that they may not see."""

from collections.abc import Iterable

import msgspec

from hub.desk import references
from hub.desk.filters import Filter
from hub.desk.principal import Principal
from hub.live.tail import Change
from hub.live.windows import ThreadWindow, TrayWindow
from hub.protocol import frames, views
from hub.protocol.states import ERASED


class Windows:
    """All windows of one connection, by number, with the sight that they are filtered by."""

    def __init__(self) -> None:
        self.trays: dict[int, TrayWindow] = {}
        self.threads: dict[int, ThreadWindow] = {}  # by window number

    def close(self, w: int) -> None:
        self.trays.pop(w, None)
        self.threads.pop(w, None)

    def of_thread(self, conversation: int) -> list[ThreadWindow]:
        return [t for t in self.threads.values() if t.conversation == conversation]


def project(windows: Windows, who: Principal, sight: Filter, changes: list[Change]) -> list[frames.Event]:
    """Events for these changes, coalesced: a conversation's row goes out once, as it is now."""
    events: list[frames.Event] = []
    by_conversation: dict[int, list[Change]] = {}
    for change in changes:
        if change.conversation is not None:
            by_conversation.setdefault(change.conversation.row.id, []).append(change)
    for group in by_conversation.values():
        events += _conversation(windows, sight, group)
    for window in windows.trays.values():
        if window.recount(changes):
            events.append(frames.CountChanged(window.w, window.count))
    events += _references(who, changes)
    return events


def _conversation(windows: Windows, sight: Filter, group: list[Change]) -> Iterable[frames.Event]:
    facts = group[-1].conversation
    assert facts is not None
    row, threads = facts.row, windows.of_thread(facts.row.id)
    if not sight.test(facts.place):
        held = [w for w in windows.trays.values() if w.keys.pop(row.id, None) is not None]
        for thread in threads:
            windows.close(thread.w)
        if held or threads or any(c.was is not None and sight.test(c.was) for c in group):
            yield frames.RowGone(row.id, erased=row.kind == ERASED)
        return
    inside, touched = [], bool(threads)
    for window in windows.trays.values():
        before = row.id in window.keys
        if window.update(facts):
            inside.append(window.w)
        touched = touched or before or bool(inside)
    if touched:
        yield frames.RowChanged(row, inside)
    if threads:
        oldest, first = min(thread.seq for thread in threads), min(thread.first for thread in threads)
        lines = {m.id: m for change in group for m in change.messages if m.rev > oldest and m.id >= first}
        for line in lines.values():
            yield frames.MessageChanged(line)


def _references(who: Principal, changes: list[Change]) -> Iterable[frames.Event]:
    touched: dict[str, dict[int, views.View | None]] = {}
    versions: dict[str, int] = {}
    for change in changes:
        if change.reference:
            touched.setdefault(change.reference, {})[change.reference_id] = change.item
            versions[change.reference] = change.seq
    for name, items in touched.items():
        seen = {i: v for i, v in items.items() if v is not None and references.may_see(name, v, who)}
        yield frames.RefChanged(
            name,
            versions[name],
            [msgspec.Raw(frames.encode(view)) for view in seen.values()],
            sorted(i for i in items if i not in seen),
        )
