"""Webhooks: who is told what, signed so that others' libraries accept it, and never more than they may know."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from endpoint import LOOPBACK, WAIT, Endpoint, add_webhook, listening, ok, roll, status
from small_desk import SmallDesk, build
from standardwebhooks import Webhook

from hub.desk.endpoints import check_endpoint
from hub.desk.hook_tables import webhook_delivery
from hub.desk.principal import SYSTEM
from hub.hooks.dispatcher import Webhooks
from hub.hooks.egress import Egress
from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol.errors import Code, Refused
from hub.store.clock import ManualClock, SystemClock

Start = Callable[[Hub], Awaitable[Webhooks]]
HOSTILE = "\x1b]52;c;cm0gLXJm\x07 \u202e</script><b onclick=x>\u2028{{7*7}}\r\n=cmd|' /C calc'!A0 \U0001f600"


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with listening() as endpoint:
        yield endpoint


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start the webhooks of a hub; they are stopped at the end."""
    async with AsyncExitStack() as stack:

        async def start(hub: Hub) -> Webhooks:
            egress = Egress(LOOPBACK)
            await egress.start()
            stack.push_async_callback(egress.stop)
            webhooks = Webhooks(hub, egress)
            await webhooks.start()
            stack.push_async_callback(webhooks.stop)
            return webhooks

        yield start


async def until(hub: Hub, true: Callable[[list[str]], bool]) -> None:
    """Wait until what is still to be told failed for such reasons as it should."""
    reasons = sa.select(webhook_delivery.c.why)
    async with asyncio.timeout(WAIT):
        while not true(list(await hub.store.read(lambda conn: conn.scalars(reasons).all()))):
            await asyncio.sleep(0.02)


async def test_what_is_told_is_accepted_by_the_standard_webhooks_library(
    make_hub: Any, start: Start, endpoint: Endpoint
) -> None:
    hub = await make_hub(clock=SystemClock())
    desk = await build(hub)
    _, secret = await add_webhook(hub, endpoint.url, events=["message.received"])
    await start(hub)
    said = await desk.say("p1", "Hola")
    (post,) = await endpoint.count(1)
    told = Webhook(secret).verify(post.raw, post.headers)
    assert (told["type"], told["data"]["conversation"]["id"]) == ("message.received", said["conversation"])
    assert told["data"]["messages"][0]["id"] == said["message"]
    assert post.headers["content-type"] == "application/json"


async def test_words_names_and_numbers_go_out_only_where_the_webhook_asks_for_content(
    desk: SmallDesk, start: Start, endpoint: Endpoint
) -> None:
    await add_webhook(desk.hub, endpoint.url.replace("hook", "bare"), "bare", events=["message.received"])
    await add_webhook(desk.hub, endpoint.url.replace("hook", "full"), "full", events=["message.received"], content=True)
    await start(desk.hub)
    await desk.say("person-1", "Mi secreto", name="Rosa", phone="595981555123")
    posts = {post.path: post for post in await endpoint.count(2)}
    bare, full = posts["/bare"], posts["/full"]
    for word in ("Mi secreto", "Rosa", "595981555123", "person-1"):
        assert word not in bare.raw.decode()
        assert word in full.raw.decode()
    assert full.body["data"]["messages"][0]["text"] == "Mi secreto"


async def test_a_note_leaves_the_desk_only_where_notes_are_allowed(
    desk: SmallDesk, start: Start, endpoint: Endpoint
) -> None:
    await add_webhook(desk.hub, endpoint.url.replace("hook", "all"), "all", content=True)
    await add_webhook(desk.hub, endpoint.url.replace("hook", "notes"), "notes", content=True, notes=True)
    await start(desk.hub)
    made = await desk.say("p1", "Hola")
    await desk.reach("ana")
    conversation = int(made["conversation"] or 0)
    await desk.run("ana", "conversation.open", c.Open(conversation))
    await desk.run("ana", "message.note", c.Note(conversation, "Es moroso"))
    await desk.run("ana", "message.send", c.Send(conversation, "Buenas"))
    await desk.run("ana", "conversation.end", c.End(conversation))

    def closed(path: str) -> bool:
        ends = [p.body["data"].get("now") for p in endpoint.posts if p.path == path]
        return any(now and now["state"] == "closed" for now in ends)

    await endpoint.until(lambda: closed("/all") and closed("/notes"))
    heard = {path: [p for p in endpoint.posts if p.path == path] for path in ("/all", "/notes")}
    assert not [p for p in heard["/all"] if "moroso" in p.raw.decode() or p.type == "message.noted"]
    (noted,) = [p for p in heard["/notes"] if p.type == "message.noted"]
    assert noted.body["data"]["messages"][0]["text"] == "Es moroso"
    assert {p.type for p in heard["/notes"]} - {p.type for p in heard["/all"]} == {"message.noted"}


