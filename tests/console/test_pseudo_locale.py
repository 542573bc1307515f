"""In a language a third longer, with letters of its own: nothing is left in English, nothing is cut unsaid."""

import re
from collections.abc import AsyncIterator, Iterator
from zoneinfo import available_timezones

import pytest
from admin_desk import STEPS as SETTINGS
from admin_desk import admin_desk
from fake_account import RECOVERY, Account, with_sessions
from fake_desk import ANA, CARLA, FakeDesk, replace
from fake_reports import with_reports
from opened import Console, Open
from pseudo import CLOSE, OPEN, Pseudo
from textual.app import App
from textual.scroll_view import ScrollView
from textual.widget import Widget

from agent_tui import i18n
from agent_tui.keys import SHOWN
from agent_tui.screens.sign_in import SignInApp
from hub.protocol.matches import REASONS, Match, Matches
from hub.protocol.queries import Found

SIZES = [(80, 24), (120, 40)]
STEPS = (
    ["1"], ["2"], ["3"], ["1"], ["f"], ["escape"], ["Q"], ["escape"], ["@"], ["enter"], ["ctrl+x"], ["ctrl+f"],
    ["escape"], ["ctrl+n"], ["ctrl+n"], ["/"], ["backspace"], ["f4"], ["f4"],
    ["f8"], ["escape"], ["escape"], ["f1"], ["pagedown"], ["escape"], ["ctrl+p"], ["pagedown"], ["z"], ["escape"],
    ["f3"], ["escape"], ["f11"], ["escape"], ["f2"], ["n"], ["escape"], ["d"], ["n"], ["escape"], ["f10"], ["escape"],
    ["escape"], ["escape"], ["3"], ["enter"], ["escape"], ["2"], ["down"], ["enter"], ["escape"],
    ["ctrl+x"], ["a"], *[["down"]] * 10, ["enter"], ["-"], ["enter"], ["escape"], ["enter"], ["escape"],
    # one's own account
    ["ctrl+x"], ["m"], ["d"], ["n"], ["j"], ["d"], ["n"], ["D"], ["n"], ["p"], ["f8"], ["escape"],
    ["2"], [*"clave", "enter"], [*"123456", "enter"], ["escape"], ["s"], ["escape"],
    # the reports
    ["ctrl+x"], ["r"], ["down"], ["enter"], ["down"], ["escape"], ["tab"], ["left"], ["c"], ["down"], ["enter"], ["x"],
    ["enter"], ["escape"], ["left", "left"], ["escape"],
)  # fmt: skip
FOUND = [("open", CARLA), ("closed", CARLA), ("waiting", None), ("closed", None)]  # of somebody else
PROPER = {"Bandeja", "WhatsApp", "Telegram", "Messenger", "Instagram", "ms", "https", "desk", "example", "OSC", "auto"}
NOT_WORDS = {*SHOWN.values(), *(f"F{n}" for n in range(13)), "delete", "insert", "home", "end", "shift", "ctrl"}
NOT_WORDS |= {f"w{letter}" for letter in "cdehilmprsuw"}  # keys that are pressed one after the other
WIDGETS = {
    "Asking", "Composer", "Explained", "Field", "Footer", "Header", "Heads", "HelpPage", "Hint", "Label",
    "NoticesWindow", "PickerWindow", "Prompt", "SendButton", "Sheet", "ShortcutRows", "Suggestions", "TableRows",
    "Tabs", "TextField", "ThreadView", "TopLine", "TrayList", "WritingRule", "_Label",
}  # fmt: skip
WORD = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture(autouse=True)
def speak_pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(i18n.gettext, "translation", lambda *_args: Pseudo())
    yield
    monkeypatch.undo()
    i18n.use("en")


def shown(app: App[object]) -> Iterator[tuple[Widget, list[str]]]:
    """Each widget of the front screen that paints lines, with its lines."""
    for widget in app.screen.walk_children():
        if widget.display and widget.region.area and not widget.is_container:
            height = widget.size.height
            yield widget, [widget.render_line(y).text for y in range(height)]


def strings(value: object) -> Iterator[str]:
    """All texts in a piece of data, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from strings(pair)
    elif isinstance(value, list | tuple | set):
        for one in value:
            yield from strings(one)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from strings(getattr(value, name))


def of_the_desk(desk: FakeDesk) -> set[str]:
    """The words that came with the desk's data."""
    rows = [row for name in ("pending", "in_progress", "attended") for row in desk.tray(name).rows]
    threads = [thread.messages for row in rows if (thread := desk.thread(row.id))]
    pools = [
        RECOVERY,
        rows,
        threads,
        desk.told,
        desk.agents,
        desk.queues,
        desk.tags,
        desk.channels,
        desk.shortcuts,
        desk.me,
        desk.teams,
        desk.branches,
        desk.departments,
    ]
    return {word for text in strings(pools) for word in WORD.findall(text)}


def untranslated(lines: list[str], known: set[str]) -> list[str]:
    """The words in plain letters that nobody is known to have written; cut ones by their beginning."""
    found = []
    for line in lines:
        for match in WORD.finditer(line):
            word, cut = match.group(), line[match.end() : match.end() + 1] == "…"
            if word not in known and not (cut and any(one.startswith(word) for one in known)):
                found.append(f"{word!r} in {line.strip()!r}")
    return found


