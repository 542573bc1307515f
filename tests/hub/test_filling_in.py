"""Forms and topics at the desk: filled in leg by leg, kept with the version that they were filled in with, and asked
for at the end."""

import asyncio
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from form_scenarios import FIELDS, SALE, topic, with_form
from scenario import opened
from small_desk import Served, SmallDesk

from hub.desk import audit, audit_reads, submissions
from hub.desk.facts import facts_of
from hub.desk.form_queries import versions
from hub.desk.principal import SYSTEM
from hub.desk.projections import check
from hub.protocol import commands as c
from hub.protocol import views
from hub.protocol.erasure import EraseContact
from hub.protocol.errors import Code, Refused
from hub.protocol.forms import Field
from hub.protocol.states import Outcome
from hub.store.schema import idempotency, journal

SECRET = "Zanahoria"


async def filled(desk: SmallDesk, conversation: int) -> list[views.Submission]:
    return await desk.hub.store.read(lambda conn: submissions.of_conversation(conn, conversation))


async def topics(desk: SmallDesk, conversation: int) -> list[int]:
    return await desk.hub.store.read(lambda conn: facts_of(conn, [conversation])[conversation].row.topics)


async def refusal(desk: SmallDesk, who: str, name: str, args: c.Args) -> Refused:
    with pytest.raises(Refused) as refused:
        await desk.run(who, name, args)
    return refused.value


async def required(desk: SmallDesk, **more: Any) -> None:
    args = c.SaveQueue("ventas", {"es": "Ventas"}, [desk.ids["ana"]], [desk.ids["luis"]], topics_required=True, **more)
    await desk.run(SYSTEM, "queue.save", args)


# -- filling in --------------------------------------------------------------------------------------------------------


async def test_a_form_is_saved_incomplete_and_again(desk: SmallDesk) -> None:
    conversation, version = await opened(desk), await with_form(desk)
    await desk.run("ana", "form.fill", c.Fill(conversation, version, {"notes": " a medias "}))
    await desk.run("ana", "form.fill", c.Fill(conversation, version, {**SALE, "order": "no se muestra"}))
    (only,) = await filled(desk, conversation)
    assert (only.values, only.by, only.owner, only.version) == (SALE, desk.ids["ana"], desk.ids["ana"], version)


async def test_a_value_that_is_not_asked_for_is_refused_by_its_field(desk: SmallDesk) -> None:
    conversation, version = await opened(desk), await with_form(desk)
    for values, field, why in (
        ({"reason": "other"}, "values.reason", "option"),
        ({"reason": "claim", "order": "12"}, "values.order", "mask"),
        ({"odd": "x"}, "values.odd", "unknown"),
    ):
        refused = await refusal(desk, "ana", "form.fill", c.Fill(conversation, version, values))
        assert (refused.code, refused.field, refused.detail) == (Code.BAD_VALUE, field, {"why": why})
    assert await filled(desk, conversation) == []


async def test_more_than_a_page_of_a_snapshot_holds_is_refused(desk: SmallDesk) -> None:
    fields = [Field(f"f{n}", "long", {"es": "Nota"}) for n in range(4)]
    conversation, version = await opened(desk), await with_form(desk, fields)
    values: dict[str, Any] = {f"f{n}": "x" * 4000 for n in range(4)}
    refused = await refusal(desk, "ana", "form.fill", c.Fill(conversation, version, values))
    assert (refused.code, refused.field) == (Code.TOO_LONG, "values")


async def test_only_who_has_it_or_manages_fills_it_in_and_the_latter_is_on_record(desk: SmallDesk) -> None:
    conversation, version = await opened(desk), await with_form(desk)
    refused = await refusal(desk, "luis", "form.fill", c.Fill(conversation, version, SALE))
    assert (refused.code, refused.detail) == (Code.NOT_OWNER, {"owner": desk.ids["ana"]})
    await desk.run("sofia", "form.fill", c.Fill(conversation, version, {**SALE, "notes": SECRET}))
    (entry,) = await desk.hub.store.read(
        lambda conn: audit_reads.page(conn, audit_reads.Search("", "form.fill", None, None, None), before=None, limit=9)
    )
    assert (entry.who, entry.about["conversation"]) == (f"agent:{desk.ids['sofia']}", conversation)
    assert SECRET not in str(entry)


