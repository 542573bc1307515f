"""Filters as a person types them: what a word may become, and what is wrong with one that can't be read."""

from collections.abc import Iterator, Mapping

import msgspec

from agent_tui import i18n
from agent_tui.i18n import N_, _
from hub.protocol.filter_fields import BY_NAME, FIELDS, Field, Names, fold, in_language, words_of
from hub.protocol.filter_text import BadFilter, read, spelled, write
from hub.protocol.filter_tree import All, Node

OFFERED = 12
_WHEN = (">10m", ">1h", "<1d")
SENTENCES: dict[str, str] = {
    "too_long": N_("The filter is longer than {wants} characters: shorten it."),
    "too_deep": N_("The filter has more than {wants} brackets in each other: take some away."),
    "too_many": N_("The filter asks for more than {wants} things: take some away."),
    "unknown_field": N_("There is no field “{found}” (letter {at}): {wants}."),
    "unknown_value": N_("There is no “{found}” (letter {at}): {wants}."),
    "bad_value": N_("“{found}” does not fit (letter {at}): {wants}."),
    "expected": N_("Something is missing (letter {at}): {wants}."),
    "unexpected": N_("“{found}” does not belong there (letter {at}): {wants}."),
}


class Word(msgspec.Struct, frozen=True):
    """What the end of a filter may become: `line` is the whole text with it put in."""

    line: str
    text: str


def complete(line: str, names: Names) -> list[Word]:
    """What the last word of a filter may become; nothing where none is begun."""
    word = line[_last(line) :]
    name, colon, value = word.partition(":")
    field = BY_NAME.get(fold(name)) if colon else None
    if not word or (colon and field is None):
        return []
    typed = value.rpartition(",")[2] if field is not None else word
    start = line[: len(line) - len(typed)]
    offered = _values(field, names, begun=bool(typed)) if field is not None else _fields(fold(typed))
    wanted = fold(typed.removeprefix('"'))
    fitting = [one for one in dict.fromkeys(offered) if fold(one).removeprefix('"').startswith(wanted)]
    return [Word(start + one, one) for one in fitting if one != typed][:OFFERED]


def _fields(typed: str) -> Iterator[str]:
    """In the person's language first, and in the other where that is how it begins."""
    language = i18n.language()
    for field in FIELDS.values():
        names = (field.called(language), *field.names)
        yield from (f"{name}:" for name in names[:1] if fold(name).startswith(typed))
    for field in FIELDS.values():
        if not fold(field.called(language)).startswith(typed):
            yield from (f"{name}:" for name in field.names if fold(name).startswith(typed))


def _values(field: Field, names: Names, *, begun: bool) -> Iterator[str]:
    """In the person's language; a name that is begun, in any."""
    language = i18n.language()
    if field.kind == "time":
        yield from _WHEN
    for words in words_of(field).values():
        yield in_language(words, language)
    others = (one for one in i18n.LANGUAGES if begun and one != language)
    for one in (language, *others):
        yield from (spelled(field, name) for name in sorted(names.all_of(field.name, one), key=fold))


def finished(line: str) -> str:
    """What stands before the word that is being typed."""
    return line[: _last(line)].rstrip("-( ")


def _last(line: str) -> int:
    """Where the last word begins, without the sign before it: blanks in quotes part no words."""
    begin, quoted = 0, False
    for at, letter in enumerate(line):
        quoted = quoted != (letter == '"')
        if not quoted and (letter.isspace() or letter in "()"):
            begin = at + 1
    return begin + (line[begin : begin + 1] == "-")


def understood(line: str, names: Names) -> Node:
    """What a filter asks for. Raises BadFilter."""
    return read(line, names)


def kept(node: Node) -> str:
    """Its text with things by id, as the hub is asked."""
    return write(node)


def said(text: str, names: Names) -> str:
    """A kept filter as this person would type it; as it is kept where it can't be read here."""
    try:
        node = read(text, names)
    except BadFilter:
        return text
    return "" if node == All(()) else write(node, names, i18n.language())


def fault(error: BadFilter | Mapping[str, object]) -> str:
    """What is wrong, where, and what to do: of an error of one's own, or of the hub's refusal."""
    if isinstance(error, BadFilter):
        error = {name: getattr(error, name) for name in ("why", "at", "found", "wants", "instead")}
    wants = str(error.get("wants") or "")
    if error.get("why") == "unknown_field":
        wants = ", ".join(field.called(i18n.language()) for field in FIELDS.values())
    if instead := error.get("instead"):
        wants = _("did you mean {instead}?").format(instead=instead).rstrip("?") + "?"
    elif wants and error.get("why") not in ("too_long", "too_deep", "too_many"):
        wants = _("it takes {wants}").format(wants=wants)
    words = _(SENTENCES.get(str(error.get("why")), SENTENCES["unexpected"]))
    at = error.get("at")
    where = at + 1 if isinstance(at, int) else "?"
    return words.format(found=error.get("found") or "", at=where, wants=wants).replace("?.", "?").replace(": .", ".")
