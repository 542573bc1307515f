"""The arguments of commands as a person types them: names instead of ids, `30m` instead of a time.

Which kind an argument is follows from its field in the command's struct. A field that no kind fits can't be typed, and
neither can its command.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import msgspec

from agent_tui import handed, moments, names
from agent_tui.glyphs import drawn
from agent_tui.i18n import N_, _, named
from agent_tui.link.model import Desk
from agent_tui.shortcuts import fold
from hub.protocol.commands import Assign
from hub.protocol.destinations import members
from hub.protocol.registry import Args
from hub.protocol.views import Row

# fields that the console fills in itself, or not at all
UNTYPED = ("seen", "plan", "version", "values", "topics", "phone")
UNITS = {"m": moments.MINUTE, "h": 60 * moments.MINUTE, "d": 24 * 60 * moments.MINUTE}
SPAN = re.compile(r"(?:\d{1,4}[mhd])+")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
NAMES = {
    "agent": N_("agent"),
    "tags": N_("tags"),
    "until": N_("until"),
    "at": N_("when"),
    "body": N_("text"),
    "text": N_("text"),
    "muted": N_("on or off"),
    "name": N_("name"),
    "outcome": N_("outcome"),
    "status": N_("status"),
    "queue": N_("queue"),
    "comment": N_("comment"),
    "team": N_("team"),
    "priority": N_("priority"),
    "intake": N_("reception"),
}
CHOICES = {
    **{name: label for name, (_glyph, _role, label) in names.STATUSES.items()},
    **names.INTAKES,
    "attended": N_("attended"),
    "cancelled": N_("cancelled"),
    "no_show": N_("did not come"),
    "spam": N_("spam"),
}


class BadOrder(Exception):
    """What is wrong with a line, as a sentence for the person who typed it."""


class Word(msgspec.Struct, frozen=True):
    """One thing that an argument may be: as it is typed, and what else it is called. `why` says what is in its way,
    which keeps it from being meant where it is `barred`; a `spare` one is offered only where no other fits."""

    text: str
    value: object
    also: str = ""
    why: str = ""
    barred: bool = False
    spare: bool = False

    @property
    def about(self) -> str:
        return drawn(" · ").join(part for part in (self.also, self.why) if part)

    def begins(self, typed: str) -> bool:
        """Whether it, or a word of what else it is called, begins with what is typed."""
        wanted = fold(typed)
        forms = (fold(self.text.removeprefix("-")), fold(self.also), *fold(self.also).split())
        return any(form.startswith(wanted) for form in forms)

    def is_called(self, typed: str) -> bool:
        return fold(typed) in (fold(self.text), fold(self.also or self.text))


Given = Mapping[str, object]  # what stands before it in the line, by field
Offer = Callable[[Desk, Row | None, Given], Sequence[Word]]
Read = Callable[[Desk, Row | None, Given, str], object]


class Argument(msgspec.Struct, frozen=True):
    """`rest`: it takes what is left of the line. `offer` lists what it may be, `read` and `check` raise BadOrder. One
    with a `lead` is known by it: what begins otherwise is for the argument after it."""

    field: str
    required: bool
    rest: bool
    offer: Offer
    read: Read
    check: Callable[[str], object] | None = None  # what of `read` needs no desk
    lead: str = ""
    label: str = ""  # what it is called, where its field does not tell

    @property
    def name(self) -> str:
        if self.label:
            return _(self.label)
        return _(NAMES[self.field]) if self.field in NAMES else self.field

    @property
    def wanting(self) -> str:
        """What to do where it is not there."""
        return _("type it") if self.offer is _nothing else _("say which")

    def fault(self, words: str) -> BadOrder:
        return BadOrder(f"{self.name}: {words}")


def fitting(words: Sequence[Word], typed: str) -> list[Word]:
    """Those that begin so; the spare ones only where no other does."""
    found = [word for word in words if word.begins(typed)]
    return [word for word in found if not word.spare] or found


def pick(words: Sequence[Word], typed: str) -> object:
    """The one that is meant: by its whole name, else by how it alone begins. Raises BadOrder."""
    typed = typed.strip()
    found = [word for word in words if word.is_called(typed)] or fitting(words, typed)
    if len(found) == 1 and found[0].barred:
        raise BadOrder(f"{found[0].text}: {found[0].why}")
    if len(found) == 1:
        return found[0].value
    if found:
        which = ", ".join(word.text for word in found[:4])
        raise BadOrder(_("“{typed}” could be {which}").format(typed=typed, which=which))
    raise BadOrder(_("there is no “{typed}”").format(typed=typed))


def _nothing(_desk: Desk, _row: Row | None, _given: Given) -> Sequence[Word]:
    return ()


def _agents(desk: Desk, _row: Row | None, _given: Given) -> Sequence[Word]:
    active = (agent for agent in desk.agents.values() if agent.active)
    return [Word(agent.name, agent.id, agent.login) for agent in sorted(active, key=lambda one: fold(one.name))]


def _takers(desk: Desk, row: Row | None, given: Given) -> Sequence[Word]:
    """Whom a conversation may be given to: who works in its queue, who is there first; others where they are meant."""
    queue = desk.queues.get(row.q) if row is not None else None
    if row is None or queue is None:
        return _agents(desk, row, given)
    found = []
    for word in _agents(desk, row, given):
        agent = desk.agents[int(str(word.value))]
        status = "" if agent.status == "online" else _(names.STATUSES[agent.status][2])
        inside = agent.id in (*queue.primary, *queue.support)
        if agent.id != row.owner:
            why = drawn(" · ").join(part for part in (status, "" if inside else _("not in the queue")) if part)
            found.append(msgspec.structs.replace(word, why=why, spare=not inside))
    return sorted(found, key=lambda one: bool(one.why))


def _queues(desk: Desk, row: Row | None, _given: Given) -> Sequence[Word]:
    """By their codes, which have no blanks; those that something can be handed on to from here."""
    there = handed.queues(desk, row)
    whys = [handed.why(desk, queue, None) for queue in there]
    return [Word(one.code, one.id, named(one.name), why, bool(why)) for one, why in zip(there, whys, strict=True)]


def _colleagues(desk: Desk, row: Row | None, given: Given) -> Sequence[Word]:
    """Who works in the queue that is typed before, by login, with the sign before it that says that they are meant."""
    queue = desk.queues.get(int(str(given.get("queue", 0))))
    if queue is None:
        return ()
    found = []
    for agent in sorted(members(queue, desk.agents), key=lambda one: one.login):
        if (desk.me is None or agent.id != desk.me.agent) and (
            row is None or (queue.id, agent.id) != (row.q, row.owner)
        ):
            why = handed.why(desk, queue, agent)
            found.append(Word(f"@{agent.login}", agent.id, agent.name, why, barred=bool(why)))
    return sorted(found, key=lambda one: one.barred)


def _teams(desk: Desk, row: Row | None, _given: Given) -> Sequence[Word]:
    teams = sorted((team.code, team) for team in desk.teams.values())
    none = [Word("-", None, _("nobody's"))] if row is not None and row.team is not None else []
    return [*(Word(code, team.id, named(team.name)) for code, team in teams), *none]


def _priorities(_desk: Desk, _row: Row | None, _given: Given) -> Sequence[Word]:
    return [Word(str(number), number, _(label)) for number, label in names.PRIORITIES.items()]


def _tags(desk: Desk, row: Row | None, _given: Given) -> Sequence[Word]:
    """Those that it has not, to be set, and those that it has, to be taken away."""
    tags = sorted(desk.tags.values(), key=lambda tag: fold(tag.name))
    has = set(row.tags) if row is not None else set()
    return [Word(f"-{tag.name}" if tag.id in has else tag.name, tag.id) for tag in tags]


def _read_tags(desk: Desk, row: Row | None, _given: Given, typed: str) -> object:
    """The tags that a conversation has then: those named are set, with a minus before them taken away."""
    changed, has = changed_tags(desk, typed), row.tags if row is not None else []
    kept = [tag for tag in has if tag not in changed["remove"]]
    return kept + [tag for tag in changed["add"] if tag not in kept]


def changed_tags(desk: Desk, typed: str) -> dict[str, list[int]]:
    """The tags that are typed to be set, `add`, and with a minus before them to be taken away, `remove`; of one that is
    named twice, the last holds. Raises BadOrder."""
    words = [Word(tag.name, tag.id) for tag in desk.tags.values()]
    parts = typed.split(",") if "," in typed else typed.split()
    found: dict[int, bool] = {}
    for part in (one.strip() for one in parts):
        tag = pick(words, part.removeprefix("-"))
        assert isinstance(tag, int)
        found[tag] = not part.startswith("-")
    return {
        "add": [tag for tag, sets in found.items() if sets],
        "remove": [tag for tag, sets in found.items() if not sets],
    }


def _times(_desk: Desk, _row: Row | None, _given: Given) -> Sequence[Word]:
    return [Word(text, text) for text in ("30m", "1h", "3h", "1d")]


def _read_time(desk: Desk, _row: Row | None, _given: Given, typed: str) -> object:
    """UTC milliseconds of `30m`, `1h30m`, `2d` from now on, or of the next `15:30` by the desk's clock."""
    clock = _check_time(typed)
    if clock is None:
        return desk.now + sum(int(part[:-1]) * UNITS[part[-1]] for part in re.findall(r"\d+[mhd]", typed))
    now = moments.local(desk.now, names.zone(desk))
    then = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
    return int((then if then > now else then + timedelta(days=1)).timestamp() * 1000)


