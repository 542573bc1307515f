"""A console on which things happen when it is sent SIGUSR1: each time the next of those named is done.

noticing_console.py FOLDER LANGUAGE THING... [plain]: FOLDER is the config folder, in which its pid is written once it
can be sent that; things are assign, write, many, hostile."""

import asyncio
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fake_desk import ME, FakeDesk
from hostile_text import ATTACKS

from agent_tui.app import BandejaApp
from agent_tui.notify import notifier
from agent_tui.notify.preferences import Chosen

notifier.GATHER = notifier.REST = 0.05
WAITING = (10483, 10485, 10487)


def happen(desk: FakeDesk, thing: str) -> None:
    match thing:
        case "assign":
            desk.change(WAITING[0], state="assigned", owner=ME)
        case "write":
            desk.receive(10470, "¿Y el envío?")
        case "many":
            for number in WAITING:
                desk.change(number, state="assigned", owner=ME)
        case "hostile":
            attack = " ".join(ATTACKS)
            desk.change(10470, name=attack)
            desk.receive(10470, attack)
            desk.change(WAITING[0], state="assigned", owner=ME, name=attack)


async def main() -> None:
    folder, language, *things = [one for one in sys.argv[1:] if one != "plain"]
    desk = FakeDesk()
    notices = Chosen(Path(folder))
    app = BandejaApp(desk, theme="dark", language=language, notices=notices, plain="plain" in sys.argv)
    coming = iter(things)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: happen(desk, next(coming)))
    (Path(folder) / "pid").write_text(str(os.getpid()))
    await app.run_async()


if __name__ == "__main__":
    asyncio.run(main())
