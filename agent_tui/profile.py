"""Which hub this person signed in to last, as whom, and where the token is that signs them in again.

One JSON file in the config folder, readable by its owner only: where the system has no keyring the token is in it, and
whoever reads it can act as the agent until the token is ended. It is written whole and moved into place, so that a
crash leaves the old one or the new one.
"""

import os
from pathlib import Path
from typing import Literal

import msgspec
import platformdirs

APP = "bandeja"
_NAME = "profile.json"


class Profile(msgspec.Struct, frozen=True):
    """`url` as `link.address.normal` gives it. `kept` says where the token is: in this file, in the system's keyring,
    or, where it is empty, in this file since before there was a choice; without a token there is none any more.

    `token` is the one that is exchanged, alone or with the one that calls, as `credentials.packed` puts them."""

    url: str
    login: str
    token: str = ""
    kept: Literal["", "file", "keyring"] = ""

    @property
    def signed_in(self) -> bool:
        """Whether there is a token, as far as the file knows."""
        return bool(self.token) or self.kept == "keyring"

    def __repr__(self) -> str:
        return f"Profile({self.url!r}, {self.login!r})"


class Unreadable(Exception):
    """There is a profile, but it can't be read; signing in again replaces it."""


def config_folder() -> Path:
    return platformdirs.user_config_path(APP)


def data_folder() -> Path:
    return platformdirs.user_data_path(APP)


def path_in(folder: Path) -> Path:
    return folder / _NAME


def load(folder: Path) -> Profile | None:
    """The last sign-in; None where there is none. Raises Unreadable."""
    path = folder / _NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Profile)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise Unreadable(f"{path}: {error}") from error


def save(folder: Path, profile: Profile) -> None:
    """Remember a sign-in in place of the last one. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f"{_NAME}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(profile))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / _NAME)


def forget(folder: Path) -> None:
    """Forget the last sign-in."""
    (folder / _NAME).unlink(missing_ok=True)
