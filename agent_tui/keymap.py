"""Which key does what, where: read from TOML files that lie over each other, and checked as a whole.

A file has a table for each context; in it an action's id stands before its keys, the one to show first:

    style = "vim"      # the keys that this file lies over: default, vim or emacs
    leader = "space"   # what `leader` stands for

    [tray]
    tray.down = ["j", "down"]
    tray.first = ["g g"]
    conversation.end = ["leader e"]
    quit = []

    [macros]  # lists of actions under a name, bound as `macro.NAME`
    thanks = ["conversation.open", "conversation.tag vip", "tray.next"]

A key is a character or a name that terminals send (`enter`, `f1`, `pageup`), with `ctrl+` or `shift+` before it;
several in a row are pressed one after the other. An action that a file names has these keys there and no others; with
an empty list it has none. What is wrong is told all at once, by file and line; the rest still works.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from agent_tui import data
from agent_tui.actions import ACTIONS, CONTEXTS
from agent_tui.data import STYLES
from agent_tui.i18n import _
from agent_tui.keys import normal, sequence, shown
from agent_tui.macros import NAME, PREFIX
from agent_tui.macros import faults as macro_faults

LEADER, MACROS = "leader", "macros"


class Keymap(msgspec.Struct):
    """`keys` maps context → keys as Textual names them, a space between → action id; `faults` are told and left out.

    `named` are the actions, by context, that have these keys and no other, whatever the files below say.
    """

    keys: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    faults: list[str] = msgspec.field(default_factory=list)
    named: dict[str, set[str]] = msgspec.field(default_factory=dict)
    style: str = ""
    leader: str = ""
    macros: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)  # by name, the steps of each

    def find(self, contexts: Sequence[str], keys: str) -> str | None:
        """The action that `keys` mean in the first of `contexts` that knows them."""
        return next((self.keys[name][keys] for name in contexts if keys in self.keys.get(name, {})), None)

    def begins(self, contexts: Sequence[str], keys: str) -> bool:
        """Whether further keys may follow `keys`: a nearer context that gives them a meaning goes first."""
        for name in contexts:
            bound = self.keys.get(name, {})
            if keys in bound:
                return False
            if any(longer.startswith(keys + " ") for longer in bound):
                return True
        return False

    def after(self, contexts: Sequence[str], keys: str) -> dict[str, str]:
        """What may follow `keys`: the rest of the keys, as they are shown → action."""
        found: dict[str, str] = {}
        for name in contexts:
            for longer, action in self.keys.get(name, {}).items():
                if longer.startswith(keys + " "):
                    found.setdefault(shown(longer.removeprefix(keys + " ")), action)
        return found

    def keys_for(self, context: str, action: str) -> list[str]:
        """The keys of `action` in one context, without those that only some terminals send for another one."""
        return [key for key, name in self.keys.get(context, {}).items() if name == action and key != "shift+\r"]

    def key_of(self, contexts: Sequence[str], action: str, label: str = "") -> str:
        """The keys, as they are shown, that mean `action` in `contexts`: those that its label begins with, else the
        first; empty where none do."""
        keys = [
            shown(key)
            for name in contexts
            for key, bound in self.keys.get(name, {}).items()
            if bound == action and self.find(contexts, key) == action
        ]
        return next((key for key in keys if label.startswith(key)), keys[0] if keys else "")

    def lay(self, over: "Keymap") -> None:
        """Lay another keymap over this one. Its keys win, also over those that begin like them."""
        for context, actions in over.named.items():
            bound = self.keys.get(context, {})
            self.keys[context] = {key: action for key, action in bound.items() if action not in actions}
        for context, above in over.keys.items():
            below = self.keys.get(context, {})
            kept = {key: action for key, action in below.items() if not any(_clash(key, new) for new in above)}
            self.keys[context] = {**above, **kept}  # the first key of an action is the one that is shown
        self.macros.update(over.macros)
        self.faults += over.faults

    def become(self, other: "Keymap") -> None:
        """Take on another's keys: everybody who holds this keymap works by them from now on."""
        self.keys, self.faults, self.macros = other.keys, other.faults, other.macros
        self.style, self.leader = other.style, other.leader


