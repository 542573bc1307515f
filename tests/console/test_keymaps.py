"""Keymaps: every fault told at once with its line, the rest still works; the default one is sound."""

from pathlib import Path

import pytest
from opened import Open, painted

from agent_tui import i18n
from agent_tui.actions import ACTIONS, CONTEXTS
from agent_tui.app import BandejaApp
from agent_tui.data import STYLES
from agent_tui.keymap import Keymap, load, parse
from agent_tui.keys import normal, shown
from agent_tui.own_keys import OwnKeys
from agent_tui.screens.desk_keys import FOOTER
from hub.protocol.commands import REGISTRY

SOURCE = """
[tray]
tray.down = ["j", "down"]
tray.up = ["k", "dwon"]
conversation.fly = ["f"]
conversation.take = ["j"]

[cellar]
quit = ["q"]

[composer]
message.send = "enter"
composer.note = ["ctrl+n"]
"""


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.use("en")


def test_every_fault_is_told_by_line_and_the_rest_works() -> None:
    keymap = parse("mine.toml", SOURCE)
    assert keymap.faults == [
        "mine.toml:4: there is no key 'dwon'",
        "mine.toml:5: there is no action conversation.fly",
        "mine.toml:6: 'j' already means tray.down, so it can't mean conversation.take too",
        "mine.toml:8: there is no context cellar",
        "mine.toml:12: the keys of message.send are not a list of texts",
    ]
    assert keymap.keys["tray"] == {"j": "tray.down", "down": "tray.down", "k": "tray.up"}
    assert keymap.keys["composer"] == {"ctrl+n": "composer.note"}


def test_a_file_that_is_no_toml_is_one_fault() -> None:
    assert parse("mine.toml", "[tray\n").faults[0].startswith("mine.toml: ")


def test_a_person_s_own_keys_lie_over_the_usual_ones(tmp_path: Path) -> None:
    own = tmp_path / "keymap.toml"
    own.write_text('[tray]\nconversation.take = ["x"]\nquit = ["t"]\n', encoding="utf-8")
    keymap = load(own)
    assert not keymap.faults
    assert keymap.find(("tray", "global"), "x") == "conversation.take"
    assert keymap.find(("tray", "global"), "t") == "quit"
    assert keymap.find(("tray", "global"), "j") == "tray.down"


def test_an_action_that_a_file_names_has_those_keys_only_and_none_with_an_empty_list(tmp_path: Path) -> None:
    own = tmp_path / "keymap.toml"
    own.write_text('[tray]\ntray.down = ["n"]\nquit = []\nwrite = ["ii"]\n', encoding="utf-8")
    keymap = load(own)
    assert [key for key, action in keymap.keys["tray"].items() if action == "tray.down"] == ["n"]
    assert "quit" not in keymap.keys["tray"].values()
    assert keymap.find(("tray",), "i") == "write", "a misspelt key takes no other away"


def test_a_style_lies_under_a_person_s_own_keys_and_its_leader_can_be_changed(tmp_path: Path) -> None:
    own = tmp_path / "keymap.toml"
    own.write_text('style = "vim"\nleader = ","\n[tray]\nload = ["leader x"]\n', encoding="utf-8")
    keymap = load(own)
    assert not keymap.faults
    assert keymap.find(("tray",), "comma e") == "conversation.end"
    assert keymap.find(("tray",), "comma x") == "load"
    assert keymap.find(("tray",), "g g") == "tray.first"
    assert not keymap.begins(("tray",), "space")
    assert load(own, "default").find(("tray",), "g") == "tray.first", "what is asked for goes before the file"


def test_keys_that_can_not_be_reached_are_told_with_all_else(tmp_path: Path) -> None:
    text = 'style = "vmi"\ncolour = 1\n[tray]\nload = ["g g"]\nwrite = ["g"]\nquit = ["leader q"]\nhelp = ["g  h"]\n'
    assert parse("mine.toml", text).faults == [
        "mine.toml:1: there is no style 'vmi'; there are default, vim, emacs",
        "mine.toml:2: there is no setting colour",
        "mine.toml:6: 'leader q' needs a leader, and none is set",
        "mine.toml:7: there is no key 'g  h'",
        "mine.toml:4: 'g g' can't be reached: 'g' already means write",
    ]


def test_keys_of_the_file_above_win_over_longer_and_shorter_ones_below() -> None:
    below = Keymap({"tray": {"g": "write", "t t": "load", "i": "help"}})
    below.lay(Keymap({"tray": {"g g": "tray.first", "t": "quit"}}))
    assert below.keys["tray"] == {"g g": "tray.first", "t": "quit", "i": "help"}


