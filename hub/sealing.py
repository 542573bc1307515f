"""Secrets at rest, sealed in envelopes: each has a data key of its own, which a key outside the database wraps.

The key file holds one key a line, 32 bytes in base64url; the first one seals, the others still open what they have
sealed, so that a key can be replaced without touching a secret. It lies outside the database and its backups: who has
only those can read nothing. A sealed text is `1.KEY-ID.WRAPPED-DATA-KEY.SECRET` and belongs to one `purpose`, such as
`totp:3`; under another one it does not open. AES-256-GCM throughout (NIST SP 800-38D), nonces random.
"""

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.protocol.settings import N_

VERSION = "1"
KEY, NONCE = 32, 12  # bytes


class BadKeys(Exception):
    """The key file can't be used. `what` is a text's English for the operator, with places for `file` and `why`."""

    def __init__(self, what: str, file: Path, why: object = "") -> None:
        super().__init__(what.format(file=file, why=why))
        self.what, self.file, self.why = what, file, str(why)


class NotOpened(Exception):
    """A sealed text was not sealed by these keys for this purpose."""


class Keys:
    """Seals and opens. `keys`: 32 bytes each, the one that seals first."""

    def __init__(self, keys: list[bytes]) -> None:
        if not keys or any(len(key) != KEY for key in keys):
            raise ValueError(f"keys are {KEY} bytes each, and there is at least one")
        self._keys = {_id_of(key): key for key in keys}
        self._current = _id_of(keys[0])

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys, in the order of the key file."""
        return tuple(self._keys)

    def seal(self, secret: bytes, purpose: str) -> str:
        data_key = secrets.token_bytes(KEY)
        wrapped = _encrypt(self._keys[self._current], data_key, f"key:{purpose}")
        return ".".join((VERSION, self._current, wrapped, _encrypt(data_key, secret, purpose)))

    def open(self, sealed: str, purpose: str) -> bytes:
        """Raises `NotOpened`."""
        _, data_key, body = self._unwrapped(sealed, purpose)
        return _decrypt(data_key, body, purpose)

    def stale(self, sealed: str) -> bool:
        """Whether another key than the current one has wrapped it."""
        return key_of(sealed) != self._current

    def rewrap(self, sealed: str, purpose: str) -> str:
        """The same secret, its data key wrapped by the current key. Raises `NotOpened`."""
        version, data_key, body = self._unwrapped(sealed, purpose)
        wrapped = _encrypt(self._keys[self._current], data_key, f"key:{purpose}")
        return ".".join((version, self._current, wrapped, body))

    def _unwrapped(self, sealed: str, purpose: str) -> tuple[str, bytes, str]:
        parts = sealed.split(".")
        if len(parts) != 4 or parts[0] != VERSION:
            raise NotOpened("not a sealed text that this version knows")
        version, key_id, wrapped, body = parts
        if key_id not in self._keys:
            raise NotOpened(f"its key {key_id} is not in the key file")
        return version, _decrypt(self._keys[key_id], wrapped, f"key:{purpose}"), body


def key_of(sealed: str) -> str:
    """The id of the key that has wrapped a sealed text."""
    return sealed.split(".", 2)[1]


def _id_of(key: bytes) -> str:
    return hashlib.sha256(b"bandeja key id" + key).hexdigest()[:8]


def _encrypt(key: bytes, plain: bytes, bound_to: str) -> str:
    nonce = secrets.token_bytes(NONCE)
    return base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())).decode()


def _decrypt(key: bytes, text: str, bound_to: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(text)
        return AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], bound_to.encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise NotOpened("it was sealed for something else, or changed since") from error


def new_key() -> str:
    """A line for the key file."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY)).decode()


def read_keys(path: Path) -> Keys:
    """The keys of a file, which is made (0600) where there is none. Raises `BadKeys`."""
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise BadKeys(N_("{file} can be read by others than its owner. Run: chmod 600 {file}"), path)
        return Keys([base64.urlsafe_b64decode(line) for line in path.read_text(encoding="ascii").split()])
    except OSError as error:
        raise BadKeys(N_("The key file {file} can't be used: {why}"), path, error.strerror) from error
    except ValueError as error:  # binascii's and those of text that is not ASCII are of this kind
        raise BadKeys(N_("The key file {file} is damaged: each line is a key, 32 bytes in base64url."), path) from error


def add_key(path: Path) -> Keys:
    """Put a new key in front of those of the file, whole or not at all; returns all of them. Raises `BadKeys`."""
    read_keys(path)
    try:
        draft = _draft(path, new_key() + "\n" + path.read_text(encoding="ascii"))
        draft.replace(path)
    except OSError as error:
        raise BadKeys(N_("The key file {file} can't be used: {why}"), path, error.strerror) from error
    return read_keys(path)


def _make(path: Path) -> None:
    """Complete or not at all, also when two programs begin at once: the first to link its file has made it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, new_key() + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _draft(path: Path, text: str) -> Path:
    """A file beside `path` that only its owner may read, on the disk."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft
