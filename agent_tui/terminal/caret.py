"""The terminal's own cursor: it stands where one writes, and nothing is painted in its place.

Screen readers, braille lines and input methods follow it, and a typed letter then costs one byte.
"""

from typing import Any, Protocol, runtime_checkable

from rich.style import Style
from textual.app import App, ScreenStackError
from textual.geometry import Offset
from textual.widgets import Input, TextArea


@runtime_checkable
class HasCaret(Protocol):
    """A widget or screen with a cursor of its own; None while it has none."""

    @property
    def caret(self) -> Offset | None: ...


def caret(app: App[Any]) -> Offset | None:
    """Where on the screen the person writes; None where they don't."""
    try:
        screen, focused = app.screen, app.focused
    except ScreenStackError:
        return None
    if isinstance(focused, Input):  # which tells of the column after its cursor, at the end of its text
        return focused.cursor_screen_offset - (int(focused.cursor_at_end), 0)
    if isinstance(focused, TextArea):
        return focused.cursor_screen_offset
    for one in (focused, screen):
        if isinstance(one, HasCaret):
            return one.caret
    return None


def is_shown(app: App[Any]) -> bool:
    """Whether this app's driver shows the terminal's own cursor, so that none has to be painted."""
    return bool(getattr(app._driver, "shows_caret", False))


class CaretTextArea(TextArea):
    """Its cursor is the terminal's own, where the driver shows that."""

    @property
    def _draw_cursor(self) -> bool:
        return not is_shown(self.app) and super()._draw_cursor

    def on_resize(self) -> None:
        """The lines break elsewhere now: once they do, paint them so, find the cursor again, and keep it in view."""
        self.call_next(self._after_breaking)

    def _after_breaking(self) -> None:
        self._cursor_offset = self.wrapped_document.location_to_offset(self.cursor_location)
        self.scroll_cursor_visible()
        self.refresh()


class CaretInput(Input):
    """The same for one line."""

    def get_component_rich_style(self, *names: str, partial: bool = False, default: Style | None = None) -> Style:
        if names == ("input--cursor",) and is_shown(self.app):
            return self.rich_style
        return super().get_component_rich_style(*names, partial=partial, default=default)
