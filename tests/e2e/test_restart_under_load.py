"""A hub that is restarted while everybody works: nothing that was acked is lost, and all come back by themselves."""

import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1] / "hub"))
from served_process import ServedProcess, until

from agent_tui.link.address import Address
from agent_tui.link.desk import LiveDesk, open_desk
from agent_tui.link.model import Change, CommandDone, CommandRefused, LinkChanged
from agent_tui.link.place import claim
from hub.auth import start_session
from hub.desk.principal import SYSTEM, Principal
from hub.desk.tables import message
from hub.hub import Hub
from hub.protocol import commands as c
from hub.stopping import OVERDUE

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]  # it waits several times, on a busy machine
CONSOLES, CONVERSATIONS, LINES = 3, 4, 120


@pytest.fixture
async def served(database: str, tmp_path: Path) -> AsyncIterator[ServedProcess]:
    served = ServedProcess(tmp_path, database)
    yield served
    await served.kill()


async def furnish(hub: Hub) -> tuple[str, list[int]]:
    """An agent with some conversations open: a token, and the conversations."""

    async def run(who: Principal, name: str, args: c.Args, key: str) -> int:
        made = await hub.submit(who, name, args, key)
        return int(next(iter(made.values())) or 0)

    ana = await run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "admin", password_hash="x"), "key-of-ana")
    queue = await run(SYSTEM, "queue.save", c.SaveQueue("v", {"es": "V"}, primary=[ana]), "key-of-queue")
    web = await run(
        SYSTEM, "channel.save", c.SaveChannel("w", "web", {"es": "W"}, queue, "web", "#000000"), "key-of-web"
    )
    conversations = []
    for n in range(CONVERSATIONS):
        line = c.Receive(web, f"p{n}", "Hola")
        made = await hub.submit(Principal.channel(web), "message.receive", line, f"key-of-person-{n}")
        conversations.append(int(made["conversation"] or 0))
    return await start_session(hub, ana, "test"), conversations


class Console:
    """A console without a screen, and what it was told."""

    def __init__(self, desk: LiveDesk) -> None:
        self.desk = desk
        self.done = 0
        self.refused: list[CommandRefused] = []
        self.errors: set[str] = set()
        desk.subscribe(self.hear)

    def hear(self, change: Change) -> None:
        match change:
            case CommandDone(name="message.send"):
                self.done += 1
            case CommandRefused():
                self.refused.append(change)
            case LinkChanged():
                self.errors.add(self.desk.link.error)


async def test_a_restart_under_load_loses_no_acked_line_and_everybody_comes_back(
    make_hub: Callable[..., Awaitable[Hub]], served: ServedProcess, tmp_path: Path
) -> None:
    hub = await make_hub()
    token, conversations = await furnish(hub)
    await hub.stop()
    await served.start()
    consoles = []
    for n in range(CONSOLES):
        place = claim(tmp_path / f"console-{n}", "hub", "ana")
        consoles.append(Console(await open_desk(place, Address(served.url, token))))
    for conversation in conversations:
        consoles[0].desk.submit("conversation.take", c.Take(conversation))
        consoles[0].desk.submit("conversation.open", c.Open(conversation))
    for console in consoles:
        console.desk.start()
    await until(lambda: all(one.desk.link.phase == "online" for one in consoles) and not consoles[0].desk.link.unsent)
    for k in range(LINES):
        line = c.Send(conversations[k % CONVERSATIONS], f"line {k}")
        consoles[k % CONSOLES].desk.submit("message.send", line)
    await until(lambda: all(one.done > 2 for one in consoles))
    await served.stop()
    acked = sum(one.done for one in consoles)
    assert acked > 0
    await served.start()
    await until(lambda: all(one.desk.link.phase == "online" and not one.desk.link.unsent for one in consoles))
    assert [one.refused for one in consoles] == [[]] * CONSOLES
    await until(lambda: sum(one.done for one in consoles) == LINES)  # each is told by an event of its own
    assert all("busy" in one.errors for one in consoles), "they were told, and did not find out by a broken line"
    for one in consoles:
        await one.desk.stop()
    await served.stop()
    again = await make_hub()
    bodies = Counter(await again.store.read(lambda conn: list(conn.scalars(sa.select(message.c.body)))))
    assert {body: times for body, times in bodies.items() if times > 1 and body != "Hola"} == {}
    assert {f"line {k}" for k in range(LINES)} <= bodies.keys()


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_hub_whose_database_hangs_ends_all_the_same(served: ServedProcess, tmp_path: Path) -> None:
    await served.start("--drain-seconds", "1")
    with closing(sqlite3.connect(tmp_path / "hub.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert served.process is not None
        served.process.terminate()
        assert await served.ended() == OVERDUE
    assert "event=stop_overdue" in served.said
