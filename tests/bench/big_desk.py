"""A desk of any size in a fresh SQLite database, as if it had been served: `bandeja-hub check` finds nothing wrong.

A third of the conversations wait in the queue, some are with the agent and open, the rest they have ended today. All of
it goes through the tables in one transaction, with the journal that the commands would have left.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hub import admin
from hub.config import Config
from hub.desk import search
from hub.desk.filters import Place
from hub.desk.people import token_hash
from hub.desk.tables import contact, conversation, identity, leg, message, period, read_mark
from hub.protocol.contact_words import contact_words
from hub.protocol.states import State
from hub.store.migrate import migrate
from hub.store.unit import Unit

LOGIN = "bench"
MINE = 5  # open ones, which is the queue's capacity: nothing is handed out beyond it
LONG = 398  # messages in the newest of them
CHUNK = 20_000  # rows a statement
DAY = 86_400_000
BODIES = (  # so many that no page of a thread looks like the next
    "¿Me confirman si el pedido {} sale hoy por la tarde?",
    "Buenas tardes, ya lo reviso con depósito.",
    "Dale, gracias.",
    "La factura {} llegó con otro nombre; ¿la pueden cambiar? Es para la empresa, el RUC es el de siempre.",
    "Sí, mañana antes de las 16 h.",
    "Estoy en la página de pagos y no avanza, me dice que pruebe más tarde.",
    "¿Hacen envíos al interior? ¿Cuánto sale?",
)
Rows = dict[str, list[dict[str, Any]]]
TABLES = {table.name: table for table in (contact, identity, conversation, period, leg, message, read_mark)}


def name_of(number: int) -> str:
    """The customer of the conversation with that id."""
    return f"Cliente-{number:06}"


async def make(folder: Path, size: int) -> str:
    """A database in `folder` with one agent and `size` conversations; returns a token that signs the agent in."""
    folder.mkdir(parents=True)
    config = Config(data=folder, zone="UTC", language="es")
    await migrate(config.database)
    token = secrets.token_urlsafe(32)
    async with admin.opened(config) as store:
        made = await admin.submit(store, "agent.save", login=LOGIN, name="Marta", role="agent", password_hash="x")
        agent = int(made["agent"] or 0)
        await admin.save_queue(store, "ventas", {"es": "Ventas"}, [LOGIN], [], capacity=MINE)
        await admin.save_channel(store, "web", "web", {"es": "Sitio"}, "ventas", "#7a5ce0", [])
        await admin.submit(store, "session.start", agent=agent, token_hash=token_hash(token), label="bench")
        await store.write(lambda unit: _fill(unit, agent, size))
        await store.write(search.mend)
    return token


def _fill(unit: Unit, agent: int, size: int) -> None:
    rows: Rows = {name: [] for name in TABLES}
    day = unit.now - unit.now % DAY
    for number in range(1, size + 1):
        at = day + (unit.now - day) * number // (size + 1)
        _converse(unit, rows, agent, number, at, _state(number, size))
        if number % CHUNK == 0 or number == size:
            for name, table in TABLES.items():
                if rows[name]:
                    unit.conn.execute(sa.insert(table), rows[name])
                rows[name] = []


def _state(number: int, size: int) -> State:
    if number > size - MINE:
        return State.OPEN
    return State.WAITING if number % 3 == 0 else State.CLOSED


def _converse(unit: Unit, rows: Rows, agent: int, number: int, at: int, state: State) -> None:
    """The rows and events of one conversation, all at `at`; its identity and contact have its own number."""
    me, ours = f"agent:{agent}", state is not State.WAITING
    rows["contact"].append(
        {
            "id": number,
            "name": name_of(number),
            "folded": contact_words(name_of(number), ""),
            "agent_id": agent if ours else None,
            "created_at": at,
        }
    )
    rows["identity"].append({"id": number, "channel_id": 1, "external_id": f"c{number}", "contact_id": number})
    began = Place(State.WAITING.value, 1, None, None)
    unit.record("conversation.changed", "channel:1", number, {"by": "message.receive", "was": None, "now": began})
    lines = list(_lines(rows, number, LONG if state is State.OPEN and number % MINE == 0 else 2 if ours else 1))
    for line, direction in lines:
        who, kind = (me, "message.sent") if direction == "out" else ("channel:1", "message.received")
        if direction == "out" and line == lines[1][0]:
            opened = Place(State.OPEN.value, 1, agent, None)
            event = {"by": "conversation.open", "was": began, "now": opened}
            unit.record("conversation.changed", me, number, event)
        rev = unit.record(kind, who, number, {"m": line})
        rows["message"].append(
            {
                "id": line,
                "rev": rev,
                "conversation_id": number,
                "direction": direction,
                "body": BODIES[line % len(BODIES)].format(line),
                "author_id": agent if direction == "out" else None,
                "at": at,
                "state": "sent" if direction == "out" else "",
            }
        )
    rev = unit.seq
    if state is State.CLOSED:
        ended = Place(state.value, 1, agent, at)
        rev = unit.record("conversation.changed", me, number, {"by": "conversation.end", "was": opened, "now": ended})
    last, direction = lines[-1]
    answered = max((line for line, way in lines if way == "out"), default=0)
    if ours:
        rows["read_mark"].append({"agent_id": agent, "conversation_id": number, "message_id": answered})
    _account(rows, agent, number, at, state)
    rows["conversation"].append(
        {
            "id": number,
            "rev": rev,
            "state": state.value,
            "generation": {State.WAITING: 0, State.OPEN: 1, State.CLOSED: 2}[state],
            "outcome": "attended" if state is State.CLOSED else None,
            "channel_id": 1,
            "queue_id": 1,
            "identity_id": number,
            "contact_id": number,
            "owner_id": agent if ours else None,
            "created_at": at,
            "waiting_since": None if ours else at,
            "closed_at": at if state is State.CLOSED else None,
            "last_at": at,
            "last_in_at": at,
            "last_message_id": last,
            "read_message_id": answered,
            "unread": 0 if ours else 1,
            "owed": not ours,
            "answered": direction == "out",
        }
    )


def _lines(rows: Rows, number: int, count: int) -> Iterator[tuple[int, str]]:
    """(id, direction) of so many messages: two of the customer's, one of the agent's, in turn; the second is ours."""
    first = number * 1000
    return ((first + n, "out" if n % 3 == 1 else "in") for n in range(count))


def _account(rows: Rows, agent: int, number: int, at: int, state: State) -> None:
    """Its periods and legs: waiting, then with the agent, then at its end."""
    ours, closed = state is not State.WAITING, state is State.CLOSED
    mine = {"conversation_id": number, "queue_id": 1, "began_at": at}
    rows["period"].append({**mine, "state": State.WAITING.value, "owner_id": None, "ended_at": at if ours else None})
    by = "conversation.open" if ours else ""
    rows["leg"].append({**mine, "owner_id": None, "ended_at": at if ours else None, "ended_by": by})
    if ours:
        ended = at if closed else None
        by = "conversation.end" if closed else ""
        rows["period"].append({**mine, "state": State.OPEN.value, "owner_id": agent, "ended_at": ended})
        rows["leg"].append({**mine, "owner_id": agent, "ended_at": ended, "ended_by": by})
