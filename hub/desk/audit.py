"""The audit trail: who did, or looked at, what mattered, when and from where. Only ids and choices, never words.

What is promised: an entry commits with what it tells of, or neither does. Entries are numbered without gaps in commit
order, and each holds the SHA-256 over the hash before it and its own content, so that one that was changed, taken out
or put in between is found (`hub.desk.audit_reads.verify`). Like the journal's, the end of the chain is ours while the
head row is locked, so several hubs on one database write one chain. Triggers refuse every other way of changing it.

What is about a person beyond their id (an address) stands apart, and the chain holds only a salted digest of it: it can
be erased, and the chain still verifies. Entries that are too old go with `expire`, which first writes a checkpoint that
names the last one to go and its hash.
"""

import hashlib
import secrets
from functools import cache
from itertools import takewhile
from typing import Any

import msgspec
import sqlalchemy as sa

from hub.desk.audit_tables import audit, audit_head
from hub.desk.principal import Principal
from hub.desk.whence import kind_of
from hub.protocol.registry import Args
from hub.store.compiled import Compiled
from hub.store.unit import Unit

DONE = "done"
LOOK, EXPORT = "look.conversation", "look.export"
CHECKPOINT, ERASED = "audit.checkpoint", "audit.erased"
HOUR = 3_600_000  # milliseconds
ID_BOUND = 2**53  # what an id is below, by which it is told from other whole numbers
CONTENT = (  # what is hashed, in this order
    *("n", "at", "who", "via", "whence", "what", "outcome", "conversation_id", "about", "through"),
    "personal_digest",
)
About = dict[str, int | str | bool]

_end = Compiled(sa.select(audit_head.c.n, audit_head.c.hash).where(audit_head.c.id == 1))
_insert = Compiled(sa.insert(audit))
_advance = Compiled(
    sa.update(audit_head).where(audit_head.c.id == 1).values(n=sa.bindparam("last"), hash=sa.bindparam("last_hash"))
)


def append(
    unit: Unit,
    who: str,
    what: str,
    *,
    via: str = "",
    address: str = "",
    keep_address: bool = False,
    outcome: str = DONE,
    about: About | None = None,
    through: int | None = None,
) -> int:
    """Add an entry in the unit's transaction; returns its number. The address itself is only kept if asked for."""
    last, before = unit.audit or unit.peek(_end, {}) or (0, "")
    given = about or {}
    salt = secrets.token_hex(16) if keep_address and address else None
    conversation = given.get("conversation")
    row: dict[str, Any] = {
        "n": last + 1,
        "at": unit.now,
        "who": who,
        "via": via,
        "whence": kind_of(address),
        "what": what,
        "outcome": outcome,
        "conversation_id": conversation if isinstance(conversation, int) else None,
        "about": msgspec.json.encode(given, order="sorted").decode(),
        "through": through,
        "personal_digest": digest_of(salt, address) if salt else "",
        "personal": address if salt else None,
        "salt": salt,
    }
    row["hash"] = hash_of(before, row)
    unit.later(_insert, row)
    unit.later(_advance, {"last": row["n"], "last_hash": row["hash"]})
    unit.audit = (row["n"], row["hash"])
    return int(row["n"])


def hash_of(before: str, row: Any) -> str:
    """What an entry's hash must be after `before`. `row`: a mapping with the entry's columns."""
    content = [row[name] for name in CONTENT]
    return hashlib.sha256(before.encode() + b"\n" + msgspec.json.encode(content)).hexdigest()


def digest_of(salt: str, personal: str) -> str:
    return hashlib.sha256(f"{salt}\n{personal}".encode()).hexdigest()


def via_of(who: Principal) -> str:
    if who.token:
        return f"token:{who.token}"
    return f"session:{who.session}" if who.session else ""


@cache
def _telling(kind: type[Args]) -> tuple[str, ...]:
    """The fields of a command's arguments that may stand in the trail: ids, switches, and choices from a list."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return tuple(field.name for field in info.fields if _tells(field.type))


def _tells(kind: msgspec.inspect.Type) -> bool:
    match kind:
        case msgspec.inspect.UnionType(types=types):
            return all(isinstance(one, msgspec.inspect.NoneType) or _tells(one) for one in types)
        case msgspec.inspect.IntType(lt=bound):
            return bound == ID_BOUND
        case msgspec.inspect.BoolType() | msgspec.inspect.LiteralType() | msgspec.inspect.EnumType():
            return True
    return False


def about_command(args: Args, result: dict[str, int | str | None]) -> About:
    """What a command was about: the ids and choices among its arguments, and the ids in its result."""
    found: About = {}
    for name in _telling(type(args)):
        value = getattr(args, name)
        if value is not None:
            found[name] = value
    return found | {name: value for name, value in result.items() if isinstance(value, int)}


# -- looks -------------------------------------------------------------------------------------------------------------


def look(unit: Unit, who: Principal, conversation: int, address: str) -> None:
    """Somebody reads a conversation that is with somebody else: once per principal, conversation and hour."""
    a = audit.c
    seen = unit.conn.execute(
        sa.select(a.n)
        .where(a.conversation_id == conversation, a.who == who.name, a.what == LOOK, a.at >= unit.now - unit.now % HOUR)
        .limit(1)
    ).first()
    if seen is None:
        append(unit, who.name, LOOK, via=via_of(who), address=address, about={"conversation": conversation})


def export(unit: Unit, who: str, about: About, *, via: str = "", address: str = "") -> None:
    """Somebody takes data out in bulk. `about`: what kind (`of`), how many (`rows`), whose ids."""
    append(unit, who, EXPORT, via=via, address=address, about=about)


# -- what goes ---------------------------------------------------------------------------------------------------------


def erase(unit: Unit, who: str, *, by: str = "system") -> int:
    """Erase the addresses in the entries of a principal; returns how many. That it was done is an entry."""
    a = audit.c
    gone = unit.conn.execute(
        sa.update(audit).where(a.who == who, a.personal.is_not(None)).values(personal=None, salt=None)
    ).rowcount
    append(unit, by, ERASED, about={"of": who, "entries": gone})
    return gone


def expire(unit: Unit, before: int, limit: int, *, by: str = "system") -> int:
    """Let go of up to `limit` of the first entries that are older than `before` (UTC ms); returns how many."""
    a = audit.c
    first = unit.conn.execute(sa.select(a.n, a.at, a.hash).order_by(a.n).limit(limit)).all()
    old = list(takewhile(lambda row: row.at < before, first))
    if old:
        append(unit, by, CHECKPOINT, about={"entries": len(old), "hash": old[-1].hash}, through=old[-1].n)
        unit.conn.execute(sa.delete(audit).where(a.n <= old[-1].n))
    return len(old)
