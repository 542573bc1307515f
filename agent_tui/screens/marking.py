"""Marking conversations in a tray, and doing the same with all that are marked, after one question."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from agent_tui import handed, moments, names, refusals
from agent_tui.actions import TRAY, Handlers
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, ngettext
from agent_tui.link import model
from agent_tui.shortcuts import fold
from agent_tui.widgets.cells import cut
from hub.protocol import bulk

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen

OFFERED = (  # in the footer, while conversations are marked
    *("conversation.end", "conversation.transfer", "conversation.assign", "tray.clear", "tray.mark"),
    *("tray.mark_range", "tray.mark_all", "conversation.spam", "palette"),
)
NAMED = 24  # cells of a customer's name in what is said of them


class Marking:
    """`handlers` lie over those that the screen has: with marks set they are about all that are marked."""

    def __init__(self, screen: "DeskScreen") -> None:
        self.screen, self.desk, self.list = screen, screen.desk, screen.list
        self._sent: set[str] = set()  # the keys of commands that were not answered yet
        screen.many = self
        self._last: int | None = None  # where a range begins
        self._loading = 0  # how many rows there were when more were asked for, to mark them all

    @property
    def n(self) -> int:
        """How many a key would be about; 0 where it is about one conversation, as ever."""
        return len(self.list.marks) if self.screen.places()[0] == TRAY else 0

    @property
    def words(self) -> tuple[str, str]:
        """What the footer says of it, and in which role."""
        n = len(self.list.marks)
        return (ngettext("{n} marked", "{n} marked", n).format(n=n), "accent") if n else ("", "")

    def over(self, handlers: Handlers) -> Handlers:
        """Those of the screen, with these laid over them."""
        mine: Handlers = {
            "conversation.assign": self.assign,
            "conversation.transfer": self.transfer,
            "conversation.end": lambda: self.order(bulk.EachEnd()),
            "conversation.spam": lambda: self.order(bulk.EachSpam()),
            "tray.clear": self.clear,
        }
        both = {name: partial(self._choose, many, handlers[name]) for name, many in mine.items()}
        own = {"tray.mark": self.turn, "tray.mark_range": self.mark_range, "tray.mark_all": self.mark_all}
        return {**handlers, **both, **own}

    def _choose(self, many: Callable[[], object], one: Callable[[], object]) -> object:
        return many() if self.n else one()

    # -- marking ---------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Mark the chosen one, or unmark it, and go on to the next."""
        row = self.list.row
        if row is None:
            return
        self._loading, self._last = 0, row.id
        self._mark(self.list.marks ^ {row.id})
        self.list.move(1)

    def mark_range(self) -> None:
        """From the one that was marked last to the chosen one."""
        row, ids = self.list.row, [one.id for one in self.list.tray.rows]
        if row is None:
            return
        here = ids.index(row.id)
        there = ids.index(self._last) if self._last in ids and self._last in self.list.marks else here
        self._mark(self.list.marks | {*ids[min(here, there) : max(here, there) + 1]})
        self._last = row.id

    def mark_all(self) -> None:
        """All that the tray holds, as far as one command takes them; what is not loaded yet is loaded and marked."""
        tray = self.list.tray
        self._mark({row.id for row in tray.rows})
        if tray.more and len(tray.rows) < bulk.MOST:
            self._loading = len(tray.rows)
            self.desk.more_rows(tray.name)

    def clear(self) -> None:
        self._loading, self._last = 0, None
        self._mark(set())

    def _mark(self, wanted: set[int]) -> None:
        """In the tray's order, up to as many as one command takes."""
        tray = self.list.tray
        ids = [row.id for row in tray.rows if row.id in wanted]
        self.list.set_marks(set(ids[: bulk.MOST]))
        self.screen.refresh_footer()
        if len(ids) > bulk.MOST or (tray.more and len(ids) == bulk.MOST):
            words = _("{n} are marked, the most at once; do the rest afterwards.")
            self.screen.notice.say(words.format(n=bulk.MOST), "wait")

    # -- doing the same with all -----------------------------------------------------------------------------------

    def transfer(self) -> None:
        from agent_tui.screens.picker import Picker

        handing = self.screen.handing
        found = {one.typed: one for one in handed.destinations(self.desk, None)}

        def choose(chosen: str) -> None:
            to = found[chosen]
            self.order(bulk.EachTransfer(to.queue.id, to.agent.id if to.agent is not None else None))

        n = self.n
        title = ngettext("Transfer {n} conversation to", "Transfer {n} conversations to", n).format(n=n)
        choices = [handing.destination(one) for one in found.values()]
        self.screen.app.push_screen(Picker(self.screen.cockpit, title, choices, choose, typing=True))

    def assign(self) -> None:
        from agent_tui.screens.picker import Picker

        people = [one for one in self.desk.agents.values() if one.active]
        people.sort(key=lambda one: (names.absence(one.status), fold(one.name)))
        n = self.n
        title = ngettext("Give {n} conversation to", "Give {n} conversations to", n).format(n=n)
        choices = [self.screen.handing.person(str(one.id), one, "") for one in people]
        cockpit = self.screen.cockpit
        picker = Picker(cockpit, title, choices, lambda one: self.order(bulk.EachAssign(int(one))), typing=True)
        self.screen.app.push_screen(picker)

    def order(self, do: bulk.AnyEach) -> None:
        """Ask, with the number, and do it with all that are marked."""
        tray = self.list.tray
        numbers = [row.id for row in tray.rows if row.id in self.list.marks]
        if numbers:
            self.screen.ask(self._question(do, len(numbers)), lambda: self._submit(numbers, do))

    def _submit(self, numbers: list[int], do: bulk.AnyEach) -> None:
        self._loading = 0
        self._sent.add(self.desk.submit("conversation.bulk", bulk.Bulk(numbers, do)))

    def _question(self, do: bulk.AnyEach, n: int) -> str:
        desk = self.desk
        match do:
            case bulk.EachAssign(agent=agent):
                words = ngettext("Give {n} conversation to {name}?", "Give {n} conversations to {name}?", n)
                return words.format(n=n, name=cut(names.agent(desk, agent), NAMED))
            case bulk.EachTransfer(queue=queue, agent=agent):
                where = names.queue(desk, queue)
                where = f"{names.agent(desk, agent)}{drawn(' · ')}{where}" if agent is not None else where
                words = ngettext("Transfer {n} conversation to {name}?", "Transfer {n} conversations to {name}?", n)
                return words.format(n=n, name=where)
            case bulk.EachTag(add=add, remove=remove):
                tags = [f"+{named_tag(desk, one)}" for one in add] + [f"-{named_tag(desk, one)}" for one in remove]
                words = ngettext("Tag {n} conversation: {tags}?", "Tag {n} conversations: {tags}?", n)
                return words.format(n=n, tags=" ".join(tags))
            case bulk.EachSnooze(until=until):
                when = moments.ahead(until, desk.now, names.zone(desk))
                words = ngettext("Set {n} conversation aside until {when}?", "Set {n} aside until {when}?", n)
                return words.format(n=n, when=when)
            case bulk.EachEnd():
                return ngettext("End {n} conversation?", "End {n} conversations?", n).format(n=n)
        words = ngettext("End {n} as spam and mute its customer?", "End {n} as spam and mute their customers?", n)
        return words.format(n=n)

    # -- what the desk says ----------------------------------------------------------------------------------------

    def changed(self, change: model.Change) -> None:
        match change:
            case model.TrayChanged(name) if name == self.list.name_of_tray and self._loading:
                self._go_on()
            case model.CommandDone(key=key, name="conversation.bulk", result=result) if key in self._sent:
                self._sent.remove(key)
                self._done(key, result)
            case model.CommandRefused(key=key):
                self._sent.discard(key)

    def _go_on(self) -> None:
        """More rows have come of those that are all to be marked."""
        tray = self.list.tray
        if len(tray.rows) > self._loading:
            self._loading = 0
            self.mark_all()

    def _done(self, key: str, result: dict[str, int | str | None]) -> None:
        """Say how many were done, of the first that was refused why, and whether it can be taken back; the refused stay
        marked."""
        refused = bulk.refused_rows(result)
        self._mark(self.list.marks & {one.conversation for one in refused})
        n = int(result.get("done") or 0)
        words = _("{n} done").format(n=n)
        words += f", {refused_words(self.desk, refused)}" if refused else "."
        if n:
            words += f" {self._back(n, self.desk.taken_back(key))}"
        self.screen.notice.say(words, "wait" if refused else "good")

    def _back(self, n: int, taken: int) -> str:
        """How many of so many can be taken back, and by which key."""
        key = self.screen.keymap.key_of((TRAY, "global"), "undo")
        if not taken:
            return _("It can't be undone.")
        return _("{key} undoes it.").format(key=key) if taken >= n else _("{key} undoes {n}.").format(key=key, n=taken)


def refused_words(desk: model.Desk, refused: Sequence[bulk.RowRefused]) -> str:
    """How many were refused, and of the first one why."""
    first, n = refused[0], len(refused)
    row = desk.row(first.conversation)
    name = cut(names.customer(row), NAMED) if row is not None else f"#{first.conversation}"
    why = refusals.clause(desk, first.code, field=first.field, detail=first.args)
    words = ngettext("{n} refused", "{n} refused", n).format(n=n) + f": {name}{drawn(' – ')}{why}"
    return words if n == 1 else f"{words} " + ngettext("And {n} more.", "And {n} more.", n - 1).format(n=n - 1)


def named_tag(desk: model.Desk, number: int) -> str:
    tag = desk.tags.get(number)
    return tag.name if tag is not None else f"#{number}"
