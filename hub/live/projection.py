"""What a list of changes means for one principal's windows: the events to send, and nothing that they may not see."""

from collections.abc import Collection, Iterable

from hub.desk import references
from hub.desk.facts import Facts
from hub.desk.principal import Principal
from hub.desk.sight import Near, Sight
from hub.live.tail import Change, Changes
from hub.live.windows import ThreadWindow, TrayWindow
from hub.protocol import frames, views
from hub.protocol.states import ERASED


class Windows:
    """All windows of one connection, by number, with the sight that they are filtered by."""

    __slots__ = ("threads", "trays")

    def __init__(self) -> None:
        self.trays: dict[int, TrayWindow] = {}
        self.threads: dict[int, ThreadWindow] = {}  # by window number

    def __len__(self) -> int:
        return len(self.trays) + len(self.threads)

    def close(self, w: int) -> None:
        self.trays.pop(w, None)
        self.threads.pop(w, None)

    @property
    def due(self) -> int | None:
        """When time alone may next change one of them."""
        return min((w.due for w in self.trays.values() if w.due is not None), default=None)

    def ripe(self, now: int) -> list[TrayWindow]:
        """Those that it may have changed by now."""
        return [w for w in self.trays.values() if w.due is not None and w.due <= now]

    def of_thread(self, conversation: int) -> list[ThreadWindow]:
        return [t for t in self.threads.values() if t.conversation == conversation]

    @property
    def by_topic(self) -> bool:
        """Whether what one of them shows depends on the tree of topics."""
        return any(window.asked.by_topic for window in self.trays.values())

    def owner_of(self, conversation: int) -> int | None:
        """With whom what is open as a thread is."""
        return next((thread.owner for thread in self.of_thread(conversation)), None)

    def has_row(self, conversation: int) -> bool:
        """Whether it is among the rows of a tray."""
        return any(conversation in window.keys for window in self.trays.values())

    def is_live(self, conversation: int) -> bool:
        """Whether a thread of it is open as it is, not as its reader handed it on."""
        return any(thread.upto is None for thread in self.of_thread(conversation))


def concerns(windows: Windows, within: Near | None, changes: Changes) -> bool:
    """Whether `project` might tell anything of these changes to whoever sees no farther than `within`."""
    return bool(changes.moves or changes.references or _candidates(windows, within, changes))


def project(
    windows: Windows, who: Principal, sight: Sight, within: Near | None, changes: Changes, now: int
) -> list[frames.Event]:
    """Events for these changes, coalesced: a conversation's row goes out once, as it is now. `within`: `near(who)`."""
    events: list[frames.Event] = []
    for number in _candidates(windows, within, changes):
        events += _conversation(windows, sight, changes.groups[number], now)
    for window in windows.trays.values():
        if (changes.moves or window.members is not None) and window.recount(changes.moves):
            events.append(frames.CountChanged(window.w, window.count))
    if changes.references:
        events += _references(windows, who, changes)
    return events


def _candidates(windows: Windows, within: Near | None, changes: Changes) -> Collection[int]:
    """The conversations that may mean anything to whoever sees no farther than that, in the order of their changes:
    most changes are about none of theirs."""
    if within is None:
        return changes.groups
    wanted = set(changes.by_owner.get(within.owner, ())) | changes.by_involved.get(within.owner, set())
    for queue in changes.by_queue if within.queues is None else within.queues & changes.by_queue.keys():
        wanted |= changes.by_queue[queue]
    for team in within.teams & changes.by_team.keys():
        wanted |= changes.by_team[team]
    for window in windows.trays.values():
        wanted |= changes.groups.keys() & window.keys.keys()
        if window.members is not None:
            wanted |= changes.groups.keys() & window.members.ids
    wanted.update(t.conversation for t in windows.threads.values() if t.conversation in changes.groups)
    return sorted(wanted, key=lambda number: changes.groups[number][0].seq)


def _conversation(windows: Windows, sight: Sight, group: list[Change], now: int) -> Iterable[frames.Event]:
    facts = group[-1].conversation
    assert facts is not None
    if not sight.whole.test(facts.place):
        yield from _out_of_sight(windows, sight, group, facts, now)
        return
    row, threads = facts.row, windows.of_thread(facts.row.id)
    inside, touched = [], bool(threads)
    for window in windows.trays.values():
        before = row.id in window.keys
        if window.update(facts, now):
            inside.append(window.w)
        touched = touched or before or bool(inside)
    if touched:
        filled = {c.submission.id: c.submission for c in group if c.submission is not None} if threads else {}
        yield frames.RowChanged(row, inside, list(filled.values()))
    for thread in threads:
        thread.owner = row.owner
        thread.stale = thread.upto is not None  # all may be read again: it is snapped anew
    threads = [thread for thread in threads if not thread.stale]
    if threads:
        oldest, first = min(thread.seq for thread in threads), min(thread.first for thread in threads)
        lines = {m.id: m for change in group for m in change.messages if m.rev > oldest and m.id >= first}
        for line in lines.values():
            yield frames.MessageChanged(line)


def _out_of_sight(
    windows: Windows, sight: Sight, group: list[Change], facts: Facts, now: int
) -> Iterable[frames.Event]:
    """It is not in sight as a whole: it is gone, and what its reader handed on of it stands in its place. Nothing is
    told of what becomes of that meanwhile."""
    row, threads = facts.row, windows.of_thread(facts.row.id)
    kept = next((change.kept for change in reversed(group) if change.kept is not None), None)
    if kept is None and sight.upto is not None:
        return  # it has not moved, so it was out of sight before
    mine = None if kept is None or sight.upto is None else kept.get(sight.upto)
    was_whole = any(c.was is not None and sight.whole.test(c.was) for c in group)
    if mine is not None and not was_whole and all(thread.upto is not None for thread in threads):
        return
    held = [w for w in windows.trays.values() if w.forget(row.id, facts.rev)]
    for thread in threads:
        windows.close(thread.w)
    if held or threads or was_whole:
        yield frames.RowGone(row.id, erased=row.kind == ERASED)
    if mine is not None:
        inside = [window.w for window in windows.trays.values() if window.update(mine, now)]
        if inside:
            yield frames.RowChanged(mine.row, inside)


def _references(windows: Windows, who: Principal, changes: Changes) -> Iterable[frames.Event]:
    touched: dict[str, dict[int, views.View | None]] = {}
    versions: dict[str, int] = {}
    for change in changes.references:
        touched.setdefault(change.reference, {})[change.reference_id] = change.item
        versions[change.reference] = change.seq
    for name, items in touched.items():
        seen = {i: v for i, v in items.items() if v is not None and _sees(windows, who, name, v)}
        yield frames.RefChanged(
            name,
            versions[name],
            [changes.encoded(view) for view in seen.values()],
            sorted(i for i in items if i not in seen),
        )


def _sees(windows: Windows, who: Principal, name: str, view: views.View) -> bool:
    """What waits to happen in a conversation is told to all who have its thread as it goes on."""
    if isinstance(view, views.Plan) and not view.why and windows.is_live(view.c):
        return True
    return references.may_see(name, view, who)
