"""Contacts by words and digits: the index says what the contacts say, on both engines, and a filter begins there."""

from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from filter_trees import NAMES
from hypothesis import example, given
from hypothesis import strategies as st
from small_desk import SmallDesk
from sqlalchemy import Connection
from test_queries import explained
from test_tray_filters import COUNT, TREES, filled, matching, quiet, reader

from hub.desk import contact_search, projections
from hub.desk.asked import Asked, asked
from hub.desk.facts import facts_of
from hub.desk.principal import SYSTEM
from hub.desk.sight import sight_of
from hub.desk.sorts import Sort
from hub.desk.tables import contact, conversation
from hub.desk.tray_filters import meaning, names
from hub.protocol import commands as c
from hub.protocol.contact_words import contact_words
from hub.protocol.filter_text import normal
from hub.protocol.filter_tree import Node, OneOf, Words, all_of, deepened

NUMBER = "+595 981 222-333"


async def found(desk: SmallDesk, *words: str) -> list[int]:
    def look(conn: Connection) -> list[int]:
        return sorted(conn.scalars(contact_search.contacts(words, conn.dialect.name)))

    return await desk.hub.store.read(look)


async def whose(desk: SmallDesk, number: Any) -> int:
    query = sa.select(conversation.c.contact_id).where(conversation.c.id == number)
    return await desk.hub.store.read(lambda conn: conn.scalar(query)) or 0


async def test_it_is_kept_with_the_name_and_the_number(desk: SmallDesk) -> None:
    made = await desk.say("vera", "Hola", phone=NUMBER)
    who = await whose(desk, made["conversation"])
    assert await found(desk, "595981") == await found(desk, "981222") == await found(desk, "333") == [who]
    await desk.say("vera", "Soy yo", name="Verónica Ñandú")
    assert await found(desk, "vero", "nan", "2223") == [who]
    await desk.reach("ana")
    await desk.run("ana", "conversation.contact", c.SaveContact(int(made["conversation"] or 0), "Ana", "0971 5"))
    assert await found(desk, "ana") == await found(desk, "715") == [who]
    assert await found(desk, "vero") == await found(desk, "595981") == []
    await desk.run(SYSTEM, "contact.erase", c.EraseContact(who))
    assert await found(desk, "ana") == await found(desk, "0971") == []
    assert not await desk.hub.store.read(projections.check)


async def test_what_is_not_in_it_as_it_should_be_is_noticed_and_mended(desk: SmallDesk) -> None:
    made = [await desk.say(f"p{n}", "Hola", name=f"Zoe {n}") for n in range(3)]
    people = [await whose(desk, one["conversation"]) for one in made]

    def spoil(conn: Connection) -> None:
        contact_search.forget(conn, people[0])
        contact_search.put(conn, people[1], " otro")
        contact_search.put(conn, 4711, " nadie")

    await desk.hub.store.write(lambda unit: spoil(unit.conn))
    (fault,) = await desk.hub.store.read(projections.check)
    assert (fault.count, fault.repairable) == (3, True)
    await desk.hub.store.write(projections.repair)
    assert not await desk.hub.store.read(projections.check)
    assert await found(desk, "zoe") == people
    assert await found(desk, "otro") == await found(desk, "nadie") == []


async def test_the_index_finds_what_the_folded_words_say_whatever_they_are(desk: SmallDesk) -> None:
    """Letters that one engine or the other would part or fold by rules of its own, and digits of any length."""
    texts = [*NAMES, "1e5 a-8841.B", "1" * 40, "٣٤ ３４", "straße ﬁn", "ǅ İ ı", "𝐀𝐧𝐚 🌸", "ⲽabc 𞤀𞤁"]
    texts.append("o'neil \\ & | ! :* '")
    folded = {number: contact_words(text, "595 981") for number, text in enumerate(texts, 1)}

    def fill(conn: Connection) -> None:
        for number, words in folded.items():
            contact_search.add(conn, number, words)

    await desk.hub.store.write(lambda unit: fill(unit.conn))
    parts = st.sampled_from(texts).flatmap(lambda text: st.sampled_from([text[:2], text[:3], text[1:4], text]))

    def holds(conn: Connection) -> None:
        @quiet
        @given(text=parts | st.text(max_size=4))
        def alike(text: str) -> None:
            word = normal(text)
            if " " in word or not word:
                return
            meant = {n for n, words in folded.items() if (word if word.isdecimal() else f" {word}") in words}
            there = set(conn.scalars(contact_search.contacts([word], conn.dialect.name)))
            assert there == meant or (len(word) > contact_search.DIGITS and there >= meant)

        alike()

    await desk.hub.store.read(holds)


WORDS = st.sampled_from([normal(word) for name in NAMES for word in name.split()[:1]])


