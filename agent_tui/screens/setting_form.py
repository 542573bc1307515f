"""A form for one thing that a desk is set up with. It stays until the hub has taken what is in it: a refusal stands
beside the field that it is about, and what was typed is kept while it is under way."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import msgspec
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from agent_tui import i18n, refusals
from agent_tui.actions import FIELD, FORM
from agent_tui.i18n import N_, _
from agent_tui.link import model
from agent_tui.screens.fields import Check, Field, Fields, Label, TextField
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.screens.picker import Choice
from agent_tui.screens.setting_fields import Choices, Entry, FieldChoice, FieldHead, Pick, Raw, Several
from agent_tui.setting_texts import BadText, read_code
from hub.protocol.registry import Args
from hub.protocol.views import Agent, Branch, Department, Queue, Team

Thing = Queue | Team | Branch | Department | Agent
V = TypeVar("V")
NAME = 200  # characters of a text in one language
TONGUES = {"es": N_("in Spanish"), "en": N_("in English")}


class Unsaved(msgspec.Struct):
    """What was typed and is not saved: on its way, by the key of its command, and refused, by kind and id."""

    sent: dict[str, tuple[tuple[str, int], Sequence[Raw]]] = msgspec.field(default_factory=dict)
    refused: dict[tuple[str, int], Sequence[Raw]] = msgspec.field(default_factory=dict)


class SettingForm(KeyedScreen):
    """A subclass makes its entries and the arguments of its command of what was read."""

    kind: ClassVar[str]
    command: ClassVar[str]
    refs: ClassVar[str]  # the reference data that it is of

    def __init__(self, cockpit: Cockpit, thing: Thing | None, unsaved: Unsaved) -> None:
        super().__init__(cockpit)
        self.thing, self.unsaved = thing, unsaved
        self.entries: list[Entry[Any]] = []
        self.own_code: Entry[str] | None = None
        self.sent = ""  # the key of the command that is under way
        self._rev = thing.rev if thing is not None else 0
        self.handlers = {
            "form.keep": self.keep,
            "form.next": self.focus_next,
            "form.previous": self.focus_previous,
            "form.close": self.leave,
            "field.choose": self.choose,
        }

    # -- what it is made of ----------------------------------------------------------------------------------------

    @property
    def title_words(self) -> str:
        raise NotImplementedError

    def args(self) -> Args:
        """Of what was read."""
        raise NotImplementedError

    @property
    def things(self) -> Mapping[int, Thing]:
        """All of the kind that there are."""
        return getattr(self.desk, self.refs)  # type: ignore[no-any-return]

    def line(
        self, name: str, label: str, hint: str, first: str, read: Callable[[str], V], *, required: bool = False
    ) -> Entry[V]:
        return self._add(name, label, hint, Field(), first, read, required=required)

    def lines(self, name: str, label: str, hint: str, first: str, read: Callable[[str], V]) -> Entry[V]:
        return self._add(name, label, hint, TextField(), first, read)

    def check(self, name: str, label: str, hint: str, words: str, on: bool) -> Entry[bool]:
        return self._add(name, label, hint, Check(self.desk, self.palette, words, on), on, bool)

    def pick(
        self,
        name: str,
        label: str,
        hint: str,
        choices: Choices,
        first: str,
        read: Callable[[str], V],
        nothing: str = "",
        *,
        required: bool = False,
    ) -> Entry[V]:
        field = Pick(self.desk, self.palette, choices, nothing)
        return self._add(name, label, hint, field, first, read, required=required)

    def several(
        self, name: str, label: str, hint: str, choices: Choices, first: Sequence[int], nothing: str
    ) -> Entry[list[int]]:
        def read(raw: Sequence[str]) -> list[int]:
            return [int(one) for one in raw]

        field = Several(self.desk, self.palette, choices, nothing)
        return self._add(name, label, hint, field, tuple(str(one) for one in first), read)

    def _add(
        self, name: str, label: str, hint: str, field: Widget, first: Raw, read: Callable[[Any], V], *,
        required: bool = False,
    ) -> Entry[V]:  # fmt: skip
        entry = Entry(name, FieldHead(self.desk, self.palette, label, hint, required=required), field, first, read)
        self.entries.append(entry)
        return entry

    def names(self, name: str, label: str, hint: str, now: Mapping[str, str], *, required: bool) -> list[Entry[str]]:
        """A field a language. Where one is `required`, any of them will do."""
        made: list[Entry[str]] = []

        def read(typed: str) -> str:
            typed = " ".join(typed.split())
            if len(typed) > NAME:
                raise BadText(_("at most {most} letters").format(most=NAME))
            if required and not typed and not any(str(one.raw).strip() for one in made):
                raise BadText(_("give it a name, in one language at least"))
            return typed

        for tongue in i18n.LANGUAGES:
            words = f"{label} {_(TONGUES[tongue])}"
            made.append(self.line(name, words, hint, now.get(tongue, ""), read, required=required))
        return made

    def texts(self, made: Sequence[Entry[str]], now: Mapping[str, str]) -> dict[str, str]:
        """What `names` read, with those in further languages as they are."""
        further = {tongue: words for tongue, words in now.items() if tongue not in i18n.LANGUAGES}
        return {tongue: one.value for tongue, one in zip(i18n.LANGUAGES, made, strict=True) if one.value} | further

    def ask_code(self) -> None:
        """What it goes by, chosen once: of whatever is there already it is fixed."""
        if self.thing is not None:
            return

        def read(typed: str) -> str:
            code = read_code(typed)
            if any(getattr(one, "code", "") == code for one in self.things.values()):
                raise BadText(_("“{code}” is taken already: choose another").format(code=code))
            return code

        hint = _("small letters, digits, - and _; it stays as it is")
        self.own_code = self.line("code", _("Code"), hint, "", read, required=True)

    @property
    def code(self) -> str:
        if self.own_code is not None:
            return self.own_code.value
        return "" if self.thing is None or isinstance(self.thing, Agent) else self.thing.code

    def people(self, chosen: Sequence[int]) -> Choices:
        """The agents of the desk, those who have left only where they are among the chosen."""

        def choices() -> Sequence[Choice]:
            there = sorted(self.desk.agents.values(), key=lambda one: (one.name.casefold(), one.id))
            return [
                Choice(str(one.id), one.name, "" if one.active else _("has left"), one.login)
                for one in there
                if one.active or one.id in chosen
            ]

        return choices

    # -- the screen ------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        with Fields():
            yield Label(self.desk, self.palette, self.title_words, "strong", bold=True)
            yield Label(self.desk, self.palette, "")
            yield from self.entries
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        typed = self.unsaved.refused.pop(self._place, None)
        if typed is not None:
            self.call_after_refresh(self._fill, typed)
        self.entries[0].field.focus()

    def _fill(self, typed: Sequence[Raw]) -> None:
        for entry, raw in zip(self.entries, typed, strict=True):
            entry.put(raw)
        self.notice.say(_("This is what you typed; the hub has not taken it."), "wait")

    @property
    def _place(self) -> tuple[str, int]:
        return self.kind, self.thing.id if self.thing is not None else 0

    @property
    def raw(self) -> list[Raw]:
        return [one.raw for one in self.entries]

    def places(self) -> tuple[str, ...]:
        return (FIELD, FORM, "global") if isinstance(self.focused, FieldChoice) else (FORM, "global")

    def offered(self) -> tuple[str, ...]:
        choose = ("field.choose",) if isinstance(self.focused, FieldChoice) else ()
        return (*choose, "form.keep", "form.next", "form.close")

    def on_descendant_focus(self) -> None:
        self.refresh_footer()

    def choose(self) -> None:
        """Open the window of the field that has the focus."""
        entry = next((one for one in self.entries if one.field.has_focus), None)
        if entry is not None and isinstance(entry.field, FieldChoice):
            entry.field.open(self.cockpit, entry.head.label.removesuffix(" *"))

    def on_field_choice_opened(self, message: FieldChoice.Opened) -> None:
        self.choose()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    # -- saving ----------------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Save it, after what has to be asked; the form stays until the hub has taken it."""
        if self.sent:
            self.notice.say(_("It is being saved: wait for the hub."), "wait")
            return
        fine = [one.check() for one in self.entries]
        if all(fine):
            self.save()
        else:
            self._point_at(self.entries[fine.index(False)])

    def save(self) -> None:
        self.sent = self.desk.submit(self.command, self.args())
        self.unsaved.sent[self.sent] = (self._place, self.raw)
        if self.desk.link.phase != "online":
            self.notice.say(_("Kept: it is saved when the link is back."), "wait")

    def _point_at(self, entry: Entry[Any]) -> None:
        entry.field.focus()
        self.notice.say(f"{entry.head.label.removesuffix(' *')}: {entry.head.fault}")

    def leave(self) -> None:
        if self.sent:
            self.ask(_("It is not saved yet, and will be. Leave?"), self._close)
        elif self.raw != [one.first for one in self.entries]:
            self.ask(_("Leave without saving?"), self._close)
        else:
            self._close()

    def _close(self) -> None:
        self.dismiss()

    def changed(self, change: model.Change) -> None:
        match change:
            case model.CommandDone(key=key) if key == self.sent:
                self._close()
            case model.CommandRefused(key=key) if key == self.sent:
                self._refused(change)
            case model.RefsChanged(name) if name == self.refs and not self.sent:
                self._look_again()
            case model.LinkChanged():
                self.footer.update()

    def _refused(self, change: model.CommandRefused) -> None:
        self.unsaved.sent.pop(self.sent, None)
        self.sent = ""
        words = refusals.sentence(self.desk, change.code, field=change.field, detail=change.detail)
        entry = self._about(change.field or "")
        if entry is None:
            self.notice.say(words)
            return
        entry.head.say(words)
        entry.field.focus()
        self.notice.say(words)

    def _about(self, field: str) -> Entry[Any] | None:
        """The entry that a refusal is about: `hours.week.mon` is about the one called `hours.week`."""
        field = field.removeprefix("args.").partition("[")[0]
        found = (one for one in self.entries if f"{field}.".startswith(f"{one.called}."))
        return next(found, None)

    def _look_again(self) -> None:
        """Somebody else has changed it meanwhile: saving would take that back."""
        now = self.things.get(self.thing.id) if self.thing is not None else None
        if now is not None and now.rev != self._rev:
            self._rev = now.rev
            words = _("Somebody else has changed it meanwhile: saving puts what stands here in its place.")
            self.notice.say(words, "wait")
