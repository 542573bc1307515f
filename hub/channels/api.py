"""API channels: somebody's own app or site as the customers' side. Our replies are posted to its callback, signed.

What the app posts to the hub comes in through `hub.web.api_channel`. A reply bears the same `webhook-id` however often
it is sent, by itself or by a person's order, so that the app can tell a repeated one. Where the answer was lost the
reply is `uncertain`, unless the channel says (`resend`) how often it may go again by itself: for apps that do tell.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from hub.channels import AnswerLost, Handed, Outgoing, Reporter
from hub.desk.hook_tables import api_channel
from hub.desk.tables import agent, channel, message
from hub.hooks.egress import Answer, Egress, NoAnswer, NotSent
from hub.hooks.payload import iso
from hub.hooks.secrets import Secrets
from hub.hooks.signing import sign
from hub.hub import Hub
from hub.protocol.states import Delivery
from hub.sealing import BadKeys, NotOpened

PAUSE = 1.0  # seconds before a reply goes again; twice as long each time
WITHIN = 8.0  # seconds that an app has to answer: three tries fit into the dispatcher's time-out

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One reply, ready to be posted."""

    url: str
    resend: int
    secrets: list[str]
    id: str
    body: bytes


class ApiDriver:
    """The driver of API channels. `sleep` is a parameter so that tests need not wait."""

    def __init__(self, hub: Hub, egress: Egress, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._hub = hub
        self._egress = egress
        self._secrets = Secrets(hub.config.key_file)
        self._sleep = sleep

    async def start(self, report: Reporter) -> None:
        """Nothing is told later: what is seen comes in as the app's own request."""

    async def stop(self) -> None:
        """There is nothing to stop."""

    async def send(self, outgoing: Outgoing) -> Handed:
        row = await self._hub.store.read(lambda conn: _row(conn, outgoing))
        try:
            secrets = self._secrets.open(row, f"channel:{outgoing.channel}", self._hub.clock.now())
        except (BadKeys, NotOpened) as error:
            log.warning("channel_secret_sealed", channel=outgoing.channel, why=str(error))
            return Handed(Delivery.FAILED, "no_secret")
        if not secrets:
            return Handed(Delivery.FAILED, "no_secret")
        call = Call(row.callback, row.resend, secrets, reply_id(outgoing.message, row.key), _body(row, outgoing))
        for again in range(call.resend):
            try:
                return _handed(await self._post(call))
            except AnswerLost:
                await self._sleep(PAUSE * 2**again)
        return _handed(await self._post(call))

    async def _post(self, call: Call) -> Answer | NotSent:
        headers = sign(call.secrets, call.id, self._hub.clock.now() // 1000, call.body)
        try:
            async with asyncio.timeout(WITHIN):
                answer = await self._egress.post(call.url, call.body, headers)
        except NotSent as failure:
            return failure
        except (NoAnswer, TimeoutError) as error:
            raise AnswerLost from error
        if answer.status >= 500 and answer.status != 503:
            raise AnswerLost  # it failed in the middle of something
        return answer


def reply_id(message_id: int, key: str) -> str:
    """The `webhook-id` of a reply. The command's key tells it from a message with this number of a restored desk."""
    return f"msg_{message_id}_{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _handed(answer: Answer | NotSent) -> Handed:
    """What became of a reply that the app, or the way to it, has decided on. Codes as the console knows them."""
    if isinstance(answer, NotSent):
        return Handed(Delivery.FAILED, answer.code)
    if answer.taken:
        return Handed(Delivery.SENT)
    if answer.status in (404, 410):
        return Handed(Delivery.FAILED, "not_found")
    return Handed(Delivery.FAILED, "busy" if answer.status in (429, 503) else "rejected")


def _row(conn: Connection, outgoing: Outgoing) -> sa.Row[Any]:
    return conn.execute(
        sa.select(api_channel, channel.c.slug, message.c.key, message.c.at, message.c.kind, agent.c.name)
        .select_from(message)
        .join(api_channel, api_channel.c.channel_id == outgoing.channel)
        .join(channel, channel.c.id == api_channel.c.channel_id)
        .outerjoin(agent, agent.c.id == message.c.author_id)
        .where(message.c.id == outgoing.message)
    ).one()


def _body(row: sa.Row[Any], outgoing: Outgoing) -> bytes:
    return msgspec.json.encode(
        {
            "type": "message.sent",
            "timestamp": iso(row.at),
            "data": {
                "channel": row.slug,
                "contact": {"id": outgoing.recipient},
                "conversation": outgoing.conversation,
                "message": {
                    "id": outgoing.message,
                    "kind": row.kind,
                    "at": iso(row.at),
                    "agent": row.name or "",
                    "text": outgoing.body,
                },
            },
        }
    )
