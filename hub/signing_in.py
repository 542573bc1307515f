"""Signing in, and what one does with one's own account: the order in which things are looked at, and what is told.

Nothing tells whether a login exists: an unknown one takes as long, is slowed alike, and gets the same answer. That a
second factor is wanted is told to who has the password only.
"""

import ipaddress
import secrets
from functools import partial
from typing import Any

import msgspec

from hub import second_factor
from hub.auth import check_password, fits, hash_password
from hub.channels.ratelimit import network_of
from hub.desk import accounts, people, throttle
from hub.desk.principal import SYSTEM, Principal
from hub.desk.registry import Context
from hub.desk.throttle import Attempt
from hub.desk.tokens import exchange, touch
from hub.enrolment import secret_of
from hub.hub import Hub
from hub.protocol import accounts as commands
from hub.protocol.errors import Code, Refused
from hub.store.unit import Unit

DAY = 24 * 3600 * 1000  # milliseconds
MINUTE = 60 * 1000
FAILURES = (Code.BAD_CREDENTIALS, Code.SECOND_FACTOR, Code.RATE_LIMITED)  # to sign in, that stand in the trail


class Tokens(msgspec.Struct):
    """What signs a console in: `token` calls the hub for `expires_in` seconds, `refresh` is exchanged for the next."""

    token: str
    expires_in: int
    refresh: str


def shortened(address: str) -> str:
    """The network of an address, as sessions show it: enough to tell home from away, and nobody's own address."""
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_loopback:
        return str(ip)
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


async def sign_in(hub: Hub, login: str, password: str, label: str, code: str, address: str) -> Tokens:
    """Tokens of a new session. Who fails stands in the audit trail with the reason, and is not told it.

    Raises `Refused`: BAD_CREDENTIALS, whatever it was that did not fit; SECOND_FACTOR where the password fits and the
    code is missing, wrong or used; RATE_LIMITED; BUSY.
    """
    login = login.strip().lower()
    found = await hub.store.read(lambda conn: people.credentials(conn, login))
    try:
        return await _sign_in(hub, login, password, label, code, address, found)
    except Refused as refusal:
        if refusal.code in FAILURES:
            hub.attempts.sign_in_failed(None if found is None else found.id, refusal.code)
        raise


async def _sign_in(hub: Hub, login: str, password: str, label: str, code: str, address: str, found: Any) -> Tokens:
    attempt = Attempt(login, None if found is None else found.id, network_of(address))
    await _admit(hub, attempt)
    if not await _looked_at(hub, attempt, None if found is None else str(found.password_hash), password):
        raise Refused(Code.BAD_CREDENTIALS)
    factor = await _second(hub, attempt, found, code)
    made = _tokens(hub)
    start = commands.StartSession(
        found.id,
        people.token_hash(made.token),
        label[:200],
        refresh_hash=people.token_hash(made.refresh),
        lasts=made.expires_in * 1000,
        network=shortened(address),
        **factor,
    )
    await hub.submit(SYSTEM, "session.start", start, f"session:{start.token_hash[:32]}")
    await hub.store.write(partial(throttle.succeed, attempt=attempt))
    return made


async def _admit(hub: Hub, attempt: Attempt) -> None:
    """Raises RATE_LIMITED. Looked up first without writing, so that a flood of the slowed keeps no writer busy."""
    seconds = await hub.store.read(lambda conn: throttle.wait(conn, attempt, hub.clock.now()))
    if seconds or (seconds := await hub.store.write(partial(throttle.admit, attempt=attempt))):
        raise Refused(Code.RATE_LIMITED, seconds=seconds)


async def _looked_at(hub: Hub, attempt: Attempt, known: str | None, password: str) -> bool:
    try:
        return await fits(known, password)
    except Refused:
        await hub.store.write(partial(throttle.give_back, attempt=attempt))
        raise


