"""Reference data (`hub.protocol.views.REFERENCES`), whole and by version."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar, cast

import msgspec

from agent_tui import text
from hub.protocol import frames, views
from hub.protocol.filter_fields import Named, Names

Item = (
    views.Agent
    | views.Queue
    | views.Channel
    | views.Tag
    | views.Shortcut
    | views.Branch
    | views.Department
    | views.Team
    | views.SavedTray
    | views.Form
    | views.Topic
)
V = TypeVar("V", bound=views.View)
_KINDS = cast(dict[str, type[Item]], views.REFERENCES)


class References:
    """What the hub has named, by id. A name that this console doesn't know belongs to a newer hub and is left alone."""

    def __init__(self) -> None:
        self._held: dict[str, dict[int, Item]] = {name: {} for name in _KINDS}
        self.versions: dict[str, int] = {}

    def replace(self, name: str, version: int, items: Iterable[msgspec.Raw]) -> bool:
        """Take all of `name`; whether the name is known."""
        if name not in _KINDS:
            return False
        self._held[name].clear()
        self._held[name].update((item.id, item) for item in _decoded(name, items))
        self.versions[name] = version
        return True

    def change(self, event: frames.RefChanged) -> bool:
        """Take what was added, changed or removed; whether the name is known."""
        if event.name not in _KINDS:
            return False
        held = self._held[event.name]
        for gone in event.gone:
            held.pop(gone, None)
        for item in _decoded(event.name, event.items):
            if item.id not in held or held[item.id].rev <= item.rev:
                held[item.id] = item
        self.versions[event.name] = max(event.version, self.versions.get(event.name, 0))
        return True

    def clear(self) -> None:
        self.versions.clear()
        for held in self._held.values():
            held.clear()

    def items(self, name: str) -> Sequence[Item]:
        return list(self._held[name].values())

    def held(self, kind: type[V]) -> dict[int, V]:
        """All of one kind, by id; the same dict as long as the console runs."""
        name = next(name for name, one in _KINDS.items() if one is kind)
        return cast(dict[int, V], self._held[name])


class Referring:
    """What a desk has named, by id: what of a `Desk` is reference data."""

    def __init__(self, refs: References) -> None:
        self.agents = refs.held(views.Agent)
        self.queues = refs.held(views.Queue)
        self.channels = refs.held(views.Channel)
        self.tags = refs.held(views.Tag)
        self.shortcuts = refs.held(views.Shortcut)
        self.branches = refs.held(views.Branch)
        self.departments = refs.held(views.Department)
        self.teams = refs.held(views.Team)
        self.saved_trays = refs.held(views.SavedTray)
        self.forms = refs.held(views.Form)
        self.topics = refs.held(views.Topic)

    @property
    def names(self) -> Names:
        return naming(self)


class Naming(Protocol):
    """The reference data that filters go by."""

    @property
    def agents(self) -> dict[int, views.Agent]: ...

    @property
    def queues(self) -> dict[int, views.Queue]: ...

    @property
    def channels(self) -> dict[int, views.Channel]: ...

    @property
    def tags(self) -> dict[int, views.Tag]: ...

    @property
    def teams(self) -> dict[int, views.Team]: ...

    @property
    def topics(self) -> dict[int, views.Topic]: ...


def naming(refs: Naming) -> Names:
    """What a filter can name, as the hub finds it."""
    return Names(
        {
            "queue": [Named(one.id, one.code, one.name) for one in refs.queues.values()],
            "agent": [Named(one.id, one.login, {"": one.name}) for one in refs.agents.values()],
            "channel": [Named(one.id, one.slug, one.name) for one in refs.channels.values()],
            "team": [Named(one.id, one.code, one.name) for one in refs.teams.values()],
            "tag": [Named(one.id, "", {"": one.name}) for one in refs.tags.values()],
            "topic": [Named(one.id, "", {**one.name, "": one.code}, one.parent) for one in refs.topics.values()],
        }
    )


def _decoded(name: str, items: Iterable[msgspec.Raw]) -> Iterable[Item]:
    for item in items:
        yield text.scrub(msgspec.json.decode(item, type=_KINDS[name]))
