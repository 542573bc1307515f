"""What the driver uses of Textual that Textual does not promise: if an upgrade moves it, this says what."""

import inspect
import os
import signal

import pytest
from textual._parser import Parser
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.widgets import Input, TextArea

from agent_tui.terminal.orders import is_order


def test_an_app_keeps_its_driver_and_gives_it_itself() -> None:
    assert "driver = self._driver = driver_class(" in inspect.getsource(App._build_driver)
    assert list(inspect.signature(Driver.__init__).parameters) == ["self", "app", "debug", "mouse", "size"]


def test_the_driver_has_what_ours_overrides_and_reads() -> None:
    source = inspect.getsource(LinuxDriver)
    assert "signal.signal(signal.SIGCONT, self._sigcont_application)" in source
    for name in ("self._key_thread", "self._writer_thread", "signal.signal(signal.SIGWINCH, on_terminal_resize)"):
        assert name in source
    assert "self._auto_restart" in inspect.getsource(Driver)
    assert "signal.signal(signal.SIGTSTP, self._sigtstp_application)" in source
    assert "self._must_signal_resume = True" in inspect.getsource(LinuxDriver._sigtstp_application)
    assert "self._driver.can_suspend" in inspect.getsource(App.action_suspend_process)
    assert "self.run_input_thread()" in inspect.getsource(LinuxDriver._run_input_thread)


def test_the_reader_of_keys_has_what_ours_overrides_and_reads() -> None:
    inspect.signature(XTermParser._sequence_to_key_events).bind(object(), "\x1bu", alt=True)
    assert "sequence_to_key_events(sequence)" in inspect.getsource(XTermParser.parse)
    assert "self._timeout_time = get_time() + " in inspect.getsource(Parser.feed)


def test_paint_comes_between_the_ends_of_a_synchronised_update_and_in_one_write() -> None:
    source = inspect.getsource(App._display)
    order = ["self._begin_update()", "self._driver.write(terminal_sequence)", "self._end_update()"]
    assert sorted(order, key=source.index) == order
    assert "self._driver.write(SYNC_START)" in inspect.getsource(App._begin_update)
    assert "self._driver.write(SYNC_END)" in inspect.getsource(App._end_update)


def test_text_fields_paint_their_cursor_where_we_leave_it_out() -> None:
    assert isinstance(inspect.getattr_static(TextArea, "_draw_cursor"), property)
    assert 'self.get_component_rich_style("input--cursor")' in inspect.getsource(Input.render_line)
    assert "offset += 1" in inspect.getsource(Input._cursor_offset.fget)  # type: ignore[attr-defined]


def test_a_text_area_finds_its_cursor_again_only_when_told() -> None:
    assert "self._cursor_offset = self.wrapped_document.location_to_offset(" in inspect.getsource(TextArea)
    assert "_recompute_cursor_offset" not in inspect.getsource(TextArea._rewrap_and_refresh_virtual_size)


def test_a_screen_can_be_laid_out_at_once() -> None:
    inspect.signature(Screen._refresh_layout).bind(object())


async def test_everything_that_the_stock_driver_writes_by_itself_may_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = os.openpty()
    written: list[str] = []

    class Listening(LinuxDriver):
        def write(self, data: str) -> None:
            written.append(data)

    before = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)}
    try:
        with os.fdopen(slave, "r+b", buffering=0) as tty:
            monkeypatch.setattr(linux_driver.sys, "__stdin__", tty)
            app: App[None] = App()
            driver = Listening(app)
            driver.start_application_mode()
            driver._enable_mouse_pixels()
            driver._enable_in_band_window_resize()
            driver._in_band_window_resize = True
            driver.stop_application_mode()
            driver.close()
            app._driver = driver
            app.bell()
            app._set_pointer_shape("text")
            app.copy_to_clipboard("¿Hola?")
    finally:
        os.close(master)
        for number, handler in before.items():
            signal.signal(number, handler)
    assert len(written) > 20
    assert [one for one in written if not is_order(one)] == []
