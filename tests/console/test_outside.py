"""The person's own editor, and web addresses: nothing is opened by itself, nothing but the web is ever opened."""

import asyncio
import contextlib
import sys
from pathlib import Path

import pytest
from fake_desk import ANA, FakeDesk
from opened import Open, painted

from agent_tui import editor, links
from agent_tui.pipe import MOST, pipe
from agent_tui.screens.command_line import CommandLine
from agent_tui.screens.picker import Picker


def script(folder: Path, body: str) -> list[str]:
    """An editor that does something with the file it is given."""
    file = folder / "editor.py"
    file.write_text(f"import pathlib, sys\nfile = pathlib.Path(sys.argv[1])\n{body}\n", encoding="utf-8")
    return [sys.executable, str(file)]


async def test_the_editor_s_text_comes_back_and_its_file_is_gone(tmp_path: Path) -> None:
    words = script(tmp_path, "assert oct(file.parent.stat().st_mode)[-2:] == '00'\n"
                             f"pathlib.Path({str(tmp_path / 'where')!r}).write_text(str(file))\n"
                             "file.write_text(file.read_text() + ' y chau\\n')")  # fmt: skip
    assert await editor.edit(words, "hola\nsí") == "hola\nsí y chau"
    assert not Path((tmp_path / "where").read_text()).exists()


async def test_an_editor_that_fails_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(editor.NoEditor):
        await editor.edit(script(tmp_path, "sys.exit(3)"), "hola")


def test_the_editor_is_what_the_environment_says() -> None:
    assert editor.command({"EDITOR": f"{sys.executable} -u"}) == [sys.executable, "-u"]
    with pytest.raises(editor.NoEditor):
        editor.command({"EDITOR": "no-such-editor"})


async def test_a_message_is_written_in_the_editor_and_sent_from_the_composer(
    open_console: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = script(tmp_path, "file.write_text(file.read_text() + ' amigo')")
    monkeypatch.setenv("VISUAL", " ".join(words))
    async with open_console() as console:
        monkeypatch.setattr(console.app, "suspend", contextlib.nullcontext)
        await console.press("enter")
        await console.type("hola")
        await console.press("ctrl+x", "ctrl+e")
        async with asyncio.timeout(20):
            await console.app.workers.wait_for_complete()
        await console.rest()
        assert console.composer.text == "hola amigo"
        assert not console.commands("message.send"), "the editor sends nothing"


def test_addresses_are_found_without_what_ends_the_sentence() -> None:
    texts = [
        "Mirá https://a.example/x?y=1. O (http://b.example/p_(q)), javascript:alert(1)",
        "HTTPS://A.example https://",
    ]
    assert links.found(texts) == ["https://a.example/x?y=1", "http://b.example/p_(q)", "HTTPS://A.example"]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "-flag", "ssh://x"])
def test_nothing_but_the_web_is_opened(address: str) -> None:
    with pytest.raises(ValueError, match="no address of the web"):
        links.open_in_browser("false", address)


def test_where_an_address_leads_is_what_stands_behind_the_at() -> None:
    assert links.host("https://bank.example@evil.example/login") == "evil.example"


def test_over_ssh_there_is_no_browser_to_open() -> None:
    assert links.opener({"SSH_CONNECTION": "1"}, "linux") is None
    assert links.opener({"SSH_CONNECTION": "1", "DISPLAY": ""}, "darwin") is None


async def test_a_chosen_address_is_copied_and_opened_only_after_asking(
    open_console: Open, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, str]] = []
    monkeypatch.setattr(links, "opener", lambda: "browser")
    monkeypatch.setattr(links, "open_in_browser", lambda *args: opened.append(args))
    desk.message(ANA, "in", "es este: https://tienda.example/48213")
    async with open_console(language="en") as console:
        await console.press("enter", "ctrl+f", "l")
        assert isinstance(console.app.screen, Picker)
        await console.press("enter")
        assert console.app.clipboard == "https://tienda.example/48213"
        assert opened == []
        await console.press("n")
        assert opened == []
        console.home.perform("conversation.links")
        await console.rest()
        await console.press("enter", "y")
        assert opened == [("browser", "https://tienda.example/48213")]


async def test_without_a_screen_to_open_it_on_an_address_is_only_copied(
    open_console: Open, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "opener", lambda: None)
    async with open_console(language="en") as console:
        await console.press("enter")
        console.home.perform("conversation.links")
        await console.rest()
        assert "There is no web address here." in painted(console.home.notice)
        desk.receive(ANA, "https://tienda.example/1")
        console.home.perform("conversation.links")
        await console.rest()
        await console.press("enter")
        assert "Copied: https://tienda.example/1" in painted(console.home.notice)


async def test_a_command_gets_the_conversation_without_notes_and_what_it_says_is_shown(
    open_console: Open, tmp_path: Path
) -> None:
    async with open_console(language="en") as console:
        await console.press("enter")
        console.home.perform("conversation.pipe", f"tee {tmp_path}/said | grep -c .")
        async with asyncio.timeout(20):
            await console.app.workers.wait_for_complete()
        await console.rest()
        assert "6" in painted(console.home.notice)
        said = (tmp_path / "said").read_text(encoding="utf-8")
        assert "Buenas! pudieron averiguar?" in said
        assert "depósito dice" not in said
        console.home.perform("conversation.pipe", "printf 'a\\033[2Jb\\n'; exit 3")
        async with asyncio.timeout(20):
            await console.app.workers.wait_for_complete()
        await console.rest()
        assert "failed (3)" in painted(console.home.notice)
        assert "\x1b" not in painted(console.home.notice)


async def test_a_command_that_never_ends_its_talk_is_stopped_and_one_that_reads_nothing_is_no_fault() -> None:
    async with asyncio.timeout(20):
        code, said = await pipe("yes", "x" * 1_000_000)
        assert len(said) == MOST
        assert code != 0
        assert await pipe("true", "x" * 1_000_000) == (0, "")


async def test_an_action_that_takes_a_text_asks_for_it_in_the_command_line(open_console: Open) -> None:
    async with open_console(language="en") as console:
        await console.press("enter")
        console.home.perform("conversation.pipe")
        await console.rest()
        line = console.app.screen
        assert isinstance(line, CommandLine)
        assert line.field.value == "pipe "
        await console.press("enter")
        assert line.fault == "command: type it"
        await console.type("echo hi")
        await console.press("enter")
        async with asyncio.timeout(20):
            await console.app.workers.wait_for_complete()
        await console.rest()
        assert "hi" in painted(console.home.notice)