def clipped(lines: list[str], *, scrolls: bool = False) -> list[str]:
    """The lines that end or begin in the middle of a text without an ellipsis; what scrolls may do so at its edges."""
    depth, faults, opened, begun = 0, [], "", scrolls
    for line in lines:
        for character in line:
            if character == OPEN:
                depth, opened, begun = depth + 1, line, False
            elif character == CLOSE:
                if not depth and not begun:
                    faults.append(line.strip())
                depth = max(depth - 1, 0)
            elif character == "…":
                depth = 0
    return faults + ([opened.strip()] if depth and not scrolls else [])


async def screens(console: Console) -> AsyncIterator[str]:
    """Walk through every screen; yields the keys that led there."""
    for number, keys in enumerate(STEPS):
        await console.press(*keys)
        yield f"step {number} {keys} on {type(console.app.screen).__name__}"


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_is_left_untranslated_and_nothing_is_clipped_unsaid(
    open_console: Open, desk: FakeDesk, size: tuple[int, int]
) -> None:
    faults: list[str] = []
    painted: set[str] = set()
    with_reports(with_sessions(desk))
    async with open_console(size, language="en", account=Account()) as console:
        console.app.notifying.ask()
        async for where in screens(console):
            known = of_the_desk(desk) | PROPER | NOT_WORDS | {"JBSW", "DP", "EHPK", "PXP"}  # those of a secret
            known |= {"dark", "light", "ansi", "mono", "high", "contrast"}  # themes are called what their files are
            for widget, lines in shown(console.app):
                name = f"{where}, {type(widget).__name__}"
                faults += [f"{name}: untranslated {word}" for word in untranslated(lines, known)]
                painted.add(type(widget).__name__)
                faults += [f"{name}: clipped {line}" for line in clipped(lines, scrolls=isinstance(widget, ScrollView))]
    assert painted >= WIDGETS
    assert not faults, "\n".join(dict.fromkeys(faults))


@pytest.mark.parametrize("size", SIZES)
async def test_who_is_found_is_told_in_words_that_are_translated(
    open_console: Open, desk: FakeDesk, size: tuple[int, int]
) -> None:
    faults: list[str] = []
    row = desk.rows[ANA]
    others = [replace(row, state=state, owner=owner, hid=True, num="", last="") for state, owner in FOUND]
    desk.told["search"] = Found([], 0, [replace(one, id=n) for n, one in enumerate([row, *others], 1)], True)
    desk.told["matches"] = Matches([Match(7, row.name, [*REASONS], desk.told["search"].called, True)], True)
    known = of_the_desk(desk) | PROPER | NOT_WORDS | {"lopez"}
    async with open_console(size, language="en", desk=desk) as console:
        for keys in (["w", "d"], *(["down", "enter"] for _ in FOUND), ["escape"], ["ctrl+k"], [*"lopez", "enter"],
                     *(["down", "enter"] for _ in FOUND)):  # fmt: skip
            await console.press(*keys)
            for widget, lines in shown(console.app):
                faults += [f"{type(widget).__name__}: untranslated {word}" for word in untranslated(lines, known)]
    assert not faults, "\n".join(dict.fromkeys(faults))


@pytest.mark.parametrize("size", SIZES)
async def test_the_desks_settings_are_translated_and_not_clipped(open_console: Open, size: tuple[int, int]) -> None:
    faults: list[str] = []
    desk = admin_desk()
    known = of_the_desk(desk) | PROPER | NOT_WORDS
    known |= {word for zone in available_timezones() for word in WORD.findall(zone)}
    known |= {"mon", "fri", "sat"}  # the days go by the language, not by its texts
    async with open_console(size, language="en", desk=desk) as console:
        for number, keys in enumerate(SETTINGS):
            await console.press(*keys)
            for widget, lines in shown(console.app):
                name = f"step {number} {keys}, {type(widget).__name__}"
                faults += [f"{name}: untranslated {word}" for word in untranslated(lines, known)]
                faults += [f"{name}: clipped {line}" for line in clipped(lines, scrolls=isinstance(widget, ScrollView))]
    assert not faults, "\n".join(dict.fromkeys(faults))


@pytest.mark.parametrize("size", SIZES)
async def test_signing_in_is_translated_and_not_clipped(size: tuple[int, int]) -> None:
    async def never(url: str, login: str, password: str) -> None:
        raise AssertionError

    app = SignInApp(never, url="https://desk.example", language="en", theme="dark")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for widget, lines in shown(app):
            assert not untranslated(lines, PROPER | NOT_WORDS), type(widget).__name__
            assert not clipped(lines), type(widget).__name__


def test_the_check_sees_what_it_is_for() -> None:
    assert untranslated(["⟦ḷẹft⟧ Left"], {"ft"}) == ["'Left' in '⟦ḷẹft⟧ Left'"]
    assert clipped(["⟦ḷẹ", "ḟṭ⟧ ⟦ṛị…"]) == []
    assert clipped(["⟦ḷẹ"]) == ["⟦ḷẹ"]
    assert clipped(["ẹḟṭ⟧"]) == ["ẹḟṭ⟧"]
    assert clipped(["ẹḟṭ⟧", "⟦ḷẹḟṭ⟧", "⟦ḷẹ"], scrolls=True) == []
