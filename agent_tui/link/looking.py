"""What of a desk has to do with trays, filters and orders: the part of `LiveDesk` that hands it on to the mirror."""

from collections.abc import Collection

from agent_tui.link.mirror import Mirror
from agent_tui.link.model import VIEW, Look, Tray


class Looking:
    _mirror: Mirror

    def tray(self, name: str) -> Tray:
        return self._mirror.view.tray if name == VIEW else self._mirror.trays[name]

    def visitors(self, conversation: int) -> list[int]:
        return self._mirror.beside.visitors(conversation)

    def more_rows(self, name: str) -> None:
        self._mirror.more_rows(name)

    def look(self, look: Look | None) -> None:
        self._mirror.look(look)

    def watch(self, looks: Collection[Look]) -> None:
        self._mirror.counts.watch(looks)

    def counted(self, look: Look) -> int | None:
        return self._mirror.counts.known(look)