async def test_an_ended_conversation_is_not_filled_in(desk: SmallDesk) -> None:
    conversation, version = await opened(desk), await with_form(desk)
    await desk.run("ana", "conversation.end", c.End(conversation, Outcome.SPAM))
    assert (await refusal(desk, "ana", "form.fill", c.Fill(conversation, version, SALE))).code is Code.WRONG_STATE


async def test_a_form_that_changed_while_it_was_open_is_refused_with_the_new_one(desk: SmallDesk) -> None:
    conversation, old = await opened(desk), await with_form(desk)
    await desk.run("ana", "form.fill", c.Fill(conversation, old, SALE))
    new = await with_form(desk, FIELDS[:1])
    refused = await refusal(desk, "ana", "form.fill", c.Fill(conversation, old, SALE))
    assert (refused.code, refused.field, refused.detail) == (Code.FORM_CHANGED, "version", {"version": new})
    ending = c.End(conversation, version=old, values=SALE)
    assert (await refusal(desk, "ana", "conversation.end", ending)).code is Code.FORM_CHANGED
    (kept,) = await filled(desk, conversation)
    assert kept.version == old
    known = await desk.hub.store.read(lambda conn: versions(conn, [old, new]))
    assert (len(known[old].fields), len(known[new].fields)) == (3, 1)


async def test_a_form_that_is_gone_is_said_to_be(desk: SmallDesk) -> None:
    conversation, version = await opened(desk), await with_form(desk)
    await with_form(desk, [])
    refused = await refusal(desk, "ana", "form.fill", c.Fill(conversation, version, SALE))
    assert (refused.code, refused.detail["what"]) == (Code.NOT_FOUND, "form")
    await desk.run("ana", "conversation.end", c.End(conversation))


async def test_saving_a_form_as_it_is_makes_no_version_and_two_editors_are_told(desk: SmallDesk) -> None:
    version = await with_form(desk)
    assert await with_form(desk) == version
    newer = await with_form(desk, FIELDS[:2])
    with pytest.raises(Refused) as refused:
        await desk.run(SYSTEM, "form.save", c.SaveForm(desk.queue, FIELDS, version))
    assert (refused.value.code, refused.value.detail) == (Code.FORM_CHANGED, {"version": newer})
    assert (await desk.run(SYSTEM, "form.save", c.SaveForm(desk.queue, FIELDS, newer)))["version"] != version


async def test_each_leg_keeps_its_form_and_the_next_one_begins_with_that_of_its_queue(desk: SmallDesk) -> None:
    conversation, version = await opened(desk), await with_form(desk)
    other = c.SaveQueue("soporte", {"es": "Soporte"}, [desk.ids["luis"]])
    queue = int((await desk.run(SYSTEM, "queue.save", other))["queue"] or 0)
    theirs = [Field("device", "text", {"es": "Equipo"})]
    second = int((await desk.run(SYSTEM, "form.save", c.SaveForm(queue, theirs)))["version"] or 0)
    await desk.run("ana", "form.fill", c.Fill(conversation, version, SALE))
    await desk.reach("luis")
    await desk.run("ana", "conversation.transfer", c.Transfer(conversation, queue, desk.ids["luis"]))
    assert (await refusal(desk, "luis", "form.fill", c.Fill(conversation, version, SALE))).code is Code.FORM_CHANGED
    await desk.run("luis", "conversation.open", c.Open(conversation))
    await desk.run("luis", "form.fill", c.Fill(conversation, second, {"device": "router"}))
    newest, first = await filled(desk, conversation)
    assert (first.q, first.owner, first.version, first.values) == (desk.queue, desk.ids["ana"], version, SALE)
    assert (newest.q, newest.owner, newest.version) == (queue, desk.ids["luis"], second)


# -- topics ------------------------------------------------------------------------------------------------------------


async def test_topics_stand_in_a_tree_of_four_levels_without_a_circle(desk: SmallDesk) -> None:
    above: int | None = None
    chain = []
    for code in "abcd":
        above = await topic(desk, code, above)
        chain.append(above)
    for code, parent, why in (("e", chain[3], "4 deep"), ("a", chain[2], "below itself")):
        with pytest.raises(Refused, match="bad_args") as refused:
            await topic(desk, code, parent)
        assert refused.value.field == "parent"
        assert why in refused.value.detail["why"]
    tall = await topic(desk, "x")
    await topic(desk, "y", tall)
    with pytest.raises(Refused):
        await topic(desk, "x", chain[2])
    assert await topic(desk, "x", chain[1]) == tall


