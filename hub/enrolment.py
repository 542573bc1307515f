"""Giving somebody a second factor: the secret, sealed, and the code by which they show that they have it."""

import asyncio
import secrets

import msgspec
import structlog

from hub import second_factor
from hub.config import Config
from hub.desk.accounts import factor_of
from hub.desk.execute import execute
from hub.desk.principal import SYSTEM
from hub.protocol.accounts import ConfirmFactor, EnrolFactor
from hub.protocol.commands import Args
from hub.protocol.errors import Code, Refused
from hub.sealing import BadKeys, Keys, NotOpened, read_keys
from hub.store.engine import Store

log = structlog.get_logger(__name__)


class Enrolment(msgspec.Struct):
    """What an authenticator is given: the secret to type, the same as an address to show as a QR code."""

    secret: str
    uri: str


async def enrol(store: Store, config: Config, agent_id: int, login: str) -> Enrolment:
    """Give an agent the secret of a second factor, which counts once they have shown a code of it. Raises `Refused`."""
    secret = second_factor.new_secret()
    sealed = second_factor.seal(await _keys(config), secret, agent_id)
    await _submit(store, "factor.enrol", EnrolFactor(agent_id, sealed))
    return Enrolment(secret, second_factor.uri(secret, login, config.entity))


async def confirm(store: Store, config: Config, agent_id: int, code: str) -> list[str]:
    """The second factor counts from now on; returns the recovery codes, which are told this once. Raises `Refused`."""
    held = await store.read(lambda conn: factor_of(conn, agent_id))
    if held is None or held.confirmed_at is not None:
        raise Refused(Code.NOT_FOUND, field="code", what="factor", id=agent_id)
    step = second_factor.step_of(await secret_of(config, held.sealed, agent_id), code, store.clock.now())
    if not step:
        raise Refused(Code.SECOND_FACTOR, field="code", wrong=1)
    codes = second_factor.new_recovery_codes()
    hashes = [second_factor.recovery_hash(one) for one in codes]
    await _submit(store, "factor.confirm", ConfirmFactor(agent_id, step, hashes))
    return codes


async def secret_of(config: Config, sealed: str, agent_id: int) -> str:
    """Raises `Refused(HUB_FAULT)` where the key that sealed it is not there."""
    try:
        return second_factor.unseal(await _keys(config), sealed, agent_id)
    except NotOpened as error:
        log.exception("factor_not_opened", agent=agent_id)
        raise Refused(Code.HUB_FAULT) from error


async def _keys(config: Config) -> Keys:
    try:
        return await asyncio.to_thread(read_keys, config.key_file)
    except BadKeys as error:
        log.exception("no_keys")
        raise Refused(Code.HUB_FAULT) from error


async def _submit(store: Store, name: str, args: Args) -> None:
    key = secrets.token_hex(8)
    await store.write(lambda unit: execute(unit, SYSTEM, name, args, key))
