"""The last known desk, as it is kept on disk and shown before the hub has answered.

Bounded: of a tray the newest `KEPT` rows; of a thread the newest `KEPT` messages, and of those no more than fit into
`BYTES`; of threads those that the mirror holds. What is read back is scrubbed again, so that a
file of an older console is as harmless as this one's.
"""

from collections.abc import Iterable, Sequence

import msgspec

from agent_tui import text
from agent_tui.link.mirror import Mirror
from agent_tui.link.model import VIEW, Change, LinkChanged, RefsChanged, Thread, ThreadChanged, ThreadGone, TrayChanged
from agent_tui.link.windows import KEPT
from hub.protocol import views

BYTES = 256 * 1024  # of a thread's messages, as JSON


class KeptTray(msgspec.Struct, array_like=True):
    count: int
    more: bool
    rows: list[views.Row]


class KeptThread(msgspec.Struct, array_like=True):
    more: bool
    row: views.Row | None
    messages: list[views.Message]
    forms: list[views.Submission] = []


class KeptRefs(msgspec.Struct, array_like=True):
    version: int
    items: list[msgspec.Raw]


def name_of(change: Change) -> str:
    """What has to be kept anew after a change; empty: nothing."""
    match change:
        case TrayChanged(name) if name != VIEW:
            return f"tray:{name}"
        case ThreadChanged(conversation) | ThreadGone(conversation):
            return f"thread:{conversation}"
        case RefsChanged(name):
            return f"refs:{name}"
        case LinkChanged():
            return "me"
        case _:
            return ""


def thread_names(mirror: Mirror) -> set[str]:
    """The names of the threads that are held, and may be kept."""
    return {f"thread:{conversation}" for conversation in mirror.held}


def pack(mirror: Mirror, name: str) -> bytes | None:
    """What is to be kept under a name; None: nothing any more."""
    kind, _, key = name.partition(":")
    match kind:
        case "tray":
            tray = mirror.trays[key]
            more = tray.more or len(tray.rows) > KEPT
            return msgspec.json.encode(KeptTray(tray.count, more, tray.rows[:KEPT])) if tray.loaded else None
        case "thread":
            held = mirror.held.get(int(key))
            if held is None or not held.thread.loaded:
                return None
            messages = [message for message in held.thread.messages if message.rev]
            newest = _that_fit(messages[-KEPT:])
            more = held.thread.more or len(messages) > len(newest)
            return msgspec.json.encode(KeptThread(more, held.thread.row, newest, held.thread.forms))
        case "refs":
            if key not in mirror.refs.versions:
                return None
            items = [msgspec.Raw(msgspec.json.encode(item)) for item in mirror.refs.items(key)]
            return msgspec.json.encode(KeptRefs(mirror.refs.versions[key], items))
        case _:
            return None if mirror.me is None else msgspec.json.encode(mirror.me)


def _that_fit(messages: Sequence[views.Message]) -> list[views.Message]:
    """The newest of them, in order, as many as there is room for."""
    room = BYTES
    for index in range(len(messages) - 1, -1, -1):
        room -= len(msgspec.json.encode(messages[index])) + 1
        if room < 0:
            return list(messages[index + 1 :])
    return list(messages)


def unpack(mirror: Mirror, kept: dict[str, bytes]) -> None:
    """Make the last known desk the mirror's. Raises msgspec.DecodeError."""
    trays = [(name, msgspec.json.decode(data, type=KeptTray)) for name, data in _of(kept, "tray")]
    threads = [(name, msgspec.json.decode(data, type=KeptThread)) for name, data in _of(kept, "thread")]
    for row in [row for _, was in trays for row in was.rows] + [was.row for _, was in threads if was.row is not None]:
        mirror.restore(text.scrub(row))
    for name, was in trays:
        mirror.restore_tray(name, [row.id for row in was.rows], was.count, was.more)
    for conversation, thread in threads:
        messages = [text.scrub(message) for message in thread.messages]
        forms = [text.scrub(filled) for filled in thread.forms]
        mirror.hold(Thread(int(conversation), messages=messages, more=thread.more, loaded=True, forms=forms))
    for name, data in _of(kept, "refs"):
        refs = msgspec.json.decode(data, type=KeptRefs)
        mirror.refs.replace(name, refs.version, refs.items)
    if "me" in kept:
        mirror.me = text.scrub(msgspec.json.decode(kept["me"], type=views.Me))


def _of(kept: dict[str, bytes], kind: str) -> Iterable[tuple[str, bytes]]:
    for name, data in kept.items():
        if name.startswith(f"{kind}:"):
            yield name.partition(":")[2], data
