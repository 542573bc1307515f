"""A keyring in a file, for tests: PYTHON_KEYRING_BACKEND=toy_keyring.Toy, TOY_KEYRING=FILE"""

import json
import os
import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Toy(KeyringBackend):
    priority = 5  # type: ignore[assignment]
    locked = False
    hangs: threading.Event | None = None  # until it is set
    calls = 0

    @property
    def _file(self) -> Path:
        return Path(os.environ["TOY_KEYRING"])

    def _held(self) -> dict[str, str]:
        Toy.calls += 1
        if Toy.hangs is not None:
            Toy.hangs.wait(30)
        if Toy.locked:
            raise KeyringLocked("nobody typed the password")
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._held().get(f"{service}|{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._file.write_text(json.dumps(self._held() | {f"{service}|{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        held = self._held()
        if held.pop(f"{service}|{username}", None) is None:
            raise PasswordDeleteError("it is not there")
        self._file.write_text(json.dumps(held))
