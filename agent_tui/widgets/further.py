"""The keys that may follow those that were begun, all of them, where the footer has no room."""

from agent_tui.link.model import Desk
from agent_tui.widgets.cells import width
from agent_tui.widgets.footer import Keys
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted

GAP = 3


class Further(Painted):
    """In columns above the footer, over what is there: nothing is laid out again for it."""

    DEFAULT_CSS = """
    Further { layer: above; dock: bottom; height: 1; margin-bottom: 1; background: $b-panel; }
    """

    def __init__(self, desk: Desk, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(desk, palette, id=id)
        self.begun = ""  # the keys that those shown may follow
        self.keys: Keys = ()
        self.display = False

    def show(self, begun: str, keys: Keys) -> None:
        """Without any, it goes."""
        self.begun, self.keys = begun, keys
        self.display = bool(keys)
        if keys:
            columns = self._columns(self.app.size.width)
            self.styles.height = -(-len(keys) // columns)
        self.refresh()

    @property
    def _column(self) -> int:
        return max((width(key) + width(label) + 1 for key, label in self.keys), default=1) + GAP

    def _columns(self, cells: int) -> int:
        return max((cells - 1) // self._column, 1)

    def paint(self, y: int) -> Line:
        line = self.line("panel")
        columns = self._columns(self.size.width)
        for index, (key, label) in enumerate(self.keys[y * columns : (y + 1) * columns]):
            line.to(1 + index * self._column).put(f"{key} ", "accent", bold=True).put(label, "quiet")
        return line
