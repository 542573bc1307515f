"""What a refusal means to the person: for every code a sentence that says what, where and what to do."""

from collections.abc import Mapping

from agent_tui import filling, names
from agent_tui.glyphs import drawn
from agent_tui.i18n import N_, _
from agent_tui.link.model import Desk
from hub.protocol.errors import Code
from hub.protocol.limits import LIMITS

SENTENCES: dict[Code, str] = {
    Code.BAD_FRAME: N_("The hub did not understand this console: update one of them."),
    Code.BAD_ARGS: N_("The hub does not take {field} like this ({why}): change it and try again."),
    Code.BAD_FILTER: N_("The filter can't be read from “{found}” on: it takes {wants}."),
    Code.UNKNOWN_COMMAND: N_("The hub does not know this action yet: update the hub."),
    Code.PROTO_UNSUPPORTED: N_("The hub speaks another protocol version: update the console, or the hub."),
    Code.BAD_CREDENTIALS: N_("Login or password is wrong."),
    Code.BAD_SIGNATURE: N_("The signature does not fit ({why}): sign the request anew."),
    Code.SECOND_FACTOR: N_("Type the code of your second factor, too, or a recovery code."),
    Code.SIGNED_OUT: N_("You are signed out: leave and sign in again. What you typed is kept."),
    Code.FORBIDDEN: N_("You may not do this: ask a supervisor."),
    Code.NOT_FOUND: N_("It is not there any more, or you may not see it."),
    Code.ERASED: N_("This customer was erased: nothing of them may be kept."),
    Code.WRONG_STATE: N_("The conversation is {state} now, which does not allow it: look and choose again."),
    Code.NOT_OWNER: N_("The conversation is with {owner} now: ask them, or leave a note."),
    Code.QUEUE_INACTIVE: N_("That queue takes nothing any more: choose another."),
    Code.QUEUE_FED: N_("Customers come into the queue by {channels}: give these another queue first."),
    Code.QUEUE_EMPTY: N_("Nobody works in that queue: choose another, or ask for members."),
    Code.NOT_MEMBER: N_("They don't work in that queue: choose another agent, or another queue."),
    Code.AGENT_AWAY: N_("They are offline: choose another agent, or only the queue."),
    Code.AGENT_FULL: N_("They have {load} conversations, the most that may be: choose another agent, or the queue."),
    Code.WINDOW_CLOSED: N_("The time to answer on this channel is over: wait until the customer writes."),
    Code.NEWER_LINE: N_("The customer has written meanwhile: look at it, then send again."),
    Code.FORM_CHANGED: N_("The queue's form is another now: look through it. What you typed is kept."),
    Code.FORM_INCOMPLETE: N_("Before the end this is missing: {missing}. Fill it in and end again."),
    Code.BAD_VALUE: N_("{field}: {why}."),
    Code.EMPTY: N_("There is nothing in {field}: fill it in."),
    Code.TOO_LONG: N_("{field} is longer than {limit} characters: shorten it."),
    Code.DUPLICATE: N_("{field} is taken already: choose another."),
    Code.KEY_REUSED: N_("This was sent before with another text: send it again as a new message."),
    Code.RATE_LIMITED: N_("Too fast for the hub: try again in {seconds} s."),
    Code.TOO_LARGE: N_("That was more than the hub takes at once ({most} bytes): send it in smaller parts."),
    Code.TOO_MANY: N_("The hub allows {most} of these at a time: close what you don't need."),
    Code.TOO_SLOW: N_("It took longer than the {most} s that the hub waits: look at the network."),
    Code.ORIGIN_REFUSED: N_("The hub does not accept connections from here: ask who runs it."),
    Code.NOT_RETRYABLE: N_("Only a failed or uncertain message can be sent again."),
    Code.NOT_RECALLABLE: N_("It is too late to recall it: the message has gone out."),
    Code.WRONG_TYPE: N_("The hub takes JSON and nothing else at this address: update the console."),
    Code.WRONG_METHOD: N_("The hub is asked in another way at this address: update the console."),
    Code.HUB_FAULT: N_("The hub has made a mistake of its own: tell whoever runs it; its log says more."),
    Code.BUSY: N_("The hub is stopping or has no room: it is kept, try again later."),
}
HUBS: dict[str, str] = {  # what is the matter with a hub that puts everything off
    "disk_full": N_(
        "The hub's disk is full: what you write is kept and goes out by itself. Tell whoever runs the hub."
    ),
}
FACTOR: dict[str, str] = {  # what else the hub says of a second factor
    "wrong": N_("The code is wrong, or was used: wait for the next one."),
    "enrol": N_("Admins sign in with a second factor here: whoever runs the hub gives you one (user totp)."),
}
OWN: dict[str, str] = {  # the console's own codes
    "unreachable": N_("The hub can't be reached: look at the network, and whether it runs."),
    "bad_address": N_("This is no address of a hub: write it like https://desk.example."),
    "insecure": N_("Plain HTTP to another machine could be read on the way: use https."),
    "no_hub": N_("Something else than a hub answers there: look at the address."),
    "wrong_password": N_("The password is wrong: type it again."),
    "not_stored": N_("It could not be written to this machine's disk: make room and try again."),
    "internal": N_("The console has made a mistake of its own: leave and open it again; its log says more."),
}
UNKNOWN = N_("The hub refused it ({code}): look at the conversation and try again.")
FIELDS: dict[str, str] = {"body": N_("the text"), "code": N_("the code"), "login": N_("the login")}
FAILURES: dict[str, str] = {
    "unreachable": N_("the channel could not be reached"),
    "blocked": N_("the customer has blocked us"),
    "not_found": N_("the channel does not know this customer any more"),
    "window_closed": N_("the time to answer is over"),
    "rejected": N_("the channel refused it"),
    "busy": N_("the channel had no room for it"),
    "address_refused": N_("the channel's address lies where the hub does not post to"),
    "tls": N_("the channel's certificate is not good"),
    "no_secret": N_("the channel has no secret that the hub can open"),
}


