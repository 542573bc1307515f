"""An app as a customer's side: what it posts is taken once, if it is signed, and our replies are posted to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from endpoint import LOOPBACK, WAIT, Endpoint, cut, listening, ok, status
from small_desk import Served
from standardwebhooks import Webhook

from hub.channels.api import ApiDriver
from hub.channels.outgoing import Dispatcher
from hub.channels.ratelimit import Rate
from hub.desk.principal import SYSTEM
from hub.desk.tables import contact, conversation, message
from hub.desk.talk_tables import plan
from hub.hooks.egress import Egress
from hub.hooks.secrets import Secrets
from hub.protocol import commands as c
from hub.protocol import webhooks as hooks
from hub.protocol.errors import Code, Refused
from hub.protocol.plans import FirePlan
from hub.web.api_channel import PERSON, ApiChannels

HOSTILE = "\x1b]52;c;cm0gLXJm\x07 \u202e</script><b onclick=x>\u2028=cmd|' /C calc'!A0 \U0001f600"


@dataclass
class App:
    """Somebody's app: posts to the hub, signed by the Standard Webhooks library, and has an endpoint."""

    served: Served
    http: ClientSession
    endpoint: Endpoint
    channel: int
    secret: str
    ids: Any = field(default_factory=lambda: count(1))

    async def post(self, path: str, body: Any, id: str = "", slug: str = "app", **headers: str) -> tuple[int, Any]:
        raw = body if isinstance(body, str) else json.dumps(body)
        at = datetime.fromtimestamp(self.served.hub.clock.now() // 1000, UTC)
        name = id or f"msg-{next(self.ids)}"
        signed = {
            "webhook-id": name,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(name, at, raw),
        }
        given = {**signed, **{key.replace("_", "-"): value for key, value in headers.items()}}
        url = f"{self.served.url}/api/v1/channels/{slug}/{path}"
        async with self.http.post(url, data=raw, headers={k: v for k, v in given.items() if v}) as answer:
            return answer.status, await answer.json()

    async def say(self, text: str, person: str = "u1", id: str = "", **more: Any) -> tuple[int, Any]:
        contact_given = {"id": person, **{k: v for k, v in more.items() if k in ("name", "phone")}}
        rest = {k: v for k, v in more.items() if k not in ("name", "phone")}
        return await self.post("messages", {"contact": contact_given, "text": text, **rest}, id)


async def save(served: Served, url: str, resend: int = 0) -> int:
    args = c.SaveChannel("app", "api", {"es": "App"}, served.desk.queue, "api", "#2b86c9", callback=url, resend=resend)
    return int((await served.desk.run(SYSTEM, "channel.save", args))["channel"] or 0)


async def roll(served: Served, channel: int, until: int = 0) -> str:
    secret, sealed = Secrets(served.hub.config.key_file).make(f"channel:{channel}")
    await served.desk.run(SYSTEM, "channel.secret", hooks.ChannelSecret(channel, sealed, until))
    return secret


@pytest.fixture
async def app(served: Served) -> AsyncIterator[App]:
    async with listening() as endpoint, ClientSession() as http:
        channel = await save(served, endpoint.url)
        yield App(served, http, endpoint, channel, await roll(served, channel))


@pytest.fixture
async def dispatcher(app: App) -> AsyncIterator[Dispatcher]:
    async def at_once(_: float) -> None:
        await asyncio.sleep(0)

    egress = Egress(LOOPBACK, total=5)
    await egress.start()
    dispatcher = Dispatcher(app.served.hub, {"api": ApiDriver(app.served.hub, egress, sleep=at_once)})
    await dispatcher.start()
    yield dispatcher
    await dispatcher.stop()
    await egress.stop()


async def lines(app: App) -> list[Any]:
    query = sa.select(message).order_by(message.c.id)
    return list(await app.served.hub.store.read(lambda conn: conn.execute(query).all()))


async def reply(app: App, text: str) -> int:
    """Ana answers the app's customer, who has written before; returns the message."""
    _, said = await app.say("Hola")
    await app.served.desk.reach("ana")
    row = await app.served.hub.store.read(
        lambda conn: conn.execute(sa.select(conversation).where(conversation.c.id == said["conversation"])).one()
    )
    if row.state == "assigned":
        await app.served.desk.run("ana", "conversation.open", c.Open(row.id))
    made = await app.served.desk.run("ana", "message.send", c.Send(row.id, text))
    return int(made["message"] or 0)


async def becomes(app: App, message_id: int, state: str) -> str:
    """Wait until a message is in a state; returns the error."""
    async with asyncio.timeout(WAIT):
        while True:
            (line,) = [line for line in await lines(app) if line.id == message_id]
            if line.state == state:
                return str(line.error)
            await asyncio.sleep(0.02)


# -- what the app posts ------------------------------------------------------------------------------------------------


async def test_a_signed_message_is_a_customers_line(app: App) -> None:
    code, said = await app.say(HOSTILE, name="Rosa", phone="595981555123")
    assert code == 200
    (line,) = await lines(app)
    assert (line.id, line.conversation_id, line.body) == (said["message"], said["conversation"], HOSTILE)
    who = await app.served.hub.store.read(lambda conn: conn.execute(sa.select(contact)).one())
    assert (who.name, who.phone) == ("Rosa", "595981555123")


async def test_a_repeated_message_has_one_effect_and_the_same_answer(app: App) -> None:
    first = await app.say("Hola", id="the-same")
    assert await app.say("Hola", id="the-same") == first
    code, refused = await app.say("Otra cosa", id="the-same")
    assert (code, refused["code"]) == (409, "key_reused")
    assert len(await lines(app)) == 1


async def test_a_message_with_an_id_of_its_own_is_taken_once_under_whatever_webhook_id(app: App) -> None:
    body = {"contact": {"id": "u1"}, "text": "Hola", "id": "mine-1"}
    first = await app.post("messages", body, "w-1")
    assert await app.post("messages", body, "w-2") == first
    assert await app.post("messages", body, "w-2") == first
    assert (await app.post("messages", {**body, "text": "Chau"}, "w-2"))[1]["code"] == "key_reused"
    assert (await app.post("messages", {**body, "text": "Chau"}, "w-3"))[1]["code"] == "key_reused"
    assert (await app.post("messages", {**body, "text": "Chau", "id": "mine-2"}, "w-2"))[1]["code"] == "key_reused"
    assert len(await lines(app)) == 1


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"webhook_signature": ""}, "webhook-signature is missing"),
        ({"webhook_id": "another"}, "does not fit"),
        ({"webhook_id": "with.a.stop"}, "without a full stop"),
        ({"webhook_signature": "v1,AAAA"}, "does not fit"),
        ({"webhook_signature": "v1,?"}, "does not fit"),
        ({"webhook_signature": "v2,AAAA nonsense"}, "does not fit"),
        ({"webhook_timestamp": "soon"}, "whole number"),
        ({"webhook_timestamp": "1"}, "away from the hub's clock"),
    ],
)
async def test_what_is_not_signed_as_it_must_be_is_refused_with_the_reason_and_has_no_effect(
    app: App, headers: dict[str, str], why: str
) -> None:
    code, refused = await app.post("messages", {"contact": {"id": "u1"}, "text": "Hola"}, **headers)
    assert (code, refused["code"]) == (401, "bad_signature")
    assert why in refused["args"]["why"]
    assert await lines(app) == []