async def _second(hub: Hub, attempt: Attempt, found: Any, code: str) -> dict[str, Any]:
    """What `session.start` is told of the second factor: nothing where there is none. Raises SECOND_FACTOR."""
    held = await hub.store.read(lambda conn: accounts.factor_of(conn, found.id))
    if held is None or held.confirmed_at is None:
        if found.role == "admin" and hub.config.admin_second_factor:
            await hub.store.write(partial(throttle.give_back, attempt=attempt))
            raise Refused(Code.SECOND_FACTOR, enrol=1)
        return {}
    if not code.strip():
        await hub.store.write(partial(throttle.give_back, attempt=attempt))
        raise Refused(Code.SECOND_FACTOR, field="code")
    step = second_factor.step_of(await secret_of(hub.config, held.sealed, found.id), code, hub.clock.now())
    return {"step": step} if step else {"recovery": second_factor.recovery_hash(code)}


def _tokens(hub: Hub) -> Tokens:
    return Tokens(secrets.token_urlsafe(32), hub.config.access_minutes * 60, secrets.token_urlsafe(32))


# -- sessions ----------------------------------------------------------------------------------------------------------


async def refresh(hub: Hub, token: str, address: str) -> Tokens:
    """The next tokens of a session. Raises `Refused(SIGNED_OUT)` where it has ended, now or before."""
    lasts = hub.config.access_minutes * MINUTE

    def job(unit: Unit) -> Any:
        context = Context(unit, SYSTEM, "")
        idle = hub.config.session_days * DAY
        return exchange(context, token, network=shortened(address), lasts=lasts, idle=idle)

    made = await hub.store.write(job)
    if made is None:
        raise Refused(Code.SIGNED_OUT)
    return Tokens(made.access, lasts // 1000, made.refresh)


async def seen(hub: Hub, who: Principal, token: str, address: str) -> None:
    """A socket was opened with a token."""
    if who.token:
        hub.token_uses.note(who.token, address)
        return
    await hub.store.write(lambda unit: touch(Context(unit, SYSTEM, ""), who.session, token, shortened(address)))


# -- one's own account -------------------------------------------------------------------------------------------------


async def confirm_self(hub: Hub, who: Principal, password: str, address: str) -> Any:
    """Who has a token must have the password, too, before the account is changed. Returns their `credentials`.

    Raises `Refused`: BAD_CREDENTIALS for the field `password`, RATE_LIMITED, BUSY.
    """
    found = await hub.store.read(lambda conn: people.credentials_of(conn, who.id))
    attempt = Attempt(found.login, who.id, network_of(address))
    await _admit(hub, attempt)
    if not await _looked_at(hub, attempt, str(found.password_hash), password):
        raise Refused(Code.BAD_CREDENTIALS, field="password")
    await hub.store.write(partial(throttle.give_back, attempt=attempt))
    return found


async def change_password(hub: Hub, who: Principal, password: str, new: str, address: str) -> None:
    """Give oneself a new password. All sessions end, this one too."""
    check_password(new, "new")
    await confirm_self(hub, who, password, address)
    change = commands.ChangePassword(who.id, await hash_password(new))
    await hub.submit(SYSTEM, "password.change", change, f"password:{secrets.token_hex(8)}")


async def reset_password(hub: Hub, token: str, password: str) -> None:
    """Use a link. The password is hashed only where the link is good. Raises `Refused`: NOT_FOUND, BAD_ARGS, BUSY."""
    check_password(password, "password")
    hashed = people.token_hash(token)
    if await hub.store.read(lambda conn: accounts.linked(conn, hashed, hub.clock.now())) is None:
        raise Refused(Code.NOT_FOUND, field="token", what="link", id="")
    reset = commands.ResetPassword(hashed, await hash_password(password))
    await hub.submit(SYSTEM, "password.reset", reset, f"reset:{secrets.token_hex(8)}")


async def drop(hub: Hub, who: Principal, password: str, address: str) -> None:
    """Turn one's own second factor off."""
    found = await confirm_self(hub, who, password, address)
    if found.role == "admin" and hub.config.admin_second_factor:
        raise Refused(Code.SECOND_FACTOR, enrol=1)
    await hub.submit(SYSTEM, "agent.factor_off", commands.DropFactor(who.id), f"drop:{secrets.token_hex(8)}")
