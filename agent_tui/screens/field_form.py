"""One field of a queue's form, to be made or changed."""

import re
from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.widgets import Input

from agent_tui import refusals
from agent_tui.actions import FORM
from agent_tui.filling import KINDS
from agent_tui.i18n import _, named
from agent_tui.screens.asked_fields import Chooser
from agent_tui.screens.fields import Check, Fields, Label, TextField
from agent_tui.screens.fields import Field as TextLine
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.text import body as harmless_body
from agent_tui.text import line as harmless_line
from hub.protocol import forms
from hub.protocol.errors import Code
from hub.protocol.forms import Field, Option, Shown

CODE = re.compile(r"^[a-z0-9][a-z0-9_-]{0,31}$")
LANGUAGES = ("es", "en")


class FieldForm(KeyedScreen):
    DEFAULT_CSS = """
    FieldForm Check { margin-bottom: 1; }
    FieldForm TextArea { height: 5; }
    """

    def __init__(
        self, cockpit: Cockpit, field: Field | None, others: Sequence[Field], place: int, then: Callable[[Field], None]
    ) -> None:
        """`others` are the fields of the form beside this one, which stands at `place`; `then` is called with it."""
        super().__init__(cockpit)
        self.field, self.others, self.place, self.then = field, others, place, then
        kinds = [(kind, _(words)) for kind, words in KINDS.items()]
        self.code, self.mask, self.default, self.shown_if = (TextLine() for _field in range(4))
        self.names = {language: TextLine() for language in LANGUAGES}
        self.helps = {language: TextLine() for language in LANGUAGES}
        self.kind = Chooser(cockpit, _("Kind"), kinds, [field.kind if field else "text"], several=False)
        self.required = Check(cockpit.desk, cockpit.palette, _("required"), bool(field and field.required))
        self.options = TextField("\n".join(map(_written, field.options)) if field else "")
        self.handlers = {
            "form.keep": self.keep,
            "form.next": self.focus_next,
            "form.previous": self.focus_previous,
            "form.close": self.leave,
        }

    def compose(self) -> ComposeResult:
        with Fields():
            yield self._label(_("Field of the form"), "strong", bold=True)
            yield self._label("")
            for language, line in self.names.items():
                yield self._label(_("Name ({language})").format(language=language))
                yield line
            yield self._label(_("Code: small letters, digits, - and _"))
            yield self.code
            yield self._label(_("Kind"))
            yield self.kind
            yield self.required
            yield self._label(_("Options, one a line: code = name | name in English"))
            yield self.options
            for language, line in self.helps.items():
                yield self._label(_("Help ({language})").format(language=language))
                yield line
            yield self._label(_("Begins with"))
            yield self.default
            yield self._label(_("Mask: # digit, @ letter, {2,4} so many, ? or not, | or"))
            yield self.mask
            yield self._label(_("Shown only if: code = value, value"))
            yield self.shown_if
        yield self.notice
        yield self.footer

    def _label(self, words: str, role: str = "quiet", *, bold: bool = False) -> Label:
        return Label(self.desk, self.palette, words, role, bold=bold)

    def on_mount(self) -> None:
        field = self.field
        if field is not None:
            for language in LANGUAGES:
                self.names[language].value = harmless_line(field.name.get(language, ""))
                self.helps[language].value = harmless_line(field.help.get(language, ""))
            self.code.value, self.mask.value = harmless_line(field.code), harmless_line(field.mask)
            default = field.default if isinstance(field.default, str) else ", ".join(field.default)
            self.default.value = harmless_line(default)
            if field.shown_if is not None:
                values = ", ".join(field.shown_if.values)
                self.shown_if.value = harmless_line(
                    f"{field.shown_if.field} = {values}" if values else field.shown_if.field
                )
        self.names[LANGUAGES[0]].focus()

    def places(self) -> tuple[str, ...]:
        return (FORM, "global")

    def offered(self) -> tuple[str, ...]:
        return ("form.keep", "form.next", "form.close")

    # -- what is made of it ----------------------------------------------------------------------------------------

    def made(self) -> Field:
        kind = self.kind.chosen[0] if self.kind.chosen else "text"
        default = harmless_line(self.default.value)
        condition, _equals, values = harmless_line(self.shown_if.value).partition("=")
        known = self.field
        return Field(
            code=harmless_line(self.code.value).lower(),
            kind=kind,  # type: ignore[arg-type]  # one of those that were listed
            name=_texts(self.names, known.name if known else {}),
            help=_texts(self.helps, known.help if known else {}),
            required=self.required.on,
            default=_parts(default) if kind == "many" else default,
            mask=harmless_line(self.mask.value),
            options=[*map(_read, filter(None, map(str.strip, harmless_body(self.options.text).split("\n"))))],
            shown_if=Shown(condition.strip(), _parts(values)) if condition.strip() else None,
        )

    def keep(self) -> None:
        """Put it into the form, which is saved as a whole."""
        made = self.made()
        codes = [made.code, *(option.code for option in made.options)]
        if not made.name:
            self._say(_("Give it a name."), self.names[LANGUAGES[0]])
        elif not all(CODE.match(code) for code in codes):
            self._say(_("The code takes small letters, digits, - and _ only, at most 32."), self.code)
        else:
            fields = [*self.others[: self.place], made, *self.others[self.place :]]
            fault = forms.fault_of(fields[: self.place + 1])
            if fault is None:
                self.dismiss()
                self.then(made)
                return
            at: dict[str, TextLine | TextField] = {
                "code": self.code,
                "mask": self.mask,
                "default": self.default,
                "options": self.options,
            }
            field = fault[0].rpartition(".")[2] if "shown_if" not in fault[0] else "shown_if"
            detail = {"why": fault[1]}
            words = refusals.sentence(self.desk, Code.BAD_ARGS, field=field, detail=detail)
            self._say(words, at.get(field, self.shown_if))

    def _say(self, words: str, at: "TextLine | TextField") -> None:
        self.notice.say(words)
        at.focus()

    def leave(self) -> None:
        if self.field is None or self.made() != self.field:
            self.ask(_("Leave without saving?"), self._close)
        else:
            self._close()

    def _close(self) -> None:
        self.dismiss()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    def on_chooser_opened(self, message: Chooser.Opened) -> None:
        from agent_tui.screens.picker import Choice, Picker

        choices = [Choice(one, words) for one, words in message.chooser.choices]
        here = message.chooser.chosen[0] if message.chooser.chosen else ""
        self.app.push_screen(
            Picker(self.cockpit, message.chooser.title, choices, message.chooser.choose, typing=True, marked=here)
        )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _texts(lines: dict[str, TextLine], before: dict[str, str]) -> dict[str, str]:
    """With the languages that are not edited here as they were."""
    typed = {language: harmless_line(line.value) for language, line in lines.items()}
    return {language: text for language, text in (before | typed).items() if text}


def _written(option: Option) -> str:
    names = [option.name.get(language, "") for language in LANGUAGES]
    return f"{option.code} = {' | '.join(filter(None, names)) or named(option.name)}"


def _read(line: str) -> Option:
    """`code = name | name in English`; without a name the code is its name."""
    code, _equals, names = line.partition("=")
    found = {
        language: name.strip() for language, name in zip(LANGUAGES, names.split("|"), strict=False) if name.strip()
    }
    return Option(code.strip().lower(), found or {LANGUAGES[0]: code.strip()})
