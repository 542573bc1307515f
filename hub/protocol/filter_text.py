"""Filters as text: `queue:sales tag:vip -agent:me waiting:>10m`, in English or Spanish, read and printed.

    filter  = either
    either  = both ("or" both)*
    both    = one (["and"] one)*
    one     = ("-" | "not") one | "(" either ")" | field ":" values | word
    values  = [op] value ("," value)*         op: > >= < <= =

A value with blanks or signs stands in quotes. Things are named by code or by name, or as `#id`, which renaming does not
touch: what `write` prints without names is what can be kept. A text that can't be read raises `BadFilter`, which says
where, what would fit, and what was probably meant.
"""

import difflib
import re
from collections.abc import Iterable
from datetime import date

from hub.protocol.filter_fields import (
    AND,
    BY_NAME,
    DAYS,
    FIELDS,
    NO,
    NOBODY,
    NOT,
    OR,
    PEOPLE,
    UNITS,
    YES,
    Field,
    Names,
    fold,
    in_language,
    words_of,
)
from hub.protocol.filter_tree import (
    Age,
    All,
    Any,
    Count,
    Day,
    Flag,
    Node,
    Not,
    OneOf,
    Op,
    Words,
    all_of,
    any_of,
    negated,
)

LENGTH = 500  # characters of a filter
DEPTH = 12  # of brackets and negations
NODES = 64
MOST = 10**15  # of a number
_FIELD = re.compile(r"[^\W\d_]+(?=:)")
_OP = re.compile(r">=|<=|>|<|=")
_BARE = re.compile(r'[^\s(),"]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_AGE = re.compile(r"([0-9]{1,6})([a-z]{1,3})")
_PLAIN = re.compile(r"[^\W_][\w@-]*")
_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_NONE = Names({})


class BadFilter(Exception):
    """`at` and `end` are where in the text; `why` is one of WHYS, `found` what stands there, `wants` what would fit,
    and `instead` what was probably meant, where that is known."""

    def __init__(self, why: str, at: int, end: int, found: str = "", *, wants: str = "", instead: str = "") -> None:
        super().__init__(f"{why} at {at}: {found!r}")
        self.why, self.at, self.end = why, at, end
        self.found, self.wants, self.instead = found[:64], wants[:200], instead


WHYS = ("too_long", "too_deep", "too_many", "unknown_field", "unknown_value", "bad_value", "expected", "unexpected")


def read(text: str, names: Names) -> Node:
    """The tree of a text; of an empty one, `All(())`."""
    if len(text) > LENGTH:
        raise BadFilter("too_long", LENGTH, len(text), wants=str(LENGTH))
    return _Reader(text, names).whole()


class _Reader:
    def __init__(self, text: str, names: Names) -> None:
        self.text, self.names = text, names
        self.at = 0
        self.nodes = 0

    def whole(self) -> Node:
        if self._done():
            return All(())
        node = self._either(0)
        if not self._done():
            raise self._fault("unexpected", ")")
        return node

    # -- structure -----------------------------------------------------------------------------------------------------

    def _either(self, depth: int) -> Node:
        parts = [self._both(depth)]
        while self._keyword(OR):
            parts.append(self._both(depth))
        return any_of(parts)

    def _both(self, depth: int) -> Node:
        parts = [self._one(depth)]
        while not self._done() and self.text[self.at] != ")" and not self._sees(OR):
            self._keyword(AND)
            parts.append(self._one(depth))
        return all_of(parts)

    def _one(self, depth: int) -> Node:
        if depth > DEPTH:
            raise self._fault("too_deep", wants=str(DEPTH))
        if self._done() or self._sees(AND) or self._sees(OR):
            raise self._fault("expected", self._word(), wants="field:value")
        here = self.text[self.at]
        if here == "-" and self.text[self.at + 1 : self.at + 2].strip():
            self.at += 1
            return negated(self._one(depth + 1))
        if self._keyword(NOT):
            return negated(self._one(depth + 1))
        if here == "(":
            return self._bracket(depth)
        self.nodes += 1
        if self.nodes > NODES:
            raise self._fault("too_many", wants=str(NODES))
        return self._field() if _FIELD.match(self.text, self.at) else self._words()

    def _bracket(self, depth: int) -> Node:
        opened = self.at
        self.at += 1
        inside = self._either(depth + 1)
        if self._done():
            raise BadFilter("expected", opened, opened + 1, "(", wants=")")
        if self.text[self.at] != ")":
            raise self._fault("expected", self.text[self.at], wants=")")
        self.at += 1
        return inside

    def _done(self) -> bool:
        """Skip blanks; whether that was all."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at >= len(self.text)

    def _word(self) -> str:
        found = _BARE.match(self.text, self.at)
        return found[0] if found else ""

    def _sees(self, words: Iterable[str]) -> bool:
        return fold(self._word()) in words

    def _keyword(self, words: Iterable[str]) -> bool:
        if self._done() or not self._sees(words):
            return False
        self.at += len(self._word())
        return True

    def _fault(self, why: str, found: str = "", *, wants: str = "") -> BadFilter:
        return BadFilter(why, self.at, self.at + max(1, len(found)), found, wants=wants)

    # -- what is asked for ---------------------------------------------------------------------------------------------

    def _words(self) -> Node:
        start = self.at
        quoted = _QUOTED.match(self.text, start)
        found = quoted or _BARE.match(self.text, start)
        if found is None:
            raise self._fault("expected", self.text[start], wants='"' if self.text[start] == '"' else "field:value")
        self.at = found.end()
        text = normal(_unquoted(quoted[1]) if quoted else found[0])
        if not text:
            raise BadFilter("bad_value", start, self.at, found[0], wants="field:value")
        return Words(text)

    def _field(self) -> Node:
        start = self.at
        written = _FIELD.match(self.text, start)
        assert written is not None
        field = BY_NAME.get(fold(written[0]))
        if field is None:
            close = difflib.get_close_matches(fold(written[0]), BY_NAME, n=1)
            wants = ", ".join(f.name for f in FIELDS.values())
            raise BadFilter(
                "unknown_field", start, written.end(), written[0], wants=wants, instead=close[0] if close else ""
            )
        self.at = written.end() + 1
        op = _OP.match(self.text, self.at)
        if op:
            self.at = op.end()
            if field.kind not in ("number", "time"):
                raise BadFilter("unexpected", op.start(), op.end(), op[0], wants=wanted(field))
        found = [self._value(field, op[0] if op else "")]
        while self.text[self.at : self.at + 1] == ",":
            self.at += 1
            found.append(self._value(field, op[0] if op else ""))
        things = [node for node in found if isinstance(node, OneOf)]
        if len(things) == len(found):
            return OneOf(field.name, tuple(dict.fromkeys(value for node in things for value in node.values)))
        return any_of(found)

    def _value(self, field: Field, op: str) -> Node:
        start = self.at
        quoted = _QUOTED.match(self.text, start)
        found = quoted or _BARE.match(self.text, start)
        if found is None:
            raise BadFilter("expected", start, start + 1, self.text[start : start + 1], wants=wanted(field))
        self.nodes += 1
        if self.nodes > NODES:
            raise self._fault("too_many", wants=str(NODES))
        self.at = found.end()
        value = _unquoted(quoted[1]) if quoted else found[0]
        node = self._meant(field, op, value, quoted=quoted is not None)
        if node is None:
            known = [in_language(words, language) for words in words_of(field).values() for language in ("en", "es")]
            known += [name for language in ("en", "es") for name in self.names.all_of(field.name, language)]
            close = difflib.get_close_matches(fold(value), {fold(name): name for name in known}, n=1)
            why = "unknown_value" if field.kind in ("thing", "word") else "bad_value"
            instead = next((name for name in known if close and fold(name) == close[0]), "")
            raise BadFilter(why, start, self.at, value, wants=wanted(field), instead=instead)
        return node

    def _meant(self, field: Field, op: str, value: str, *, quoted: bool) -> Node | None:
        """None: nothing that the field can be."""
        match field.kind:
            case "thing":
                values = self._things(field, value, quoted=quoted)
                return OneOf(field.name, values) if values else None
            case "word":
                word = _word_for(field.words, value)
                return OneOf(field.name, (word,)) if word else None
            case "code":
                code = fold(value)
                return OneOf(field.name, (code,)) if _CODE.fullmatch(code) else None
            case "flag":
                return _flag(field, value)
            case "number":
                return _number(field, op, value)
            case "time":
                return _time(field, op, value)

    def _things(self, field: Field, value: str, *, quoted: bool) -> tuple[int | str, ...]:
        if not quoted:
            if re.fullmatch(r"#[0-9]{1,15}", value):
                return (int(value[1:]),)
            if field.name == "agent" and (word := _word_for(PEOPLE, value)):
                return (word,)
        return self.names.find(field.name, value)


def _unquoted(inside: str) -> str:
    return re.sub(r"\\(.)", r"\1", inside, flags=re.DOTALL)


def normal(text: str) -> str:
    """The words that are looked for, folded; `+595 981-123` is a number's digits, and keeps nothing else."""
    plain = fold(text)
    if not any(letter.isalpha() for letter in plain):
        digits = "".join(letter for letter in plain if letter in "0123456789")
        return digits.lstrip("0") or digits[:1]
    return " ".join(_WORD.findall(plain))


def wanted(field: Field) -> str:
    """What a value of the field looks like."""
    if field.kind == "time":
        return ">10m, <2h, 2026-12-31, today, 2026-01-01..2026-01-31"
    if field.kind == "number":
        return "3, >3"
    return ", ".join(names[0] for names in words_of(field).values())


def _word_for(words: dict[str, tuple[str, ...]], value: str) -> str:
    plain = fold(value).replace("_", "").replace(" ", "")
    return next((str(word) for word, names in words.items() if plain in names), "")


def _flag(field: Field, value: str) -> Node | None:
    if (plain := fold(value)) in YES:
        return Flag(field.name)
    return Not(Flag(field.name)) if plain in NO else None


def _number(field: Field, op: str, value: str) -> Node | None:
    if field.name == "unread" and not op and (plain := fold(value)) in (*YES, *NO):
        return Count(field.name, ">", 0) if plain in YES else Count(field.name, "=", 0)
    digits = value.removeprefix("#") if field.name == "id" else value
    if not re.fullmatch(r"[0-9]{1,15}", digits):
        return None
    return Count(field.name, op or "=", int(digits))  # type: ignore[arg-type]


def _time(field: Field, op: str, value: str) -> Node | None:
    plain = fold(value)
    if age := _AGE.fullmatch(plain):
        long = next((size for size, names in UNITS.values() if age[2] in names), 0)
        return Age(field.name, int(age[1]) * long, younger=op.startswith("<")) if long and op != "=" else None
    if ".." in plain:
        first, _, last = plain.partition("..")
        begin, end = _day(first), _day(last)
        if op or not begin or not end:
            return None
        return All((Day(field.name, ">=", begin), Day(field.name, "<=", end)))
    day = _day(plain)
    return Day(field.name, op or "=", day) if day else None  # type: ignore[arg-type]


def _day(plain: str) -> str:
    """`today`, `yesterday`, or the ISO form of a date; empty where it is none."""
    if word := _word_for(DAYS, plain):
        return word
    if local := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", plain):
        plain = f"{local[3]}-{int(local[2]):02}-{int(local[1]):02}"
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", plain):
        return ""
    try:
        found = date.fromisoformat(plain)
    except ValueError:
        return ""
    return plain if 1970 <= found.year < 9999 else ""  # beyond it there is no next day


# -- printing ----------------------------------------------------------------------------------------------------------


def write(node: Node, names: Names = _NONE, language: str = "en") -> str:
    """The text of a tree, which reads back as the same tree. Without names things stand as `#id`."""
    return "" if node == All(()) else _written(node, names, language, "")


def _written(node: Node, names: Names, language: str, within: str) -> str:
    """`within`: what it is a part of; brackets are put only where they change the meaning."""
    match node:
        case All(parts=parts):
            text = " ".join(_written(part, names, language, "all") for part in parts)
            return f"({text})" if within in ("not", "all") else text
        case Any(parts=parts):
            between = f" {in_language(OR, language)} "
            text = between.join(_written(part, names, language, "any") for part in parts)
            return f"({text})" if within else text
        case Not(part=part):
            return "-" + _written(part, names, language, "not")
        case Words(text=text):
            return text if _PLAIN.fullmatch(text) and text not in (*AND, *OR, *NOT) else _quoted(text)
        case OneOf(field=name, values=values):
            field = FIELDS[name]
            return f"{field.called(language)}:" + ",".join(_value(field, one, names, language) for one in values)
        case Count(field=name, op=op, value=value):
            return f"{FIELDS[name].called(language)}:{'' if op == '=' else op}{value}"
        case Flag(field=name):
            return f"{FIELDS[name].called(language)}:{in_language(YES, language)}"
        case Age(field=name, age=age, younger=younger):
            return f"{FIELDS[name].called(language)}:{'<' if younger else '>'}{_age(age)}"
        case Day(field=name, op=op, day=day):
            said = in_language(DAYS[day], language) if day in DAYS else day
            return f"{FIELDS[name].called(language)}:{'' if op == '=' else op}{said}"
        case _:
            raise TypeError(node)


def _value(field: Field, value: int | str, names: Names, language: str) -> str:
    if isinstance(value, str):
        words = words_of(field).get(value)
        return in_language(words, language) if words else value
    label = names.label(field.name, value, language)
    if not label:
        return f"#{value}"
    return spelled(field, label)


def spelled(field: Field, label: str) -> str:
    """A name as it is written behind the field: in quotes where it would be read as something else."""
    taken = field.name == "agent" and _word_for(PEOPLE, label)
    return label if _PLAIN.fullmatch(label) and not taken else _quoted(label)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _age(age: int) -> str:
    unit, size = next((unit, size) for unit, (size, _) in UNITS.items() if age % size == 0 and (age or unit == "s"))
    return f"{age // size}{unit}"


__all__ = ["LENGTH", "NOBODY", "WHYS", "BadFilter", "Op", "normal", "read", "spelled", "wanted", "write"]
