"""Arguments for every registered command, read off its spec.

Where a field names something that must exist, or a moment, it is drawn as a place in the order of what there is
(`Pick`), or as a distance from now (`Moment`): what is drawn then does not depend on the database, so that an example
can be run again, and made smaller, on a fresh one. A field that looks like an id and is not in `NAMED` is an error, so
that a new command can't be left out.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from hub.desk.principal import ROLES
from hub.desk.retention import RULES
from hub.protocol.commands import REGISTRY
from hub.protocol.webhooks import EVENTS

LOGINS = ("ana", "luis", "sofia", "rosa")
PEOPLE = ("p1", "p2", "p3")
ID_BOUNDS = (1, 2**53)
SECOND = 1000
DAY = 24 * 3600 * SECOND
LONGEST = 24  # characters of a drawn text: what is longer is for the fuzzing of frames
FIELDS = (
    {
        "code": "reason",
        "kind": "choice",
        "name": {"es": "Motivo"},
        "options": [{"code": "sale", "name": {"es": "Venta"}}],
    },
    {"code": "note", "kind": "text", "name": {"es": "Nota"}, "required": True},
    {"code": "note", "kind": "text", "name": {}},
)
HASHES = [f"{number:064x}" for number in range(6)]


@dataclass(frozen=True)
class Pick:
    """One of those that there are, by its place; -1: one that nobody has."""

    of: str
    place: int


@dataclass(frozen=True)
class Moment:
    """UTC milliseconds, by their distance from the hub's now."""

    after: int


def pick(of: str) -> st.SearchStrategy[Any]:
    return st.builds(Pick, st.just(of), st.integers(-1, 5))


def among(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


moments = st.builds(Moment, among(-DAY, -SECOND, SECOND, 60 * SECOND, DAY, 40 * DAY))
named = st.dictionaries(among("es", "en"), among("Uno", "Dos"), min_size=1)
NAMED: dict[str, st.SearchStrategy[Any]] = {
    **{of: pick(of) for of in ("agent", "channel", "contact", "conversation", "delivery", "message", "queue")},
    **{of: pick(of) for of in ("session", "shortcut", "tag", "token", "webhook")},
    **{of: pick(of) for of in ("branch", "department", "team", "tray", "plan")},
    "seen": pick("message"),
    "at": moments,
    "members": st.lists(pick("agent"), max_size=3),
    **{of: pick(of) for of in ("topic", "version")},
    "parent": st.none() | pick("topic"),
    "topics": st.none() | st.lists(pick("topic"), max_size=2),
    "fields": st.lists(among(*FIELDS), max_size=2),
    "values": st.dictionaries(among("reason", "note"), among("", "sale", "Hola", ["sale"]), max_size=2),
    "transfers": st.none() | st.lists(pick("queue"), max_size=2),
    "zone": among("America/Asuncion", "Nowhere/Near"),
    "week": st.dictionaries(among("mon", "sun", "lunes"), among([], ["08:00-18:00"], ["18:00-08:00"])),
    "tags": st.lists(pick("tag"), max_size=3),
    "primary": st.lists(pick("agent"), max_size=3),
    "support": st.lists(pick("agent"), max_size=2),
    "scopes": st.lists(among(*sorted(ROLES["admin"])), min_size=1, max_size=3),
    "events": st.lists(among(*EVENTS), max_size=3),
    "conversations": st.lists(pick("conversation"), min_size=1, max_size=4),
    "add": st.lists(pick("tag"), max_size=2),
    "remove": st.lists(pick("tag"), max_size=2),
    "until": moments,
    "expires": moments,
    "before": moments,
    "step": st.integers(1, 9),
    "key": pick("key"),  # of a message that was sent
    "login": among(*LOGINS, "nueva"),
    "external_id": among(*PEOPLE),
    "capacity": st.integers(0, 3),
    "open_within": among(0, 0, 30),
    "answer_within": among(0, 0, 30),
    "own_first": among(0, 0, 30),
    "reopen_within": among(0, 86_400),
    "password_hash": among("x", "y"),
    "token_hash": among(*HASHES),
    "recovery": st.lists(among(*HASHES), max_size=2),
    "url": among("https://example.org/hook", "https://example.net/other", "not an address"),
    "callback": among("", "https://example.org/hook"),
    "origins": st.lists(among("https://tienda.example", "http://localhost:8000", "no origin"), max_size=2),
}
SPECIAL: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("queue.save", "code"): among("ventas", "otra"),
    ("queue.save", "name"): named,
    ("queue.save", "closed_text"): named,
    ("topic.save", "code"): among("claims", "sales"),
    ("topic.save", "name"): named,
    ("conversation.topics", "topics"): st.lists(pick("topic"), max_size=2),
    ("form.save", "version"): st.none() | pick("version"),
    ("conversation.end", "version"): st.none() | pick("version"),
    ("branch.save", "code"): among("centro", "norte"),
    ("branch.save", "name"): named,
    ("department.save", "code"): among("comercial", "tecnico"),
    ("department.save", "name"): named,
    ("team.save", "code"): among("a", "b"),
    ("team.save", "name"): named,
    ("channel.save", "name"): named,
    ("channel.save", "slug"): among("web", "wa", "app"),
    ("webhook.save", "name"): among("crm", "otro"),
    ("conversation.contact", "name"): among("Vera", "Vera Núñez", " "),
    ("conversation.contact", "phone"): st.none() | among("", "+595 981 111 222"),
    ("tag.save", "name"): among("vip", "lead", "spam"),
    ("shortcut.save", "code"): among("hola", "chau"),
    ("tray.save", "name"): among("Mías", "De todos", " "),
    ("tray.save", "filter"): among("", "tag:vip", "-agent:me waiting:>10m", "cola:ventas o", "color:azul"),
    ("retention.sweep", "kind"): among(*(rule.kind for rule in RULES), "nonsense"),
    ("session.start", "recovery"): among("", *HASHES),
    ("session.start", "token_hash"): st.integers(6, 2**64).map(lambda number: f"{number:064x}"),
    ("token.create", "token_hash"): st.integers(6, 2**64).map(lambda number: f"{number:064x}"),
}