@pytest.mark.parametrize("style", STYLES)
def test_a_style_has_no_faults_and_no_key_that_a_terminal_may_not_send(style: str) -> None:
    keymap = load(style=style)
    assert keymap.faults == []
    keys = {key for bound in keymap.keys.values() for chord in bound for key in chord.split(" ")}
    assert not {key for key in keys if "alt+" in key or "super+" in key}
    assert not keys & {"ctrl+s", "ctrl+q", "ctrl+i", "ctrl+m", "ctrl+h"}
    assert keymap.keys["composer"].keys() >= {"shift+enter", "ctrl+j", "shift+\r"}


@pytest.mark.parametrize(
    ("key", "name"),
    [("?", "question_mark"), ("/", "slash"), ("j", "j"), ("G", "G"), ("ctrl+n", "ctrl+n"), ("f1", "f1"),
     ("shift+\r", "shift+\r"), ("+", "plus"), ("ctlr+n", None), ("f99", None), ("", None), ("enterr", None)],
)  # fmt: skip
def test_keys_are_written_as_people_write_them(key: str, name: str | None) -> None:
    assert normal(key) == name


def test_keys_are_shown_as_people_read_them() -> None:
    assert [shown(key) for key in ("enter", "shift+enter", "ctrl+n", "f1", "question_mark")] == [
        "⏎", "⇧⏎", "^N", "F1", "?",
    ]  # fmt: skip
    assert [shown(key) for key in ("g g", "space e", "w c", "ctrl+x b")] == ["gg", "␣e", "w c", "^X b"]


def test_every_action_that_submits_names_a_command_of_the_registry() -> None:
    assert {action.command for action in ACTIONS.values() if action.command} <= REGISTRY.keys()


def test_every_place_of_an_action_is_a_context_and_every_footer_entry_an_action() -> None:
    assert {place for action in ACTIONS.values() for place in action.places} <= CONTEXTS.keys()
    assert {name for names in FOOTER.values() for name in names} <= ACTIONS.keys()


@pytest.mark.parametrize("style", STYLES)
def test_every_key_stands_where_its_action_does_something(style: str) -> None:
    for context, bound in load(style=style).keys.items():
        for action in bound.values():
            places = ACTIONS[action].places
            assert not places or context in places or context == "global", (context, action)


async def test_every_action_of_the_desk_has_a_handler(open_console: Open) -> None:
    own = {"message.send", "composer.newline", "composer.shortcuts"}  # the composer's, which must keep their order
    everywhere = {"help", "palette", "shortcuts", "status", "themes", "redraw", "quit", "command"}  # the app's
    own |= {f"composer.{way}" for way in ("left", "right", "up", "down")}
    everywhere |= {action.id for action in ACTIONS.values() if action.asks}
    everywhere |= {
        "suspend",
        "sessions",
        "forms",
        "manage",
        "reports",
        "notices",
        "notify.yes",
        "notify.no",
        "macro.record",
        "macro.play",
    }
    async with open_console() as console:
        for action in ACTIONS.values():
            if set(action.places) & {"tray", "thread", "composer"} or not action.places:
                assert action.id in {*console.home.handlers, *console.home.taking, *own, *everywhere}, action.id


def test_faults_of_one_file_are_told_together_from_its_top(tmp_path: Path) -> None:
    file = tmp_path / "keymap.toml"
    file.write_text(
        '[tray]\ntray.down = ["dwon"]\nquit = ["q"]\ntray.up = ["q"]\n[macros]\nm = ["nothing"]\n[nowhere]\n'
    )
    own = OwnKeys(file)
    head, *lines = own.told(own.read().faults).split("\n")
    assert head == str(file)
    assert [line.split(":")[0] for line in lines] == ["  2", "  3", "  6", "  7"]
    file.write_text("[tray\n")
    assert own.told(own.read().faults).startswith(f"{file}: ")


async def test_faults_of_the_keymap_are_told_on_the_screen(open_console: Open) -> None:
    async with open_console() as console:
        console.app.keymap.faults.append("mine.toml:4: there is no key 'dwon'")
        console.app._tell_faults()
        await console.rest()
        assert "mine.toml:4" in painted(console.home.notice)


def test_textuals_own_bindings_are_out_of_the_way() -> None:
    assert not BandejaApp.BINDINGS or not {"ctrl+q", "ctrl+c"} & {
        key for binding in BandejaApp.__dict__.get("BINDINGS", []) for key in binding.key.split(",")
    }
