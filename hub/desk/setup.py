"""Setting a desk up: queues with their members, channels, tags."""

from typing import Any

import msgspec
import sqlalchemy as sa

from hub.desk.endpoints import check_endpoint, origin_of
from hub.desk.hook_tables import api_channel
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import agent, channel, member, queue, tag
from hub.desk.webhooks import replaced
from hub.protocol import commands, webhooks
from hub.protocol.errors import Code, Refused


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _upsert(context: Context, table: sa.Table, row: sa.Row[Any] | None, event: str, values: dict[str, Any]) -> int:
    """Insert, or update `row`; records `event` with the id under the table's name."""
    made: int
    if row is None:
        made = context.conn.execute(sa.insert(table).values(**values, rev=0)).inserted_primary_key[0]  # type: ignore[index]
    else:
        made = row.id
    rev = context.record(event, **{table.name: made})
    context.conn.execute(sa.update(table).where(table.c.id == made).values(**values, rev=rev))
    return made


def check_queue(context: Context, args: commands.SaveQueue) -> sa.Row[Any] | None:
    for name in ("primary", "support"):
        wanted = getattr(args, name)
        known = set(context.conn.scalars(sa.select(agent.c.id).where(agent.c.id.in_(wanted))))
        for agent_id in wanted:
            if agent_id not in known:
                raise Refused(Code.NOT_FOUND, field=name, what="agent", id=agent_id)
    if not args.name:
        raise Refused(Code.EMPTY, field="name")
    return context.conn.execute(sa.select(queue).where(queue.c.code == args.code)).first()


def do_queue(context: Context, args: commands.SaveQueue, row: sa.Row[Any] | None) -> Result:
    queue_id = _upsert(
        context,
        queue,
        row,
        "queue.changed",
        {
            "code": args.code,
            "name": _json(args.name),
            "capacity": args.capacity,
            "open_within": args.open_within,
            "reopen_within": args.reopen_within,
        },
    )
    context.conn.execute(sa.delete(member).where(member.c.queue_id == queue_id))
    support = set(args.support) - set(args.primary)
    rows = [{"queue_id": queue_id, "agent_id": a, "support": False} for a in sorted(set(args.primary))]
    rows += [{"queue_id": queue_id, "agent_id": a, "support": True} for a in sorted(support)]
    if rows:
        context.conn.execute(sa.insert(member), rows)
    context.dispatch.add(queue_id)
    return {"queue": queue_id}


handle("queue.save", check_queue, do_queue)


def check_channel(context: Context, args: commands.SaveChannel) -> sa.Row[Any] | None:
    if context.conn.execute(sa.select(queue.c.id).where(queue.c.id == args.queue)).first() is None:
        raise Refused(Code.NOT_FOUND, field="queue", what="queue", id=args.queue)
    if not args.name:
        raise Refused(Code.EMPTY, field="name")
    for origin in args.origins:
        if not origin_of(origin) or any(c in origin.partition("://")[2] for c in "/ ;,'\"*"):
            raise Refused(Code.BAD_ARGS, field="origins", why=f"{origin!r} is not scheme://host[:port]")
    if args.driver == "api":
        check_endpoint(args.callback, "callback")
    elif args.callback:
        raise Refused(Code.BAD_ARGS, field="callback", why="it is for channels of driver api")
    return context.conn.execute(sa.select(channel).where(channel.c.slug == args.slug)).first()


def do_channel(context: Context, args: commands.SaveChannel, row: sa.Row[Any] | None) -> Result:
    values = {
        "slug": args.slug,
        "app": args.app,
        "driver": args.driver,
        "name": _json(args.name),
        "color": args.color,
        "queue_id": args.queue,
        "window": args.window,
        "origins": _json(args.origins),
    }
    channel_id = _upsert(context, channel, row, "channel.changed", values)
    _save_callback(context, channel_id, args)
    return {"channel": channel_id}


def _save_callback(context: Context, channel_id: int, args: commands.SaveChannel) -> None:
    """What a channel of driver api has besides. With another driver it has none of it, and no secret."""
    mine = api_channel.c.channel_id == channel_id
    values = {"callback": args.callback, "resend": args.resend}
    if args.driver != "api":
        context.conn.execute(sa.delete(api_channel).where(mine))
    elif context.conn.execute(sa.update(api_channel).where(mine).values(**values)).rowcount == 0:
        context.conn.execute(sa.insert(api_channel).values(channel_id=channel_id, **values))


handle("channel.save", check_channel, do_channel)


def check_channel_secret(context: Context, args: webhooks.ChannelSecret) -> sa.Row[Any]:
    row = context.conn.execute(sa.select(api_channel).where(api_channel.c.channel_id == args.channel)).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, field="channel", what="channel", id=args.channel)
    return row


def do_channel_secret(context: Context, args: webhooks.ChannelSecret, row: sa.Row[Any]) -> Result:
    rev = context.record("channel.changed", channel=args.channel)
    values = replaced(row, args.secret, args.until)
    context.conn.execute(sa.update(api_channel).where(api_channel.c.channel_id == args.channel).values(**values))
    context.conn.execute(sa.update(channel).where(channel.c.id == args.channel).values(rev=rev))
    return {"channel": args.channel}


handle("channel.secret", check_channel_secret, do_channel_secret)


def check_tag(context: Context, args: commands.SaveTag) -> sa.Row[Any] | None:
    twin = context.conn.execute(sa.select(tag).where(tag.c.name == args.name)).first()
    if args.tag is None:
        return twin
    if twin is not None and twin.id != args.tag:
        raise Refused(Code.DUPLICATE, field="name", what="tag")
    row = context.conn.execute(sa.select(tag).where(tag.c.id == args.tag)).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, field="tag", what="tag", id=args.tag)
    return row


def do_tag(context: Context, args: commands.SaveTag, row: sa.Row[Any] | None) -> Result:
    return {"tag": _upsert(context, tag, row, "tag.changed", {"name": args.name, "color": args.color})}


handle("tag.save", check_tag, do_tag)