async def test_a_conversation_has_topics_of_its_queue_in_use_and_keeps_what_it_has(desk: SmallDesk) -> None:
    conversation = await opened(desk)
    mine, gone = await topic(desk, "claims"), await topic(desk, "old")
    other = int((await desk.run(SYSTEM, "queue.save", c.SaveQueue("otra", {"es": "Otra"})))["queue"] or 0)
    theirs = await topic(desk, "theirs", queue=other)
    await desk.run("ana", "conversation.topics", c.SetTopics(conversation, [gone, mine, mine]))
    assert await topics(desk, conversation) == [mine, gone]
    await topic(desk, "old", active=False)
    await desk.run("ana", "conversation.topics", c.SetTopics(conversation, [gone]))
    await desk.run("ana", "conversation.topics", c.SetTopics(conversation, []))
    for unfit in (gone, theirs, 2**40):
        refused = await refusal(desk, "ana", "conversation.topics", c.SetTopics(conversation, [unfit]))
        assert (refused.code, refused.field) == (Code.NOT_FOUND, "topics")


# -- the end -----------------------------------------------------------------------------------------------------------


async def test_an_end_without_what_is_required_names_all_of_it(desk: SmallDesk) -> None:
    conversation, version, claims = await opened(desk), await with_form(desk), await topic(desk, "claims")
    await required(desk)
    refused = await refusal(desk, "ana", "conversation.end", c.End(conversation))
    assert (refused.code, refused.field) == (Code.FORM_INCOMPLETE, "values.reason")
    assert refused.detail == {"missing": "reason", "topics": 1}
    claim = c.End(conversation, version=version, values={"reason": "claim"}, topics=[claims])
    refused = await refusal(desk, "ana", "conversation.end", claim)
    assert refused.detail == {"missing": "order", "topics": 0}
    refused = await refusal(desk, "ana", "conversation.end", c.End(conversation, version=version, values=SALE))
    assert (refused.field, refused.detail) == ("topics", {"missing": "", "topics": 1})
    assert await filled(desk, conversation) == []
    await desk.run("ana", "conversation.end", c.End(conversation, version=version, values=SALE, topics=[claims]))
    assert [one.values for one in await filled(desk, conversation)] == [SALE]
    assert await topics(desk, conversation) == [claims]


async def test_what_was_saved_before_is_enough_for_the_end(desk: SmallDesk) -> None:
    conversation, version, claims = await opened(desk), await with_form(desk), await topic(desk, "claims")
    await required(desk)
    await desk.run("ana", "form.fill", c.Fill(conversation, version, SALE))
    await desk.run("ana", "conversation.topics", c.SetTopics(conversation, [claims]))
    await desk.run("ana", "conversation.end", c.End(conversation))


async def test_what_was_saved_is_held_to_the_form_as_it_is_at_the_end(desk: SmallDesk) -> None:
    conversation, version = await opened(desk), await with_form(desk)
    await desk.run("ana", "form.fill", c.Fill(conversation, version, SALE))
    await with_form(desk, [*FIELDS, Field("name", "text", {"es": "Nombre"}, required=True)])
    refused = await refusal(desk, "ana", "conversation.end", c.End(conversation))
    assert refused.detail == {"missing": "name", "topics": 0}


async def test_only_an_agents_attended_end_is_held_to_it(desk: SmallDesk) -> None:
    await with_form(desk)
    await required(desk)
    await topic(desk, "claims")
    for number, outcome in enumerate((Outcome.SPAM, Outcome.NO_SHOW, Outcome.CANCELLED)):
        conversation = await opened(desk, f"p{number}")
        await desk.run("ana", "conversation.end", c.End(conversation, outcome))
    await desk.run(SYSTEM, "conversation.end", c.End(await opened(desk, "p9")))


async def test_a_queue_that_requires_topics_and_has_none_asks_for_none(desk: SmallDesk) -> None:
    conversation = await opened(desk)
    await required(desk)
    await topic(desk, "old", active=False)
    await desk.run("ana", "conversation.end", c.End(conversation))


async def test_who_reopens_has_what_they_filled_in_and_can_end_again(desk: SmallDesk) -> None:
    conversation, version = await opened(desk), await with_form(desk)
    await desk.run("ana", "conversation.end", c.End(conversation, version=version, values=SALE))
    await desk.run("ana", "conversation.reopen", c.Reopen(conversation))
    newest, first = await filled(desk, conversation)
    assert newest.leg > first.leg
    assert (newest.values, newest.version, newest.by) == (first.values, first.version, first.by)
    await desk.run("ana", "conversation.end", c.End(conversation))
    await desk.run("sofia", "conversation.reopen", c.Reopen(conversation))
    assert len(await filled(desk, conversation)) == 3 - 1  # hers is a leg of her own, and begins empty


