"""What a filter can ask of a conversation: one table, read by the parser, the hub, the console's completion and
docs/FILTERS.md.

A field has a name in each language, and other names that are understood. What the desk does not know of a
conversation yet has no line here, so that asking for it is an error which says so.
"""

import unicodedata
from collections.abc import Iterator
from typing import Literal

import msgspec

from hub.protocol.settings import N_
from hub.protocol.states import HANDED_ON, Outcome, State

LANGUAGES = ("en", "es")
Kind = Literal["thing", "word", "code", "number", "flag", "time"]


class Field(msgspec.Struct, frozen=True):
    """One field. `words` are the values of a `word`, each with the names that it goes by: English, Spanish, others."""

    name: str
    es: str
    kind: Kind
    help: str
    also: tuple[str, ...] = ()
    words: dict[str, tuple[str, ...]] = {}

    def called(self, language: str) -> str:
        return self.es if language == "es" else self.name

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, self.es, *self.also)


FIELDS: dict[str, Field] = {
    one.name: one
    for one in (
        Field("queue", "cola", "thing", N_("The queue, by code or name."), ("q", "campaña", "servicio")),
        Field(
            "agent",
            "asesor",
            "thing",
            N_("Whom it is with: a login or name, “me”, or “nobody”."),
            ("agente", "owner"),
        ),
        Field("channel", "canal", "thing", N_("The channel, by code or name.")),
        Field("tag", "etiqueta", "thing", N_("A tag that it has."), ("tags", "etiquetas")),
        Field("team", "equipo", "thing", N_("The team that it was given to, by code or name."), ("grupo",)),
        Field("topic", "tema", "thing", N_("A topic that it has."), ("topics", "temas", "tipificación")),
        Field("source", "origen", "code", N_("The service that the customer writes from: web, whatsapp, …"), ("app",)),
        Field(
            "state",
            "estado",
            "word",
            N_("How it stands."),
            ("status",),
            {
                State.SCHEDULED: ("scheduled", "agendada"),
                State.WAITING: ("waiting", "esperando", "enespera"),
                State.ASSIGNED: ("assigned", "asignada"),
                State.CALLING: ("calling", "llamando"),
                State.OPEN: ("open", "abierta"),
                State.HELD: ("held", "pausada", "retenida"),
                State.SNOOZED: ("snoozed", "pospuesta"),
                State.CLOSED: ("closed", "cerrada", "terminada"),
            },
        ),
        Field(
            "kind",
            "tipo",
            "word",
            N_("What it is."),
            (),
            {
                "chat": ("chat",),
                "turn": ("turn", "turno"),
                "virtual_turn": ("virtualturn", "turnovirtual"),
                "appointment": ("appointment", "cita"),
                "call": ("call", "llamada"),
            },
        ),
        Field(
            "outcome",
            "resultado",
            "word",
            N_("How it ended."),
            (),
            {
                Outcome.ATTENDED: ("attended", "atendida"),
                Outcome.CANCELLED: ("cancelled", "cancelada"),
                Outcome.NO_SHOW: ("noshow", "ausente"),
                Outcome.SPAM: ("spam",),
                HANDED_ON: ("transferred", "transferida"),
            },
        ),
        Field(
            "priority",
            "prioridad",
            "word",
            N_("How soon it is to be served."),
            ("pri",),
            {
                "1": ("urgent", "urgente"),
                "2": ("high", "alta"),
                "3": ("normal",),
                "4": ("low", "baja"),
            },
        ),
        Field("language", "idioma", "code", N_("The customer's language: es, en, pt, …"), ("lang",)),
        Field("unread", "sinleer", "number", N_("How many lines its agent has not read; yes: any at all.")),
        Field("owed", "porresponder", "flag", N_("Whether its agent owes the first answer.")),
        Field("answered", "respondida", "flag", N_("Whether the last line is ours.")),
        Field("moved", "transferida", "flag", N_("Whether it was transferred."), ("transferred",)),
        Field(
            "mention",
            "mencion",
            "word",
            N_("Whether a note mentions me, and whether I have seen it."),
            ("mencionada",),
            {"unseen": ("unseen", "sinver", "nueva"), "seen": ("seen", "vista")},
        ),
        Field("guest", "invitado", "flag", N_("Whether I was invited to it."), ("invitada",)),
        Field(
            "offered",
            "ofrecida",
            "flag",
            N_("Whether it waits in a queue that offers it to me, and I have not put it off."),
        ),
        Field("sample", "muestra", "flag", N_("Whether it is of the sample data.")),
        Field("waiting", "espera", "time", N_("Since when it waits for an agent."), ("wait",)),
        Field("active", "actividad", "time", N_("When something was last said in it."), ("activo",)),
        Field("customer", "cliente", "time", N_("When the customer last wrote.")),
        Field("created", "creada", "time", N_("When it began."), ("date", "fecha", "begun")),
        Field("ended", "fin", "time", N_("When it ended."), ("finished", "hasta")),
        Field("id", "nro", "number", N_("Its number.")),
    )
}

