"""What somebody may send who means no good, or whose program is wrong: noise, and what is nearly right."""

import json
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect
from payloads import drawn_from, payloads, resolved

from hub.protocol.commands import REGISTRY

NUMBERS = (0, -1, 1, 2**31, 2**53 - 1, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63), 10**30, 1e308, 0.5)
TEXTS = ("", "\x00", "\u202e", "=1+1", "<script>", "a" * 9000, "%s%n", "../..", "\U0001f469\u200d\U0001f680", "null")
DEEP = "[" * 2000
odd_numbers = st.sampled_from(NUMBERS) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
odd_texts = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
odd = st.none() | st.booleans() | odd_numbers | odd_texts
anything = st.recursive(odd, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_texts, inner, max_size=3))
unreadable = st.sampled_from(("", "{", "nonsense", DEEP, '{"t":', '"\\ud800"', '{"t":"\\ud800"}', "\x00", "NaN"))
HERE = 1_790_000_000_000  # the tests' now


def struct(kind: type[msgspec.Struct]) -> st.SearchStrategy[dict[str, Any]]:
    """What fits, as JSON has it, with its tag. Numbers that the protocol does not bound are any."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    fields = {field.encode_name: _value(field.type) for field in info.fields}
    tag = {} if info.tag_field is None else {info.tag_field: st.just(info.tag)}
    needed = {field.encode_name for field in info.fields if field.required}
    required = {name: value for name, value in fields.items() if name in needed}
    return st.fixed_dictionaries({**tag, **required}, optional={n: v for n, v in fields.items() if n not in needed})


def _value(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.RawType():
            return anything
        case inspect.IntType(ge=None, le=None):
            return st.sampled_from((0, 1, 2, 3)) | st.sampled_from([n for n in NUMBERS if isinstance(n, int)])
        case inspect.IntType():
            return st.sampled_from((1, 2, 3, info.ge or 0))
        case inspect.TupleType(item_types=items):
            return st.tuples(*map(_value, items)).map(list)
        case inspect.ListType(item_type=item):
            return st.lists(_value(item), max_size=3)
        case inspect.DictType(key_type=inspect.IntType(), value_type=value):
            return st.dictionaries(st.sampled_from(("1", "2", str(2**63), str(10**30))), _value(value), max_size=2)
        case inspect.UnionType(types=types):
            return st.one_of(*map(_value, types))
        case inspect.StructType(cls=cls):
            return struct(cls)
    return drawn_from(info)


@st.composite
def spoiled(draw: Any, good: st.SearchStrategy[dict[str, Any]]) -> str:
    """Something that fits, as it is or with one thing wrong, as text."""
    made = draw(good)
    how = draw(st.sampled_from(("as it is", "as it is", "one other", "one less", "one more", "cut")))
    if made and how == "one other":
        made[draw(st.sampled_from(sorted(made)))] = draw(anything)
    elif made and how == "one less":
        del made[draw(st.sampled_from(sorted(made)))]
    elif how == "one more":
        made[draw(odd_texts)] = draw(anything)
    text = json.dumps(made, ensure_ascii=draw(st.booleans()))
    return text[: draw(st.integers(0, len(text)))] if how == "cut" else text


@st.composite
def commands(draw: Any, there: dict[str, list[Any]]) -> dict[str, Any]:
    """A `cmd` of any registered command. Those that there are of each are 1, 2 and 3."""
    name = draw(st.sampled_from(sorted(REGISTRY)))
    args = resolved(draw(payloads(name)), there, HERE)
    key = draw(st.integers(0, 2**64).map("fuzz-{:020}".format))
    return {"t": "cmd", "id": draw(odd_numbers), "key": key, "name": name, "args": args}


def messages(*kinds: type[msgspec.Struct], more: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[str | bytes]:
    """What may come over a socket that takes frames of these kinds."""
    frames = st.one_of(*map(struct, kinds), more)
    return st.one_of(*[spoiled(frames)] * 6, anything.map(json.dumps), unreadable, st.binary(max_size=40))
