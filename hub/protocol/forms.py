"""Forms: what a queue asks about each of its conversations, and whether what was filled in is good. Pure; the hub and
the console read values with the same functions, so that what one takes the other does.

A value is a text, or of a field of `many` options the list of their codes. It is kept as `read` returns it: days as
2026-12-31, numbers with a point, yes and no as `yes` and `no`, options by code, the rest as it was typed.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hub.protocol import masks
from hub.protocol.patterns import NO_NUL, Code, Text

Kind = Literal["text", "long", "number", "date", "choice", "many", "yesno", "phone", "email", "document"]
Why = Literal[
    "unknown",
    "a_list",
    "a_text",
    "too_long",
    "one_line",
    "number",
    "date",
    "option",
    "yesno",
    "phone",
    "email",
    "document",
    "mask",
]
FIELDS = 60  # of a form at most
OPTIONS = 100  # of a field
SIZE = 32_000  # bytes of a form as JSON
FILLED = 12_000  # bytes of what is filled in, so that it fits a page of a snapshot
LINE, LONG, PHONE, DOCUMENT, EMAIL, CHOSEN = 200, 4000, 40, 32, 254, 50  # characters, and options of `many`
LIMITS: dict[str, int] = {"long": LONG, "phone": PHONE, "document": DOCUMENT, "email": EMAIL}
MASKED = ("text", "phone", "document")  # kinds that can have a mask
YES, NO = "yes", "no"

# Without a pattern: msgspec 0.22 frees that of a text that stands in a union with a list once too often, and crashes.
# So it is `read` that takes no NUL.
Written = Annotated[str, Meta(max_length=LONG)]
Value = Written | Annotated[list[Code], Meta(max_length=CHOSEN)]
Values = dict[Code, Value]


class Option(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    code: Code
    name: Text


class Shown(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A field is shown only where an earlier one, `field`, is shown and has one of these values; none named: any."""

    field: Code
    values: Annotated[list[Written], Meta(max_length=OPTIONS)] = []


