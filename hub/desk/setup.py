"""Setting a desk up: channels, tags. Queues are in `hub.desk.queues`."""

from typing import Any

import sqlalchemy as sa

from hub.desk.endpoints import check_endpoint, origin_of
from hub.desk.hook_tables import api_channel
from hub.desk.registry import Context, Result, handle
from hub.desk.saving import as_json, upsert
from hub.desk.tables import channel, queue, tag
from hub.desk.webhooks import replaced
from hub.protocol import commands, webhooks
from hub.protocol.errors import Code, Refused


def check_channel(context: Context, args: commands.SaveChannel) -> sa.Row[Any] | None:
    of = context.conn.execute(sa.select(queue.c.active).where(queue.c.id == args.queue)).first()
    if of is None:
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
    row = context.conn.execute(sa.select(channel).where(channel.c.slug == args.slug)).first()
    if not of.active and (row is None or row.queue_id != args.queue):
        raise Refused(Code.QUEUE_INACTIVE, field="queue")
    return row


def do_channel(context: Context, args: commands.SaveChannel, row: sa.Row[Any] | None) -> Result:
    values = {
        "slug": args.slug,
        "app": args.app,
        "driver": args.driver,
        "name": as_json(args.name),
        "color": args.color,
        "queue_id": args.queue,
        "window": args.window,
        "origins": as_json(args.origins),
    }
    channel_id = upsert(context, channel, row, "channel.changed", values)
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
    return {"tag": upsert(context, tag, row, "tag.changed", {"name": args.name, "color": args.color})}


handle("tag.save", check_tag, do_tag)