async def test_a_request_that_is_kept_and_posted_later_is_refused(app: App, clock: Any) -> None:
    old = app.served.hub.clock.now() // 1000
    clock.advance(301_000)
    raw = json.dumps({"contact": {"id": "u1"}, "text": "Hola"})
    signature = Webhook(app.secret).sign("kept", datetime.fromtimestamp(old, UTC), raw)
    late = {"webhook_timestamp": str(old), "webhook_signature": signature}
    assert (await app.post("messages", raw, "kept", **late))[0] == 401
    clock.advance(-2_000)
    assert (await app.post("messages", raw, "kept", **late))[0] == 200


async def test_both_secrets_are_good_while_one_is_being_replaced(app: App, clock: Any) -> None:
    old, app.secret = app.secret, await roll(app.served, app.channel, until=clock.now() + 60_000)
    assert (await app.say("con la nueva"))[0] == 200
    app.secret = old
    assert (await app.say("con la vieja"))[0] == 200
    clock.advance(60_000)
    assert (await app.say("con la vieja"))[0] == 401


async def test_another_channels_secret_is_no_good(app: App) -> None:
    args = c.SaveChannel("two", "api", {"es": "2"}, app.served.desk.queue, "api", "#2b86c9", callback=app.endpoint.url)
    two = int((await app.served.desk.run(SYSTEM, "channel.save", args))["channel"] or 0)
    await roll(app.served, two)
    body = {"contact": {"id": "u1"}, "text": "Hola"}
    assert (await app.post("messages", body, slug="two"))[0] == 401
    assert (await app.post("messages", body, slug="web"))[0] == 404  # a web chat takes nothing this way
    assert (await app.post("messages", body, slug="none"))[0] == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"contact": {"id": ""}, "text": "Hola"}, "contact.id"),
        ({"contact": {"id": "u1"}, "text": ""}, "text"),
        ({"contact": {"id": "u1"}, "text": "x" * 8001}, "text"),
        ({"contact": {"id": "u1"}, "text": "a\x00b"}, "text"),
        ({"contact": {"id": "u1", "nombre": "x"}, "text": "Hola"}, "contact.nombre"),
        ({"contact": {"id": "u1"}}, "text"),
        ("{", None),
        ('{"contact": {"id": "u1"}, "text": "\\ud800"}', None),
    ],
)
async def test_a_bad_message_is_refused_by_the_name_of_its_field(app: App, body: Any, field: str | None) -> None:
    code, refused = await app.post("messages", body)
    assert (code, refused["code"], refused.get("field")) == (400, "bad_args", field)
    assert refused["args"]["why"]


