"""What happened to a conversation, and why it came to whom it came, in the reader's words."""

from agent_tui import names
from agent_tui.i18n import N_, _
from agent_tui.i18n import named as named_in
from agent_tui.link.model import Desk
from hub.protocol.queries import Event

MOVES: dict[str, str] = {  # by the command that moved it
    "message.receive": N_("The customer wrote: it waits in {queue}"),
    "dispatch": N_("Given to {owner}, in {queue}"),
    "conversation.take": N_("{actor} took it"),
    "conversation.assign": N_("{actor} assigned it to {owner}"),
    "conversation.open": N_("{actor} opened it"),
    "conversation.requeue": N_("{actor} put it back into {queue}"),
    "conversation.reassign": N_("Not seen to in time by {before}: it waits in {queue} again"),
    "conversation.end": N_("{actor} ended it"),
    "conversation.reopen": N_("{actor} reopened it"),
    "conversation.hold": N_("{actor} held it"),
    "conversation.resume": N_("{actor} went on with it"),
    "conversation.snooze": N_("{actor} set it aside"),
    "conversation.wake": N_("It came back"),
    "conversation.spam": N_("{actor} ended it as spam"),
    "conversation.unspam": N_("{actor}: it was no spam"),
    "contact.erase": N_("The customer was erased"),
    "conversation.team": N_("{actor} gave it to another team"),
}
TO_QUEUE = N_("{actor} transferred it: it waits in {queue}")
TO_AGENT = N_("{actor} transferred it to {owner}, in {queue}")
BACK = N_("The customer wrote again: it came back to {owner}")
RULES: dict[str, str] = {
    "own": N_("The rule: it is this customer's own agent."),
    "primary": N_("The rule: a primary member of the queue, the least busy first."),
    "support": N_("The rule: no primary member had room, so a supporting one, the least busy first."),
    "transfer": N_("By hand: whoever transferred it chose."),
}
BY_HAND = N_("By hand: no rule was asked.")


def told(desk: Desk, event: Event) -> str:
    """What happened, as a sentence without its end; empty where it is nothing to tell here, such as a message."""
    if event.kind == "conversation.tagged":
        named = [desk.tags[tag].name for tag in event.tags or () if tag in desk.tags]
        words = _("{actor} set the tags: {tags}") if named else _("{actor} took the tags away")
        return words.format(actor=actor(desk, event), tags=", ".join(named))
    if event.kind == "conversation.marked" and event.priority in names.PRIORITIES:
        words = _("{actor} set the priority: {priority}")
        return words.format(actor=actor(desk, event), priority=_(names.PRIORITIES[event.priority]))
    if event.kind == "form.filled":
        return _("{actor} filled in the form").format(actor=actor(desk, event))
    if event.kind == "conversation.classified":
        known = [named_in(desk.topics[topic].name) for topic in event.topics or () if topic in desk.topics]
        words = _("{actor} set the topics: {topics}") if known else _("{actor} took the topics away")
        return words.format(actor=actor(desk, event), topics=", ".join(known))
    if event.kind != "conversation.changed" or event.now is None:
        return ""
    blanks = {
        "actor": actor(desk, event),
        "owner": _name(desk, event.now.owner),
        "queue": names.queue(desk, event.now.queue),
        "before": _name(desk, event.was.owner if event.was is not None else None),
    }
    words = MOVES.get(event.by, "")
    if event.by == "conversation.transfer":
        words = TO_AGENT if event.now.owner is not None else TO_QUEUE
    elif event.by == "message.receive" and event.now.owner is not None:
        words = BACK
    state = _(names.STATES.get(event.now.state, event.now.state))
    return _(words).format(**blanks) if words else f"{event.by}: {state}"


def actor(desk: Desk, event: Event) -> str:
    kind, _colon, number = event.actor.partition(":")
    return _name(desk, int(number)) if kind == "agent" and number.isdigit() else _("The hub")


def _name(desk: Desk, agent: int | None) -> str:
    """Also of the person at the console: a story is told of people, not to one of them."""
    found = desk.agents.get(agent) if agent is not None else None
    return found.name if found is not None else names.agent(desk, agent)


def gave(event: Event) -> bool:
    """Whether it came to somebody by this."""
    now, was = event.now, event.was
    return now is not None and now.owner is not None and (was is None or was.owner != now.owner)


def reasons(desk: Desk, event: Event) -> list[str]:
    """Why it came to whom it came, sentence by sentence: the rule, who had room and how much each had in hand."""
    why = event.why
    if why is None:
        return [_(BY_HAND)] if gave(event) and event.actor.startswith("agent:") else []
    said = [_(RULES[why.rule])] if why.rule in RULES else []
    if why.loads:
        held = sorted(((n, _name(desk, int(one))) for one, n in why.loads.items() if one.isdigit()))
        each = ", ".join(f"{name} {n}" for n, name in held)
        said.append(_("Had room, with so many in hand: {each}.").format(each=each))
    if why.over:
        words = _("They had {load} already, of {most} at most: allowed, and on record.")
        said.append(words.format(load=why.over.get("load", 0), most=why.over.get("capacity", 0)))
    return said