def sentence(
    desk: Desk | None, code: str, *, field: str | None = None, detail: Mapping[str, object] | None = None
) -> str:
    """The refusal in the reader's language; a code that this console does not know is named as it is."""
    if code in OWN:
        return _(OWN[code])
    limit = LIMITS.get(str((detail or {}).get("limit", "")))
    if limit is not None and limit.says:
        return _(limit.says)
    if code == Code.SECOND_FACTOR and (said := next((name for name in FACTOR if (detail or {}).get(name)), "")):
        return _(FACTOR[said])
    if code == Code.BUSY and (said := str((detail or {}).get("why", ""))) in HUBS:
        return _(HUBS[said])
    known = code in Code.__members__.values()
    words = _(SENTENCES[Code(code)]) if known else _(UNKNOWN)
    return words.format_map(_Blanks(_values(desk, detail or {}, field, code)))


def clause(
    desk: Desk | None, code: str, *, field: str | None = None, detail: Mapping[str, object] | None = None
) -> str:
    """The same to go on with behind a colon."""
    words = sentence(desk, code, field=field, detail=detail)
    return words[:1].lower() + words[1:] if words[1:2].islower() or words[1:2] == " " else words


def failure(code: str) -> str:
    """Why a channel could not deliver, by the code that it gave."""
    if code in FAILURES:
        return _(FAILURES[code])
    return _("the channel says: {code}").format(code=code) if code else _("the channel gives no reason")


def _values(desk: Desk | None, detail: Mapping[str, object], field: str | None, code: str) -> dict[str, object]:
    values: dict[str, object] = {**detail, "code": code}
    if field:
        values["field"] = _(FIELDS[field]) if field in FIELDS else field
    if (state := detail.get("state")) in names.STATES:
        values["state"] = _(names.STATES[str(state)])
    if desk is not None and code == Code.FORM_INCOMPLETE:
        fields = [filling.field_named(desk, one) for one in str(detail.get("missing", "")).split(",") if one]
        values["missing"] = ", ".join([*fields, *([_("a topic")] if detail.get("topics") else [])])
    if desk is not None and code == Code.BAD_VALUE:
        asked = (field or "").removeprefix("values.")
        values["field"] = filling.field_named(desk, asked)
        values["why"] = filling.why(filling.field_of(desk, asked), str(detail.get("why", "")))
    owner = detail.get("owner")
    agent = desk.agents.get(owner) if desk is not None and isinstance(owner, int) else None
    values["owner"] = agent.name if agent else _("somebody else")
    return values


class _Blanks(dict[str, object]):
    """A detail that the hub did not give reads as a dash."""

    def __missing__(self, key: str) -> str:
        return drawn("—")