async def test_blank_and_huge_messages_are_refused(app: App) -> None:
    code, refused = await app.say("   ")
    assert (code, refused["code"]) == (422, "empty")
    code, refused = await app.post("messages", "x" * 100_000)
    assert (code, refused["code"]) == (413, "too_large")


async def test_who_writes_too_fast_is_told_when_to_go_on(app: App) -> None:
    codes = [(await app.say(str(number)))[0] for number in range(int(PERSON.burst) + 3)]
    assert codes[: int(PERSON.burst)] == [200] * int(PERSON.burst)
    code, refused = await app.say("una más")
    if code == 429:  # a slow machine has earned itself another
        assert (refused["code"], refused["args"]["seconds"] >= 1) == ("rate_limited", True)
    assert 429 in [*codes, code]


async def test_a_channel_has_a_limit_of_its_own(app: App) -> None:
    channels = ApiChannels(app.served.hub, rate=Rate(1, 0.001))
    channels._limit(channels._channels, "channel:1")
    with pytest.raises(Refused) as refused:
        channels._limit(channels._channels, "channel:1")
    assert (refused.value.code, refused.value.detail["seconds"] > 900) == (Code.RATE_LIMITED, True)
    channels._limit(channels._channels, "channel:2")


async def test_the_desk_hears_that_the_customer_is_writing(app: App) -> None:
    _, said = await app.say("Hola")
    heard: list[Any] = []
    app.served.hub.presence.listen(lambda *typed: heard.append(typed))
    for on in (True, False):
        code, answer = await app.post("typing", {"contact": {"id": "u1"}, "on": on})
        assert (code, answer) == (200, {"conversation": said["conversation"]})
    assert heard == [(said["conversation"], None, True), (said["conversation"], None, False)]
    assert (await app.post("typing", {"contact": {"id": "nobody"}}))[1] == {"conversation": None}


# -- what is posted to the app -----------------------------------------------------------------------------------------


async def test_a_reply_is_posted_signed_and_is_sent_seen_and_read(app: App, dispatcher: Dispatcher) -> None:
    sent = await reply(app, HOSTILE)
    (post,) = await app.endpoint.count(1)
    assert post.signed_by(app.secret)
    assert (post.type, post.body["data"]["contact"]) == ("message.sent", {"id": "u1"})
    told = post.body["data"]["message"]
    assert (told["id"], told["agent"], told["text"]) == (sent, "Ana", HOSTILE)
    await becomes(app, sent, "sent")
    for state in ("delivered", "read"):
        seen = {"contact": {"id": "u1"}, "message": sent, "state": state}
        assert await app.post("seen", seen) == (200, {"messages": [sent]})
        await becomes(app, sent, state)
        assert await app.post("seen", seen) == (200, {"messages": []})
    other = {"contact": {"id": "somebody else"}, "message": sent, "state": "read"}
    assert await app.post("seen", other) == (200, {"messages": []})


