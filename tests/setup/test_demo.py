"""The sample desk is true to itself, made through commands only; its customers behave."""

import itertools
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from lent_databases import LentDatabases

from hub.config import Config
from hub.demo.customers import ALIVE, look
from hub.demo.desk import make_desk
from hub.demo.people import Cast, Person, Said
from hub.demo.script import Customers, Desk, read_customers, read_desk
from hub.desk import projections
from hub.desk.facts import list_facts
from hub.desk.tables import agent, conversation, message
from hub.hub import Hub
from hub.protocol.states import Delivery
from hub.protocol.views import Row
from hub.store.clock import ManualClock
from hub.store.schema import journal

DAY = 86_400_000


@pytest.fixture
def source(sample: Path | LentDatabases) -> Path | LentDatabases:
    return sample


@pytest.fixture
def made(hub: Hub) -> Hub:
    return hub


@pytest.fixture
def cast() -> Cast:
    return Cast(read_desk(), read_customers(), seed=1)


async def rows(hub: Hub) -> list[Row]:
    return await hub.store.read(lambda conn: [f.row for f in list_facts(conn, sa.true(), 100)])


async def test_the_sample_desk_shows_everything_a_newcomer_should_see(made: Hub, clock: ManualClock) -> None:
    shown = await rows(made)
    assert all(row.sample for row in shown)
    by_state = {state: [row for row in shown if row.state == state] for state in ("waiting", "open", "closed")}
    assert {len(found) > 2 for found in by_state.values()} == {True}
    assert any(row.un and row.owed is False and not row.ans for row in by_state["open"]), "one to answer"
    assert any(row.ans for row in by_state["open"]), "one answered"
    assert any(row.until is not None and row.until < clock.now() for row in by_state["open"]), "one too late to answer"
    assert {row.out for row in by_state["closed"]} >= {"attended", "spam"}
    assert all(row.un == 0 for row in by_state["closed"])
    states = await made.store.read(lambda conn: set(conn.scalars(sa.select(message.c.state))))
    assert {Delivery.FAILED, Delivery.READ} <= states
    directions = await made.store.read(lambda conn: set(conn.scalars(sa.select(message.c.direction))))
    assert directions == {"in", "out", "note"}


async def test_every_line_of_its_past_went_through_a_command_in_the_order_of_time(
    made: Hub, clock: ManualClock
) -> None:
    times = await made.store.read(lambda conn: list(conn.scalars(sa.select(journal.c.at).order_by(journal.c.seq))))
    assert times == sorted(times)
    assert clock.now() - 3 * DAY < times[0]
    assert times[-1] <= clock.now()
    assert await made.store.read(projections.check) == []


async def test_the_sample_people_are_samples_and_cannot_be_signed_in_to_by_password(made: Hub) -> None:
    people = await made.store.read(lambda conn: conn.execute(sa.select(agent)).all())
    assert {row.login: row.role for row in people} == {"laura": "agent", "luis": "agent", "carla": "supervisor"}
    assert all(row.sample and row.password_hash.startswith("$argon2id$") for row in people)


async def test_a_desk_that_is_there_is_not_made_again(made: Hub) -> None:
    before = await made.store.read(lambda conn: conn.scalar(sa.select(sa.func.count()).select_from(message)))
    await make_desk(Config(data=made.config.data, database=made.config.database))
    after = await made.store.read(lambda conn: conn.scalar(sa.select(sa.func.count()).select_from(message)))
    assert before == after


async def test_its_customers_are_found_again_in_their_conversations(made: Hub, cast: Cast) -> None:
    scene = await made.store.read(lambda conn: look(conn, cast))
    live = await made.store.read(lambda conn: set(conn.scalars(sa.select(conversation.c.id).where(_is_live))))
    assert scene.parts.keys() == live
    assert not scene.attended
    assert len(scene.parts) < ALIVE


_is_live = conversation.c.state != "closed"


def test_a_customer_says_the_opening_then_one_reply_an_answer_and_then_nothing() -> None:
    person = Person("k", "demo", opening=("a", "b"), replies=("c", "d"), nudge="?")
    said = [Said("in", "a", 0)]

    def next_body() -> str | None:
        line = person.next_line(said, attended=False)
        return None if line is None else line.body

    assert next_body() == "b"
    said.append(Said("in", "b", 1))
    assert next_body() is None, "waits for an answer"
    said.append(Said("out", "x", 2))
    assert next_body() == "c"
    said.append(Said("out", "y", 3))
    assert next_body() == "c", "two answers in a row get one reply"
    said += [Said("in", "c", 4), Said("out", "z", 5)]
    assert next_body() == "d"
    said += [Said("in", "d", 6), Said("out", "bye", 7)]
    assert next_body() is None


def test_a_customer_loses_patience_once_and_only_where_somebody_is_there() -> None:
    person = Person("k", "demo", opening=("a",), replies=(), nudge="?")
    said = [Said("in", "a", 0)]
    assert person.next_line(said, attended=False) is None
    nudge = person.next_line(said, attended=True)
    assert nudge is not None
    assert (nudge.body, nudge.due >= 180_000) == ("?", True)
    assert person.next_line([*said, Said("in", "?", 1)], attended=True) is None


def test_a_reply_takes_the_time_to_read_and_to_type() -> None:
    person = Person("k", "demo", opening=("a",), replies=("ok",), nudge="")
    line = person.next_line([Said("in", "a", 0), Said("out", "x", 1000)], attended=True)
    assert line is not None
    assert 4_000 <= line.due - 1000 <= 15_000


def test_the_same_number_is_always_the_same_person_and_stories_do_not_repeat_at_once(cast: Cast) -> None:
    people = [cast.newcomer(number) for number in range(1, 13)]
    assert people == [cast.newcomer(number) for number in range(1, 13)]
    assert all(cast.person(person.key) == person for person in people)
    assert all(one.opening != other.opening for one, other in itertools.pairwise(people))
    assert len({person.opening for person in people}) == len(read_customers().story)


def test_a_stranger_is_nobody_of_the_cast(cast: Cast) -> None:
    assert cast.person("5b1c0ffee") is None


def test_the_data_speaks_of_things_that_exist() -> None:
    desk: Desk = read_desk()
    customers: Customers = read_customers()
    channels = {line.slug for line in desk.channel}
    logins = {person.login for person in desk.agent}
    assert {told.channel for told in desk.conversation} | {story.channel for story in customers.story} <= channels
    assert {told.agent for told in desk.conversation if told.agent} | {
        *desk.queue.primary,
        *desk.queue.support,
    } <= logins
    assert {tag for told in desk.conversation for tag in told.tags} <= desk.tags.keys()
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,31}", code) for code in desk.shortcuts)
    for told in desk.conversation:
        bodies = [step.text for step in told.lines if step.what == "in"]
        assert not set(told.replies) & set(bodies), f"{told.key} would never say a reply that was said before"
    for story in customers.story:
        lines = [*story.opening, *story.replies]
        assert len(set(lines)) == len(lines)
