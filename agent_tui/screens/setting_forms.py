"""The forms for teams, branches, departments, and for how much an agent may have in hand."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from agent_tui import names
from agent_tui.desk_tree import AGENT, BRANCH, DEPARTMENT, TEAM
from agent_tui.i18n import _, named
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.picker import Choice
from agent_tui.screens.setting_form import SettingForm, Unsaved
from agent_tui.setting_texts import BadText, read_number
from hub.protocol import commands, queues
from hub.protocol.views import Agent, Branch, Department, Team


def zones() -> Sequence[Choice]:
    return [Choice(one, one) for one in sorted(available_timezones())]


class TeamForm(SettingForm):
    kind, command, refs = TEAM, "team.save", "teams"
    thing: Team | None

    def __init__(self, cockpit: Cockpit, thing: Team | None, unsaved: Unsaved) -> None:
        super().__init__(cockpit, thing, unsaved)
        self.ask_code()
        self.known = thing.name if thing is not None else {}
        self.name_entries = self.names("name", _("Name"), "", self.known, required=True)
        members = thing.members if thing is not None else []
        hint = _("they see what is the team's")
        self.members = self.several("members", _("Members"), hint, self.people(members), members, _("nobody"))

    @property
    def title_words(self) -> str:
        return _("Team {code}").format(code=self.thing.code) if self.thing is not None else _("New team")

    def args(self) -> queues.SaveTeam:
        return queues.SaveTeam(
            self.code, self.texts(self.name_entries, self.known), self.members.value, new=self.thing is None
        )


class BranchForm(SettingForm):
    kind, command, refs = BRANCH, "branch.save", "branches"
    thing: Branch | None

    def __init__(self, cockpit: Cockpit, thing: Branch | None, unsaved: Unsaved) -> None:
        super().__init__(cockpit, thing, unsaved)
        self.ask_code()
        self.known = thing.name if thing is not None else {}
        self.name_entries = self.names("name", _("Name"), "", self.known, required=True)
        zone = thing.zone if thing is not None else names.zone(self.desk)
        self.zone = self.pick("zone", _("Time zone"), _("of its clocks"), zones, zone, str, required=True)

    @property
    def title_words(self) -> str:
        return _("Branch {code}").format(code=self.thing.code) if self.thing is not None else _("New branch")

    def args(self) -> queues.SaveBranch:
        return queues.SaveBranch(
            self.code, self.texts(self.name_entries, self.known), self.zone.value, new=self.thing is None
        )


class DepartmentForm(SettingForm):
    kind, command, refs = DEPARTMENT, "department.save", "departments"
    thing: Department | None

    def __init__(self, cockpit: Cockpit, thing: Department | None, unsaved: Unsaved, *, branch: int = 0) -> None:
        """`branch` is where a new one begins."""
        super().__init__(cockpit, thing, unsaved)
        self.ask_code()
        self.known = thing.name if thing is not None else {}
        self.name_entries = self.names("name", _("Name"), "", self.known, required=True)
        branch = thing.branch if thing is not None else branch
        self.branch = self.pick(
            "branch", _("Branch"), _("that it is part of"), self._branches, str(branch or ""), self._read_branch,
            _("none chosen"), required=True,
        )  # fmt: skip

    @property
    def title_words(self) -> str:
        return _("Department {code}").format(code=self.thing.code) if self.thing is not None else _("New department")

    def _branches(self) -> Sequence[Choice]:
        there = sorted(self.desk.branches.values(), key=lambda one: one.code)
        return [Choice(str(one.id), named(one.name), "", one.code) for one in there]

    def _read_branch(self, chosen: str) -> int:
        if not self.desk.branches:
            raise BadText(_("there is no branch yet: make one first"))
        if not chosen:
            raise BadText(_("choose the branch that it is part of"))
        return int(chosen)

    def args(self) -> queues.SaveDepartment:
        return queues.SaveDepartment(
            self.code, self.texts(self.name_entries, self.known), self.branch.value, new=self.thing is None
        )


class CapacityForm(SettingForm):
    """How many conversations an agent is given at once. The rest of the agent stays as the console knows it."""

    kind, command, refs = AGENT, "agent.save", "agents"
    thing: Agent

    def __init__(self, cockpit: Cockpit, thing: Agent, unsaved: Unsaved) -> None:
        super().__init__(cockpit, thing, unsaved)
        now = "" if thing.capacity is None else str(thing.capacity)
        hint = _("conversations at once; empty: as many as each queue allows; 0: nothing is given")
        self.most = self.line("capacity", _("Capacity"), hint, now, self._read)

    @property
    def title_words(self) -> str:
        return f"{self.thing.name} (@{self.thing.login})"

    def _read(self, typed: str) -> int | None:
        return read_number(typed) if typed.strip() else None

    def args(self) -> commands.SaveAgent:
        one = self.desk.agents.get(self.thing.id, self.thing)
        role: Any = one.role  # the hub's own word, as it came
        return commands.SaveAgent(
            login=one.login, name=one.name, role=role, active=one.active, sample=one.sample,
            capacity=self.most.value,
        )  # fmt: skip