async def test_a_note_that_was_allowed_when_it_was_written_is_not_told_once_it_is_not(
    desk: SmallDesk, start: Start, endpoint: Endpoint, clock: ManualClock
) -> None:
    endpoint.reply = status(500)
    await add_webhook(desk.hub, endpoint.url, events=["message.noted"], content=True, notes=True)
    webhooks = await start(desk.hub)
    made = await desk.say("p1", "Hola")
    await desk.reach("ana")
    conversation = int(made["conversation"] or 0)
    await desk.run("ana", "message.note", c.Note(conversation, "Es moroso"))
    (first,) = await endpoint.count(1)
    assert "moroso" in first.raw.decode()
    await until(desk.hub, lambda why: why == ["500"])
    endpoint.reply = ok
    await desk.run(SYSTEM, "webhook.save", c.SaveWebhook("crm", endpoint.url, ["message.received"], content=True))
    clock.advance(60_000)
    webhooks.look()
    await until(desk.hub, lambda why: why == [])
    assert endpoint.posts == [first]


async def test_hostile_text_is_data_in_the_payload_and_comes_out_as_it_went_in(
    desk: SmallDesk, start: Start, endpoint: Endpoint
) -> None:
    _, secret = await add_webhook(desk.hub, endpoint.url, events=["message.received"], content=True)
    await start(desk.hub)
    await desk.say("p1", HOSTILE, name="Eve\x1b[2J")
    (post,) = await endpoint.count(1)
    assert post.body["data"]["messages"][0]["text"] == HOSTILE
    assert post.body["data"]["conversation"]["contact"]["name"] == "Eve\x1b[2J"
    assert not [byte for byte in post.raw if byte < 0x20]  # controls travel escaped
    assert post.signed_by(secret)
    assert json.loads(post.raw)["data"]["actor"] == f"channel:{desk.web}"


async def test_a_replaced_secret_signs_as_well_until_its_time_is_over(
    desk: SmallDesk, start: Start, endpoint: Endpoint, clock: Any
) -> None:
    webhook_id, old = await add_webhook(desk.hub, endpoint.url, events=["message.received"])
    new = await roll(desk.hub, webhook_id, until=clock.now() + 1000)
    await start(desk.hub)
    await desk.say("p1", "uno")
    await endpoint.count(1)
    clock.advance(1000)
    await desk.say("p1", "dos")
    first, second = await endpoint.count(2)
    assert (first.signed_by(old), first.signed_by(new)) == (True, True)
    assert (second.signed_by(old), second.signed_by(new)) == (False, True)


async def test_a_webhook_is_told_what_happens_while_it_is_on(desk: SmallDesk, start: Start, endpoint: Endpoint) -> None:
    await desk.say("p1", "before")
    await add_webhook(desk.hub, endpoint.url, events=["message.received"], content=True)
    await desk.say("p1", "while no hub was dispatching")
    await start(desk.hub)
    await endpoint.count(1)
    save = c.SaveWebhook("crm", endpoint.url, ["message.received"], content=True, active=False)
    await desk.run(SYSTEM, "webhook.save", save)
    await desk.say("p1", "while it was off")
    save.active = True
    await desk.run(SYSTEM, "webhook.save", save)
    await desk.say("p1", "after")
    texts = [post.body["data"]["messages"][0]["text"] for post in await endpoint.count(2)]
    assert texts == ["while no hub was dispatching", "after"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.org/", "like https://example.org/hook"),
        ("https://", "like https://example.org/hook"),
        ("https://user:pass@example.org/", "must not hold a user"),
        ("https://example.org:22/", "port must be 80, 443"),
        ("https://example.org:99999/", "no address"),
        ("https://exa mple.org/", "characters"),
        ("https://example.org/#part", "without a # part"),
        ("https://example.org\\@127.0.0.1/", "characters"),
        ("https://ejemplo.ñ/", "characters"),
    ],
)
def test_an_address_that_is_no_endpoint_is_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        check_endpoint(url, "url")
    assert (refused.value.code, refused.value.field) == (Code.BAD_ARGS, "url")
    assert why in refused.value.detail["why"]


async def test_an_unknown_event_and_notes_that_are_not_allowed_are_refused_by_name(desk: SmallDesk) -> None:
    for events, why in ((["message.eaten"], "message.eaten is none of"), (["message.noted"], "needs notes")):
        with pytest.raises(Refused) as refused:
            await desk.run(SYSTEM, "webhook.save", c.SaveWebhook("crm", "https://example.org/", events))
        assert (refused.value.field, why in refused.value.detail["why"]) == ("events", True)


async def test_only_an_admin_sets_webhooks_up(desk: SmallDesk) -> None:
    with pytest.raises(Refused) as refused:
        await desk.run("sofia", "webhook.save", c.SaveWebhook("crm", "https://example.org/"))
    assert refused.value.code is Code.FORBIDDEN
