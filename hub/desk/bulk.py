"""Doing the same with many conversations: each is an ordinary command, carried out by the code that carries out all."""

import msgspec
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
    name = str(type(args.do).__struct_config__.tag)
    permit(context.who, REGISTRY[name])
    return name


def do_bulk(context: Context, args: bulk.Bulk, name: str) -> Result:
    """One after the other, each once, in the order in which they are named."""
    done, refused = 0, []
    for number in dict.fromkeys(args.conversations):
        before = context.unit.mark()
        one = Context(context.unit, context.who, context.key, recall=context.recall, address=context.address)
        try:
            carry_out(one, name, _args_for(one, number, name, args.do))
        except Refused as why:
            if not context.unit.untouched(before):
                raise  # it would leave half of its effect behind: then all of it must go
            refused.append(bulk.RowRefused(number, why.code.value, why.detail, why.field))
        else:
            done += 1
    return {"done": done, "refused": bulk.written(refused)}


def _args_for(context: Context, number: int, name: str, do: bulk.AnyEach) -> Args:
    if isinstance(do, bulk.EachTag):
        return SetTags(number, _tags(context, number, do))
    return REGISTRY[name].args(conversation=number, **msgspec.structs.asdict(do))


def _tags(context: Context, number: int, do: bulk.EachTag) -> list[int]:
    """What the conversation has, with these added and taken away. Only for whom it is in sight."""
    load(context, number)
    mine = conversation_tag.c.conversation_id == number
    had = set(context.conn.scalars(sa.select(conversation_tag.c.tag_id).where(mine)))
    tags = (had - set(do.remove)) | set(do.add)
    if len(tags) > bulk.MOST_TAGS:
        raise Refused(Code.BAD_ARGS, field="tags", why=f"it would have more than {bulk.MOST_TAGS}")
    return sorted(tags)


handle("conversation.bulk", check_bulk, do_bulk)