def _check_time(typed: str) -> re.Match[str] | None:
    """The clock's time that is typed, None where it is a span. Raises BadOrder."""
    clock = CLOCK.fullmatch(typed)
    if not SPAN.fullmatch(typed) and (clock is None or int(clock[1]) > 23 or int(clock[2]) > 59):
        raise BadOrder(_("“{typed}” is no time: 30m, 2h, 1d and 15:30 are").format(typed=typed))
    return clock


def _choices(values: Sequence[str]) -> tuple[Offer, Read, Callable[[str], object]]:
    def words() -> Sequence[Word]:
        return [Word(value, value, _(CHOICES[value]) if value in CHOICES else "") for value in values]

    return (
        lambda _desk, _row, _given: words(),
        lambda _desk, _row, _given, typed: pick(words(), typed),
        lambda typed: pick(words(), typed),
    )


def _switch() -> tuple[Offer, Read, Callable[[str], object]]:
    """`on` or `off`, also as the person's language has it."""

    def words() -> Sequence[Word]:
        return [Word("on", True, _("yes")), Word("off", False, _("no"))]

    return (
        lambda _desk, _row, _given: words(),
        lambda _desk, _row, _given, typed: pick(words(), typed),
        lambda typed: pick(words(), typed),
    )


def _picked(offer: Offer) -> Read:
    return lambda desk, row, given, typed: pick(offer(desk, row, given), typed)


