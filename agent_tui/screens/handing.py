"""Handing on what is on the desk, and saying what one wants to be given."""

from functools import partial
from typing import TYPE_CHECKING

from agent_tui import handed, names, rights
from agent_tui.actions import Handlers
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, named
from agent_tui.link import model
from agent_tui.names import STATUSES
from agent_tui.shortcuts import fold
from agent_tui.widgets.cells import cut
from hub.protocol import commands, handing, views
from hub.protocol.destinations import members
from hub.protocol.views import Row

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen
    from agent_tui.screens.picker import Choice

NAMED = 24  # cells of a customer's name in what is said of them


class Handing:
    """Transfer, assign, give to a team, say how urgent; pause and go on."""

    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self._handed: set[object] = set()  # conversations that this console has transferred
        self.handlers: Handlers = {
            "conversation.transfer": self.transfer,
            "conversation.assign": self.assign,
            "conversation.priority": self.priority,
            "intake": self.turn_intake,
            "story": self.story,
        }

    @property
    def _desk(self) -> model.Desk:
        return self.screen.desk

    # -- to a queue, or to an agent of one -------------------------------------------------------------------------

    def transfer(self) -> None:
        """Choose by a part of the name; what can't be had says why. Tab puts it into the command line, to be given a
        comment."""
        from agent_tui.screens.picker import Picker

        row = self.screen.row
        if row is None:
            return
        found = {one.typed: one for one in handed.destinations(self._desk, row)}
        picker = Picker(
            self.screen.cockpit,
            _("Transfer {name} to").format(name=cut(names.customer(row), NAMED)),
            [self.destination(one) for one in found.values()],
            lambda chosen: self._transfer(row, found[chosen]),
            typing=True,
            aside=lambda chosen: self.screen.perform("command", f"transfer {chosen} "),
        )
        self.screen.app.push_screen(picker)

    def destination(self, one: handed.Destination) -> "Choice":
        from agent_tui.screens.picker import Choice

        where = named(one.queue.name)
        if one.agent is None:
            n = len(members(one.queue, self._desk.agents))
            return Choice(
                one.typed, where, one.why, _("queue, {n} in it").format(n=n), drawn("▸"), "accent", one.queue.code,
                barred=bool(one.why),
            )  # fmt: skip
        glyph, role, label = STATUSES.get(one.agent.status, ("?", "quiet", one.agent.status))
        side = one.why or ("" if one.agent.status == "online" else _(label))
        return Choice(one.typed, one.agent.name, side, where, drawn(glyph), role, one.agent.login, barred=bool(one.why))

    def _transfer(self, row: Row, to: handed.Destination) -> None:
        self.screen.cockpit.tape.complete("conversation.transfer", to.typed)
        agent = to.agent.id if to.agent is not None else None
        args = handing.Transfer(conversation=row.id, queue=to.queue.id, agent=agent)
        self._desk.submit("conversation.transfer", args)

    def done(self, change: model.CommandDone) -> None:
        """Say where it went: it leaves the tray at once."""
        if change.name != "conversation.transfer":
            return
        queue, agent = change.result.get("queue"), change.result.get("agent")
        self._handed.add(change.result.get("conversation"))
        where = names.queue(self._desk, queue) if isinstance(queue, int) else ""
        if isinstance(agent, int):
            words = _("Transferred to {agent}, in {queue}.").format(agent=names.agent(self._desk, agent), queue=where)
        else:
            words = _("Transferred: it waits in {queue}.").format(queue=where)
        self.screen.notice.say(words, "good")

    def gone(self, conversation: int) -> None:
        """What was on the screen is out of sight; of what was transferred here that was said already."""
        if conversation not in self._handed:
            words = _("Conversation #{id} is not for you to see any more.").format(id=conversation)
            self.screen.notice.say(words, "wait")
        self._handed.discard(conversation)

    # -- to an agent, a team, me -----------------------------------------------------------------------------------

    def assign(self) -> None:
        from agent_tui.screens.picker import Picker

        row = self.screen.row
        if row is None:
            return
        choices = [*self._people(row), *self._teams(row)]
        title = _("Give {name} to").format(name=cut(names.customer(row), NAMED))
        self.screen.app.push_screen(
            Picker(self.screen.cockpit, title, choices, partial(self._assign, row), typing=True)
        )

    def _people(self, row: Row) -> "list[Choice]":
        """Me, and for whoever may, everybody: those of its queue first."""
        from agent_tui.screens.picker import Choice

        desk, queue = self._desk, self._desk.queues.get(row.q)
        inside = (*queue.primary, *queue.support) if queue is not None else ()
        found = []
        if rights.may(desk, row, "conversation.take") and not rights.mine(desk, row):
            found.append(Choice("me", _("Me"), "", "", drawn("●"), "accent"))
        if not rights.may(desk, row, "conversation.assign"):
            return found
        people = [one for one in desk.agents.values() if one.active and one.id != row.owner]
        people.sort(key=lambda one: (one.id not in inside, names.absence(one.status), fold(one.name)))
        for one in people:
            where = named(queue.name) if queue is not None and one.id in inside else _("not in the queue")
            found.append(self.person(f"agent {one.id}", one, where))
        return found

    def person(self, key: str, one: views.Agent, where: str) -> "Choice":
        from agent_tui.screens.picker import Choice

        glyph, role, label = STATUSES.get(one.status, ("?", "quiet", one.status))
        side = "" if one.status == "online" else _(label)
        return Choice(key, one.name, side, where, drawn(glyph), role, one.login)

    def _teams(self, row: Row) -> "list[Choice]":
        from agent_tui.screens.picker import Choice

        teams = sorted(self._desk.teams.values(), key=lambda team: fold(named(team.name)))
        found = [
            Choice(f"team {one.id}", named(one.name), _("now") if one.id == row.team else "", _("team"), drawn("▤"))
            for one in teams
        ]
        if row.team is not None:
            found.append(Choice("team 0", _("No team"), "", _("team"), drawn("○")))
        return found

    def _assign(self, row: Row, chosen: str) -> None:
        kind, _space, number = chosen.partition(" ")
        match kind:
            case "me":
                self._desk.submit("conversation.take", commands.Take(row.id))
            case "agent":
                self._desk.submit("conversation.assign", commands.Assign(row.id, int(number)))
            case _:
                self._desk.submit("conversation.team", handing.SetTeam(row.id, int(number) or None))

    # -- how urgent ------------------------------------------------------------------------------------------------

    def priority(self) -> None:
        from agent_tui.screens.picker import Choice, Picker

        row = self.screen.row
        if row is None:
            return
        choices = [
            Choice(str(number), _(label), _("now") if number == row.pri else "", glyph=names.urgency(number)[0],
                   role=names.urgency(number)[1])
            for number, label in names.PRIORITIES.items()
        ]  # fmt: skip

        def choose(chosen: str) -> None:
            self.screen.cockpit.tape.complete("conversation.priority", chosen)
            self._desk.submit("conversation.priority", handing.SetPriority(row.id, int(chosen)))

        title = _("How urgent is {name}?").format(name=cut(names.customer(row), NAMED))
        self.screen.app.push_screen(
            Picker(self.screen.cockpit, title, choices, choose, typing=True, marked=str(row.pri))
        )

    # -- what one wants to be given --------------------------------------------------------------------------------

    @property
    def _me(self) -> views.Agent | None:
        return self._desk.agents.get(self._desk.me.agent) if self._desk.me else None

    def turn_intake(self) -> None:
        """Pause, or let work come again."""
        me = self._me
        if me is not None:
            paused = me.intake != "push"
            self._desk.submit("agent.intake", handing.SetIntake("push" if paused else "paused"))
            words = (
                _("New conversations are given to you again.")
                if paused
                else _("You are given nothing new until you go on; what you have stays yours.")
            )
            self.screen.notice.say(words, "good" if paused else "wait")

    # -- why it is here --------------------------------------------------------------------------------------------

    def story(self) -> None:
        from agent_tui.screens.story import StoryScreen

        row = self.screen.row
        if row is not None:
            self.screen.app.push_screen(StoryScreen(self.screen.cockpit, row.id))
