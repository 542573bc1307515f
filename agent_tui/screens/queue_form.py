"""The form for a queue: who works in it, how it hands out, its times, hours and destinations."""

from collections.abc import Sequence

from agent_tui import desk_tree, names, refusals
from agent_tui.desk_tree import QUEUE
from agent_tui.i18n import N_, _, named, ngettext
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.picker import Choice
from agent_tui.screens.setting_fields import Entry
from agent_tui.screens.setting_form import SettingForm, Unsaved
from agent_tui.screens.setting_forms import zones
from agent_tui.setting_texts import (
    BadText,
    read_holidays,
    read_number,
    read_span,
    read_week,
    write_holidays,
    write_span,
    write_week,
)
from agent_tui.widgets.cells import cut
from hub.protocol import queues, views
from hub.protocol.errors import Code
from hub.protocol.hours import Holiday, Hours
from hub.protocol.views import Queue

ASKED = 20  # cells of a name in a question, which has to be read whole on the smallest screen
HANDOUTS = {
    "push": (N_("push"), N_("given to the one whose turn it is")),
    "offer": (N_("offer"), N_("shown to all who may take it; the first to accept has it")),
}
NEW = Queue(0, 0, "", {})


class QueueForm(SettingForm):
    kind, command, refs = QUEUE, "queue.save", "queues"
    thing: Queue | None

    def __init__(self, cockpit: Cockpit, thing: Queue | None, unsaved: Unsaved, *, department: int = 0) -> None:
        """`department` is where a new one begins."""
        super().__init__(cockpit, thing, unsaved)
        now = self.now = thing if thing is not None else NEW
        self.ask_code()
        self.name_entries = self.names("name", _("Name"), "", now.name, required=True)
        place = str(now.department or department or "")
        self.department = self.pick(
            "department", _("Department"), "", self._departments, place,
            lambda chosen: int(chosen) if chosen else None, _("no department"),
        )  # fmt: skip
        self.primary = self.several(
            "primary", _("Primary members"), _("they are given work first"), self.people(now.primary), now.primary,
            _("nobody"),
        )  # fmt: skip
        self.support = self.several(
            "support", _("Support members"), _("they are given work when no primary member has room"),
            self.people(now.support), now.support, _("nobody"),
        )  # fmt: skip
        self.active = self.check("active", _("State"), "", _("active: things can be handed on to it"), now.active)
        self.handout = self.pick("handout", _("Handing out"), "", self._handouts, now.handout, str)
        self.capacity = self.line(
            "capacity", _("Capacity"), _("conversations that each agent has at once to be given one more"),
            str(now.capacity), read_number, required=True,
        )  # fmt: skip
        self.priority = self.pick(
            "priority", _("Priority"), _("of what comes in; the most urgent is handed out first"), self._priorities,
            str(now.priority), int,
        )  # fmt: skip
        self.topics = self.check(
            "topics_required", _("At the end"), "", _("a topic has to be set"), now.topics_required
        )
        self.guests = self.check(
            "guests_reply", _("Guests"), "", _("whoever is invited may answer the customer"), now.guests_reply
        )
        self._add_times(now)
        self._add_hours(now)
        self.any = self.check(
            "transfers", _("Transfers"), "", _("its members may transfer to any queue"), now.to is None
        )
        self.to = self.several(
            "transfers", _("Transfers only to"), _("counts while the box above is empty"), self._queues, now.to or [],
            _("nowhere"),
        )  # fmt: skip

    def _add_times(self, now: Queue) -> None:
        def span(name: str, label: str, hint: str, seconds: int) -> Entry[int]:
            return self.line(name, label, hint, write_span(seconds), read_span)

        self.open_within = span(
            "open_within",
            _("Opened within"),
            _("like 5m; else it goes to another agent; empty: never"),
            now.open_within,
        )
        self.answer_within = span(
            "answer_within", _("Answered within"), _("like 15m, once opened; else it goes to another; empty: never"),
            now.answer_within,
        )  # fmt: skip
        self.own_first = span(
            "own_first", _("Own agent first, for"), _("like 30s, in which only the customer's own agent is given it"),
            now.own_first,
        )  # fmt: skip
        self.offer_again = span(
            "offer_again", _("Put off for"), _("like 5m, after which an offer that was put off comes back"),
            now.offer_again,
        )  # fmt: skip
        self.reopen_within = span(
            "reopen_within", _("Reopened within"), _("like 1d, in which a customer's line reopens what was ended"),
            now.reopen_within,
        )  # fmt: skip

    def _add_hours(self, now: Queue) -> None:
        hours = now.hours
        hint = _("like {example}; empty: always open").format(example=self._example())
        self.week = self.lines("hours.week", _("Hours"), hint, write_week(hours.week if hours else None), read_week)
        hint = _("like 2026-12-25 Christmas, closed; or 2026-12-24 08:00-12:00 Christmas Eve")
        self.holidays = self.lines(
            "hours.holidays", _("Holidays"), hint, write_holidays(hours.holidays if hours else ()), self._read_holidays
        )
        zone = hours.zone if hours else self._zone(now)
        self.zone = self.pick("hours.zone", _("Time zone"), _("of the hours"), zones, zone, str)
        hint = _("what a customer is told who writes then")
        self.closed = self.names("closed_text", _("Outside the hours,"), hint, now.closed_text, required=False)

    def _example(self) -> str:
        return write_week({day: ["08:00-12:00", "13:30-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")})

    def _read_holidays(self, typed: str) -> list[Holiday]:
        found = read_holidays(typed)
        if found and not str(self.week.raw).strip():
            raise BadText(_("say above when it is open on the other days, or take these out"))
        return found

    def _zone(self, now: Queue) -> str:
        """The branch's, else the desk's."""
        department = self.desk.departments.get(now.department or 0)
        branch = self.desk.branches.get(department.branch) if department is not None else None
        return branch.zone if branch is not None else names.zone(self.desk)

    # -- what can be chosen ----------------------------------------------------------------------------------------

    def _departments(self) -> Sequence[Choice]:
        def where(one: views.Department) -> str:
            branch = self.desk.branches.get(one.branch)
            return named(branch.name) if branch is not None else ""

        there = sorted(self.desk.departments.values(), key=lambda one: (where(one), one.code))
        return [
            Choice("", _("no department")),
            *(Choice(str(one.id), named(one.name), "", where(one)) for one in there),
        ]

    def _handouts(self) -> Sequence[Choice]:
        return [Choice(name, _(label), "", _(hint)) for name, (label, hint) in HANDOUTS.items()]

    def _priorities(self) -> Sequence[Choice]:
        return [Choice(str(number), _(label)) for number, label in names.PRIORITIES.items()]

    def _queues(self) -> Sequence[Choice]:
        there = sorted(self.desk.queues.values(), key=lambda one: one.code)
        return [
            Choice(str(one.id), named(one.name), "" if one.active else _("switched off"), one.code) for one in there
        ]

    # -- saving ----------------------------------------------------------------------------------------------------

    @property
    def title_words(self) -> str:
        return _("Queue {code}").format(code=self.thing.code) if self.thing is not None else _("New queue")

    def args(self) -> queues.SaveQueue:
        week = self.week.value
        hours = None if week is None else Hours(self.zone.value, week, self.holidays.value)
        return queues.SaveQueue(
            code=self.code,
            name=self.texts(self.name_entries, self.now.name),
            primary=self.primary.value,
            support=[one for one in self.support.value if one not in self.primary.value],
            capacity=self.capacity.value,
            open_within=self.open_within.value,
            reopen_within=self.reopen_within.value,
            department=self.department.value,
            active=self.active.value,
            handout="offer" if self.handout.value == "offer" else "push",
            answer_within=self.answer_within.value,
            own_first=self.own_first.value,
            priority=self.priority.value,
            topics_required=self.topics.value,
            guests_reply=self.guests.value,
            offer_again=self.offer_again.value,
            hours=hours,
            closed_text=self.texts(self.closed, self.now.closed_text),
            transfers=None if self.any.value else self.to.value,
            new=self.thing is None,
        )

    def save(self) -> None:
        """Switching it off asks first, and says what becomes of what waits. Not while channels bring customers into it:
        these would wait where nothing new is to come."""
        if self.thing is None or not self.thing.active or self.active.value:
            super().save()
            return
        if channels := desk_tree.feeding(self.desk, self.thing.id):
            self._keep_on(channels)
            return
        self.notice.say(
            _("Nothing can be handed on to it any more; what waits in it is still given to its members."), "wait"
        )
        n, more = desk_tree.waiting(self.desk, self.thing.id), self.desk.tray("pending").more
        name = cut(named(self.thing.name), ASKED)
        if not n:
            words = _("Switch {queue} off? Nobody waits in it.").format(queue=name)
        elif more:
            words = _("Switch {queue} off? At least {n} wait in it.").format(queue=name, n=n)
        else:
            words = ngettext("Switch {queue} off? {n} waits in it.", "Switch {queue} off? {n} wait in it.", n)
            words = words.format(queue=name, n=n)
        self.ask(words, super().save)

    def _keep_on(self, channels: Sequence[str]) -> None:
        words = refusals.sentence(self.desk, Code.QUEUE_FED, detail={"channels": ", ".join(channels)})
        self.active.head.say(words)
        self.active.field.focus()
        self.notice.say(words)
