"""The form of a conversation: beside it where there is room, on a screen of its own where there is not.

What is typed here is nowhere else until it is saved: it stays when the form is left, and when the form changes under
the hands of whoever fills it in. Saved is what the hub has taken, complete or not.
"""

from collections.abc import Callable
from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from agent_tui import filling, moments, names, refusals
from agent_tui.actions import FILLING, FORM, Situation
from agent_tui.filling import Typed, Typing
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, named
from agent_tui.link import model
from agent_tui.screens.asked_fields import Asked, Chooser, Name
from agent_tui.screens.earlier_forms import Earlier
from agent_tui.screens.fields import Fields, Label
from agent_tui.screens.form_head import Head
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.widgets.cells import cut
from hub.protocol import commands, forms
from hub.protocol.errors import Code
from hub.protocol.forms import Values
from hub.protocol.states import Outcome
from hub.protocol.views import Form, Row

NAMED = 18  # cells of a customer's name in a question


class FormScreen(KeyedScreen, ModalScreen[None]):
    DEFAULT_CSS = """
    FormScreen { background: transparent; align: left top; &:ansi { background: transparent; } }
    FormScreen #pane { width: 100%; height: 1fr; background: $b-ground; }
    FormScreen.-beside #pane { width: 52; margin-top: 1; border-right: solid $b-line; }
    FormScreen.-right { align: right top; }
    FormScreen.-right #pane { width: 42; margin-top: 1; border-left: solid $b-line; }
    FormScreen Fields { padding: 1 2; }
    """

    def __init__(
        self,
        cockpit: Cockpit,
        conversation: int,
        typing: Typing,
        transfer: Callable[[], object],
        *,
        ending: bool = False,
    ) -> None:
        """`transfer` hands the conversation on; `ending`: it is to end with this."""
        super().__init__(cockpit)
        self._transfer = transfer
        self.conversation, self.typing, self.ending = conversation, typing, ending
        self.head = Head(self)
        self.fields = Fields()
        self.asked: dict[str, Asked] = {}
        self.topics: Chooser | None = None
        self.version = 0  # of the form that is shown
        self._values: Values = {}  # also of fields that are not shown, or not asked for any more
        self._sent: set[str] = set()
        self.earlier = Earlier(self)
        self.handlers = {
            "form.keep": self.keep,
            "form.end": self.end,
            "form.transfer": self.transfer,
            "form.next": self.focus_next,
            "form.previous": self.focus_previous,
            "form.close": self.leave,
        }

    def compose(self) -> ComposeResult:
        with Vertical(id="pane"):
            yield self.head
            yield self.fields
        yield self.notice
        yield self.footer

    async def on_mount(self) -> None:
        self._place()
        await self._build()
        self.go_first()
        self.earlier.load()

    def on_resize(self, event: events.Resize) -> None:
        self._place()

    def _place(self) -> None:
        """Over the trays, so that the conversation stays in view; over the sheet where there is one."""
        cells = self.app.size.width
        self.set_class(100 <= cells < 150, "-beside")
        self.set_class(cells >= 150, "-right")

    # -- what is filled in -----------------------------------------------------------------------------------------

    @property
    def row(self) -> Row | None:
        return self.desk.row(self.conversation)

    @property
    def form(self) -> Form | None:
        row = self.row
        return None if row is None else filling.form_of(self.desk, row)

    async def _build(self) -> None:
        """The fields of the form as it is now, with what was typed into those that were there before."""
        row, form = self.row, self.form
        if row is None:
            return
        self._values = filling.values_of(self.desk, row, self.typing)
        self.version = form.version if form is not None else 0
        await self.fields.remove_children()
        self.asked = {}
        for field in form.fields if form is not None else ():
            self.asked[field.code] = Asked(self.cockpit, field, self._values.get(field.code, ""))
        await self.fields.mount(*self.asked.values(), *self._topic_part(row), self._dropped(), self.earlier)
        self._show()

    def _topic_part(self, row: Row) -> list[Name | Chooser]:
        there = filling.topics_of(self.desk, row)
        self.topics = None
        if not there:
            return []
        typed, queue = self.typing.of(row), self.desk.queues.get(row.q)
        chosen = row.topics if typed is None or typed.topics is None else typed.topics
        choices = [(str(topic.id), words) for topic, words in there]
        self.topics = Chooser(self.cockpit, _("Topics"), choices, [str(one) for one in chosen], several=True)
        return [Name(self.cockpit, _("Topics"), required=queue is not None and queue.topics_required), self.topics]

    def _dropped(self) -> Label:
        """What was filled in of fields that the form does not ask for any more: it is shown, to be copied by hand."""
        gone = {code: value for code, value in self._values.items() if code not in self.asked and value}
        lines = [f"{name}: {value}" for name, value in filling.told([], gone)]
        words = "\n".join([_("Not asked for any more:"), *lines]) if lines else ""
        return Label(self.desk, self.palette, words, "wait")

    def _show(self) -> None:
        """Only what is to be filled in, by what is filled in."""
        judged = self._judged()
        for asked in self.asked.values():
            asked.display = forms.is_shown(asked.field, judged.values)
        self.head.update()
        self.refresh_footer()

    def _judged(self) -> forms.Filled:
        """What stands in the fields that are on the screen."""
        return forms.judge([asked.field for asked in self.asked.values()], self.asked_values)

    @property
    def values(self) -> Values:
        return {**self._values, **{code: asked.value for code, asked in self.asked.items()}}

    @property
    def asked_values(self) -> Values:
        """Those that the form asks for, as they are sent."""
        return {code: asked.value for code, asked in self.asked.items() if asked.value}

    @property
    def chosen(self) -> list[int]:
        return [int(one) for one in self.topics.chosen] if self.topics is not None else []

    @property
    def changed_since(self) -> bool:
        """Whether something stands here that is not saved."""
        row = self.row
        if row is None:
            return False
        kept, now = filling.saved(self.desk, row), self._judged()
        fields = [asked.field for asked in self.asked.values()]
        before = kept.values if kept is not None else forms.judge(fields, forms.defaults(fields)).values
        return bool(now.faults) or now.values != before or self._topics_differ(row)

    def _topics_differ(self, row: Row) -> bool:
        return self.topics is not None and {*self.chosen} != {*row.topics}

    @property
    def state(self) -> tuple[str, str]:
        """Whether it is saved, and its role."""
        row = self.row
        if row is None:
            return "", "quiet"
        if self._sent:
            return (
                (_("saving…"), "wait")
                if self.desk.link.phase == "online"
                else (_("goes when the link is back"), "wait")
            )
        if self.changed_since:
            return _("not saved"), "wait"
        kept = filling.saved(self.desk, row)
        if kept is None:
            return _("not filled in yet"), "quiet"
        return _("saved {when}").format(when=moments.short(kept.at, self.desk.now, names.zone(self.desk))), "good"

    def _remember(self) -> None:
        row = self.row
        if row is not None:
            self.typing.keep(row, Typed(self.values, self.chosen) if self.changed_since else None)

    # -- keys ------------------------------------------------------------------------------------------------------

    def places(self) -> tuple[str, ...]:
        return (FILLING, FORM, "global")

    def offered(self) -> tuple[str, ...]:
        first = ("form.end", "form.keep") if self.ending else ("form.keep", "form.end")
        return (*first, "form.transfer", "form.close", "form.next")

    def situation(self) -> Situation:
        return Situation(self.desk, row=self.row, shown=True, reading=True)

    def called(self, action: str, situation: Situation) -> str:
        return _("back") if action == "form.close" else super().called(action, situation)

    def go_first(self) -> None:
        """To the first thing that is missing, or else the first of all."""
        missing = self._judged().missing if self.ending else []
        wanted = next((self.asked[code] for code in missing), None)
        wanted = wanted or next((one for one in self.asked.values() if one.display), None)
        if wanted is not None:
            wanted.go()
        elif self.topics is not None:
            self.topics.focus()

    def leave(self) -> None:
        self._remember()
        self.dismiss()

    def transfer(self) -> None:
        """What is typed stays here; what is to go with the leg is saved before."""
        self.leave()
        self.app.call_later(self._transfer)

    def _good(self) -> bool:
        """Whether all that stands here can be saved; otherwise goes to the first thing that can't, which says why."""
        row, form = self.row, self.form
        if row is None or not filling.fillable(self.desk, row):
            self.notice.say(_("The conversation is not yours to fill in any more. What you typed is kept."))
            return False
        faults = [self.asked[fault.field] for fault in self._judged().faults if fault.field in self.asked]
        for asked in faults:
            asked.look()
        if faults:
            faults[0].go()
            self.notice.say(_("{field}: {why}.").format(field=named(faults[0].field.name), why=faults[0].wrong.words))
        return not faults and (form is None or form.version == self.version)

    def keep(self) -> None:
        """Save what is there, complete or not; the form stays."""
        row = self.row
        if row is None or not self._good():
            return
        self._remember()
        if self.version:
            args = commands.Fill(row.id, self.version, self.asked_values)
            self._sent.add(self.desk.submit("form.fill", args))
        if self._topics_differ(row):
            self._sent.add(self.desk.submit("conversation.topics", commands.SetTopics(row.id, self.chosen)))
        if self.desk.link.phase != "online":
            self.notice.say(_("Kept: it is saved when the link is back."), "wait")
        self.head.update()

    def end(self) -> None:
        """End the conversation with what is here, after asking; names what is missing."""
        row = self.row
        if row is None or not self._good():
            return
        missing = [self.asked[code] for code in self._judged().missing]
        words = [named(asked.field.name) for asked in missing]
        topic = filling.needs_topic(self.desk, row, self.chosen)
        for asked in missing:
            asked.say(_("This is missing."))
        if words or topic:
            self.ending = True
            wanted = ", ".join([*words, *([_("a topic")] if topic else [])])
            self.notice.say(_("Before the end this is missing: {missing}.").format(missing=wanted))
            if missing:
                missing[0].go()
            elif self.topics is not None:
                self.topics.focus()
            self.head.update()
            return
        question = _("End the conversation with {name}?").format(name=cut(names.customer(row), NAMED))
        if self.desk.draft(row.id).strip():
            question += " " + _("Its draft stays.")
        self.ask(question, partial(self._end, row))

    def _end(self, row: Row) -> None:
        self._remember()
        args = commands.End(row.id, Outcome.ATTENDED)
        if self.version:
            args.version, args.values = self.version, self.asked_values
        if self._topics_differ(row):
            args.topics = self.chosen
        self._sent.add(self.desk.submit("conversation.end", args))
        if self.desk.link.phase != "online":
            self.dismiss()

    # -- what the desk and the widgets say -------------------------------------------------------------------------

    def changed(self, change: model.Change) -> None:
        match change:
            case model.CommandDone(key=key, name=name) if key in self._sent:
                self._sent.discard(key)
                self._done(name)
            case model.CommandRefused(key=key) if key in self._sent:
                self._sent.discard(key)
                self._refused(change)
            case model.RefsChanged("forms") if self.version != (self.form.version if self.form is not None else 0):
                self._form_changed()
            case model.ThreadGone(conversation) if conversation == self.conversation:
                self.dismiss()
            case model.LinkChanged():
                self.footer.update()
        self.head.update()

    def _done(self, name: str) -> None:
        row = self.row
        if name == "conversation.end":
            if row is not None:
                self.typing.keep(row, None)
            self.dismiss()
        elif not self._sent:
            self._remember()
            self.notice.say(_("Saved."), "good")

    def _refused(self, change: model.CommandRefused) -> None:
        self.notice.say(refusals.sentence(self.desk, change.code, field=change.field, detail=change.detail))
        asked = self.asked.get((change.field or "").removeprefix("values."))
        if asked is not None:
            reason = filling.why(asked.field, str(change.detail.get("why", "")))
            asked.say(reason if change.code == Code.BAD_VALUE else _("This is missing."))
            asked.go()

    def _form_changed(self) -> None:
        """What was typed stays; the new form stands in the place of the old one."""
        row = self.row
        if row is None:
            return
        self.typing.keep(row, Typed(self.values, self.chosen if self.topics is not None else None))
        self.run_worker(self._rebuild(), exclusive=True)

    async def _rebuild(self) -> None:
        await self._build()
        self.go_first()
        self.notice.say(refusals.sentence(self.desk, Code.FORM_CHANGED), "wait")

    def on_asked_changed(self, message: Asked.Changed) -> None:
        message.stop()
        message.asked.say("")
        self._show()

    def on_chooser_changed(self, message: Chooser.Changed) -> None:
        self._show()

    def on_chooser_opened(self, message: Chooser.Opened) -> None:
        """List what can be chosen, to be found by a part of its name."""
        from agent_tui.screens.picker import Choice, Picker

        message.stop()
        chooser = message.chooser
        marks = {True: drawn("✓"), False: " "}
        choices = [
            Choice(one, words, glyph=marks[one in chooser.chosen], role="good") for one, words in chooser.choices
        ]
        if chooser.chosen and not chooser.several:
            choices.append(Choice("", _("None of them"), glyph=" "))
        here = chooser.chosen[0] if chooser.chosen and not chooser.several else ""
        self.app.push_screen(Picker(self.cockpit, chooser.title, choices, chooser.choose, typing=True, marked=here))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()
