"""Doing the same with many conversations: each is an ordinary command, carried out by the code that carries out all."""

import sqlalchemy as sa

from hub.desk.performing import carry_out, permit
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import conversation_tag
from hub.desk.transitions import load
from hub.protocol import bulk
from hub.protocol.commands import REGISTRY, Args, SetTags
from hub.protocol.errors import Code, Refused


def check_bulk(context: Context, args: bulk.Bulk) -> str:
    """The name of the command. What may not be submitted at all is refused as a whole."""
    name = bulk.command_of(args.do)
    permit(context.who, REGISTRY[name])
    return name


def do_bulk(context: Context, args: bulk.Bulk, name: str) -> Result:
    """One after the other, each once, in the order in which they are named."""
    done, refused = 0, []
    for number in dict.fromkeys(args.conversations):
        before = context.unit.mark()
        one = Context(context.unit, context.who, context.key, recall=context.recall, address=context.address)
        try:
            carry_out(one, name, _args_for(one, number, args.do))
        except Refused as why:
            if not context.unit.untouched(before):
                raise  # it would leave half of its effect behind: then all of it must go
            refused.append(bulk.RowRefused(number, why.code.value, why.detail, why.field))
        else:
            done += 1
    return {"done": done, "refused": bulk.written(refused)}


def _args_for(context: Context, number: int, do: bulk.AnyEach) -> Args:
    if not isinstance(do, bulk.EachTag):
        return bulk.args_for(do, number, ())
    load(context, number)  # only for whom it is in sight
    mine = conversation_tag.c.conversation_id == number
    args = bulk.args_for(do, number, context.conn.scalars(sa.select(conversation_tag.c.tag_id).where(mine)))
    assert isinstance(args, SetTags)
    if len(args.tags) > bulk.MOST_TAGS:
        raise Refused(Code.BAD_ARGS, field="tags", why=f"it would have more than {bulk.MOST_TAGS}")
    return args


handle("conversation.bulk", check_bulk, do_bulk)
