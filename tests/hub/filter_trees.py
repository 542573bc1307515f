"""Trees of filters, drawn from every field, and conversations of every kind to try them on."""

import random
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy import Connection

from hub.desk import contact_search
from hub.desk.form_tables import conversation_topic, topic
from hub.desk.involvement import COLUMNS, as_text
from hub.desk.tables import contact, conversation, conversation_tag, identity, leg, tag, team
from hub.desk.talk_tables import handed_on, involvement
from hub.protocol.contact_words import contact_words
from hub.protocol.filter_fields import FIELDS
from hub.protocol.filter_text import normal
from hub.protocol.filter_tree import Age, Count, Day, Flag, Node, OneOf, Words, all_of, any_of, negated

OPS = ["<", "<=", "=", ">=", ">"]
DAY = 86_400_000
NAMES = ("", "José Pérez", "Ana López", "Ñandú S.A.", "+595 981 123456", "王小明", "Jo")


def trees(things: Mapping[str, Sequence[int | str]], texts: Sequence[str] = ()) -> st.SearchStrategy[Node]:
    """`things`: the values of the fields that name something; `texts`: words worth looking for."""
    typed = st.text(min_size=1, max_size=12) | st.sampled_from(texts) if texts else st.text(min_size=1, max_size=12)
    days = st.sampled_from(["today", "yesterday", "2026-02-28", "1999-12-31"])
    times = st.sampled_from([f.name for f in FIELDS.values() if f.kind == "time"])
    ages = st.integers(0, 999_999).map(lambda seconds: seconds * 1000)
    leaves: st.SearchStrategy[Node] = st.one_of(
        *(_one_of(name, st.sampled_from(values)) for name, values in things.items()),
        *(_one_of(f.name, st.sampled_from([str(w) for w in f.words])) for f in FIELDS.values() if f.kind == "word"),
        _one_of("source", st.sampled_from(["web", "whatsapp", "telegram"])),
        _one_of("language", st.sampled_from(["es", "en", "pt-br"])),
        st.builds(Count, st.sampled_from(["unread", "id"]), st.sampled_from(OPS), st.integers(0, 40)),  # type: ignore[arg-type]
        st.builds(Flag, st.sampled_from([f.name for f in FIELDS.values() if f.kind == "flag"])),
        st.builds(Age, times, ages, st.booleans()),
        st.builds(Day, times, st.sampled_from(OPS), days),  # type: ignore[arg-type]
        st.builds(Words, typed.map(normal).filter(bool)),
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, min_size=2, max_size=4).map(all_of)
            | st.lists(inner, min_size=2, max_size=4).map(any_of)
            | inner.map(negated)
        ),
        max_leaves=8,
    )


def _one_of(field: str, value: st.SearchStrategy[int | str]) -> st.SearchStrategy[Node]:
    values = st.lists(value, min_size=1, max_size=3, unique=True).map(tuple)
    return st.builds(OneOf, st.just(field), values)


def fill(conn: Connection, count: int, now: int, *, queue: int, agents: Sequence[int], channels: Sequence[int]) -> None:
    """Conversations of all sorts, as no command would leave them, around `now`; each was handed on by the second of
    these agents."""
    dice = random.Random(count)

    def some(*values: object) -> object:
        return dice.choice(values)

    def lately() -> int:
        return now - dice.choice((0, 1, 60_000, 3_600_000, DAY, 2 * DAY, dice.randrange(3 * DAY), 10**11))

    teams = [{"id": n, "rev": 1, "code": f"t{n}", "name": '{"es": "Uno"}'} for n in (1, 2)]
    conn.execute(sa.insert(team), teams)
    conn.execute(sa.insert(tag), [{"id": n, "rev": 1, "name": f"tag {n}", "color": "#000000"} for n in (1, 2)])
    named = {"rev": 1, "queue_id": queue, "name": "{}", "active": True}
    conn.execute(
        sa.insert(topic), [{"id": n, "code": f"topic{n}", "parent_id": None if n == 1 else 1, **named} for n in (1, 2)]
    )
    for number in range(1, count + 1):
        name, phone = dice.choice(NAMES), dice.choice(("", "595981123456", "+598 91 123"))
        folded = contact_words(name, phone)
        who = {"id": number, "name": name, "phone": phone, "folded": folded, "created_at": now}
        conn.execute(sa.insert(contact).values(who))
        contact_search.add(conn, number, folded)
        channel = dice.choice(channels)
        key = {"id": number, "channel_id": channel, "external_id": f"p{number}", "contact_id": number}
        conn.execute(sa.insert(identity).values(key))
        at = lately()
        conn.execute(
            sa.insert(conversation).values(
                id=number,
                rev=1,
                kind=some("chat", "turn", "comment"),
                state=some("waiting", "assigned", "open", "held", "snoozed", "closed"),
                outcome=some(None, "attended", "spam"),
                channel_id=channel,
                queue_id=queue,
                identity_id=number,
                contact_id=number,
                owner_id=some(None, *agents),
                team_id=some(None, 1, 2),
                priority=some(1, 2, 3, 4),
                transferred=some(True, False),
                sample=some(True, False),
                created_at=lately(),
                waiting_since=some(None, lately()),
                closed_at=some(None, lately()),
                last_at=at,
                last_in_at=some(None, at),
                unread=dice.randrange(4),
                owed=some(True, False),
                answered=some(True, False),
                language=some("", "es", "es-PY", "EN-us", "est"),
            )
        )
        who = {agent: dice.randrange(1, 16) for agent in agents if dice.random() < 0.3}
        conn.execute(
            sa.update(conversation)
            .where(conversation.c.id == number)
            .values(involved=as_text(tuple(sorted(who.items()))))
        )
        for agent, held in who.items():
            parts = {name: bool(held & part) for part, name in COLUMNS.items()}
            conn.execute(sa.insert(involvement).values(conversation_id=number, agent_id=agent, **parts))
        for tagged in (n for n in (1, 2) if dice.random() < 0.4):
            conn.execute(sa.insert(conversation_tag).values(conversation_id=number, tag_id=tagged))
        for about in (n for n in (1, 2) if dice.random() < 0.4):
            conn.execute(sa.insert(conversation_topic).values(conversation_id=number, topic_id=about))
        own = {"id": number, "conversation_id": number, "queue_id": queue, "owner_id": agents[1], "began_at": lately()}
        conn.execute(sa.insert(leg).values(**own, ended_by="conversation.transfer"))
        conn.execute(
            sa.insert(handed_on).values(
                conversation_id=number,
                agent_id=agents[1],
                rev=number,
                leg_id=number,
                queue_id=queue,
                began_at=lately(),
                ended_at=lately(),
                message_id=0,
                team_id=some(None, 1, 2),
                priority=some(1, 2, 3, 4),
                last_at=at,
                last_in_at=some(None, at),
                unread=dice.randrange(4),
                owed=some(True, False),
                answered=some(True, False),
                tags=some("", ",1,", ",2,", ",1,2,"),
                topics=some("", ",1,", ",2,", ",1,2,"),
            )
        )