def _clash(one: str, other: str) -> bool:
    return one == other or one.startswith(other + " ") or other.startswith(one + " ")


def parse(source: str, text: str, leader: str = "") -> Keymap:
    """Read one keymap file; `source` is how it is named in its faults. `leader` goes before the file's own."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Keymap(faults=[f"{source}: {error}"], leader=leader)
    reader = _Reader(source, text.splitlines(), Keymap(leader=leader))
    for name, value in raw.items():
        if not isinstance(value, dict) and name != MACROS:
            reader.setting(name, value)
    reader.macros(raw.get(MACROS, {}))
    for name, value in raw.items():
        if isinstance(value, dict) and name != MACROS:
            reader.context(name, value)
    return reader.keymap


def load(path: Path | None = None, style: str = "") -> Keymap:
    """The keys of a style with the person's own file at `path` laid over them. The style is what `style` says, else
    what the file says, else the default. Raises OSError where the file can't be read."""
    if path is None:
        return _style(style or STYLES[0])
    text = path.read_text(encoding="utf-8", errors="replace")
    head = parse(str(path), text)
    keymap = _style(style or head.style or STYLES[0], head.leader)
    keymap.lay(parse(str(path), text, keymap.leader))
    return keymap


def _style(name: str, leader: str = "") -> Keymap:
    """A style that comes with the console, over the style that it names itself."""
    file = data.folder("keymaps") / f"{name}.toml"
    top = parse(file.name, file.read_text(encoding="utf-8"), leader)
    keymap = _style(top.style, top.leader) if top.style else Keymap()
    keymap.lay(top)
    keymap.style, keymap.leader = name, top.leader
    return keymap


class _Where(NamedTuple):
    """The place of an action below a heading, as `file:line`: looked for when it is told, which it rarely is."""

    source: str
    lines: Sequence[str]
    action: str
    heading: str

    def __str__(self) -> str:
        return f"{self.source}:{_line(self.lines, self.action, after=self.heading)}"


