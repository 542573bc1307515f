"""The console drawn with ASCII alone: for terminals, fonts and readers that have nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_desk import FakeDesk
from fake_reports import REPORTS, with_reports
from opened import Console, Open, screen_lines

import agent_tui
from agent_tui import glyphs
from agent_tui.screens.fields import Field
from agent_tui.screens.sign_in import SignInApp
from agent_tui.widgets.cells import cut, width

SOURCES = sorted(Path(agent_tui.__file__).parent.rglob("*.py"))
OTHERS = {"glyphs.py", "text.py", "emoji.py", "qr.py"}  # the table, walls, what is sent, what is left out in ASCII


@pytest.fixture(autouse=True)
def unicode_afterwards() -> Iterator[None]:
    yield
    glyphs.use("unicode")


def customers_own(desk: FakeDesk) -> set[str]:
    """The characters that came with the desk's data, not with the console."""
    rows = [row for name in ("pending", "in_progress", "attended") for row in desk.tray(name).rows]
    texts = [f"{row.name} {row.last}" for row in rows]
    texts += [message.b for row in rows if (thread := desk.thread(row.id)) for message in thread.messages]
    texts += [shortcut.body for shortcut in desk.shortcuts.values()]
    texts += [f"{one.name} {getattr(one, 'comment', '')}" for view in REPORTS for one in desk.told[view]]
    texts += [agent.name for agent in desk.agents.values()] + [desk.me.entity if desk.me else ""]
    return {character for text in texts for character in text if not character.isascii()}


async def walk(console: Console) -> list[str]:
    """Every screen there is, and the desk in several states; the lines that were seen."""
    seen: list[str] = []
    for keys in (
        ["1"], ["2"], ["3"], ["1"], ["enter"], ["ctrl+n"], ["ctrl+n"], ["/"], ["backspace"], ["f4"], ["f4"],
        ["f1"], ["escape"], ["ctrl+p"], ["down"], ["escape"], ["f3"], ["escape"], ["f11"], ["escape"],
        ["f2"], ["n"], ["escape"], ["e"], ["escape"], ["d"], ["n"], ["escape"], ["escape"], ["f10"], ["escape"],
        ["ctrl+x", "a"], ["up"], ["enter"], ["escape"], ["escape"],
        ["1"], ["enter"], ["ctrl+f"], ["up"], ["escape"], ["ctrl+x"], ["escape"], [":"], ["t", "tab"],
        ["z", "z", "enter"], ["escape"], ["ctrl+g"], ["escape"], ["@"], ["escape"],
        ["ctrl+x", "r"], ["enter"], ["escape"], ["tab"], ["c"], ["escape"], ["left"], ["s"], ["escape"], ["escape"],
    ):  # fmt: skip
        await console.press(*keys)
        seen += screen_lines(console.app)
    return seen


@pytest.mark.parametrize(("size", "theme"), [((80, 24), "dark"), ((120, 40), "ansi"), ((160, 45), "mono")])
async def test_a_whole_session_writes_nothing_but_ascii_of_its_own(
    open_console: Open, desk: FakeDesk, size: tuple[int, int], theme: str
) -> None:
    async with open_console(size, language="en", drawing="ascii", theme=theme) as console:
        console.app.notifying.ask()
        with_reports(desk)
        seen = await walk(console)
        theirs = customers_own(desk)
    assert not theirs & set("●○◷✓─│┊›…⏎↓")
    foreign = {c for text in seen for c in text if not c.isascii()} - theirs
    assert not foreign, [text for text in seen if foreign & set(text)][:5]


async def test_a_password_is_covered_with_ascii_too() -> None:
    async def never(url: str, login: str, password: str) -> None:
        raise AssertionError

    glyphs.use("ascii")
    app = SignInApp(never, url="https://desk.example", login="ana", language="en", theme="dark")
    async with app.run_test(size=(80, 24)) as pilot:
        assert isinstance(app.focused, Field)
        await pilot.press("s", "3", "c")
        await pilot.pause()
        lines = screen_lines(app)
    assert all(text.isascii() for text in lines)
    assert any("***" in text for text in lines)


def test_every_glyph_has_a_twin_of_its_own_width() -> None:
    for glyph, twin in glyphs.DRAWN.items():
        assert twin.isascii()
        assert width(glyph) == width(twin) == 1, glyph
    assert all(twin.isascii() for twin in glyphs.SPELLED.values())


def test_every_glyph_of_the_source_stands_in_the_table() -> None:
    for path in SOURCES:
        if path.name in OTHERS:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
                signs = {c for c in node.value if not c.isascii() and not c.isalpha()}  # letters of a language stay
                missing = signs - {*glyphs.DRAWN, *glyphs.SPELLED, "\xa0"}
                assert not missing, f"{path}:{node.lineno}: {missing}"


def test_what_is_cut_says_so_in_ascii_within_its_room() -> None:
    glyphs.use("ascii")
    assert cut("conversation", 8) == "conve..."
    assert [cut("conversation", cells) for cells in range(5)] == ["", ".", "..", "...", "c..."]
