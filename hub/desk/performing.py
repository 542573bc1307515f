"""Carrying out one command, inside the writer's transaction: permission, check, do, dispatch, trail."""

from hub.desk import audit
from hub.desk.principal import Principal
from hub.desk.registry import HANDLERS, Context, Result
from hub.desk.routing import dispatch
from hub.protocol.commands import REGISTRY, Args, Spec
from hub.protocol.errors import Code, Refused


def carry_out(context: Context, name: str, args: Args) -> Result:
    """Check and do, then hand out what the change made possible. Raises `Refused` having written nothing."""
    spec, handler = REGISTRY[name], HANDLERS[name]
    permit(context.who, spec)
    result = handler.do(context, args, handler.check(context, args))
    if context.dispatch:
        dispatch(context, context.dispatch)
    if spec.audited or context.trail is not None:
        _audit(context, name, args, result)
    return result


def _audit(context: Context, name: str, args: Args, result: Result) -> None:
    """Where somebody signs in, the address itself is kept: it is what one looks for after a theft."""
    audit.append(
        context.unit,
        context.acting or context.who.name,
        name,
        via=audit.via_of(context.who),
        address=context.address,
        keep_address=name == "session.start",
        about=audit.about_command(args, result) | (context.trail or {}),
    )


def permit(who: Principal, spec: Spec) -> None:
    """Refuse what the principal's kind or grants don't allow at all; how far a grant reaches is for the handler."""
    if who.kind == "system" and not spec.personal:
        return
    if who.kind == "channel" and spec.actor == "channel":
        return
    if who.kind != "agent" or spec.actor != "agent" or who.scope(spec.verb) is None:
        raise Refused(Code.FORBIDDEN, verb=spec.verb)
