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
from hub.desk.facts import facts_of
from hub.desk.form_tables import filled_key
from hub.desk.queries import Asking, answers
from hub.desk.tables import channel, contact, conversation, identity
from hub.protocol import matches
from hub.protocol.contact_words import contact_words

MOST = 20  # contacts that are told
ROWS = 5  # conversations of each
LOOKED = 200  # contacts that one look-up gives, the newest
DIGITS = 7  # of a number: fewer say nothing of who it is
LETTERS = 4  # of a word that may be one letter off
WORDS = 5  # of a name that are looked up
Why = dict[int, set[str]]  # by contact


@answers("matches")
def matches_of(asking: Asking, params: matches.MatchesOf) -> matches.Matches:
    conn = asking.conn
    row = seen(asking, params.conversation).facts.row
    mine = conn.scalar(sa.select(conversation.c.contact_id).where(conversation.c.id == row.id)) or 0
    found: Why = {}
    for number in _same_number(conn, row.num):
        found.setdefault(number, set()).add("number")
    for number, kind in _same_key(conn, mine):
        found.setdefault(number, set()).add(kind)
    for number in _near_name(conn, row.name):
        found.setdefault(number, set()).add("name")
    found.pop(mine, None)
    ranked = sorted(found, key=lambda number: (*(one not in found[number] for one in matches.REASONS), -number))
    told = [_match(asking, number, found[number]) for number in ranked[:MOST]]
    return matches.Matches([one for one in told if one.rows], len(ranked) > MOST)


def _match(asking: Asking, number: int, why: set[str]) -> matches.Match:
    ids = list(asking.conn.scalars(finding.of_contacts([number], ROWS + 1)))
    facts = finding.as_seen(asking, facts_of(asking.conn, ids[:ROWS]))
    rows = [finding.told(asking.who, facts[one]) for one in ids[:ROWS]]
    name = asking.conn.scalar(sa.select(contact.c.name).where(contact.c.id == number)) or ""
    return matches.Match(number, name, [one for one in matches.REASONS if one in why], rows, len(ids) > ROWS)


# -- numbers -----------------------------------------------------------------------------------------------------------


def _same_number(conn: Connection, phone: str) -> list[int]:
    mine = _bare(phone)
    if len(mine) < DIGITS:
        return []
    looked = contact_search.newest(conn, [mine[-DIGITS:]], LOOKED)
    phones = conn.execute(sa.select(contact.c.id, contact.c.phone).where(contact.c.id.in_(looked))) if looked else ()
    return [row.id for row in phones if same_number(mine, row.phone)]


def same_number(one: str, other: str) -> bool:
    one, other = sorted((_bare(one), _bare(other)), key=len)
    return len(one) >= DIGITS and other.endswith(one)


def _bare(phone: str) -> str:
    """Its digits without the zeros before it, which stand for a country or are dialled within one."""
    return "".join(letter for letter in phone if letter in "0123456789").lstrip("0")


# -- addresses and documents -------------------------------------------------------------------------------------------


def _same_key(conn: Connection, mine: int) -> set[tuple[int, str]]:
    """(contact, kind) of those with an address or document of the contact's: of forms, and addresses that they write
    from."""
    k, i = filled_key.c, identity.c
    keys = {(row.kind, row.value) for row in conn.execute(sa.select(k.kind, k.value).where(k.contact_id == mine))}
    keys |= {
        ("email", filled_keys.plain("email", address))
        for address in conn.scalars(sa.select(i.external_id).where(i.contact_id == mine))
        if "@" in address
    }
    found: set[tuple[int, str]] = set()
    for kind, value in sorted(keys):
        others = sa.select(k.contact_id).where(k.kind == kind, k.value == value).limit(LOOKED)
        found |= {(number, kind) for number in conn.scalars(others)}
    addresses = sorted(value for kind, value in keys if kind == "email")
    if addresses:
        lines = list(conn.scalars(sa.select(channel.c.id).where(channel.c.id > 0)))
        writes = (i.channel_id.in_(lines), i.external_id.in_(addresses))
        found |= {(number, "email") for number in conn.scalars(sa.select(i.contact_id).where(*writes).limit(LOOKED))}
    return found


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
