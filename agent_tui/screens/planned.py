"""One's reminders and scheduled messages: listed, taken back to be changed, put away; and the news of one that came
back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent_tui import moments, names, refusals
from agent_tui.actions import Handlers
from agent_tui.i18n import _
from agent_tui.link.asks import NotTold
from agent_tui.screens.picker import Choice, Picker
from agent_tui.widgets.cells import cut
from hub.protocol import queries
from hub.protocol.plans import CancelPlan
from hub.protocol.views import Plan

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen

SAID = 40  # cells of a text in a list


class Planned:
    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self.desk = screen.desk
        self.handlers: Handlers = {"plans": lambda: screen.run_worker(self._show(), group="plans")}
        self._told: set[int] = set()  # plans that have come back, of which that was said

    def changed(self) -> None:
        """Some plan of the person's is another now."""
        self.screen.run_worker(self._news(), group="plans")

    async def _plans(self) -> Sequence[Plan]:
        found: Sequence[Plan] = await self.desk.ask("plans", queries.Plans(limit=queries.LIMIT))
        return sorted(found, key=lambda one: (not one.why, one.due))

    async def _news(self) -> None:
        try:
            back = [one for one in await self._plans() if one.why and one.id not in self._told]
        except NotTold:  # whoever opens the list sees it
            return
        self._told.update(one.id for one in back)
        if back:
            key = self.screen.keymap.key_of(("tray", "global"), "plans")
            words = _("A message that you scheduled did not go out ({why}): {key} gives it back.")
            self.screen.notice.say(words.format(why=self._why(back[0]), key=key))

    async def _show(self) -> None:
        try:
            plans = await self._plans()
        except NotTold as why:
            self.screen.notice.say(refusals.sentence(self.desk, why.code, detail=why.detail))
            return
        by_id = {str(one.id): one for one in plans}
        choices = [self._choice(one) for one in plans]
        title = _("Planned")
        picker = Picker(self.screen.cockpit, title, choices, lambda chosen: self._take_back(by_id[chosen]), typing=True)
        self.screen.app.push_screen(picker)

    def _choice(self, one: Plan) -> Choice:
        row = self.desk.row(one.c)
        who = names.customer(row) if row is not None else f"#{one.c}"
        when = moments.ahead(one.due, self.desk.now, names.zone(self.desk))
        what = one.b or _("reminder")
        said = _("did not go out: {text}").format(text=what) if one.why else what
        return Choice(str(one.id), who, when, cut(said, SAID), words=one.b, role="need" if one.why else "quiet")

    def _why(self, one: Plan) -> str:
        return refusals.clause(self.desk, one.why).rstrip(".")

    def _take_back(self, one: Plan) -> None:
        """A message is to be written again; nothing that was typed is thrown away by a key."""
        screen = self.screen
        if one.kind == "reminder":
            screen.ask(_("Cancel the reminder?"), lambda: self._cancel(one))
        elif self.desk.row(one.c) is None:
            screen.app.copy_to_clipboard(one.b)
            words = _("You don't see that conversation any more; the text is in the clipboard. Put it away for good?")
            screen.ask(words, lambda: self._cancel(one))
        else:
            screen.show(one.c)
            composer = screen.conversation.composer
            composer.put_back("\n".join(part for part in (one.b, composer.text) if part))
            self._cancel(one)

    def _cancel(self, one: Plan) -> None:
        self.desk.submit("plan.cancel", CancelPlan(one.id))
