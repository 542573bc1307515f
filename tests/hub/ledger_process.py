"""A hub in a process of its own that submits lines for ever and says which are acked: DATABASE DATA CHANNEL FIRST"""

import asyncio
import sys
from pathlib import Path

from hub.config import Config
from hub.desk.principal import Principal
from hub.hub import Hub
from hub.protocol.commands import Receive

PEOPLE = 20
AT_ONCE = 10


async def main(database: str, data: str, channel: int, first: int) -> None:
    hub = Hub(Config(data=Path(data), database=database, zone="UTC", recall_seconds=0))
    await hub.start()
    who = Principal.channel(channel)

    async def produce(start: int) -> None:
        for n in range(start, 10**9, AT_ONCE):
            await hub.submit(who, "message.receive", Receive(channel, f"p{n % PEOPLE}", f"line {n}"), f"ledger-{n:08}")
            print(n, flush=True)

    await asyncio.gather(*(produce(first + k) for k in range(AT_ONCE)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
