"""Second factors: codes that change every 30 s (TOTP, RFC 6238), and recovery codes for when the device is lost.

A code is good in its step and in the ones beside it, for clocks that differ. Which step was taken last is kept with the
secret, so that no code is taken twice.
"""

import hmac
import secrets
from base64 import b32encode

import pyotp

from hub.desk.people import token_hash
from hub.sealing import Keys

STEP = 30_000  # milliseconds
BESIDE = 1  # steps on either side
CODES = 10
ISSUER = "Bandeja"


def new_secret() -> str:
    """160 bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32(32)


def uri(secret: str, login: str, entity: str) -> str:
    """The otpauth address that a QR code shows."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=entity or ISSUER)


def step_of(secret: str, code: str, now: int) -> int:
    """The step, near `now` (UTC ms), that a code belongs to; 0: none."""
    digits = code.replace(" ", "")
    generator, here = pyotp.HOTP(secret), now // STEP
    steps = range(here - BESIDE, here + BESIDE + 1)
    found = [step for step in steps if hmac.compare_digest(generator.at(step).encode(), digits.encode())]
    return found[-1] if found else 0


def new_recovery_codes() -> list[str]:
    """80 random bits each, in groups to be written down."""
    raw = [b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(CODES)]
    return ["-".join(one[i : i + 4] for i in range(0, 16, 4)) for one in raw]


def recovery_hash(code: str) -> str:
    """However it was typed: with or without hyphens, small or large."""
    return token_hash("".join(code.split()).replace("-", "").lower())


def purpose(agent_id: int) -> str:
    return f"totp:{agent_id}"


def seal(keys: Keys, secret: str, agent_id: int) -> str:
    return keys.seal(secret.encode(), purpose(agent_id))


def unseal(keys: Keys, sealed: str, agent_id: int) -> str:
    """Raises `sealing.NotOpened`."""
    return keys.open(sealed, purpose(agent_id)).decode()
