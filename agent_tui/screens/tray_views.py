"""Which tray is shown, what of it, and in which order: choosing among all trays, filtering as one types, saving."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from agent_tui import filtering, names, refusals, tray_catalogue
from agent_tui.actions import Handlers
from agent_tui.filtering import Word
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, named
from agent_tui.link import model
from agent_tui.link.model import TRAYS, VIEW, Look
from agent_tui.shortcuts import fold
from agent_tui.tray_catalogue import ORDERS, SHORT, Listed
from agent_tui.tray_sorts import TraySorts
from hub.protocol import commands
from hub.protocol.errors import Code
from hub.protocol.filter_text import BadFilter
from hub.protocol.filter_tree import All, all_of
from hub.protocol.trays import DEFAULT_SORT

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen

SHARES = ("nobody", "everybody")


class TrayViews:
    def __init__(self, screen: "DeskScreen", sorts: TraySorts) -> None:
        self.screen, self.sorts = screen, sorts
        self.key = TRAYS[0]
        self._typed: dict[str, str] = {}  # by tray, the filter as it was typed
        self._good: dict[str, str] = {}  # the last that could be read, as the hub is asked
        self._fault: BadFilter | None = None
        self._unfinished = False  # what is wrong is only that it is still being typed
        self._words: Sequence[Word] = ()
        self._marked = -1
        self._picking: Sequence[Look] = ()
        self._saving = ""  # the name that a tray was just saved under
        keys = (*TRAYS, *tray_catalogue.FURTHER)
        go: Handlers = {f"tray.{key}": partial(screen.show_tray, key) for key in keys}
        self.handlers: Handlers = {
            **go,
            "tray.next": lambda: self.turn(1),
            "tray.previous": lambda: self.turn(-1),
            "tray.choose": self.choose,
            "tray.sort": self.choose_order,
            "tray.filter": self.type_filter,
            "tray.clear": self.clear,
            "tray.delete": self.delete,
            "filter.keep": self.leave,
            "filter.clear": self.clear,
            "filter.complete": lambda: self.complete(1),
            "filter.complete_back": lambda: self.complete(-1),
        }
        self.taking = {"tray.filter": self.filter_by, "tray.save": self.save, "tray.share": self.share}

    # -- which tray ------------------------------------------------------------------------------------------------

    @property
    def listed(self) -> Listed | None:
        return tray_catalogue.find(self.screen.desk, self.key)

    @property
    def filtered(self) -> bool:
        return bool(self._typed.get(self.key))

    @property
    def mine(self) -> bool:
        """Whether a saved tray is shown that this person may change."""
        shown = self.listed
        return (
            shown is not None and shown.saved is not None and tray_catalogue.may_change(self.screen.desk, shown.saved)
        )

    @property
    def sort(self) -> str:
        chosen, shown = self.sorts.of(self.key), self.listed
        return tray_catalogue.order(chosen or (shown.look.sort if shown is not None else ""))

    def show(self, key: str) -> None:
        """Show a tray as it was left: with its filter and its order."""
        if self.screen.filter_bar.typing:
            self.screen.set_focus(self.screen.list)
        self.key, self._fault, self._unfinished, self._words = key, None, False, ()
        self.screen.filter_bar.write(self._typed.get(key, ""))
        self._read()
        self.apply()

    def apply(self) -> None:
        """Have the desk show what is asked for."""
        shown, screen = self.listed, self.screen
        if shown is None:
            return
        look = Look(shown.look.of, self._laid(shown.look.filter), self.sort)
        always = self.key in TRAYS and look == Look(self.key)
        screen.desk.look(None if always else look)
        screen.list.filtered = self.filtered
        screen.list.show_as(self.key if always else VIEW, self.key)
        screen.tabs.show(self.key)
        self.watch()
        self.tell()

    def _laid(self, below: str) -> str:
        """The tray's own filter with the one that was typed laid over it."""
        typed, known = self._good.get(self.key, ""), self.screen.desk.names
        if not (below and typed):
            return below or typed
        try:
            return filtering.kept(all_of([filtering.understood(below, known), filtering.understood(typed, known)]))
        except BadFilter:
            return below

    def turn(self, by: int) -> None:
        keys = [one.key for one in tray_catalogue.every(self.screen.desk)]
        index = keys.index(self.key) + by if self.key in keys else 0
        if 0 <= index < len(keys):
            self.screen.show_tray(keys[index])

    def choose(self) -> None:
        from agent_tui.screens.tray_picker import TrayPicker

        screen = self.screen
        screen.app.push_screen(TrayPicker(screen.cockpit, self.key, screen.show_tray, self._watch_picked))

    def choose_order(self) -> None:
        from agent_tui.screens.picker import Choice, Picker

        choices = [Choice(sort, _(label), _("now") if sort == self.sort else "") for sort, label in ORDERS.items()]
        cockpit = self.screen.cockpit
        self.screen.app.push_screen(Picker(cockpit, _("Order"), choices, self._order, typing=True, marked=self.sort))

    def _order(self, sort: str) -> None:
        try:
            self.sorts.keep(self.key, sort)
        except OSError as error:
            words = _("The order can't be kept for next time: {why}")
            self.screen.notice.say(words.format(why=error.strerror or error), "wait")
        self.apply()

    # -- counting --------------------------------------------------------------------------------------------------

    def _watch_picked(self, looks: Sequence[Look]) -> None:
        self._picking = looks
        self.watch()

    def watch(self) -> None:
        """Have those counted that the tabs and an open list show."""
        tabs = [one.look for one in self.screen.tabs.in_view() if one.key not in TRAYS]
        self.screen.desk.watch([*self._picking, *tabs])

    # -- the filter ------------------------------------------------------------------------------------------------

    def type_filter(self) -> None:
        """Go to the line in which it is typed."""
        bar = self.screen.filter_bar
        bar.display = True
        bar.write(self._typed.get(self.key, ""))
        self.screen.set_focus(bar.field)
        self.tell()

    def filter_by(self, text: str) -> None:
        """Filter by a text that was typed elsewhere; one that can't be read is there to be mended."""
        self.screen.to_trays()
        self.screen.filter_bar.write(text)
        self.typed(text)
        self._unfinished = False
        if self._fault is not None:
            self.type_filter()
        self.tell()

    def typed(self, text: str) -> None:
        """The filter reads like this now: show what it asks for, or what is wrong with it over what was shown last."""
        self._typed[self.key] = text
        self._marked = -1
        self._read()
        self.apply()

    def _read(self) -> None:
        text, known = self._typed.get(self.key, ""), self.screen.desk.names
        self._words = filtering.complete(text, known) if text else ()
        try:
            node = filtering.understood(text, known)
        except BadFilter as fault:
            self._fault = fault
            self._unfinished = fault.end >= len(text) and (bool(self._words) or text[-1:] in ":,(-")
            before = filtering.finished(text)
            try:  # the word that is being typed says nothing yet
                node = filtering.understood(before if fault.at >= len(before) else text, known)
            except BadFilter:
                return
        else:
            self._fault, self._unfinished = None, False
        self._good[self.key] = "" if node == All(()) else filtering.kept(node)

    def complete(self, by: int) -> None:
        """Put in the next of what the last word may become; once the only one is in, go on with what may follow it."""
        if not self._words:
            return
        words, at = self._words, self._marked + by if self._marked >= 0 or by > 0 else len(self._words) - 1
        at %= len(words)
        self.screen.filter_bar.write(words[at].line)
        self.typed(words[at].line)
        if len(words) > 1:
            self._words, self._marked = words, at
        self.tell()

    def leave(self) -> None:
        """Go to the list; one that can't be read is marked, and waits to be mended. A word that can become one thing
        only becomes that."""
        if self._unfinished and len(self._words) == 1 and not self._words[0].text.endswith(":"):
            self.complete(1)
        self._unfinished = False
        if self._fault is None:
            self.screen.to_trays()
        self.tell()

    def clear(self) -> None:
        self._typed.pop(self.key, None)
        self._good.pop(self.key, None)
        self.screen.filter_bar.write("")
        self.screen.to_trays()
        self._read()
        self.apply()

    def tell(self) -> None:
        """Bring the line over the list up to date."""
        bar, tray = self.screen.filter_bar, self.screen.list.tray
        refused = tray.refused if tray.name == VIEW and self._fault is None else None
        bad = self._fault is not None and not self._unfinished
        words = filtering.fault(self._fault) if self._fault is not None and bad else ""
        if refused is not None:
            code = str(refused.get("code"))
            words = (
                filtering.fault(refused) if code == Code.BAD_FILTER else refusals.sentence(None, code, detail=refused)
            )
        order = self.sort
        usual = order == DEFAULT_SORT
        side = "" if usual else f"{drawn('↓' if order.startswith('-') else '↑')} {_(SHORT[order.removeprefix('-')])}"
        if self.filtered and not tray.partly:
            side = drawn(" · ").join(part for part in (names.count(tray.count), side) if part)
        bar.show(
            there=self.filtered or not usual,
            side=side,
            bad=bool(words),
            fault=words,
            words=self._words if bar.typing else (),
            marked=self._marked,
        )

    # -- saved trays -----------------------------------------------------------------------------------------------

    def save(self, name: str) -> None:
        """Keep what is shown as a tray of one's own; under a name that one of them has, in its place."""
        screen, desk = self.screen, self.screen.desk
        shown = self.listed
        if shown is None:
            return
        if self._fault is not None:
            screen.notice.say(filtering.fault(self._fault))
            return
        mine = (t for t in desk.saved_trays.values() if desk.me and t.owner == desk.me.agent)
        old = next((tray for tray in mine if fold(tray.name) == fold(name)), None)
        args = commands.SaveTray(name, shown.look.of, self._laid(shown.look.filter), self.sort)  # type: ignore[arg-type]
        if old is None:
            self._submit(args)
            return
        args.shared, args.team, args.tray = old.shared, old.team, old.id
        screen.ask(_("Replace the tray {name}?").format(name=old.name), lambda: self._submit(args))

    def _submit(self, args: commands.SaveTray) -> None:
        self._saving = args.name
        self.screen.desk.submit("tray.save", args)

    def share(self, whom: str) -> None:
        """Share the saved tray that is shown with a team or everybody, or keep it to oneself again."""
        shown, desk = self.listed, self.screen.desk
        if shown is None or shown.saved is None:
            return
        wanted = fold(whom)
        words = {SHARES[0]: "", _("nobody"): "", SHARES[1]: "*", _("everybody"): "*"}
        teams = {fold(named(team.name)): team.id for team in desk.teams.values()}
        teams |= {fold(team.code): team.id for team in desk.teams.values()}
        to = next((to for word, to in words.items() if fold(word) == wanted), None)
        if to is None and wanted not in teams:
            offered = [_("nobody"), _("everybody"), *(named(team.name) for team in desk.teams.values())]
            said = _("“{typed}” could be {which}").format(typed=whom, which=", ".join(offered[:8]))
            self.screen.notice.say(said)
            return
        tray = shown.saved
        args = commands.SaveTray(tray.name, tray.base, tray.filter, tray.sort, tray=tray.id)  # type: ignore[arg-type]
        args.shared, args.team = to == "*", None if to is not None else teams[wanted]
        desk.submit("tray.save", args)

    def delete(self) -> None:
        shown = self.listed
        if shown is not None and shown.saved is not None:
            tray = shown.saved
            words = _("Delete the tray {name}?") if not tray.shared else _("Delete the tray {name}, for everybody?")
            args = commands.DeleteTray(tray.id)
            self.screen.ask(words.format(name=tray.name), lambda: self.screen.desk.submit("tray.delete", args))

    # -- what the desk says ----------------------------------------------------------------------------------------

    def changed(self, change: model.Change) -> None:
        match change:
            case model.TrayChanged(name=name) if name == VIEW:
                self.tell()
            case model.VisitorsChanged(conversation):
                self.screen.list.repaint(conversation)
            case model.CountsChanged():
                self.screen.tabs.update()
            case model.RefsChanged(name="trays" | "teams" | "queues"):
                self._catalogue_changed()
            case model.CommandDone(name="tray.save", result=result):
                self._saved(result.get("tray"))

    def _catalogue_changed(self) -> None:
        if self.listed is None:
            self.screen.notice.say(_("That tray is not there any more."), "wait")
            self.screen.show_tray(TRAYS[0])
            return
        self.screen.tabs.update()
        self.watch()
        if self.key not in TRAYS:
            self.apply()

    def _saved(self, number: object) -> None:
        """Show what was saved: the filter is the tray's own now."""
        if not self._saving:
            return
        self.screen.notice.say(_("Saved as {name}.").format(name=self._saving), "good")
        self._saving = ""
        key = f"{tray_catalogue.SAVED}{number}"
        if tray_catalogue.find(self.screen.desk, key) is not None:
            self._typed.pop(self.key, None)
            self._good.pop(self.key, None)
            self.screen.show_tray(key)
