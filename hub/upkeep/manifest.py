"""What stands beside a backup: where it came from, and how to tell that it is whole.

`FILE.json` is written after the file itself, so a backup without one was broken off and is none.
"""

import hashlib
import os
from pathlib import Path
from typing import Literal

import msgspec

from hub import __version__
from hub.protocol.settings import N_
from hub.upkeep import Unable

Kind = Literal["sqlite", "postgresql"]


class Position(msgspec.Struct, frozen=True):
    """Where a database stands: its schema, its life, and its last journal row."""

    schema: str
    epoch: str
    seq: int
    nonce: int


class Manifest(msgspec.Struct, frozen=True):
    """`at` in UTC milliseconds, `size` in bytes, `sha256` of the file in hex."""

    engine: Kind
    position: Position
    at: int
    size: int
    sha256: str
    version: str = __version__  # of the hub that made it
    format: int = 1


def beside(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def describe(file: Path, engine: Kind, position: Position, at: int) -> Manifest:
    return Manifest(engine, position, at, file.stat().st_size, digest(file))


def settle(draft: Path, file: Path) -> None:
    """Give a finished file its name, durably."""
    with draft.open("rb") as stream:
        os.fsync(stream.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write(file: Path, manifest: Manifest) -> None:
    """Write the manifest of a file, readable by its owner only, whole or not at all."""
    path = beside(file)
    draft = path.with_name(path.name + ".new")
    with private(draft) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    settle(draft, path)


class private:  # noqa: N801 - used like a function
    """Make an empty file that only its owner may read; gives its descriptor for as long as the context lasts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> int:
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        os.fchmod(self._descriptor, 0o600)
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def read(file: Path) -> Manifest:
    """The manifest of a backup, once the file is found to be what it says. Raises `Unable`."""
    path = beside(file)
    if not file.is_file():
        raise Unable(N_("There is no backup {file}."), file=file)
    if not path.exists():
        raise Unable(N_("{file} is no whole backup: {manifest} is missing beside it."), file=file, manifest=path.name)
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.MsgspecError as error:
        raise Unable(N_("{file} can't be read: {why}"), file=path, why=error) from error
    if (file.stat().st_size, digest(file)) != (manifest.size, manifest.sha256):
        raise Unable(N_("{file} is not what it was when it was made: take another backup."), file=file)
    return manifest