@pytest.mark.parametrize(
    ("code", "state", "why"),
    [
        (422, "failed", "rejected"),
        (404, "failed", "not_found"),
        (429, "failed", "busy"),
        (503, "failed", "busy"),
        (302, "failed", "rejected"),
        (500, "uncertain", ""),
    ],
)
async def test_what_the_app_answers_is_what_became_of_the_reply(
    app: App, dispatcher: Dispatcher, code: int, state: str, why: str
) -> None:
    app.endpoint.reply = status(code, Location=app.endpoint.url)
    sent = await reply(app, "Buenas")
    assert await becomes(app, sent, state) == why
    assert len(app.endpoint.posts) == 1


async def test_a_lost_answer_is_uncertain_and_a_person_sends_it_again_under_the_same_id(
    app: App, dispatcher: Dispatcher
) -> None:
    app.endpoint.reply = cut
    sent = await reply(app, "Buenas")
    await becomes(app, sent, "uncertain")
    app.endpoint.reply = ok
    await app.served.desk.run("ana", "message.retry", c.Retry(sent))
    await becomes(app, sent, "sent")
    first, second = app.endpoint.posts
    assert (first.id, first.raw) == (second.id, second.raw)


async def test_a_channel_may_say_that_a_reply_goes_again_by_itself(app: App, dispatcher: Dispatcher) -> None:
    assert await save(app.served, app.endpoint.url, resend=2) == app.channel
    replies = [cut, status(500), ok]

    async def next_one(request: Any) -> Any:
        return await replies.pop(0)(request)

    app.endpoint.reply = next_one
    sent = await reply(app, "Buenas")
    await becomes(app, sent, "sent")
    assert len({post.id for post in app.endpoint.posts}) == 1
    assert replies == []


async def test_a_note_is_never_posted_to_the_app(app: App, dispatcher: Dispatcher) -> None:
    await becomes(app, await reply(app, "Buenas"), "sent")
    (row,) = {line.conversation_id for line in await lines(app)}
    desk = app.served.desk
    await desk.run("ana", "message.note", c.Note(row, "Es moroso"))
    await desk.run("ana", "message.note", c.Note(row, "@sofia, es moroso"))
    await desk.run("ana", "conversation.remind", c.Remind(row, desk.hub.clock.now() + 60_000, "cobrar"))
    await desk.hub.store.write(lambda unit: unit.conn.execute(sa.update(plan).values(due=unit.now)))
    await desk.run(SYSTEM, "plan.fire", FirePlan(1))
    await becomes(app, await reply(app, "Chau"), "sent")
    assert [post.body["data"]["message"]["text"] for post in app.endpoint.posts] == ["Buenas", "Chau"]


async def test_a_callback_inside_the_hubs_own_network_is_not_posted_to(app: App) -> None:
    egress = Egress(())
    await egress.start()
    dispatcher = Dispatcher(app.served.hub, {"api": ApiDriver(app.served.hub, egress)})
    await dispatcher.start()
    sent = await reply(app, "Buenas")
    assert await becomes(app, sent, "failed") == "address_refused"
    await dispatcher.stop()
    await egress.stop()
    assert app.endpoint.posts == []


async def test_a_callback_must_be_an_endpoint_and_is_for_apps_only(app: App) -> None:
    for driver, callback in (("api", ""), ("api", "https://u:p@example.org/"), ("web", "https://example.org/")):
        args = c.SaveChannel("new", driver, {"es": "x"}, app.served.desk.queue, driver, "#2b86c9", callback=callback)  # type: ignore[arg-type]
        with pytest.raises(Refused) as refused:
            await app.served.desk.run(SYSTEM, "channel.save", args)
        assert (refused.value.code, refused.value.field) == (Code.BAD_ARGS, "callback")