class Field(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One question. `mask` is what a text has to look like, in the language of `hub.protocol.masks`."""

    code: Code
    kind: Kind
    name: Text
    help: Text = {}
    required: bool = False
    default: Value = ""
    mask: Annotated[str, Meta(max_length=masks.LONGEST, pattern=NO_NUL)] = ""
    options: Annotated[list[Option], Meta(max_length=OPTIONS)] = []
    shown_if: Shown | None = None


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a value."""

    field: str
    why: Why


class Filled(msgspec.Struct):
    """What was filled in: the values of the fields that are shown, as they are kept, what is wrong with others, and
    which required fields are empty."""

    values: dict[str, Value]
    faults: list[Fault]
    missing: list[str]


class Bad(ValueError):
    """A value is not what its field asks for."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


decode_fields = msgspec.json.Decoder(list[Field]).decode
decode_values: Callable[[str | bytes], Values] = msgspec.json.Decoder(Values).decode


# -- values ------------------------------------------------------------------------------------------------------------


def judge(fields: Iterable[Field], values: Mapping[str, Value]) -> Filled:
    """Look at all of a form. What belongs to a field that is not shown is left out; others are a fault."""
    found, known = Filled({}, [], []), set()
    for field in fields:
        known.add(field.code)
        if not is_shown(field, found.values):
            continue
        try:
            value = read(field, values.get(field.code, ""))
        except Bad as bad:
            found.faults.append(Fault(field.code, bad.why))
            continue
        if value:
            found.values[field.code] = value
        elif field.required:
            found.missing.append(field.code)
    found.faults += [Fault(code, "unknown") for code in values if code not in known]
    return found


def is_shown(field: Field, values: Mapping[str, Value]) -> bool:
    """Whether it is to be filled in, by the values of the fields before it that are."""
    if field.shown_if is None:
        return True
    value = values.get(field.shown_if.field, "")
    has = {*value} if isinstance(value, list) else {value} - {""}
    return bool(has & {*field.shown_if.values} if field.shown_if.values else has)


def defaults(fields: Iterable[Field]) -> dict[str, Value]:
    return {field.code: field.default for field in fields if field.default}


def read(field: Field, value: Value) -> Value:
    """The value as it is kept; empty where nothing was filled in. Raises `Bad`."""
    if field.kind == "many":
        return _many(field, value)
    if not isinstance(value, str):
        raise Bad("a_text")
    text = value.strip()
    if not text:
        return ""
    if len(text) > LIMITS.get(field.kind, LINE):
        raise Bad("too_long")
    if "\0" in text or (field.kind != "long" and not text.isprintable()):
        raise Bad("one_line")
    match field.kind:
        case "number":
            text = _number(text)
        case "date":
            text = _day(text)
        case "choice":
            text = _option(field, text)
        case "yesno":
            text = _yes_or_no(text)
        case "phone":
            digits(text)
        case "email":
            _address(text)
        case "document":
            _document(text)
        case _:
            pass
    if field.mask and not _fits(field.mask, text):
        raise Bad("mask")
    return text


def _fits(mask: str, text: str) -> bool:
    try:
        return masks.fits(mask, text)
    except masks.BadMask:
        return True  # a newer hub knows more of masks than this console, and looks itself


def digits(phone: str) -> str:
    """The digits of a phone number, however it is written: 0981 123 456, +595 (981) 123-456, 595981123456.

    Raises `Bad`."""
    bare = phone.strip().removeprefix("+")
    found = "".join(char for char in bare if char.isascii() and char.isdigit())
    if not 5 <= len(found) <= 20 or any(not char.isascii() or char not in "0123456789 -./()" for char in bare):
        raise Bad("phone")
    return found


def _many(field: Field, value: Value) -> Value:
    if isinstance(value, str) and value.strip():
        raise Bad("a_list")
    known, chosen = [one.code for one in field.options], {*value}
    if not chosen <= {*known}:
        raise Bad("option")
    return [code for code in known if code in chosen]


def _option(field: Field, text: str) -> str:
    if all(one.code != text for one in field.options):
        raise Bad("option")
    return text


def _number(text: str) -> str:
    whole, point, part = text.lstrip("+-").replace(",", ".").partition(".")
    sign = text[: len(text) - len(text.lstrip("+-"))]
    good = whole.isascii() and whole.isdigit() and len(whole) <= 15 and sign in ("", "-", "+")
    if not good or (point and not (part.isascii() and part.isdigit() and len(part) <= 9)):
        raise Bad("number")
    return ("-" if sign == "-" else "") + (whole.lstrip("0") or "0") + (f".{part}" if point else "")


def _day(text: str) -> str:
    """As 2026-12-31, 31/12/2026, 31-12-2026 or 31.12.2026."""
    parts = text.replace("/", "-").replace(".", "-").split("-")
    if len(parts) != 3 or not all(one.isascii() and one.isdigit() and len(one) in (1, 2, 4) for one in parts):
        raise Bad("date")
    year, month, day = parts if len(parts[0]) == 4 else reversed(parts)
    if len(year) != 4:
        raise Bad("date")
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise Bad("date") from None


def _yes_or_no(text: str) -> str:
    if text not in (YES, NO):
        raise Bad("yesno")
    return text


def _address(text: str) -> None:
    name, at, domain = text.rpartition("@")
    parts = domain.split(".")
    if not (name and at and len(parts) > 1 and all(parts)) or "@" in name or any(char.isspace() for char in text):
        raise Bad("email")


def _document(text: str) -> None:
    if not any(char.isalnum() for char in text) or any(not (char.isalnum() or char in " .-/") for char in text):
        raise Bad("document")


# -- forms -------------------------------------------------------------------------------------------------------------


def fault_of(fields: list[Field]) -> tuple[str, str] | None:
    """(field, what is wrong with it) of a form that can't be used; None where it can."""
    seen: dict[str, Field] = {}
    for number, field in enumerate(fields):
        fault = _fault_of(field, seen)
        if fault is not None:
            return f"fields[{number}].{fault[0]}", f"{field.code}: {fault[1]}"
        seen[field.code] = field
    if len(msgspec.json.encode(fields)) > SIZE:
        return "fields", f"the form takes more than {SIZE} bytes"
    return None


def _fault_of(field: Field, before: Mapping[str, Field]) -> tuple[str, str] | None:
    if field.code in before:
        return "code", "another field has this code"
    if not field.name:
        return "name", "it has no name"
    if field.kind in ("choice", "many"):
        codes = [one.code for one in field.options]
        if not codes:
            return "options", "there is nothing to choose from"
        if len({*codes}) < len(codes):
            return "options", "two options have one code"
        if not all(one.name for one in field.options):
            return "options", "an option has no name"
    elif field.options:
        return "options", "only choice and many have options"
    return _fault_of_mask(field) or _fault_of_default(field) or _fault_of_condition(field, before)


def _fault_of_mask(field: Field) -> tuple[str, str] | None:
    if field.mask and field.kind not in MASKED:
        return "mask", f"only {', '.join(MASKED)} have a mask"
    try:
        masks.read(field.mask)
    except masks.BadMask as bad:
        return "mask", str(bad)
    return None


def _fault_of_default(field: Field) -> tuple[str, str] | None:
    try:
        read(field, field.default)
    except Bad as bad:
        return "default", f"it would not be taken: {bad.why}"
    return None


def _fault_of_condition(field: Field, before: Mapping[str, Field]) -> tuple[str, str] | None:
    if field.shown_if is None:
        return None
    other = before.get(field.shown_if.field)
    if other is None:
        return "shown_if.field", f"no field before it is called {field.shown_if.field}"
    for value in field.shown_if.values:
        try:
            kept = read(other, [value] if other.kind == "many" else value)
        except Bad:
            kept = ""
        if kept not in (value, [value]):
            return "shown_if.values", f"{other.code} never is {value!r}"
    return None