def payloads(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments of a registered command, still with places and moments in them."""
    return _struct(inspect.type_info(REGISTRY[name].args), name)  # type: ignore[arg-type]


def _struct(info: inspect.StructType, command: str) -> st.SearchStrategy[dict[str, Any]]:
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    if info.tag_field is not None:
        required[info.tag_field] = st.just(info.tag)
    for field in info.fields:
        drawn = SPECIAL.get((command, field.name), NAMED.get(field.name))
        if drawn is None:
            drawn = drawn_from(field.type, command)
        if field.required:
            required[field.encode_name] = drawn
        else:
            optional[field.encode_name] = drawn
    return st.fixed_dictionaries(required, optional=optional)


def drawn_from(info: inspect.Type, command: str = "") -> st.SearchStrategy[Any]:
    """Values of a type of the protocol, as JSON has them."""
    match info:
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType(ge=least, lt=beyond) if (least, beyond) == ID_BOUNDS:
            raise LookupError(f"{command}: a field that looks like an id is not in NAMED")
        case inspect.IntType():
            return _whole(info)
        case inspect.StrType():
            return _text(info)
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.EnumType(cls=cls):
            return st.sampled_from([member.value for member in cls])
        case inspect.ListType(item_type=item, min_length=least, max_length=most):
            return st.lists(drawn_from(item, command), min_size=least or 0, max_size=min(most or 3, 3))
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(drawn_from(key, command), drawn_from(value, command), max_size=2)
        case inspect.UnionType(types=types):
            return st.one_of(*(drawn_from(one, command) for one in types))
        case inspect.NoneType():
            return st.none()
        case inspect.StructType():
            return _struct(info, command)
    raise LookupError(f"{command}: nothing is drawn for {info}")


def _whole(info: inspect.IntType) -> st.SearchStrategy[int]:
    least = info.ge if info.ge is not None else -(2**53) if info.gt is None else info.gt + 1
    most = info.le if info.le is not None else 2**53 - 1 if info.lt is None else info.lt - 1
    return st.one_of(st.integers(least, min(most, least + 10)), st.sampled_from((least, most)))


def _text(info: inspect.StrType) -> st.SearchStrategy[str]:
    least, most = info.min_length or 0, min(info.max_length or LONGEST, LONGEST)
    if info.pattern is None or info.pattern == r"^[^\x00]*$":
        return st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=least, max_size=most
        )
    whole = st.from_regex(info.pattern, fullmatch=True).filter(lambda text: len(text) >= least)
    return whole.filter(lambda text: len(text) <= (info.max_length or 2000))


def resolved(drawn: Any, there: dict[str, list[Any]], now: int) -> Any:
    """With what is there in the place of places, and the time in that of moments."""
    match drawn:
        case Pick(of=of, place=place):
            known = there[of]
            absent = "nobody-has-this-key" if of == "key" else 2**40
            return absent if place < 0 or not known else known[place % len(known)]
        case Moment(after=after):
            return now + after
        case dict():
            return {name: resolved(value, there, now) for name, value in drawn.items()}
        case list():
            return [resolved(value, there, now) for value in drawn]
    return drawn


def encoded(drawn: Any, there: dict[str, list[Any]], now: int) -> bytes:
    """As it comes over the wire."""
    return msgspec.json.encode(resolved(drawn, there, now))