def _text(_desk: Desk, _row: Row | None, _given: Given, typed: str) -> object:
    return typed


def taken(what: str) -> Argument:
    """The text that an action takes, by what it is called."""
    return Argument("text", True, True, _nothing, _text, label=what)


def typed_arguments(args: type[Args]) -> tuple[Argument, ...] | None:
    """What is typed for a command, in order, beside the conversation that it is about; None where it can't be typed."""
    found = []
    info = msgspec.inspect.type_info(args)
    assert isinstance(info, msgspec.inspect.StructType)
    led = any(field.name == "queue" for field in info.fields)  # an agent of a queue
    offer: Offer
    read: Read
    for place, field in enumerate(info.fields):
        after = info.fields[place + 1 :]
        check: Callable[[str], object] | None = None
        match field.type:
            case _ if field.name == "conversation" or (field.name in UNTYPED and not field.required):
                continue
            case _ if field.name == "queue":
                offer, rest, read = _queues, False, _picked(_queues)
            case _ if field.name == "agent" and led:
                offer, rest, read = _colleagues, False, _picked(_colleagues)
            case _ if field.name == "team":
                offer, rest, read = _teams, False, _picked(_teams)
            case _ if field.name == "priority":
                offer, rest, read = _priorities, False, _picked(_priorities)
            case _ if field.name == "agent":
                offer = _takers if args is Assign else _agents
                rest, read = True, _picked(offer)
            case _ if field.name == "tags":
                offer, rest, read = _tags, True, _read_tags
            case _ if field.name in ("until", "at"):
                offer, rest, read, check = _times, False, _read_time, _check_time
            case _ if field.name == "comment" or (
                field.name in ("body", "text", "name") and all(one.name in UNTYPED for one in after)
            ):
                offer, rest, read = _nothing, True, _text
            case msgspec.inspect.BoolType():
                (offer, read, check), rest = _switch(), False
            case msgspec.inspect.LiteralType(values=values):
                (offer, read, check), rest = _choices([str(value) for value in values]), False
            case msgspec.inspect.EnumType(cls=cls):
                (offer, read, check), rest = _choices([str(member.value) for member in cls]), False
            case _:
                return None
        lead = "@" if led and field.name == "agent" else ""
        found.append(Argument(field.name, field.required, rest, offer, read, check, lead))
    return tuple(found)