AND, OR, NOT = ("and", "y", "e"), ("or", "o", "u"), ("not", "no")  # the first two are those that are printed
YES, NO = ("yes", "si"), ("no",)
ME, NOBODY = "me", "nobody"
PEOPLE: dict[str, tuple[str, ...]] = {ME: ("me", "yo", "mi"), NOBODY: ("nobody", "nadie")}
DAYS: dict[str, tuple[str, ...]] = {"today": ("today", "hoy"), "yesterday": ("yesterday", "ayer")}
UNITS = {  # of an age, in milliseconds, the longest first; the first name is printed
    "w": (7 * 86_400_000, ("w", "sem")),
    "d": (86_400_000, ("d",)),
    "h": (3_600_000, ("h", "hs")),
    "m": (60_000, ("m", "min")),
    "s": (1000, ("s", "seg")),
}


def fold(text: str) -> str:
    """Without case, accents and compatibility forms, as names and words are compared: 'Ñandú' is 'nandu'."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()


BY_NAME = {fold(name): field for field in FIELDS.values() for name in field.names}


class Named(msgspec.Struct, frozen=True):
    """Something of the desk's that a filter can name: its code (login, slug) and its names by language; `parent`: what
    it stands below, of a tree."""

    id: int
    code: str
    names: dict[str, str]
    parent: int | None = None


class Names:
    """All that a filter can name, by field. Made of reference data, by the hub and the console alike."""

    def __init__(self, things: dict[str, list[Named]]) -> None:
        self._things = things
        self._found: dict[str, dict[str, tuple[int, ...]]] = {}
        self._children: dict[tuple[str, int], list[int]] = {}
        for field, all_of_it in things.items():
            by_code = {fold(one.code): (one.id,) for one in all_of_it if one.code}
            by_name: dict[str, tuple[int, ...]] = {}
            for one in all_of_it:
                for name in {fold(name) for name in one.names.values()}:
                    by_name[name] = (*by_name.get(name, ()), one.id)
            self._found[field] = by_name | by_code
            for one in all_of_it:
                if one.parent is not None:
                    self._children.setdefault((field, one.parent), []).append(one.id)

    def find(self, field: str, text: str) -> tuple[int, ...]:
        """The ids of what goes by that name; a code goes before a name, and several things may have one name."""
        return self._found.get(field, {}).get(fold(text), ())

    def below(self, field: str, number: int) -> list[int]:
        """The ids of all that stands below it, however deep."""
        found = list(self._children.get((field, number), ()))
        for one in found:  # which grows meanwhile
            found += [child for child in self._children.get((field, one), ()) if child not in found]
        return found

    def label(self, field: str, number: int, language: str) -> str:
        """The name in this language by which it, and nothing else, is found; empty where there is none."""
        for one in self._things.get(field, ()):
            if one.id == number:
                names = (one.names.get(language, ""), *one.names.values(), one.code)
                return next((name for name in names if name and self.find(field, name) == (number,)), "")
        return ""

    def all_of(self, field: str, language: str) -> Iterator[str]:
        """What can be written as the field's value."""
        for one in self._things.get(field, ()):
            yield self.label(field, one.id, language) or f"#{one.id}"


def words_of(field: Field) -> dict[str, tuple[str, ...]]:
    """The fixed words that the field takes as values, by what they mean."""
    if field.name == "agent":
        return PEOPLE
    if field.kind == "flag" or field.name == "unread":
        return {"yes": YES, "no": NO}
    return DAYS if field.kind == "time" else field.words


def in_language(names: tuple[str, ...], language: str) -> str:
    """English stands first, Spanish second, where there are two."""
    return names[1] if language == "es" and len(names) > 1 else names[0]
