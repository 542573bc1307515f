"""What a console is told, as it comes."""

from typing import Any

from agent_tui.link.address import Address
from agent_tui.link.dial import Socket, dial
from hub.protocol import frames


class Tap:
    """Calls hubs for a console, and remembers every frame that came."""

    def __init__(self) -> None:
        self.heard: list[frames.HubFrame] = []

    async def __call__(self, address: Address) -> Socket:
        return _Tapped(await dial(address), self.heard)

    def of(self, kind: type[Any]) -> list[Any]:
        return [frame for frame in self.heard if isinstance(frame, kind)]

    @property
    def carried(self) -> tuple[set[int], set[int]]:
        """Conversations and messages whose contents came in snapshots."""
        snaps: list[frames.Snap] = self.of(frames.Snap)
        return {row.id for snap in snaps for row in snap.rows}, {m.id for snap in snaps for m in snap.messages}


class _Tapped:
    def __init__(self, socket: Socket, heard: list[frames.HubFrame]) -> None:
        self._socket = socket
        self._heard = heard
        self.send, self.close, self.abort = socket.send, socket.close, socket.abort

    @property
    def received(self) -> int:
        return self._socket.received

    async def receive(self) -> str | bytes:
        data = await self._socket.receive()
        self._heard.append(frames.decode_hub.decode(data))
        return data
