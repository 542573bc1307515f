"""How every command runs: key, permission, check, do, dispatch, result; all in the writer's transaction."""

import msgspec

import hub.desk.agents
import hub.desk.conversations
import hub.desk.delivery
import hub.desk.messages
import hub.desk.recall
import hub.desk.setup
import hub.desk.shortcuts
import hub.desk.tokens  # noqa: F401  importing a capability enters its handlers
from hub.desk.principal import Principal
from hub.desk.registry import HANDLERS, Context, Result, digest
from hub.desk.routing import dispatch
from hub.protocol.commands import REGISTRY, Args, Spec
from hub.protocol.errors import Code, Refused
from hub.store.unit import Unit


def execute(unit: Unit, who: Principal, name: str, args: Args, key: str, *, recall: int = 0) -> Result:
    """Run one command to its result, or raise `Refused` having written nothing. A known key returns its old result.

    `recall`: milliseconds for which an agent's message is held back from the customer.
    """
    mine = digest(name, args)
    known = unit.known(who.name, key)
    if known is not None:
        if known[0] != mine:
            raise Refused(Code.KEY_REUSED)
        stored: Result = msgspec.json.decode(known[1])
        return stored
    permit(who, REGISTRY[name])
    result = perform(Context(unit, who, key, recall=recall), name, args)
    unit.remember(who.name, key, mine, msgspec.json.encode(result).decode())
    return result


def perform(context: Context, name: str, args: Args) -> Result:
    """Check and do, then hand out what the change made possible."""
    handler = HANDLERS[name]
    result = handler.do(context, args, handler.check(context, args))
    for queue_id in sorted(context.dispatch):
        dispatch(context, queue_id)
    return result


def permit(who: Principal, spec: Spec) -> None:
    """Refuse what the principal's kind or grants don't allow at all; how far a grant reaches is for the handler."""
    if who.kind == "system" and not spec.personal:
        return
    if who.kind == "channel" and spec.actor == "channel":
        return
    if who.kind != "agent" or spec.actor != "agent" or who.scope(spec.verb) is None:
        raise Refused(Code.FORBIDDEN, verb=spec.verb)
