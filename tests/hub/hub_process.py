"""A hub of its own in a process of its own, for races: python hub_process.py DATABASE DATA CHANNEL PREFIX LINES"""

import asyncio
import sys
from pathlib import Path

from hub.config import Config
from hub.desk.principal import Principal
from hub.hub import Hub
from hub.protocol.commands import Receive


async def main(database: str, data: str, channel: int, prefix: str, lines: int) -> None:
    hub = Hub(Config(data=Path(data), database=database, zone="UTC", recall_seconds=0))
    await hub.start()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    who = Principal.channel(channel)
    await asyncio.gather(
        *(
            hub.submit(who, "message.receive", Receive(channel, f"{prefix}{n}", "Hola"), f"{prefix}-{n:08}")
            for n in range(lines)
        )
    )
    await hub.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5])))
