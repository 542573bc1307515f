"""Bringing a desk to this version's schema, with a copy of it made first."""

from pathlib import Path

from hub.config import Config
from hub.protocol.settings import N_
from hub.store.clock import SystemClock
from hub.store.migrate import migrate, schema_of
from hub.upkeep import Unable
from hub.upkeep.backup import stamp, write


async def upgrade(config: Config, *, copy: bool = True) -> Path | None:
    """Create or upgrade the desk's tables; returns the copy, a backup like any other, where one was made.

    Raises `NewerSchema`, `Unable` where no copy can be made.
    """
    schema = await schema_of(config.database)
    made = None
    if schema.outdated and copy:
        made = _place(config, str(schema.found))
        made.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            await write(config, made, SystemClock().now())
        except Unable as why:
            raise Unable(
                N_(
                    "Before an upgrade the desk is copied, which was not possible: {why} Where you have a backup of "
                    "your own, upgrade without: bandeja-hub migrate --no-copy"
                ),
                why=why,
            ) from why
    await migrate(config.database)
    return made


def _place(config: Config, schema: str) -> Path:
    """Beside the database, or in the data folder where that is a server; with schema and date in its name."""
    beside = config.sqlite_path or config.data / "hub.dump"
    return beside.with_name(f"{beside.stem}.schema-{schema}.{stamp(SystemClock().now())}{beside.suffix}")