class _Reader:
    """Enters what one file says into a keymap, and its faults."""

    def __init__(self, source: str, lines: Sequence[str], keymap: Keymap) -> None:
        self.source, self.lines, self.keymap = source, lines, keymap

    def setting(self, name: str, value: object) -> None:
        where = f"{self.source}:{_line(self.lines, name)}"
        if name == "style" and value in STYLES:
            self.keymap.style = str(value)
        elif name == "style":
            words = _("{where}: there is no style {name}; there are {styles}")
            self._fault(words.format(where=where, name=repr(value), styles=", ".join(STYLES)))
        elif name == LEADER and isinstance(value, str) and normal(value) is not None:
            self.keymap.leader = self.keymap.leader or value
        elif name == LEADER:
            self._fault(_("{where}: there is no key {key}").format(where=where, key=repr(value)))
        else:
            self._fault(_("{where}: there is no setting {name}").format(where=where, name=name))

    def macros(self, table: object) -> None:
        """Macros come first: keys may be theirs. One with a fault is left out, and so is what plays it."""
        if not isinstance(table, dict):
            self._fault(_("{where}: macros are a table").format(where=f"{self.source}:{_line(self.lines, MACROS)}"))
            return
        found: dict[str, tuple[str, ...]] = {}
        for name, steps in table.items():
            where = f"{self.source}:{_line(self.lines, name, after=f'[{MACROS}]')}"
            if not NAME.fullmatch(name) or PREFIX + name in ACTIONS:
                self._fault(_("{where}: a macro can't be called {name}").format(where=where, name=repr(name)))
            elif not isinstance(steps, list) or not steps or not all(isinstance(step, str) for step in steps):
                words = _("{where}: the steps of the macro {name} are not a list of texts")
                self._fault(words.format(where=where, name=name))
            else:
                found[name] = tuple(steps)
        told: set[str] = set()
        while wrong := [(name, why) for name, why in macro_faults(found) if name not in told]:
            for name, why in wrong:
                where = f"{self.source}:{_line(self.lines, name, after=f'[{MACROS}]')}"
                self._fault(_("{where}: macro {name}, {why}").format(where=where, name=name, why=why))
            told |= {name for name, _why in wrong}
            found = {name: steps for name, steps in found.items() if name not in told}
        self.keymap.macros = found

    def context(self, context: str, table: Mapping[str, Any]) -> None:
        heading = f"[{context}]"
        if context not in CONTEXTS:
            place = f"{self.source}:{_line(self.lines, heading)}"
            self._fault(_("{where}: there is no context {name}").format(where=place, name=context))
            return
        bound = self.keymap.keys.setdefault(context, {})
        written: dict[str, tuple[_Where, str]] = {}  # where and how keys are written
        for action, keys in _flat(table):
            where = _Where(self.source, self.lines, action, heading)
            if action not in ACTIONS and action.removeprefix(PREFIX) not in self.keymap.macros:
                self._fault(_("{where}: there is no action {name}").format(where=where, name=action))
            elif not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
                words = _("{where}: the keys of {name} are not a list of texts")
                self._fault(words.format(where=where, name=action))
            else:
                for key in keys:
                    self._bind(bound, where, action, key, written)
                if not keys or action in bound.values():
                    self.keymap.named.setdefault(context, set()).add(action)
        self._shadowed(bound, written)

    def _bind(self, bound: dict[str, str], where: "_Where", action: str, key: str, written: dict[str, Any]) -> None:
        plain = [self.keymap.leader if name == LEADER else name for name in key.split(" ")]
        name = sequence(" ".join(plain)) if all(plain) else None
        if name is None and LEADER in key.split(" ") and not self.keymap.leader:
            self._fault(_("{where}: {key} needs a leader, and none is set").format(where=where, key=repr(key)))
        elif name is None:
            self._fault(_("{where}: there is no key {key}").format(where=where, key=repr(key)))
        elif bound.get(name, action) != action:
            words = _("{where}: {key} already means {other}, so it can't mean {name} too")
            self._fault(words.format(where=where, key=repr(key), other=bound[name], name=action))
        else:
            bound[name] = action
            written[name] = (where, key)

    def _shadowed(self, bound: dict[str, str], written: dict[str, tuple["_Where", str]]) -> None:
        """Keys that begin with keys that have a meaning of their own can't be reached."""
        for name in list(bound):
            parts = name.split()
            shorter = next((" ".join(parts[:n]) for n in range(1, len(parts)) if " ".join(parts[:n]) in bound), None)
            if shorter is not None:
                where, key = written[name]
                words = _("{where}: {key} can't be reached: {shorter} already means {other}")
                other = bound[shorter]
                self._fault(words.format(where=where, key=repr(key), shorter=repr(written[shorter][1]), other=other))
                del bound[name]

    def _fault(self, words: str) -> None:
        self.keymap.faults.append(words)


def _flat(table: Mapping[str, Any], stem: str = "") -> Iterator[tuple[str, object]]:
    """Dotted TOML keys come as tables in tables; an action's id is their path."""
    for name, value in table.items():
        path = f"{stem}.{name}" if stem else name
        if isinstance(value, dict):
            yield from _flat(value, path)
        else:
            yield path, value


def _line(lines: Sequence[str], what: str, after: str = "") -> int:
    """The number of the line that begins with `what`, below the one that is `after`; 1 where it is not found."""
    started = not after
    for number, line in enumerate(lines, 1):
        plain = line.strip().replace('"', "").replace("'", "")
        if started and (plain == what or plain.split("=")[0].strip() == what):
            return number
        started = started or plain.split("#")[0].strip() == after
    return 1
