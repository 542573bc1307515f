"""The secrets of webhooks and API channels: made here, shown once, sealed in the database, opened where needed."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hub.hooks.signing import new_secret
from hub.sealing import read_keys


class Secrets:
    """Seals and opens with the key file, which is read each time: a key that was added meanwhile is known at once."""

    def __init__(self, key_file: Path) -> None:
        self._file = key_file

    def make(self, purpose: str) -> tuple[str, str]:
        """(a new secret, the same sealed). Raises `BadKeys`."""
        secret = new_secret()
        return secret, read_keys(self._file).seal(secret.encode(), purpose)

    def open(self, row: sa.Row[Any], purpose: str, now: int) -> list[str]:
        """The secrets of a row of `webhook` or `api_channel` that are good at `now`, UTC ms; the newest first.

        Raises `BadKeys`, and `NotOpened` where another key file has sealed them.
        """
        sealed = [row.secret, *([row.old_secret] if row.old_until > now else [])]
        keys = read_keys(self._file)
        return [keys.open(one, purpose).decode() for one in sealed if one]