# -- telling -----------------------------------------------------------------------------------------------------------


async def test_the_journal_holds_no_word_of_what_was_filled_in_and_the_thread_all_of_it(served: Served) -> None:
    desk = served.desk
    conversation, version = await opened(desk), await with_form(desk)
    ana, luis = await served.join("ana"), await served.join("luis")
    await ana.watch(conversation)
    await desk.run("ana", "form.fill", c.Fill(conversation, version, {"notes": SECRET}))
    await served.settle()
    thread = ana.mirror.held[conversation].thread
    assert [one.values for one in thread.forms] == [{"notes": SECRET}]
    assert SECRET not in str(luis.seen)
    rows = await desk.hub.store.read(lambda conn: list(conn.scalars(sa.select(journal.c.data))))
    assert SECRET not in "".join(rows)
    assert any("submission" in msgspec.json.decode(row) for row in rows)


async def test_a_long_thread_and_a_long_form_come_in_pages(served: Served) -> None:
    desk, fields = served.desk, [Field(f"f{n}", "long", {"es": "Nota"}) for n in range(2)]
    conversation, version = await opened(desk), await with_form(desk, fields)
    values: dict[str, Any] = {"f0": "ñ" * 3000, "f1": "x" * 4000}
    for number in range(8):
        await desk.say("p1", f"{number} " + "y" * 4000)
    await desk.run("ana", "form.fill", c.Fill(conversation, version, values))
    ana = await served.join("ana")
    await ana.watch(conversation)
    thread = ana.mirror.held[conversation].thread
    assert len(thread.messages) == 9
    assert [one.values for one in thread.forms] == [values]


async def test_everything_holds_after_forms_were_filled_in(desk: SmallDesk) -> None:
    conversation, version = await opened(desk), await with_form(desk)
    await desk.run("ana", "conversation.end", c.End(conversation, version=version, values=SALE))
    await desk.run("ana", "conversation.reopen", c.Reopen(conversation))
    assert await desk.hub.store.read(check) == []


async def test_no_trace_of_what_was_filled_in_stays_of_who_is_erased(desk: SmallDesk) -> None:
    """The digest of the command is made of the words, so it goes too; also where all of it is one commit."""
    conversation, version = await opened(desk), await with_form(desk)
    await desk.run("ana", "form.fill", c.Fill(conversation, version, {"notes": SECRET}), "key-of-the-first")
    ana = await desk.who("ana")
    again = desk.hub.hand_in(ana, "form.fill", c.Fill(conversation, version, SALE), "key-of-the-second")
    erased = desk.hub.hand_in(SYSTEM, "contact.erase", EraseContact(1), "key-of-the-erasure")
    await asyncio.gather(again, erased)
    kept = sa.select(idempotency.c.key).where(idempotency.c.key.startswith("key-of"))
    assert await desk.hub.store.read(lambda conn: list(conn.scalars(kept))) == ["key-of-the-erasure"]
    assert await filled(desk, conversation) == []


async def test_what_was_filled_in_is_listed_for_who_manages_and_that_is_audited(served: Served) -> None:
    desk = served.desk
    conversation, version = await opened(desk), await with_form(desk)
    await desk.run("ana", "form.fill", c.Fill(conversation, version, SALE))
    ana, sofia = await served.join("ana"), await served.join("sofia")
    assert (await ana.ask("form_submissions", form=1)).code == Code.FORBIDDEN
    assert [one["values"] for one in (await ana.ask("submissions", conversation=conversation))["items"]] == [SALE]
    told = await sofia.ask("form_submissions", form=1)
    assert [(one["values"], one["leg"], one["version"]) for one in told["items"]] == [(SALE, 2, version)]
    assert (await sofia.ask("form_submissions", form=99)).code == Code.NOT_FOUND
    wanted = audit_reads.Search("", audit.EXPORT, None, None, None)
    (entry,) = await desk.hub.store.read(lambda conn: audit_reads.page(conn, wanted, before=None, limit=9))
    assert (entry.who, entry.about) == (f"agent:{desk.ids['sofia']}", {"of": "form_submissions", "rows": 1})