async def test_what_a_filter_begins_with_holds_all_that_it_means(desk: SmallDesk) -> None:
    now = await filled(desk)

    def holds(conn: Connection) -> None:
        began = 0

        @quiet
        @example(node=OneOf("topic", (1,)), word="jo", named=False)  # with what is about the topics below it
        @given(node=TREES, word=WORDS, named=st.booleans())
        def within(node: Node, word: str, named: bool) -> None:
            nonlocal began
            node = all_of([Words(word), node]) if named else node
            few = meaning(deepened(node, names(conn).below), reader(now)).few(conn)
            meant, _, _ = matching(conn, node, now)
            began += few is not None
            assert few is None or meant <= few

        within()
        assert began

    await desk.hub.store.read(holds)


@pytest.mark.parametrize("most", [contact_search.FEW, 3])
@pytest.mark.parametrize("sort", [Sort(), Sort("name", False), Sort("waiting", True)])
async def test_a_tray_shows_the_same_whether_few_or_many_are_called_so(
    desk: SmallDesk, monkeypatch: pytest.MonkeyPatch, most: int, sort: Sort
) -> None:
    now = await filled(desk)
    monkeypatch.setattr(contact_search, "FEW", most)
    who = await desk.who("sofia")

    def shown(conn: Connection, text: str) -> tuple[list[int], set[int], set[int]]:
        wanted = asked("all", text, sort, sight=sight_of(who), reader=reader(now), names=names(conn))
        tested = {n for n, f in facts_of(conn, range(1, COUNT + 1)).items() if wanted.test(f, now)}
        return [f.row.id for f in wanted.newest(conn, now, COUNT)], wanted.ids(conn, now, COUNT), tested

    for text in ("jose", "lopez 981", "jo or nandu", "981 -jose", "7", "nadie", "jose waiting:>1m", '"ana lopez"'):
        newest, ids, tested = await desk.hub.store.read(partial(shown, text=text))
        assert set(newest) == ids == tested
        assert len(newest) == len(ids)


async def test_a_word_that_few_have_is_begun_with(desk: SmallDesk, engine: str) -> None:
    """The contacts are read off their index, and the conversations by their ids: no list of states is gone through."""
    await filled(desk)
    who = await desk.who("sofia")

    def explain(conn: Connection) -> list[str]:
        wanted: Asked = asked("all", "lopez", Sort(), sight=sight_of(who), reader=reader(0), names=names(conn))
        statements: list[tuple[str, Any]] = []

        def note(_: Any, __: Any, statement: str, params: Any, *___: Any) -> None:
            statements.append((statement, params))

        sa.event.listen(conn, "before_cursor_execute", note)
        wanted.ids(conn, desk.hub.clock.now(), 1000)
        return [explained(conn, engine, *ran) for ran in list(statements)]

    by_word, of_people, picked = await desk.hub.store.read(explain)
    if engine == "sqlite":
        assert "contact_search VIRTUAL TABLE INDEX" in by_word
        assert "ix_conversation_contact (contact_id=?)" in of_people
        assert "SEARCH conversation USING INTEGER PRIMARY KEY (rowid=?)" in picked
    else:
        assert "Bitmap Index Scan on ix_contact_search_words" in by_word
        assert "ix_conversation_contact" in of_people
        assert "pk_conversation" in picked


async def test_those_who_were_there_before_the_index_are_indexed(desk: SmallDesk) -> None:
    made = await desk.say("p", "Hola", name="Zoe")
    who = await whose(desk, made["conversation"])
    await desk.hub.store.write(lambda unit: contact_search.forget(unit.conn, who))
    await desk.hub.store.write(lambda unit: contact_search.fill(unit.conn))
    await desk.hub.store.write(lambda unit: contact_search.fill(unit.conn))  # and nobody twice
    assert await found(desk, "zoe") == [who]
    one = sa.select(contact.c.folded).where(contact.c.id == who)
    assert await desk.hub.store.read(lambda conn: conn.scalar(one)) == " zoe"


async def test_what_stands_behind_the_first_rows_is_not_gone_through(desk: SmallDesk, engine: str) -> None:
    """As many that live as are asked for are found first; of those that have ended only what is as new is read."""
    now = await filled(desk)
    who = await desk.who("sofia")

    def explain(conn: Connection) -> str:
        wanted: Asked = asked("all", "answered:no", Sort(), sight=sight_of(who), reader=reader(0), names=names(conn))
        statements: list[tuple[str, Any]] = []

        def note(_: Any, __: Any, statement: str, params: Any, *___: Any) -> None:
            if statement.startswith("SELECT conversation.id, conversation.last_at"):
                statements.append((statement, params))

        sa.event.listen(conn, "before_cursor_execute", note)
        wanted.newest(conn, now, 2)
        return explained(conn, engine, *statements[-1])

    plan = await desk.hub.store.read(explain)
    assert "ix_conversation_state_last" in plan
    assert "last_at>?" in plan or "(last_at >= '" in plan
