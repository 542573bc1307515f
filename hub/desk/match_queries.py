"""Who may be the contact of a conversation under another entry, and why: `hub.protocol.matches`.

Each reason is looked up in an index and judged here. A number is the same where one of the two ends with the other, so
that `0981 123 456` is `+595 981 123 456`. A name is nearly the same where each word of the shorter one stands in
the longer one, in any order and give or take a letter; names of one word have to be the same word.
"""

from collections.abc import Iterable
from itertools import combinations

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk import contact_search, filled_keys, finding
from hub.desk.conversation_queries import seen
from hub.desk.filled_keys import DIGITS, digits
from hub.desk.form_tables import filled_key
from hub.desk.queries import Asking, answers
from hub.desk.sight import sight_of
from hub.desk.tables import channel, contact, conversation, identity
from hub.protocol import matches
from hub.protocol.contact_words import contact_words

MOST = 20  # contacts that are told
ROWS = 5  # conversations of each
LOOKED = 200  # contacts that one look-up gives, the newest
LETTERS = 4  # of a word that may be one letter off
WORDS = 5  # of a name that are looked up
Why = dict[int, set[str]]  # by contact


@answers("matches")
def matches_of(asking: Asking, params: matches.MatchesOf) -> matches.Matches:
    conn = asking.conn
    row = seen(asking, params.conversation).facts.row
    mine = conn.scalar(sa.select(conversation.c.contact_id).where(conversation.c.id == row.id)) or 0
    found: Why = {}
    for number, kind in _same_key(conn, mine, row.num):
        found.setdefault(number, set()).add(kind)
    for number in _near_name(conn, row.name):
        found.setdefault(number, set()).add("name")
    found.pop(mine, None)
    ranked = sorted(found, key=lambda number: (*(one not in found[number] for one in matches.REASONS), -number))
    told = [_match(asking, number, found[number]) for number in ranked[:MOST]]
    return matches.Matches([one for one in told if one.rows], len(ranked) > MOST)


def _match(asking: Asking, number: int, why: set[str]) -> matches.Match:
    ids = list(asking.conn.scalars(finding.of_contacts([number], ROWS + 1)))
    rows = sorted(finding.told(asking.conn, sight_of(asking.who), ids[:ROWS]), key=lambda row: ids.index(row.id))
    name = asking.conn.scalar(sa.select(contact.c.name).where(contact.c.id == number)) or ""
    return matches.Match(number, name, [one for one in matches.REASONS if one in why], rows, len(ids) > ROWS)


# -- numbers, addresses and documents ----------------------------------------------------------------------------------


def _same_key(conn: Connection, mine: int, phone: str) -> set[tuple[int, str]]:
    """(contact, reason) of those with a number, address or document of the contact's: of forms, their own number, and
    addresses that they write from."""
    k, i = filled_key.c, identity.c
    keys = {(row.kind, row.value) for row in conn.execute(sa.select(k.kind, k.value).where(k.contact_id == mine))}
    keys |= {
        ("email", filled_keys.plain("email", address))
        for address in conn.scalars(sa.select(i.external_id).where(i.contact_id == mine))
        if "@" in address
    }
    phones = {value[::-1] for kind, value in keys if kind == "phone"} | {digits(phone)}
    found = {(number, "number") for one in sorted(phones) for number in _same_number(conn, one)}
    for kind, value in sorted(key for key in keys if key[0] != "phone"):
        others = sa.select(k.contact_id).where(k.kind == kind, k.value == value).limit(LOOKED)
        found |= {(number, kind) for number in conn.scalars(others)}
    addresses = sorted(value for kind, value in keys if kind == "email")
    if addresses:
        lines = list(conn.scalars(sa.select(channel.c.id).where(channel.c.id > 0)))
        writes = (i.channel_id.in_(lines), i.external_id.in_(addresses))
        found |= {(number, "email") for number in conn.scalars(sa.select(i.contact_id).where(*writes).limit(LOOKED))}
    return found


def _same_number(conn: Connection, bare: str) -> set[int]:
    """Contacts with this number, as their own or in a form. All that end with the same few digits are compared."""
    if len(bare) < DIGITS:
        return set()
    looked = contact_search.newest(conn, [bare[-DIGITS:]], LOOKED)
    own = sa.select(contact.c.id, contact.c.phone).where(contact.c.id.in_(looked))
    found = {row.id for row in (conn.execute(own) if looked else ()) if same_number(bare, row.phone)}
    k, end = filled_key.c, bare[: -DIGITS - 1 : -1]
    alike = (k.kind == "phone", k.value >= end, k.value <= end + "9" * DIGITS)
    filled = conn.execute(sa.select(k.contact_id, k.value).where(*alike).limit(LOOKED))
    return found | {row.contact_id for row in filled if same_number(bare, row.value[::-1])}


def same_number(one: str, other: str) -> bool:
    one, other = sorted((digits(one), digits(other)), key=len)
    return len(one) >= DIGITS and other.endswith(one)


# -- names -------------------------------------------------------------------------------------------------------------


def _near_name(conn: Connection, name: str) -> list[int]:
    words = _words(name)
    looked = {number for asked in _lookups(words) for number in contact_search.newest(conn, asked, LOOKED)}
    if not looked:
        return []
    names = conn.execute(sa.select(contact.c.id, contact.c.name).where(contact.c.id.in_(sorted(looked))))
    return [row.id for row in names if near(words, _words(row.name))]


def _words(name: str) -> list[str]:
    return contact_words(name, "").split()


def _lookups(words: list[str]) -> Iterable[list[str]]:
    """What finds whoever may go by nearly that name: any two of its words; where it has but two, also one with the
    beginning of the other, and one alone, which finds those with another first letter among the newest."""
    first = list(dict.fromkeys(words))[:WORDS]
    if len(first) == 1:
        return [first]
    off = [[one, *more] for one, other in (first, first[::-1]) for more in ([other[:2]], [])] if len(first) == 2 else []
    return [*map(list, combinations(first, 2)), *off]


def near(one: list[str], other: list[str]) -> bool:
    """Whether these words of two names are nearly the same."""
    few, many = sorted((one, other), key=len)
    if len(few) < 2:
        return few == many and bool(few)
    left = list(many)
    for word in few:
        like = next((that for that in left if that == word), "") or next((t for t in left if _one_off(word, t)), "")
        if not like:
            return False
        left.remove(like)
    return True


def _one_off(one: str, other: str) -> bool:
    """Whether a letter was left out, put in, changed, or swapped with the next."""
    if min(len(one), len(other)) < LETTERS or abs(len(one) - len(other)) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, rests = one[at:], other[at:]
    swapped = len(rest) > 1 and rest[:2] == rests[1::-1] and rest[2:] == rests[2:]
    return rest[1:] == rests[1:] or rest[1:] == rests or rest == rests[1:] or swapped
