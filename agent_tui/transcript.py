"""A conversation as plain text, to be copied or handed to another program. Private notes are left out: what is copied
is pasted somewhere, and a customer must never see them."""

from agent_tui import moments, names
from agent_tui.link.model import Desk, Thread
from agent_tui.text import body as harmless_body


def transcript(desk: Desk, thread: Thread) -> str:
    """One message a paragraph, as far as they are loaded: day and hour, who, and what was written."""
    zone = names.zone(desk)
    row = thread.row or desk.row(thread.conversation)
    lines = []
    for one in thread.messages:
        if one.d == "note":
            continue
        agent = desk.agents.get(one.by) if one.by is not None else None
        who = (agent.name if agent else "") if one.d == "out" else names.customer(row) if row is not None else ""
        lines.append(f"{moments.full(one.at, zone)} {who}: {harmless_body(one.b)}\n")
    return "".join(lines)


def quoted(text: str) -> str:
    """A message as it is quoted in an answer: every line behind a sign, and room to write below."""
    return "".join(f"> {line}".rstrip() + "\n" for line in text.split("\n"))
