"""How the desk is set up: branches, departments and queues as a tree, the teams, and the agents' capacities. Each is
changed in a form of its own."""

from collections.abc import Callable, Sequence

from agent_tui import desk_tree, names, refusals
from agent_tui.actions import SETTINGS
from agent_tui.desk_tree import AGENT, BRANCH, DEPARTMENT, QUEUE, TEAM, Listed
from agent_tui.i18n import N_, _, named, ngettext
from agent_tui.link import model
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.list_screen import ListScreen
from agent_tui.screens.picker import Choice, Picker
from agent_tui.screens.queue_form import HANDOUTS, QueueForm
from agent_tui.screens.setting_form import SettingForm, Thing, Unsaved
from agent_tui.screens.setting_forms import BranchForm, CapacityForm, DepartmentForm, TeamForm
from agent_tui.setting_texts import write_span
from agent_tui.widgets.cells import cut, width
from agent_tui.widgets.item_rows import ItemRows, ListTitle
from agent_tui.widgets.paint import Line
from hub.protocol.hours import is_open
from hub.protocol.views import Agent, Branch, Department, Queue, Team

COMMANDS = ("queue.save", "team.save", "branch.save", "department.save", "agent.save")
HEADINGS = {
    QUEUE: N_("Branches and queues"),
    TEAM: N_("Teams"),
    AGENT: N_("Agents"),
}
NEW = {
    QUEUE: N_("Queue"),
    TEAM: N_("Team"),
    DEPARTMENT: N_("Department"),
    BRANCH: N_("Branch"),
}
ROOMY, WIDE = 110, 150  # cells from which there are more columns


