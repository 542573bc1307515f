"""Full text: the same is found on both engines, folded, newest first, and only what one may see."""

from functools import partial

import pytest
import sqlalchemy as sa
from small_desk import SmallDesk

from hub.desk import projections, search
from hub.desk.ask import ask, parameters
from hub.desk.execute import Command
from hub.desk.sight import sight_of
from hub.hub import Hub
from hub.protocol import queries
from hub.protocol.commands import Note, Open, Recall, Send
from hub.protocol.queries import QUERIES

LINES = (
    "¿Me confirman el envío a Asunción?",
    "ENVIO URGENTE, factura 8841-B",
    "escribime a maría_josé@acme.py o al 0981 555-123",
    "ÑANDÚ straße ﬁn",
    "<b>no es HTML</b> OR NOT \"near\" * -x 'y' | & ! ( )",
)


async def found(hub: Hub, desk: SmallDesk, who: str, words: str, **more: int) -> list[str]:
    principal = await desk.who(who)

    def look(conn: sa.Connection) -> list[str]:
        sight, limit = sight_of(principal), more.get("limit", 50)
        hits = search.find(conn, words, sight, limit=limit, before=more.get("before")).hits
        bodies = sa.text("SELECT body FROM message WHERE id = :id")
        return [str(conn.scalar(bodies, {"id": hit.id})) for hit in hits]

    return await hub.store.read(look)


@pytest.mark.parametrize(
    ("words", "which"),
    [
        ("envio", [1, 0]),
        ("ENVÍO", [1, 0]),
        ("envi asun", [0]),
        ("8841", [1]),
        ("8841-b", [1]),
        ("acme", [2]),
        ("maria_jose@acme", [2]),
        ("555", [2]),
        ("nandu", [3]),
        ("strasse fin", [3]),
        ("not near", [4]),
        ('"near" OR', [4]),
        ("nada de eso", []),
        ("* & | ' \" ( ) :", []),
        ("", []),
    ],
)
async def test_words_are_found_whatever_their_case_and_accents(
    hub: Hub, desk: SmallDesk, words: str, which: list[int]
) -> None:
    for line in LINES:
        await desk.say("p", line)
    assert await found(hub, desk, "sofia", words) == [LINES[n] for n in which]


@pytest.mark.parametrize(
    ("near", "common", "far", "chunk"),
    [(search.NEAR, search.COMMON, search.FAR, search.CHUNK), (3, 9, 9, 1), (1, 1, 3, 2), (1, 1, 9, 1)],
)
async def test_a_search_goes_on_where_it_stopped(
    hub: Hub, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch, near: int, common: int, far: int, chunk: int
) -> None:
    monkeypatch.setattr(search, "NEAR", near)
    monkeypatch.setattr(search, "COMMON", common)
    monkeypatch.setattr(search, "FAR", far)
    monkeypatch.setattr(search, "CHUNK", chunk)
    ids = [int((await desk.say("p", f"pedido {n}"))["message"] or 0) for n in range(5)]
    assert await found(hub, desk, "sofia", "pedido", limit=2) == ["pedido 4", "pedido 3"]
    assert await found(hub, desk, "sofia", "pedido", limit=2, before=ids[3]) == ["pedido 2", "pedido 1"]
    assert await found(hub, desk, "sofia", "pedido") == [f"pedido {n}" for n in (4, 3, 2, 1, 0)]
    who = await desk.who("sofia")
    for limit, reached in ((5, 0), (6, 0), (4, ids[1])):
        look = partial(search.find, words="pedido", sight=sight_of(who), limit=limit)
        assert (await hub.store.read(look)).reached == reached


async def test_a_search_says_where_it_stopped_looking(
    hub: Hub, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LOOK", 3)
    ids = [int((await desk.say("p", f"pedido {n}"))["message"] or 0) for n in range(5)]
    await desk.run("ana", "conversation.open", Open(1))
    for who, seen in (("sofia", 3), ("luis", 0)):
        look = partial(search.find, words="pedido", sight=sight_of(await desk.who(who)), limit=5)
        told = await hub.store.read(look)
        assert (len(told.hits), told.reached) == (seen, ids[2])


async def test_nobody_finds_what_they_may_not_see(hub: Hub, desk: SmallDesk) -> None:
    made = await desk.say("p", "clave secreta")
    await desk.run("ana", "conversation.open", Open(int(made["conversation"] or 0)))
    assert await found(hub, desk, "ana", "secreta") == ["clave secreta"]
    assert await found(hub, desk, "luis", "secreta") == []


async def test_answers_and_notes_are_found_and_what_was_recalled_is_not(hub: Hub, desk: SmallDesk) -> None:
    made = await desk.say("p", "hola")
    number = int(made["conversation"] or 0)
    await desk.run("ana", "conversation.open", Open(number))
    await desk.run("ana", "message.note", Note(number, "apunte privado"))
    send = Command(await desk.who("ana"), "message.send", Send(number, "apunte público"), "held-back-key", 5000)
    await hub.store.write(send)
    assert await found(hub, desk, "ana", "apunte") == ["apunte público", "apunte privado"]
    await desk.run("ana", "message.recall", Recall(number, "held-back-key"))
    assert await found(hub, desk, "ana", "apunte") == ["apunte privado"]


async def test_what_fell_out_of_the_index_is_noticed_and_mended(hub: Hub, desk: SmallDesk) -> None:
    made = await desk.say("p", "perdido")
    await hub.store.write(lambda unit: search.forget(unit.conn, [int(made["message"] or 0)]))
    assert [fault.count for fault in await hub.store.read(projections.check)] == [1]
    await hub.store.write(projections.repair)
    assert not await hub.store.read(projections.check)
    assert await found(hub, desk, "sofia", "perdido") == ["perdido"]


async def test_the_view_gives_the_words_around_and_whose_conversation_it_is(hub: Hub, desk: SmallDesk) -> None:
    made = await desk.say("p", f"{'antes ' * 60}la palabra <b>buscada</b>\nsigue {'después ' * 60}", name="Ana")
    found = await looked(hub, desk, "sofia", words="BUSCADA")
    (hit,) = found.items
    assert "palabra <b>buscada</b> sigue" in hit.text
    assert len(hit.text) <= 162
    assert (hit.row.id, hit.row.name, hit.d) == (made["conversation"], "Ana", "in")
    assert found.next == 0


async def test_a_look_has_an_end_and_says_where_to_go_on(
    hub: Hub, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LOOK", 3)
    secret = await desk.say("p", "pedido secreto")
    await desk.run("ana", "conversation.open", Open(int(secret["conversation"] or 0)))
    for n in range(4):
        await desk.run("ana", "message.send", Send(int(secret["conversation"] or 0), f"pedido {n}"))
    first = await looked(hub, desk, "luis", words="pedido")
    assert first.items == []
    assert first.next, "there is more beyond what was looked at"
    second = await looked(hub, desk, "luis", words="pedido", before=str(first.next))
    assert (second.items, second.next) == ([], 0)
    seen = [hit.text for hit in (await looked(hub, desk, "ana", words="pedido")).items]
    assert seen == ["pedido 3", "pedido 2", "pedido 1"]


async def looked(hub: Hub, desk: SmallDesk, who: str, **given: str) -> queries.Found:
    principal, query = await desk.who(who), QUERIES["search"]
    answer = await hub.store.read(lambda conn: ask(hub.asking(conn, principal), query, parameters(query, given)))
    assert isinstance(answer, queries.Found)
    return answer
