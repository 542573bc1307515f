"""Backups, made while the hub runs: a file of its own with a manifest beside it, never the key that secrets are sealed
with. Durable and looked through before it has its name."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from hub.config import Config
from hub.protocol.settings import N_
from hub.store.clock import SystemClock
from hub.store.occupancy import sqlite_path
from hub.upkeep import Unable, manifest, postgres, sqlite
from hub.upkeep.manifest import Kind, Manifest, Position

PREFIX = "bandeja-"
SUFFIX: dict[Kind, str] = {"sqlite": ".db", "postgresql": ".dump"}


def kind_of(config: Config) -> Kind:
    return "sqlite" if config.sqlite_path is not None else "postgresql"


def stamp(at: int) -> str:
    """UTC milliseconds as they stand in names of files: 20261128T153000123Z."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y%m%dT%H%M%S") + f"{at % 1000:03}Z"


def default_folder(config: Config) -> Path:
    return config.data / "backups"


async def back_up(config: Config, to: Path | None = None, *, keep: int = 0) -> tuple[Path, Manifest]:
    """Make a backup in a folder, or as a file that is not there yet; returns it with its manifest.

    `keep`: of the backups in the folder, take the oldest away beyond so many; 0 keeps all. Raises `Unable`.
    """
    to = to or default_folder(config)
    at = SystemClock().now()
    is_folder = to.is_dir() or not to.suffix
    if keep and not is_folder:
        raise Unable(N_("--keep goes with a folder, and {file} is a file."), file=to)
    folder = to if is_folder else to.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{PREFIX}{stamp(at)}{SUFFIX[kind_of(config)]}" if is_folder else to
    if file.exists():
        raise Unable(N_("{file} is there already: choose another name."), file=file)
    made = await write(config, file, at)
    if keep:
        for old in made_in(folder)[:-keep]:
            manifest.beside(old).unlink()
            old.unlink()
    return file, made


async def write(config: Config, file: Path, at: int) -> Manifest:
    """Copy the desk into `file`, with its manifest. Nothing is left where it fails."""
    draft = file.with_name(f".{file.name}.new")
    try:
        position = await copy(config, draft)
        made = manifest.describe(draft, kind_of(config), position, at)
        manifest.settle(draft, file)
    finally:
        draft.unlink(missing_ok=True)
    manifest.write(file, made)
    return made


async def copy(config: Config, target: Path) -> Position:
    if config.sqlite_path is not None:
        return await asyncio.to_thread(sqlite.copy, sqlite_path(config.database), target)
    return await postgres.dump(config.database, target)


def made_in(folder: Path) -> list[Path]:
    """The whole backups of a folder that were named by us, oldest first."""
    names = [path for suffix in SUFFIX.values() for path in folder.glob(f"{PREFIX}*Z{suffix}")]
    return sorted((path for path in names if manifest.beside(path).exists()), key=lambda path: path.stem)
