"""A desk of many: queues, agents, conversations and lines by a seed, put into the tables of either engine.

What lists, filters and searches look at is there; periods, legs and the journal are not, so `bandeja-hub check` would
find them missing. A tenth waits, a twentieth is open, the rest has ended over a year.
"""

import random
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from hub.desk import contact_search, search
from hub.desk.tables import (
    agent,
    channel,
    contact,
    conversation,
    conversation_tag,
    identity,
    lease,
    member,
    message,
    queue,
    tag,
)
from hub.hub import Hub
from hub.protocol.contact_words import contact_words
from hub.store.unit import Unit

SEED = 20_261_120
QUEUES, AGENTS, TAGS = 50, 200, 12
CHUNK = 5_000  # conversations in one go
YEAR = 365 * 86_400_000
FIRST = ("Ana", "Luis", "Marta", "José", "Rocío", "Íñigo", "Ñeca", "Carlos", "Lucía", "Hugo")
LAST = ("López", "Benítez", "Giménez", "Duarte", "Ríos", "Ferreira", "Vera", "Núñez", "Cáceres", "Ayala")
WORDS = (
    "pedido", "envío", "factura", "depósito", "talle", "cambio", "precio", "tarjeta", "cuota", "demora", "sucursal",
    "horario", "garantía", "reclamo", "gracias", "hola", "mañana", "lunes", "urgente", "confirmar", "dirección",
    "Asunción", "Encarnación", "Luque", "retiro", "pago", "transferencia", "comprobante",
)  # fmt: skip
RARE = "zafiro"  # in one line of ten thousand
COMMON = "pedido"


async def fill(hub: Hub, conversations: int, lines: int) -> None:
    """So many conversations of so many lines each."""
    dice = random.Random(SEED)
    now = hub.clock.now()
    await hub.store.write(lambda unit: _people(unit, now))
    for first in range(1, conversations + 1, CHUNK):
        numbers = range(first, min(first + CHUNK, conversations + 1))
        rows = list(_conversations(dice, numbers, lines, now))
        await hub.store.write(lambda unit, rows=rows: _insert(unit, rows))


def _people(unit: Unit, now: int) -> None:
    conn = unit.conn
    conn.execute(
        sa.insert(agent),
        [
            {"id": n, "rev": 1, "login": f"a{n}", "name": f"Agente {n}", "role": "agent", "status": "online",
             "status_since": now, "reachable": True}
            for n in range(1, AGENTS + 1)
        ],
    )  # fmt: skip
    reach = [{"id": f"of-{n}", "agent_id": n, "until": now + YEAR} for n in range(1, AGENTS + 1)]
    conn.execute(sa.insert(lease), reach)
    conn.execute(
        sa.insert(queue),
        [
            {"id": n, "rev": 1, "code": f"q{n}", "name": f'{{"es": "Cola {n}"}}', "capacity": 0, "open_within": 0,
             "reopen_within": 0}
            for n in range(1, QUEUES + 1)
        ],
    )  # fmt: skip
    per = AGENTS // QUEUES
    conn.execute(
        sa.insert(member),
        [
            {"queue_id": n, "agent_id": (n - 1) * per + k + 1, "support": k == per - 1}
            for n in range(1, QUEUES + 1)
            for k in range(per)
        ],
    )
    conn.execute(sa.insert(tag), [{"id": n, "rev": 1, "name": f"t{n}", "color": "#b07a1e"} for n in range(1, TAGS + 1)])
    conn.execute(
        sa.insert(channel),
        [{"id": 1, "rev": 1, "slug": "web", "app": "web", "driver": "web", "name": '{"es": "Sitio"}',
          "color": "#7a5ce0", "queue_id": 1}],
    )  # fmt: skip


def _conversations(dice: random.Random, numbers: range, lines: int, now: int) -> Iterator[dict[str, Any]]:
    for number in numbers:
        lot, mine = dice.random(), dice.randrange(1, AGENTS + 1)
        state = "waiting" if lot < 0.1 else "open" if lot < 0.15 else "closed"
        at = now - (dice.randrange(YEAR) if state == "closed" else dice.randrange(86_400_000))
        name = f"{dice.choice(FIRST)} {dice.choice(LAST)} {number}"
        bodies = [" ".join(dice.choices(WORDS, k=8)) for _ in range(lines)]
        if number % (10_000 // lines) == 0:
            bodies[0] += f" {RARE}"
        last = number * lines
        yield {
            "contact": {"id": number, "name": name, "phone": f"5959{number:08}", "created_at": at,
                        "folded": contact_words(name, f"5959{number:08}")},
            "identity": {"id": number, "channel_id": 1, "external_id": f"c{number}", "contact_id": number},
            "conversation": {
                "id": number, "rev": 1, "kind": "chat", "state": state, "channel_id": 1,
                "queue_id": dice.randrange(1, QUEUES + 1), "identity_id": number, "contact_id": number,
                "owner_id": None if state == "waiting" else mine, "priority": dice.choice((1, 2, 3, 3, 3, 4)),
                "created_at": at, "waiting_since": at if state == "waiting" else None,
                "closed_at": at if state == "closed" else None, "outcome": "attended" if state == "closed" else None,
                "last_at": at, "last_in_at": at, "last_message_id": last, "owed": state == "waiting",
                "answered": state == "closed", "unread": int(state == "waiting"),
            },
            "tag": {"conversation_id": number, "tag_id": dice.randrange(1, TAGS + 1)} if number % 3 == 0 else None,
            "messages": [
                {"id": last - lines + k + 1, "rev": 1, "conversation_id": number, "direction": "out" if k % 3 == 1
                 else "in", "body": body, "at": at + k, "state": "sent" if k % 3 == 1 else ""}
                for k, body in enumerate(bodies)
            ],
        }  # fmt: skip


def _insert(unit: Unit, rows: list[dict[str, Any]]) -> None:
    for table in (contact, identity, conversation):
        unit.conn.execute(sa.insert(table), [row[table.name] for row in rows])
    if tagged := [row["tag"] for row in rows if row["tag"]]:
        unit.conn.execute(sa.insert(conversation_tag), tagged)
    lines = [line for row in rows for line in row["messages"]]
    unit.conn.execute(sa.insert(message), lines)
    for row in rows:
        contact_search.add(unit.conn, row["contact"]["id"], row["contact"]["folded"])
    for line in lines:
        search.add(unit, line["id"], line["body"])
