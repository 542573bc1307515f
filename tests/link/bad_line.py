"""A network between console and hub that breaks off after a random number of bytes, in the middle of whatever it is."""

import asyncio
import contextlib
import random


class BadLine:
    def __init__(self, port: int, seed: int, most: int) -> None:
        """Carries connections to a port; each breaks off after at most so many bytes, either way, while `bad`."""
        self.bad = True
        self.breaks = 0
        self._to = port
        self._chance = random.Random(seed)
        self._most = most
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hub_reader, hub_writer = await asyncio.open_connection("127.0.0.1", self._to)
        left = [self._chance.randint(1, self._most)]
        both = [writer, hub_writer]
        for source, sink in ((reader, hub_writer), (hub_reader, writer)):
            task = asyncio.create_task(self._pump(source, sink, both, left))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        both: list[asyncio.StreamWriter],
        left: list[int],
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(4096):
                left[0] -= len(data)
                if self.bad and left[0] <= 0:
                    sink.write(data[: len(data) + left[0]])
                    await sink.drain()
                    self.breaks += 1
                    break
                sink.write(data)
        for end in both:
            end.transport.abort() if self.bad else end.close()