class SettingRows(ItemRows[Listed]):
    """A name with its code, and in columns what else is to be known at a glance."""

    def thing(self, one: Listed) -> Thing | None:
        return thing(self.desk, one)

    def update(self) -> None:
        self.show(desk_tree.listed(self.desk))

    def paint(self, line: Line, one: Listed, *, chosen: bool) -> Line:
        match self.thing(one):
            case None:
                return self._heading(line, one)
            case Queue() as queue:
                return self._queue(self._named(line, one, queue.name, queue.code, chosen), queue)
            case Branch() as branch:
                return self._named(line, one, branch.name, branch.code, chosen).put(
                    _("branch, {zone}").format(zone=branch.zone), "quiet"
                )
            case Department() as department:
                return self._named(line, one, department.name, department.code, chosen).put(_("department"), "quiet")
            case Team() as team:
                return self._named(line, one, team.name, team.code, chosen).put(self._people(team.members), "quiet")
            case Agent() as agent:
                return self._agent(self._begin(line, one, agent.name, agent.login, chosen), agent)

    def _columns(self) -> list[tuple[str, int]]:
        """Of a queue, behind its name and code: what they are called, and how many cells they have."""
        columns = [(_("members"), 9), (_("at once"), 9), (_("hands out"), 11)]
        if self.size.width >= ROOMY:
            columns += [(_("priority"), 11)]
        if self.size.width >= WIDE:
            columns += [(_("open / answer in"), 18)]
        return columns

    @property
    def _names(self) -> int:
        return min(max(self.size.width * 2 // 7, 18), 40)

    def _heading(self, line: Line, one: Listed) -> Line:
        line.put(_(HEADINGS[one.kind]), "accent", bold=True)
        at = 2 + self._names + self._codes
        match one.kind:
            case "queue":
                for words, cells in self._columns():
                    line.to(at).put(cut(words, cells - 1), "quiet")
                    at += cells
            case "team":
                line.to(at).put(_("members"), "quiet")
            case _:
                line.to(at).put(_("at once"), "quiet")
        return line

    @property
    def _codes(self) -> int:
        return 10 if self.size.width < ROOMY else 16

    def _named(self, line: Line, one: Listed, called: dict[str, str], code: str, chosen: bool) -> Line:
        return self._begin(line, one, named(called), code, chosen)

    def _begin(self, line: Line, one: Listed, name: str, code: str, chosen: bool) -> Line:
        indent = "  " * (one.depth - 1)
        line.put(indent).put(cut(name, self._names - width(indent) - 1), "strong" if chosen else "text", bold=chosen)
        line.to(2 + self._names).put(cut(code, self._codes - 1), "quiet")
        return line.to(2 + self._names + self._codes)

    def _queue(self, line: Line, queue: Queue) -> Line:
        for words, role in reversed(self._state(queue)):
            line.right("  ").right(words, role)
        label = HANDOUTS[queue.handout][0] if queue.handout in HANDOUTS else queue.handout
        cells = [f"{len(queue.primary)} + {len(queue.support)}", str(queue.capacity), _(label)]
        if self.size.width >= ROOMY:
            cells += [_(names.PRIORITIES.get(queue.priority, ""))]
        if self.size.width >= WIDE:
            spans = (write_span(queue.open_within) or "-", write_span(queue.answer_within) or "-")
            cells += [" / ".join(spans)]
        at = 2 + self._names + self._codes
        for text, (_words, room) in zip(cells, self._columns(), strict=True):
            line.to(at).put(cut(text, room - 1), "text")
            at += room
        if self.size.width >= WIDE:
            line.to(at).put(cut(self._people([*queue.primary, *queue.support]), max(line.room - 1, 0)), "quiet")
        return line

    def _state(self, queue: Queue) -> list[tuple[str, str]]:
        n = desk_tree.waiting(self.desk, queue.id)
        waits = [(ngettext("{n} waits", "{n} wait", n).format(n=n), "wait")] if n else []
        if not queue.active:
            return [*waits, (_("switched off"), "need")]
        return [*waits, (_("open now"), "good") if is_open(queue.hours, self.desk.now) else (_("closed"), "quiet")]

    def _agent(self, line: Line, agent: Agent) -> Line:
        line.put("" if agent.capacity is None else str(agent.capacity), "text")
        line.right("  ").right("" if agent.active else _("has left"), "quiet")
        at = 2 + self._names + self._codes + 9
        queues = (one for one in self.desk.queues.values() if agent.id in (*one.primary, *one.support))
        return line.to(at).put(", ".join(sorted(named(one.name) for one in queues)), "quiet")

    def _people(self, members: Sequence[int]) -> str:
        return ", ".join(self.desk.agents[one].name for one in members if one in self.desk.agents) or _("nobody")


def thing(desk: model.Desk, one: Listed) -> Thing | None:
    """What a line is about; None of a heading."""
    held: dict[str, Callable[[int], Thing | None]] = {
        QUEUE: desk.queues.get,
        BRANCH: desk.branches.get,
        DEPARTMENT: desk.departments.get,
        TEAM: desk.teams.get,
        AGENT: desk.agents.get,
    }
    return held[one.kind](one.thing) if one.thing else None


class SettingsScreen(ListScreen[Listed]):
    def __init__(self, cockpit: Cockpit) -> None:
        self.rows = SettingRows(cockpit.desk, cockpit.palette, _("Asking the hub…"))
        super().__init__(cockpit, ListTitle(cockpit.desk, cockpit.palette, _("Desk settings")), self.rows)
        self.unsaved = Unsaved()
        self._made: Listed | None = None  # what the hub has just made, until it is in the list
        self.handlers = {**self.handlers, "manage": self.leave, "settings.edit": self.edit, "settings.new": self.new}

    def on_mount(self) -> None:
        self.rows.update()
        first = next((index for index, one in enumerate(self.rows.rows) if one.thing), 0)
        self.rows.move_to(first)
        super().on_mount()

    def places(self) -> tuple[str, ...]:
        return (SETTINGS, "global")

    def offered(self) -> tuple[str, ...]:
        one = self.list.marked
        editable = one is not None and one.thing
        return ("settings.edit", "settings.new", "list.close") if editable else ("settings.new", "list.close")

    def changed(self, change: model.Change) -> None:
        match change:
            case model.RefsChanged() | model.TrayChanged("pending"):
                self._update()
            case model.CommandDone(name=name, key=key, result=result) if name in COMMANDS:
                if self.unsaved.sent.pop(key, None) is not None:
                    kind = name.partition(".")[0]
                    made = result.get(kind)
                    self._made = Listed(kind, made) if isinstance(made, int) else None
                    self.notice.say(_("Saved."), "good")
                    self._update()
            case model.CommandRefused(name=name, key=key) if name in COMMANDS:
                self._refused(change, key)
            case model.LinkChanged():
                self.footer.update()

    def _update(self) -> None:
        """The mark goes to what was made, wherever it stands now."""
        self.rows.update()
        if self._made is not None:
            at = next((n for n, one in enumerate(self.rows.rows) if one.id == self._made.id), None)
            if at is not None:
                self.rows.move_to(at)
                self._made = None
        self.refresh_footer()

    def _refused(self, change: model.CommandRefused, key: str) -> None:
        """Of a form that was left already: what was typed comes back when it is opened again."""
        waits = any(isinstance(screen, SettingForm) and screen.sent == key for screen in self.app.screen_stack)
        if waits or key not in self.unsaved.sent:
            return
        place, typed = self.unsaved.sent.pop(key)
        self.unsaved.refused[place] = typed
        words = refusals.sentence(self.desk, change.code, field=change.field, detail=change.detail)
        self.notice.say(words + " " + _("What you typed is kept: open it again."))

    def leave(self) -> None:
        n = len(self.unsaved.sent) + len(self.unsaved.refused)
        if n:
            words = ngettext("{n} form is not saved yet. Leave?", "{n} forms are not saved yet. Leave?", n)
            self.ask(words.format(n=n), self.dismiss)
        else:
            self.dismiss()

    # -- forms -----------------------------------------------------------------------------------------------------

    def edit(self) -> None:
        one = self.list.marked
        match thing(self.desk, one) if one is not None else None:
            case Queue() as queue:
                self.app.push_screen(QueueForm(self.cockpit, queue, self.unsaved))
            case Team() as team:
                self.app.push_screen(TeamForm(self.cockpit, team, self.unsaved))
            case Branch() as branch:
                self.app.push_screen(BranchForm(self.cockpit, branch, self.unsaved))
            case Department() as department:
                self.app.push_screen(DepartmentForm(self.cockpit, department, self.unsaved))
            case Agent() as agent:
                self.app.push_screen(CapacityForm(self.cockpit, agent, self.unsaved))
            case None:
                self.new()

    def new(self) -> None:
        """Choose what to make; of the kind that is marked at once."""
        marked = self.list.marked
        kind = marked.kind if marked is not None and marked.kind in NEW else QUEUE
        choices = [Choice(name, _(label)) for name, label in NEW.items()]
        self.app.push_screen(Picker(self.cockpit, _("Make a new"), choices, self._make, typing=True, marked=kind))

    def _make(self, kind: str) -> None:
        """Begins where the mark is: in its department, in its branch."""
        marked = self.list.marked
        department = branch = 0
        match thing(self.desk, marked) if marked is not None else None:
            case Queue(department=place):
                department = place or 0
            case Department(id=department, branch=branch):
                pass
            case Branch(id=branch):
                pass
            case _:
                pass
        if department in self.desk.departments:
            branch = self.desk.departments[department].branch
        match kind:
            case "queue":
                form: SettingForm = QueueForm(self.cockpit, None, self.unsaved, department=department)
            case "team":
                form = TeamForm(self.cockpit, None, self.unsaved)
            case "department":
                form = DepartmentForm(self.cockpit, None, self.unsaved, branch=branch)
            case _:
                form = BranchForm(self.cockpit, None, self.unsaved)
        self.app.push_screen(form)

    def on_item_rows_opened(self, message: SettingRows.Opened) -> None:
        self.edit()
