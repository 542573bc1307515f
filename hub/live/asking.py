"""What a `sub` asks for, understood as its sender means it; a filter that can't be read is refused with the place."""

from hub.desk import tray_filters
from hub.desk.asked import NOTHING, Asked, asked
from hub.desk.principal import Principal
from hub.desk.sight import Sight
from hub.desk.sorts import sort_of
from hub.desk.tray_filters import bad_filter
from hub.hub import Hub
from hub.protocol import frames
from hub.protocol.errors import Code, Refused
from hub.protocol.filter_text import BadFilter
from hub.protocol.trays import BUILT_IN, SORTS


async def understood(hub: Hub, who: Principal, sight: Sight, frame: frames.Sub) -> Asked:
    """Raises Refused."""
    if frame.tray not in BUILT_IN:
        raise Refused(Code.BAD_ARGS, field="tray", why=f"no tray {frame.tray[:32]!r}", w=frame.w)
    try:
        sort = sort_of(frame.sort)
    except ValueError:
        why = f"one of {', '.join(SORTS)}, or with a - before it"
        raise Refused(Code.BAD_ARGS, field="sort", why=why, w=frame.w) from None
    names = await hub.store.read(tray_filters.names) if frame.filter else NOTHING
    try:
        return asked(frame.tray, frame.filter, sort, sight=sight, reader=hub.reader(who), names=names)
    except BadFilter as fault:
        raise bad_filter(fault, w=frame.w) from None
