"""What an action is, where it can be done, and what it may depend on. The actions themselves are in `actions`."""

from collections.abc import Callable, Mapping

import msgspec

from agent_tui.i18n import N_
from agent_tui.link.model import Desk, Outgoing
from hub.protocol.views import Message, Row


class Situation(msgspec.Struct, frozen=True):
    """Where the person is: what an action may depend on. `row` is the conversation that an action would be about."""

    desk: Desk
    row: Row | None = None
    shown: bool = False  # a conversation is shown
    reading: bool = False  # the keyboard is in it, not in the trays
    typed: bool = False  # there is text in the composer
    stuck: Outgoing | Message | None = None  # the first message that failed or is uncertain
    refused: Outgoing | None = None  # the first message that the hub refused
    writable: bool = False  # the composer takes text
    marked: Outgoing | Message | None = None  # the message that is chosen in the thread
    before: bool = False  # another conversation was shown before
    unread: bool = False  # another conversation than `row` has unread lines
    wide: bool = False  # there is room for more than one pane
    undoable: bool = False  # this console has done something that can be taken back
    noting: bool = False  # what is written is a private note
    filtered: bool = False  # the tray that is shown is filtered
    saved: bool = False  # it is a saved one, which this person may change
    many: int = 0  # so many conversations are marked in the tray, and an action would be about all of them
    recallable: bool = False  # a line of mine in the conversation that is shown has not reached the customer yet


Applies = Callable[[Situation], bool]
Handlers = Mapping[str, Callable[[], object]]  # what a screen does, by the id of the action


def always(_: Situation) -> bool:
    return True


class Action(msgspec.Struct, frozen=True):
    """`label` is one or two words for the footer, `noting` those while a note is written, where they differ; `help` a
    sentence for the help page."""

    id: str
    label: str
    help: str
    applies: Applies = always
    command: str = ""
    places: tuple[str, ...] = ()  # where it does something; empty: everywhere
    takes: str = ""  # what text it takes, which is typed after its name in the command line
    noting: str = ""
    asks: bool = False  # where nothing else does it, its arguments are typed in the command line

    def label_in(self, at: Situation) -> str:
        """What it does in this situation, as the footer says it, to be translated."""
        return self.noting if self.noting and at.noting else self.label


TRAY, THREAD, MARK, COMPOSER, SUGGEST, CONFIRM = "tray", "thread", "mark", "composer", "suggest", "confirm"
LIST, LINE, MANAGE, FORM, HELP, NOTICES = "list", "line", "shortcuts", "form", "help", "notices"
JUMP, SESSIONS, TABLE, SEARCH = "jump", "sessions", "table", "search"
FILTER, REPORT, SETTINGS, FIELD, MANY = "filter", "report", "settings", "field", "several"
FILLING, EDITING = "filling", "editing"
CONTEXTS: dict[str, str] = {
    TRAY: N_("In the trays"),
    FILTER: N_("Typing a filter"),
    THREAD: N_("Reading a conversation"),
    MARK: N_("Choosing a message"),
    COMPOSER: N_("Writing"),
    SUGGEST: N_("While shortcuts or emoji are listed"),
    LIST: N_("In a list that opened"),
    LINE: N_("In the command line"),
    MANAGE: N_("Among the shortcuts"),
    SESSIONS: N_("Among your sessions"),
    TABLE: N_("In a table"),
    SEARCH: N_("While words are typed to search for"),
    REPORT: N_("In the reports"),
    SETTINGS: N_("Among the desk's settings"),
    FORM: N_("In a form"),
    FIELD: N_("At a field that is chosen"),
    MANY: N_("In a list to mark several in"),
    FILLING: N_("Filling in the form of a conversation"),
    EDITING: N_("Among the fields of a form"),
    NOTICES: N_("Among the notifications"),
    HELP: N_("In the help"),
    JUMP: N_("While letters are shown"),
    CONFIRM: N_("When asked"),
    "global": N_("Everywhere"),
}
DESK = (TRAY, THREAD, COMPOSER)
LISTS = (LIST, MANAGE, HELP, NOTICES, SESSIONS, TABLE, EDITING, REPORT, SETTINGS, MANY)
