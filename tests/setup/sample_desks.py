"""The sample desk as it is told: to a database that tests then have copies of, since the telling takes a second."""

from hub.demo.desk import Past
from hub.demo.script import read_desk
from hub.store.clock import ManualClock
from hub.store.engine import open_store


async def tell(url: str) -> None:
    """To a migrated database, as at the moment at which a `ManualClock` stands."""
    store = open_store(url, clock := ManualClock())
    await store.start()
    await Past(store, clock, read_desk()).make()
    await store.stop()
