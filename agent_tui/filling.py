"""What is filled in of a conversation's form, as the console knows it: the queue's form, what was saved, what was typed
and not saved, what is missing. Knows no widgets."""

from collections.abc import Iterable, Mapping

import msgspec

from agent_tui import rights
from agent_tui.i18n import N_, _, named
from agent_tui.link.model import Desk
from hub.protocol import forms, masks
from hub.protocol.forms import Field, Value, Values
from hub.protocol.states import State
from hub.protocol.views import Form, Row, Submission, Topic

WHYS: dict[str, str] = {
    "unknown": N_("the form does not ask for it"),
    "a_list": N_("several can be chosen here"),
    "a_text": N_("one thing goes here"),
    "too_long": N_("it is too long"),
    "one_line": N_("it takes one line"),
    "number": N_("it takes a number, like 12 or 3,5"),
    "date": N_("it takes a day, like 31/12/2026"),
    "option": N_("it is not one of the options"),
    "yesno": N_("it takes yes or no"),
    "phone": N_("it takes a phone number, like 0981 123 456 or 595981123456"),
    "email": N_("it takes an address, like ana@example.org"),
    "document": N_("it takes the number of a document"),
    "mask": N_("it has to look like {mask}"),
}
KINDS: dict[str, str] = {
    "text": N_("text"),
    "long": N_("long text"),
    "number": N_("number"),
    "date": N_("day"),
    "choice": N_("one of several"),
    "many": N_("some of several"),
    "yesno": N_("yes or no"),
    "phone": N_("phone"),
    "email": N_("e-mail"),
    "document": N_("identity document"),
}
BETWEEN = " › "  # the names of topics that stand below one another


class Typed(msgspec.Struct):
    """What was typed for a conversation and is not saved; `topics` None: those that it has."""

    values: Values
    topics: list[int] | None = None


class Typing:
    """What was typed into forms and not saved, by conversation and queue: it stays when a form is left, or changes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int], Typed] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, row: Row) -> Typed | None:
        return self._kept.get((row.id, row.q))

    def forget(self, conversation: int) -> None:
        """It is out of sight, and may have been erased: nothing of it stays."""
        for key in [key for key in self._kept if key[0] == conversation]:
            del self._kept[key]

    def keep(self, row: Row, typed: Typed | None) -> None:
        """None: all of it is saved."""
        if typed is None:
            self._kept.pop((row.id, row.q), None)
        else:
            self._kept[row.id, row.q] = typed


def form_of(desk: Desk, row: Row) -> Form | None:
    """The form that its queue asks for; None where it asks for none."""
    return next((form for form in desk.forms.values() if form.queue == row.q and form.fields), None)


def saved(desk: Desk, row: Row) -> Submission | None:
    """What was saved for the leg that it is in."""
    thread = desk.thread(row.id)
    newest = thread.forms[0] if thread is not None and thread.forms else None
    return newest if newest is not None and (newest.q, newest.owner) == (row.q, row.owner) else None


def values_of(desk: Desk, row: Row, typing: Typing) -> Values:
    """What stands in the form: typed, or saved, or what it begins with."""
    typed, form, kept = typing.of(row), form_of(desk, row), saved(desk, row)
    if typed is not None:
        return typed.values
    if kept is not None:
        return dict(kept.values)
    return {} if form is None else forms.defaults(form.fields)


def topics_of(desk: Desk, row: Row) -> list[tuple[Topic, str]]:
    """Those that can be set, in the order of the tree, each with the names from the top; then what it has besides."""
    mine = [topic for topic in desk.topics.values() if topic.queue == row.q and topic.active]
    below: dict[int | None, list[Topic]] = {}
    there = {topic.id for topic in mine}
    for topic in sorted(mine, key=lambda one: named(one.name)):
        below.setdefault(topic.parent if topic.parent in there else None, []).append(topic)
    found: list[tuple[Topic, str]] = []

    def walk(parent: int | None) -> None:
        for topic in below.get(parent, ()):
            found.append((topic, topic_path(desk, topic)))
            walk(topic.id)

    walk(None)
    others = (desk.topics[one] for one in row.topics if one in desk.topics and one not in there)
    return [*found, *((topic, topic_path(desk, topic)) for topic in others)]


def topic_path(desk: Desk, topic: Topic) -> str:
    parts = [named(topic.name)]
    above = desk.topics.get(topic.parent or 0)
    while above is not None and len(parts) < 8:
        parts.insert(0, named(above.name))
        above = desk.topics.get(above.parent or 0)
    return BETWEEN.join(parts)


def needs_topic(desk: Desk, row: Row, topics: Iterable[int]) -> bool:
    """Whether its queue wants a topic before the end, and none of these is one of its."""
    queue = desk.queues.get(row.q)
    if queue is None or not queue.topics_required:
        return False
    mine = {topic.id for topic in desk.topics.values() if topic.queue == row.q}
    return not mine & {*topics} and any(topic.queue == row.q and topic.active for topic in desk.topics.values())


def asks(desk: Desk, row: Row) -> bool:
    """Whether its queue asks for anything."""
    return form_of(desk, row) is not None or bool(topics_of(desk, row))


def fillable(desk: Desk, row: Row) -> bool:
    """Whether I may fill it in: it is with me, or I manage."""
    if row.hid or row.state == State.CLOSED or row.owner is None:
        return False
    return rights.mine(desk, row) or rights.granted(desk, "conversation.manage")


def is_complete(desk: Desk, row: Row, typing: Typing) -> bool:
    """Whether all that its end takes is saved."""
    form, kept = form_of(desk, row), saved(desk, row)
    if typing.of(row) is not None or needs_topic(desk, row, row.topics):
        return False
    if form is None:
        return True
    judged = forms.judge(form.fields, {} if kept is None else kept.values)
    return kept is not None and kept.version == form.version and not judged.missing and not judged.faults


# -- words -------------------------------------------------------------------------------------------------------------


def why(field: Field | None, reason: str) -> str:
    """What is wrong with a value, for the person who typed it."""
    if reason not in WHYS:
        return reason
    return _(WHYS[reason]).format(mask=masks.example(field.mask) if field is not None else "")


def field_of(desk: Desk, code: str) -> Field | None:
    """The field with this code, whichever form it stands in."""
    return next((field for form in desk.forms.values() for field in form.fields if field.code == code), None)


def field_named(desk: Desk, code: str) -> str:
    field = field_of(desk, code)
    return named(field.name) if field is not None else code


def shown(field: Field, value: Value) -> str:
    """A value as a person reads it."""
    options = {option.code: named(option.name) for option in field.options}
    if isinstance(value, list):
        return ", ".join(options.get(one, one) for one in value)
    match field.kind:
        case "choice":
            return options.get(value, value)
        case "yesno":
            return {forms.YES: _("yes"), forms.NO: _("no")}.get(value, value)
        case "date" if value[4:5] == "-":
            return "/".join(reversed(value.split("-")))
        case _:
            return value


def told(fields: Iterable[Field], values: Mapping[str, Value]) -> list[tuple[str, str]]:
    """(name, value) of all that is filled in; what the fields don't know by its code."""
    known = {field.code: field for field in fields}
    found = [(named(field.name), shown(field, values[code])) for code, field in known.items() if values.get(code)]
    others = ((code, value) for code, value in values.items() if code not in known)
    return found + [(code, value if isinstance(value, str) else ", ".join(value)) for code, value in others]
