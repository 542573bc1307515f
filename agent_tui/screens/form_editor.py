"""The form of a queue, for who manages queues: its fields in their order, to be added, changed, moved and deleted;
all of it is saved as a new version."""

from functools import partial

import msgspec

from agent_tui import refusals
from agent_tui.actions import EDITING
from agent_tui.filling import KINDS
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, named
from agent_tui.link import model
from agent_tui.screens.field_form import FieldForm
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.list_screen import ListScreen
from agent_tui.screens.topics_form import TopicsForm
from agent_tui.widgets.cells import width
from agent_tui.widgets.item_rows import ItemRows, ListTitle
from agent_tui.widgets.paint import Line
from hub.protocol import commands, forms
from hub.protocol.errors import Code
from hub.protocol.forms import Field
from hub.protocol.views import Form, Queue


class Part(msgspec.Struct):
    """A field in the making. `id` is its own for as long as the editor is open."""

    id: int
    field: Field


class Parts(ItemRows[Part]):
    """Name, kind, and what is special of it."""

    def paint(self, line: Line, one: Part, *, chosen: bool) -> Line:
        field, names = one.field, min(max(width(named(row.field.name)) for row in self.rows), 30) + 4
        line.right("  ").right(field.code, "quiet").right("  ")
        line.put(named(field.name), "strong" if chosen else "text", bold=chosen)
        line.put(" *" if field.required else "", "need", bold=True).to(names + 2)
        line.put(_(KINDS[field.kind]), "quiet")
        if field.shown_if is not None:
            values = ", ".join(field.shown_if.values)
            line.put(
                drawn(" · ") + _("if {field} is {values}").format(field=field.shown_if.field, values=values), "quiet"
            )
        return line


class FormEditor(ListScreen[Part]):
    def __init__(self, cockpit: Cockpit, queue: Queue) -> None:
        self.queue = queue
        empty = _("No fields yet: {key} makes the first one.").format(
            key=cockpit.keymap.key_of((EDITING,), "field.new")
        )
        title = ListTitle(cockpit.desk, cockpit.palette, _("Form of {queue}").format(queue=named(queue.name)))
        super().__init__(cockpit, title, Parts(cockpit.desk, cockpit.palette, empty))
        self.parts: list[Part] = []
        self.version: int | None = None
        self._was: list[Field] = []
        self._sent = ""
        self.handlers = {
            **self.handlers,
            "field.new": lambda: self._edit(None),
            "field.edit": self.edit,
            "field.delete": self.delete,
            "field.up": lambda: self._shift(-1),
            "field.down": lambda: self._shift(1),
            "fields.save": self.save,
            "fields.topics": lambda: self.app.push_screen(TopicsForm(self.cockpit, self.queue)),
        }

    def on_mount(self) -> None:
        self._load()
        super().on_mount()

    def places(self) -> tuple[str, ...]:
        return (EDITING, "global")

    def offered(self) -> tuple[str, ...]:
        about = ("field.edit", "field.delete", "field.up", "field.down") if self.list.marked else ()
        save = ("fields.save",) if self.fields != self._was else ()
        return (*save, *about[:1], "field.new", "fields.topics", "list.close", *about[1:])

    @property
    def form(self) -> Form | None:
        return next((form for form in self.desk.forms.values() if form.queue == self.queue.id), None)

    @property
    def fields(self) -> list[Field]:
        return [part.field for part in self.parts]

    def _load(self) -> None:
        form = self.form
        self.version = form.version if form is not None else None
        self._was = list(form.fields) if form is not None else []
        self.parts = [Part(number, field) for number, field in enumerate(self._was)]
        self.list.show([*self.parts])

    def _show(self, chosen: int | None = None) -> None:
        self.list.show([*self.parts])
        if chosen is not None:
            self.list.move_to(chosen)
        self.refresh_footer()

    # -- keys ------------------------------------------------------------------------------------------------------

    def edit(self) -> None:
        if (one := self.list.marked) is not None:
            self._edit(one)

    def _edit(self, one: Part | None) -> None:
        others = [part.field for part in self.parts if one is None or part.id != one.id]
        place = len(others) if one is None else self.parts.index(one)
        field = one.field if one is not None else None
        self.app.push_screen(FieldForm(self.cockpit, field, others, place, partial(self._put, one)))

    def _put(self, one: Part | None, made: Field) -> None:
        if one is None:
            self.parts.append(Part(max((part.id for part in self.parts), default=0) + 1, made))
            self._show(len(self.parts) - 1)
        else:
            one.field = made
            self._show()

    def delete(self) -> None:
        if (one := self.list.marked) is not None:
            self.parts.remove(one)
            self._show()

    def _shift(self, by: int) -> None:
        one = self.list.marked
        to = -1 if one is None else self.parts.index(one) + by
        if one is not None and 0 <= to < len(self.parts):
            self.parts.remove(one)
            self.parts.insert(to, one)
            self._show(to)

    def save(self) -> None:
        fault = forms.fault_of(self.fields)
        if fault is not None:
            self._say_fault(*fault)
            return
        args = commands.SaveForm(self.queue.id, self.fields, self.version)
        self._sent = self.desk.submit("form.save", args)
        if self.desk.link.phase != "online":
            self.notice.say(_("Kept: it is saved when the link is back."), "wait")

    def _say_fault(self, field: str, why: str) -> None:
        place = field.removeprefix("fields[").partition("]")[0]
        if place.isdecimal():
            self.list.move_to(int(place))
        self.notice.say(refusals.sentence(self.desk, Code.BAD_ARGS, field=field, detail={"why": why}))

    def leave(self) -> None:
        if self.fields != self._was:
            self.ask(_("Leave without saving?"), self._close)
        else:
            self._close()

    def _close(self) -> None:
        self.dismiss()

    def changed(self, change: model.Change) -> None:
        match change:
            case model.CommandDone(key=key) if key == self._sent:
                self._close()
            case model.CommandRefused(key=key, code=Code.FORM_CHANGED) if key == self._sent:
                self.notice.say(_("Somebody else has changed this form meanwhile: leave, and look at theirs first."))
            case model.CommandRefused(key=key) if key == self._sent:
                self.notice.say(refusals.sentence(self.desk, change.code, field=change.field, detail=change.detail))
            case model.RefsChanged("forms") if self.fields == self._was:
                self._load()
            case model.LinkChanged():
                self.footer.update()

    def on_item_rows_opened(self, message: Parts.Opened) -> None:
        self.edit()
