"""Answers to what clients ask for over their sockets: any view of `hub.protocol.queries`, of what the agent may see."""

import msgspec
from msgspec import UNSET

from hub.desk.ask import Listed, ask
from hub.desk.principal import Principal
from hub.desk.registry import decode_args
from hub.hub import Hub
from hub.protocol.errors import Code, Refused
from hub.protocol.queries import QUERIES, Rows


async def answer(hub: Hub, who: Principal, name: str, raw: bytes | msgspec.Raw) -> bytes:
    """The view as JSON: a struct, or `Rows` of them. Raises `Refused`."""
    query = QUERIES.get(name)
    if query is None:
        raise Refused(Code.BAD_ARGS, field="view", why=f"no view {name[:32]!r}")
    params = decode_args(query.params, raw)
    found = await hub.store.read(lambda conn: ask(hub.asking(conn, who), query, params))
    await hub.looks.into(who, getattr(params, "conversation", UNSET))
    await hub.looks.shown(who, query, found)
    return msgspec.json.encode(Rows(found.rows, found.next or "") if isinstance(found, Listed) else found)
