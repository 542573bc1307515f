"""A WebSocket to a hub. The one module that imports the websockets library; loaded when the hub is first called."""

from typing import cast

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from agent_tui.link.address import Address
from agent_tui.link.dial import SignedOut, Unreachable
from hub.protocol import SUBPROTOCOL
from hub.protocol.errors import Code

OPEN_WITHIN = 25.0  # seconds: TLS and the upgrade take ten on a line of 8 kbit/s with a second's round trip
LONGEST_WAIT = 120.0  # seconds that a hub, or what answers in its place, can make us wait
_LARGEST = 8 * 2**20  # bytes in a frame: reference data comes whole


class _Counting(ClientConnection):
    received = 0

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        super().data_received(data)


class WebSocket:
    def __init__(self, connection: _Counting) -> None:
        self._connection = connection

    @property
    def received(self) -> int:
        return self._connection.received

    async def send(self, frame: bytes) -> None:
        try:
            await self._connection.send(frame, text=True)
        except WebSocketException as error:
            raise Unreachable(str(error)) from error

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except WebSocketException as error:
            raise Unreachable(str(error)) from error

    async def close(self) -> None:
        await self._connection.close()

    def abort(self) -> None:
        self._connection.transport.abort()


async def call(address: Address) -> WebSocket:
    """Call a hub. Compression pays on a real network only; with context takeover it makes a quarter of an event.

    Raises Unreachable, SignedOut.
    """
    try:
        connection = await connect(
            address.socket,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers={"Authorization": f"Bearer {address.token}"},
            compression=None if address.local else "deflate",
            proxy=None if address.local else True,
            open_timeout=OPEN_WITHIN,
            ping_interval=None,
            close_timeout=1,
            max_size=_LARGEST,
            create_connection=_Counting,
        )
    except InvalidStatus as refusal:
        raise _not_let_in(refusal) from refusal
    except (OSError, TimeoutError, WebSocketException) as error:
        raise Unreachable(str(error)) from error
    return WebSocket(cast(_Counting, connection))


class _Refusal(msgspec.Struct):
    code: str
    args: dict[str, int | str | None] = {}


def _not_let_in(refusal: InvalidStatus) -> Exception:
    """What the hub itself says. Anything on the way may answer in its place; a 401 of such must not make us wipe the
    desk, but how long it asks us to wait is good to know from anybody."""
    response = refusal.response
    wait = response.headers.get("Retry-After", "")
    after = min(float(wait), LONGEST_WAIT) if wait.isdecimal() else 0.0
    try:
        said = msgspec.json.decode(response.body or b"", type=_Refusal)
    except msgspec.DecodeError:
        return Unreachable(str(refusal), after=after)
    if response.status_code == 401 and said.code == Code.SIGNED_OUT:
        return SignedOut(str(refusal))
    if response.status_code in (429, 503):
        code = said.code if said.code in Code.__members__.values() else "unreachable"
        return Unreachable(str(refusal), code, after=after, limit=str(said.args.get("limit", "")))
    return Unreachable(str(refusal), after=after)
