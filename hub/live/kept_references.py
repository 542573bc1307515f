"""Reference data as it goes out, kept encoded: after a restart every console asks for the same within a few seconds."""

from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from hub.desk import references
from hub.desk.principal import Principal
from hub.protocol import frames, views


class Kept(NamedTuple):
    """All items of a kind, as they are since the journal's row of that number."""

    version: int
    items: list[tuple[views.View, msgspec.Raw]]


class KeptReferences:
    """Readers in several threads may share one: the worst that comes of it is that something is encoded twice."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def newer(self, conn: Connection, held: dict[str, int], who: Principal) -> list[frames.Ref]:
        """What `who` may see of each kind of which they hold another version than there is now."""
        return [
            frames.Ref(name, version, self._seen(conn, name, version, who))
            for name, version in references.versions(conn).items()
            if held.get(name) != version
        ]

    def _seen(self, conn: Connection, name: str, version: int, who: Principal) -> list[msgspec.Raw]:
        kept = self._kept.get(name)
        if kept is None or kept.version != version:
            found = references.whole(conn, name)
            kept = self._kept[name] = Kept(version, [(view, msgspec.Raw(frames.encode(view))) for view in found])
        return [raw for view, raw in kept.items if references.may_see(name, view, who)]
