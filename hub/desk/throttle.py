"""What slows guessing at sign-in: waits that double, by account and by address, in rows that all hubs share.

A stranger who guesses at an account must not lock its owner out. So an account has one count for strangers and another
for each network that its owner has signed in from: a guesser elsewhere makes nobody wait who is where they always were.
Whoever is at a new place meanwhile waits `ACCOUNT.most` at the longest, and a link for a new password goes by no count.
An address has a count of its own, over all accounts, with room for an office behind one router.

An attempt is counted before its password is looked at, and given back when it was right: a hundred at once are a
hundred. One that is told to wait is neither counted nor looked at, so that asking on does not lengthen the wait. A
login that does not exist counts like any other.
"""

import hashlib
import math
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.account_tables import guess, known_network
from hub.store.unit import Unit

SECOND = 1000  # milliseconds
KNOWN = 180 * 24 * 3600 * SECOND  # a network that one has not signed in from for so long is a stranger's again


@dataclass(frozen=True, slots=True)
class Rule:
    """`free` failures cost nothing; the waits after further ones begin at 2 s and double, up to `most` milliseconds.
    After `forget` milliseconds without a failure all are forgotten."""

    free: int
    most: int
    forget: int

    def wait(self, failures: int, since: int) -> int:
        """Milliseconds until the next attempt, `since` milliseconds after the last."""
        if failures < self.free or since >= self.forget:
            return 0
        return max(0, min(self.most, 2 * SECOND << min(failures - self.free, 30)) - since)


ACCOUNT = Rule(free=5, most=300 * SECOND, forget=24 * 3600 * SECOND)
ADDRESS = Rule(free=50, most=900 * SECOND, forget=24 * 3600 * SECOND)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody wants to sign in to an account (`agent_id`: None where there is no such login) from a network."""

    login: str
    agent_id: int | None
    network: str

    def counts(self, *, known: bool) -> tuple[tuple[str, Rule], ...]:
        account = ("known", self.login, self.network) if known else ("account", self.login)
        return (_key(*account), ACCOUNT), (_key("address", self.network), ADDRESS)


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def wait(conn: Connection, attempt: Attempt, now: int) -> int:
    """Whole seconds that it has to wait; 0: not at all."""
    longest = 0
    for key, rule in attempt.counts(known=_is_known(conn, attempt, now)):
        row = conn.execute(sa.select(guess).where(guess.c.key == key)).first()
        if row is not None:
            longest = max(longest, rule.wait(row.failures, now - row.last_at))
    return math.ceil(longest / SECOND)


def admit(unit: Unit, attempt: Attempt) -> int:
    """Count an attempt, and return 0; or count nothing, and return the whole seconds that it has to wait."""
    if seconds := wait(unit.conn, attempt, unit.now):
        return seconds
    unit.conn.execute(sa.delete(guess).where(guess.c.last_at <= unit.now - max(ACCOUNT.forget, ADDRESS.forget)))
    for key, _ in attempt.counts(known=_is_known(unit.conn, attempt, unit.now)):
        counted = sa.update(guess).where(guess.c.key == key).values(failures=guess.c.failures + 1, last_at=unit.now)
        if unit.conn.execute(counted).rowcount == 0:
            unit.conn.execute(sa.insert(guess).values(key=key, failures=1, last_at=unit.now))
    return 0


def give_back(unit: Unit, attempt: Attempt) -> None:
    """It was no guess that failed."""
    for key, _ in attempt.counts(known=_is_known(unit.conn, attempt, unit.now)):
        fewer = sa.update(guess).where(guess.c.key == key, guess.c.failures > 0)
        unit.conn.execute(fewer.values(failures=guess.c.failures - 1))


def succeed(unit: Unit, attempt: Attempt) -> None:
    """It was the agent: forget their failures, and know where they are. Those of the address stay, but for this one."""
    give_back(unit, attempt)
    (account, _), _address = attempt.counts(known=_is_known(unit.conn, attempt, unit.now))
    unit.conn.execute(sa.delete(guess).where(guess.c.key == account))
    here = {"agent_id": attempt.agent_id, "hash": _key("network", attempt.network)}
    unit.conn.execute(sa.delete(known_network).where(known_network.c.last_at <= unit.now - KNOWN))
    unit.conn.execute(sa.delete(known_network).filter_by(**here))
    unit.conn.execute(sa.insert(known_network).values(**here, last_at=unit.now))


def _is_known(conn: Connection, attempt: Attempt, now: int) -> bool:
    here = sa.select(known_network.c.agent_id).where(
        known_network.c.agent_id == attempt.agent_id,
        known_network.c.hash == _key("network", attempt.network),
        known_network.c.last_at > now - KNOWN,
    )
    return attempt.agent_id is not None and conn.execute(here).first() is not None
