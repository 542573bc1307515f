"""What an app posts to its API channel, signed by the Standard Webhooks scheme with the channel's own secret.

    POST /api/v1/channels/SLUG/messages   a customer wrote
    POST /api/v1/channels/SLUG/seen       a customer has received, or read, our messages up to one
    POST /api/v1/channels/SLUG/typing     a customer is writing, or has stopped

An answer is JSON: 200 with what became of it, otherwise {code, args, field} as in docs/PROTOCOL.md. `webhook-id` is the
idempotency key of a message: repeated, it has one effect and the same answer.
"""

import hashlib
import math
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import sqlalchemy as sa
import structlog
from aiohttp import web
from msgspec import Meta
from sqlalchemy import Connection

from hub.channels import web_reads
from hub.channels.ratelimit import Limiter, Rate, network_of
from hub.channels.visitor import Visitor
from hub.desk.execute import execute
from hub.desk.facts import identity_conversations
from hub.desk.hook_tables import api_channel
from hub.desk.principal import Principal
from hub.desk.registry import Result, decode_args, digest
from hub.desk.tables import channel
from hub.hooks.secrets import Secrets
from hub.hooks.signing import BadSignature, verify
from hub.hub import Hub
from hub.protocol.commands import Body, ExternalId, Receive, Seen
from hub.protocol.errors import Code, Refused
from hub.protocol.registry import Id, Line
from hub.sealing import BadKeys, NotOpened
from hub.store.unit import Unit
from hub.web.answers import json
from hub.web.origins import client_address

RATE = Rate(200, 20)  # requests of one channel
PERSON = Rate(20, 1)  # messages of one contact

log = structlog.get_logger(__name__)
Answer = dict[str, Any]


class Whom(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody on the app's side, by the app's own key."""

    id: ExternalId


class Contact(Whom):
    name: Line = ""
    phone: Line = ""


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """`id`: the app's own of the message; under the same one it is taken once, whatever the `webhook-id`."""

    contact: Contact
    text: Body
    id: Annotated[str, Meta(min_length=1, max_length=200)] = ""


class SeenUpTo(msgspec.Struct, forbid_unknown_fields=True):
    contact: Whom
    message: Id
    state: Literal["delivered", "read"] = "read"


class Typing(msgspec.Struct, forbid_unknown_fields=True):
    contact: Whom
    on: bool = True


T = TypeVar("T", bound=msgspec.Struct)


class ApiChannels:
    """The handlers, and what they share."""

    def __init__(self, hub: Hub, rate: Rate = RATE, person: Rate = PERSON) -> None:
        self._hub = hub
        self._secrets = Secrets(hub.config.key_file)
        self._channels = Limiter(rate)
        self._people = Limiter(person)
        self._unsigned = Limiter(hub.limits.rate("address_unsigned"))

    def add_to(self, app: web.Application) -> None:
        path = "/api/v1/channels/{slug}/"
        app.router.add_post(path + "messages", self._handler(Message, self._message))
        app.router.add_post(path + "seen", self._handler(SeenUpTo, self._seen))
        app.router.add_post(path + "typing", self._handler(Typing, self._typing))

    def _handler(
        self, kind: type[T], act: Callable[[Principal, T, str], Awaitable[Answer]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            who, message_id, body = await self._signed(request)
            self._limit(self._channels, who.name)
            return json(await act(who, decode_args(kind, body), message_id))

        return handle

    async def _signed(self, request: web.Request) -> tuple[Principal, str, bytes]:
        """(the channel, the webhook-id, the body) of a request that the channel's app has signed.

        Until that is known it counts against its address, so that whoever guesses is soon refused without a look into
        the database.
        """
        address = network_of(client_address(request, self._hub.config.proxies))
        if wait := self._unsigned.wait(address):
            raise self._hub.limits.refusal("address_unsigned", seconds=math.ceil(wait))
        self._unsigned.take(address)
        found = await self._verified(request)
        self._unsigned.take(address, -1)
        return found

    async def _verified(self, request: web.Request) -> tuple[Principal, str, bytes]:
        slug = request.match_info["slug"]
        row = await self._hub.store.read(lambda conn: _channel(conn, slug))
        if row is None:
            raise Refused(Code.NOT_FOUND, what="channel", id=slug[:32])
        body = await request.read()
        now = self._hub.clock.now()
        try:
            secrets = self._secrets.open(row, f"channel:{row.channel_id}", now)
        except (BadKeys, NotOpened) as error:
            log.warning("channel_secret_sealed", channel=row.channel_id, why=str(error))
            raise Refused(Code.HUB_FAULT) from error
        try:
            message_id = verify(secrets, request.headers, body, now // 1000)
        except BadSignature as error:
            log.info("channel_signature_refused", channel=row.channel_id, why=str(error))
            raise Refused(Code.BAD_SIGNATURE, why=str(error)) from error
        return Principal.channel(row.channel_id), message_id, body

    def _limit(self, limiter: Limiter, key: str) -> None:
        wait = limiter.wait(key)
        if wait:
            raise Refused(Code.RATE_LIMITED, seconds=math.ceil(wait))
        limiter.take(key)

    async def _message(self, who: Principal, said: Message, message_id: str) -> Answer:
        self._limit(self._people, f"{who.id}:{said.contact.id}")
        args = Receive(
            channel=who.id,
            external_id=said.contact.id,
            body=said.text,
            name=said.contact.name,
            phone=said.contact.phone,
        )
        return dict(await self._hub.store.write(lambda unit: _receive(unit, who, args, message_id, said.id)))

    async def _seen(self, who: Principal, seen: SeenUpTo, _: str) -> Answer:
        whose = Visitor(who.id, seen.contact.id)
        behind = await self._hub.store.read(lambda conn: web_reads.unseen(conn, whose, seen.message, seen.state))
        for conversation_id, last in behind:
            args = Seen(conversation=conversation_id, message=last, state=seen.state)
            await self._hub.submit(who, "message.seen", args, f"seen:{last}:{seen.state}")
        return {"messages": [last for _, last in behind]}

    async def _typing(self, who: Principal, typing: Typing, _: str) -> Answer:
        latest = sa.func.max(identity_conversations(who.id, typing.contact.id).subquery().c.id)
        conversation_id = await self._hub.store.read(lambda conn: conn.scalar(sa.select(latest)))
        if conversation_id is not None:
            self._hub.presence.typing(conversation_id, None, typing.on)
        return {"conversation": conversation_id}


def _receive(unit: Unit, who: Principal, args: Receive, message_id: str, own_id: str) -> Result:
    """Take a message once under each of its two keys; a known one has its old answer."""
    key = f"api:{_short(message_id)}"
    if not own_id:
        return execute(unit, who, "message.receive", args, key)
    mine = digest("message.receive", args)
    known = unit.known(who.name, key)
    if known is not None and known[0] != mine:
        raise Refused(Code.KEY_REUSED)
    result = execute(unit, who, "message.receive", args, f"own:{_short(own_id)}")
    if known is None:
        unit.remember(who.name, key, mine, msgspec.json.encode(result).decode())
    return result


def _short(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:40]


def _channel(conn: Connection, slug: str) -> sa.Row[Any] | None:
    return conn.execute(
        sa.select(api_channel).join(channel, channel.c.id == api_channel.c.channel_id).where(channel.c.slug == slug)
    ).first()


def add_routes(app: web.Application, hub: Hub) -> None:
    """Let apps post to the API channels of a started hub."""
    ApiChannels(hub).add_to(app)
