"""The desk: trays at the left, the conversation at the right, the sheet where there is room for it."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from agent_tui import moments, names
from agent_tui.actions import FILTER, MARK, THREAD, TRAY, Situation
from agent_tui.i18n import _
from agent_tui.link import model
from agent_tui.screens.company import Company
from agent_tui.screens.desk_keys import FOOTER, Moves
from agent_tui.screens.fields import KeyField
from agent_tui.screens.filling import Filling
from agent_tui.screens.filter_bar import FilterBar
from agent_tui.screens.handing import Handing
from agent_tui.screens.jumps import Jumps
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.screens.link_trouble import LinkTrouble
from agent_tui.screens.marking import OFFERED, Marking
from agent_tui.screens.modes import Modes
from agent_tui.screens.outside import Outside
from agent_tui.screens.planned import Planned
from agent_tui.screens.searching import Searching
from agent_tui.screens.selecting import Selecting
from agent_tui.screens.taking_back import TakingBack
from agent_tui.screens.tray_views import TrayViews
from agent_tui.serving import Serving
from agent_tui.tray_sorts import TraySorts
from agent_tui.widgets.composer import NOTED, Composer
from agent_tui.widgets.conversation import Conversation
from agent_tui.widgets.sheet import Sheet
from agent_tui.widgets.tabs import Tabs
from agent_tui.widgets.thread import ThreadView
from agent_tui.widgets.topline import TopLine
from agent_tui.widgets.tray import TrayList
from agent_tui.widgets.writing import SendButton, Suggestions
from hub.protocol.views import Row

TWO_PANES, THREE_PANES, TALL = 100, 150, 30


class DeskScreen(KeyedScreen):
    """One pane below 100 columns, two from there on, and the sheet beside them from 150 on."""

    recorded = True
    DEFAULT_CSS = """
    DeskScreen {
        #panes { height: 1fr; }
        #left { width: 52; height: 100%; border-right: solid $b-line; padding-top: 1; background: $b-ground; }
        #left Tabs { margin-bottom: 1; }
        Conversation { width: 1fr; padding-top: 1; }
        Sheet { width: 42; border-left: solid $b-line; padding-top: 1; display: none; }
        Conversation #writing, Conversation Hint { margin-bottom: 1; }
        &.-short Conversation #writing, &.-short Conversation Hint { margin-bottom: 0; }
        &.-short #left, &.-short Conversation, &.-short Sheet { padding-top: 0; }
        &.-short #left Tabs { margin-bottom: 0; }
        &.-one #left { width: 1fr; border-right: none; }
        &.-one Conversation { display: none; }
        &.-one.-reading #left { display: none; }
        &.-one.-reading Conversation { display: block; }
        &.-three #left { width: 50; }
        &.-three Sheet, &.-sheet Sheet { display: block; }
        &.-two.-sheet #left { display: none; }
        &.-one.-sheet #left, &.-one.-sheet Conversation { display: none; }
        &.-one.-sheet Sheet { width: 1fr; border-left: none; }
        &.-three.-sheet Sheet { display: none; }
    }
    """

    def __init__(self, cockpit: Cockpit, *, chat: str = "", sorts: TraySorts | None = None) -> None:
        super().__init__(cockpit)
        self._chat = chat
        self.serving = Serving(self.desk, lambda: self.row, self.ask)
        self.top = TopLine(self.desk, self.palette)
        self.tabs = Tabs(self.desk, self.palette)
        self.filter_bar = FilterBar(self.desk, self.palette, self.keymap)
        self.list = TrayList(self.desk, self.palette, self.keymap)
        self.conversation = Conversation(cockpit.desk, cockpit.palette, cockpit.chord, chat=chat)
        self.sheet = self.unfocused = Sheet(self.desk, self.palette)
        self.modes = Modes(self)
        self.moves = Moves(self)
        self.jumps = Jumps(self)
        self.selecting, self.outside = Selecting(self), Outside(self)
        self.taking_back = TakingBack(self)
        self.link_trouble = LinkTrouble(self)
        self.filling = Filling(self)
        self.planned, self.handing, self.marking = Planned(self), Handing(self), Marking(self)
        self.searching = Searching(self)
        self.views = TrayViews(self, sorts or TraySorts())
        self.taking = {"conversation.pipe": self.outside.pipe, **self.views.taking}
        self.zoomed = False  # one pane has the whole screen, however wide that is
        self._typing = False  # the last thing that the person did was to write
        self._guarded = False  # the composer went from under their hands
        parts = (self.serving, self.moves, self.views, self.jumps, self.selecting, self.outside, self.taking_back,
                 self.handing, self.searching, self.filling, self.planned, Company(self))  # fmt: skip
        self.handlers = self.marking.over({name: one for part in parts for name, one in part.handlers.items()})

    def compose(self) -> ComposeResult:
        self._size_panes()  # before anything is laid out, or all of it would be again
        yield self.top
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield self.tabs
                yield self.filter_bar
                yield self.list
            yield self.conversation
            yield self.sheet
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        self.views.show(self.views.key)
        self.list.focus()
        self._at_the_minute()
        self.call_after_refresh(self.link_trouble.tell_address, self._chat)

    def _at_the_minute(self) -> None:
        """Paint what shows the time once a minute, when the minute begins."""
        self.set_timer((60_000 - self.desk.now % 60_000) / 1000 + 0.05, self._minute)

    def _minute(self) -> None:
        self.top.update()
        self.conversation.header.update()
        if moments.clock(self.desk.now, names.zone(self.desk)) == "00:00":
            self.list.refresh()
            self.conversation.refresh_names()
        self._at_the_minute()

    # -- where one is ----------------------------------------------------------------------------------------------

    @property
    def shown(self) -> int | None:
        return self.conversation.shown

    @property
    def about(self) -> int | None:
        """The conversation that stands on the screen: a sheet that fills it may be another one's than was shown."""
        return self.sheet.conversation if self.one_pane and self.has_class("-sheet") else self.shown

    @property
    def row(self) -> Row | None:
        """The conversation that a key is about: the one marked in the trays, or the one that stands on the screen."""
        if self.places()[0] in (TRAY, FILTER):
            return self.list.row
        return self.desk.row(self.about) if self.about is not None else None

    @property
    def one_pane(self) -> bool:
        return self.has_class("-one")

    @property
    def thread_in_view(self) -> bool:
        return (
            self.shown is not None
            and self.conversation.display
            and (not self.one_pane or (self.has_class("-reading") and not self.has_class("-sheet")))
        )

    def places(self) -> tuple[str, ...]:
        composer = self.conversation.composer
        if self.focused is composer:
            return composer.contexts
        if self.filter_bar.typing:
            return (FILTER, "global")
        if self.has_class("-sheet") and self.focused is None:
            return (THREAD, "global")
        if self.focused is self.conversation.thread:
            return (MARK if self.selecting.on else THREAD, "global")
        return (TRAY, "global")

    def situation(self) -> Situation:
        in_tray = self.places()[0] in (TRAY, FILTER)
        composer = self.conversation.composer
        return Situation(
            self.desk,
            row=self.row,
            shown=self.shown is not None,
            reading=not in_tray,
            typed=bool(composer.text.strip()),
            stuck=self.serving.stuck(self.shown),
            refused=self.serving.refused(self.shown),
            writable=self.conversation.writing.display,
            marked=self.selecting.message,
            before=self.jumps.before is not None,
            unread=self.moves.next_unread is not None,
            wide=self.size.width >= TWO_PANES,
            undoable=self.desk.undoable,
            recallable=self.taking_back.recallable,
            noting=composer.note,
            filtered=self.views.filtered,
            saved=self.views.mine,
            many=self.marking.n,
        )

    def offered(self) -> tuple[str, ...]:
        return OFFERED if self.marking.n else FOOTER.get(self.places()[0], ())

    # -- showing a conversation ------------------------------------------------------------------------------------

    def show(self, conversation: int, *, go: bool = True) -> None:
        """Show a conversation, and go to where one can do something about it."""
        if conversation != self.shown:
            before = self.shown
            self.conversation.show(conversation, self.serving)
            self.sheet.show(conversation)
            if before is not None:
                self.jumps.before = before
                self.desk.close_thread(before)
        self.remove_class("-sheet")
        self.add_class("-reading")
        if go:
            self.modes.come()
        self.refresh_footer()

    def move_to(self, conversation: int) -> None:
        """Show another conversation, and go on there as one was: writing or reading."""
        write = self.modes.writes
        self.show(conversation, go=False)
        self.modes.go_on(write=write)

    def to_trays(self) -> None:
        self.remove_class("-reading")
        self.set_focus(self.list)

    def show_tray(self, tray: str) -> None:
        self.views.show(tray)
        if self.list.has_focus and self.list.row is None:
            self.list.choose_at(0)

    # -- what the desk says ----------------------------------------------------------------------------------------

    def changed(self, change: model.Change) -> None:
        self.views.changed(change)
        self.filling.changed(change)
        match change:
            case model.LinkChanged():
                self.link_trouble.tell()
                self.footer.update()
                self.top.update()
            case model.TrayChanged(name):
                self.tabs.update()
                if name == self.list.name_of_tray:
                    self.list.update()
                if name == "pending":
                    self.top.update()
            case model.ThreadChanged(conversation) if conversation == self.shown:
                answerable = self.conversation.composer.opening
                self.conversation.update(self.serving)
                self.sheet.update()
                self.searching.arrived(conversation)
                if not answerable:
                    self.modes.follow_opening()
            case model.ThreadGone(conversation) if conversation == self.shown:
                self._gone(conversation)
            case model.RefsChanged("plans"):
                self.planned.changed()
            case model.RefsChanged():
                self.top.update()
                self.list.refresh()
                self.conversation.refresh_names()
                self.sheet.update()
            case model.CommandRefused():
                self.taking_back.refused(change)
            case model.DraftChanged(conversation) if conversation == self.shown:
                self.taking_back.given_back(change)
            case model.CommandDone():
                self.taking_back.done(change)
        self.marking.changed(change)
        self._keep_focus()
        self.refresh_footer()

    def _keep_focus(self) -> None:
        """The composer may have gone from under the cursor: the keyboard stays with the conversation.

        Whoever was typing goes on typing for a moment: until another key is pressed, letters are not taken as orders.
        """
        composer = self.conversation.composer
        if self.focused is composer and not self.conversation.writing.display:
            self._guarded = self._typing
            self.set_focus(self.conversation.thread)

    def is_order(self, event: events.Key) -> bool:
        self._guarded = self._guarded and event.is_printable and self.focused is self.conversation.thread
        if self._guarded:
            words = _("One can't write here any more. {why}").format(why=self.conversation.hint.words)
            self.notice.say(words, "wait")
        return not self._guarded

    def perform(self, action: str, text: str = "") -> None:
        self._typing = False
        super().perform(action, text)

    def _gone(self, conversation: int) -> None:
        self.conversation.show(None, self.serving)
        self.sheet.show(None)
        self.to_trays()
        self.handing.gone(conversation)

    def refresh_keys(self) -> None:
        self.conversation.refresh_keys()
        self.list.refresh()
        super().refresh_keys()

    # -- what the widgets say --------------------------------------------------------------------------------------

    def on_tabs_chosen(self, message: Tabs.Chosen) -> None:
        self.set_focus(self.list)
        self.show_tray(message.tray)

    def on_tabs_laid(self, message: Tabs.Laid) -> None:
        self.views.watch()

    def on_filter_bar_typed(self, message: FilterBar.Typed) -> None:
        self.views.typed(message.text)

    def on_key_field_ordered(self, message: KeyField.Ordered) -> None:
        self.perform(message.action)

    def on_tray_list_opened(self, message: TrayList.Opened) -> None:
        self.moves.open(message.conversation)

    def on_tray_list_moved(self, message: TrayList.Moved) -> None:
        self.refresh_footer()

    def on_composer_submitted(self, message: Composer.Submitted) -> None:
        self.notice.hush()
        self.serving.say(message.conversation, message.text, note=message.note)
        self.conversation.thread.go_end()
        self.refresh_footer()

    def on_composer_warned(self, message: Composer.Warned) -> None:
        self.notice.say(message.words)

    def on_composer_written(self, message: Composer.Written) -> None:
        self._typing = True
        self.desk.save_draft(message.conversation, (NOTED if message.note and message.text else "") + message.text)
        self.desk.type_in(message.conversation, bool(message.text.strip()), note=message.note)
        self.conversation.settle(self.serving)
        self.refresh_footer()

    def on_composer_suggested(self, message: Composer.Suggested) -> None:
        self.conversation.suggestions.show(message.found, message.marked)
        self.refresh_footer()

    def on_composer_pressed(self, message: Composer.Pressed) -> None:
        self.key_at = message.time
        self.perform(message.action)

    def on_composer_begun(self, message: Composer.Begun) -> None:
        self.refresh_footer()

    def on_suggestions_chosen(self, message: Suggestions.Chosen) -> None:
        self.conversation.composer.insert_suggestion(message.index)
        self.set_focus(self.conversation.composer)

    def on_send_button_clicked(self, message: SendButton.Clicked) -> None:
        self.conversation.composer.submit()
        self.set_focus(self.conversation.composer)

    def on_thread_view_clicked(self, message: ThreadView.Clicked) -> None:
        if self.shown is not None:
            self.modes.come()

    def on_thread_view_end_in_view(self, message: ThreadView.EndInView) -> None:
        self.mark_read()

    def mark_read(self) -> None:
        row = self.desk.row(self.shown) if self.shown is not None else None
        thread = self.conversation.thread
        if row is not None and self.app.app_focus and self.thread_in_view and thread.at_end and self.is_current:
            self.serving.read(row)

    # -- Textual ---------------------------------------------------------------------------------------------------

    def on_descendant_focus(self) -> None:
        if self.focused is not self.conversation.thread:
            self.conversation.thread.unmark()
        self.conversation.light()
        self.refresh_footer()

    def on_resize(self, event: events.Resize) -> None:
        self.place_panes()

    def place_panes(self) -> None:
        """As many panes as there is room for; zoomed, the one where the keyboard is."""
        self._size_panes()
        if self.shown is not None:
            self.set_class(self.focused is not self.list, "-reading")
        self.refresh_footer()

    def _size_panes(self) -> None:
        width, height = self.app.size
        one = width < TWO_PANES or self.zoomed
        self.set_class(one, "-one")
        self.set_class(not one and width < THREE_PANES, "-two")
        self.set_class(not one and width >= THREE_PANES, "-three")
        self.set_class(height < TALL, "-short")
        self.list.set_pitch(2 if height < TALL else 3)
