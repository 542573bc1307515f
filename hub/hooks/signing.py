"""Signatures by the Standard Webhooks scheme, version 1 (https://www.standardwebhooks.com): `v1`, HMAC-SHA256.

What is signed is `ID.TIMESTAMP.BODY`. A secret is `whsec_` and its bytes in base64. While a secret is being replaced
there are two: what goes out is signed by both, what comes in may be signed by either.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets as random
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
LENGTH = 32  # bytes of a secret; the scheme wants 24 to 64
TOLERANCE = 300  # seconds that the clocks of sender and receiver may be apart
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_ID = re.compile(r"[!-\-/-~]{1,255}")  # no full stop, which parts what is signed


class BadSignature(Exception):
    """Not from who knows the secret, or not from now. The text says what is wrong, in English, for the other side."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(random.token_bytes(LENGTH)).decode()


def sign(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a request. `timestamp`: UTC seconds, of this attempt."""
    made = [f"v1,{base64.b64encode(_digest(one, message_id, str(timestamp), body)).decode()}" for one in secrets]
    return {ID: message_id, TIMESTAMP: str(timestamp), SIGNATURE: " ".join(made)}


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: int) -> str:
    """The id of a request that is from now (UTC seconds) and from who knows one of the secrets. Raises `BadSignature`.

    `headers` finds a name in any case, as aiohttp's does.
    """
    message_id, timestamp, given = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    for name, value in ((ID, message_id), (TIMESTAMP, timestamp), (SIGNATURE, given)):
        if not value:
            raise BadSignature(f"the header {name} is missing")
    if not _ID.fullmatch(message_id):
        raise BadSignature(f"{ID} must be 1 to 255 printable ASCII characters without a full stop")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise BadSignature(f"{TIMESTAMP} must be UTC seconds, a whole number")
    if abs(int(timestamp) - now) > TOLERANCE:
        raise BadSignature(f"{TIMESTAMP} is more than {TOLERANCE} s away from the hub's clock, {now}")
    passed = [_signature(part) for part in given.split(" ")[:16]]
    expected = [_digest(one, message_id, timestamp, body) for one in secrets]
    if not any(hmac.compare_digest(one, other) for one in passed for other in expected):
        raise BadSignature(f"{SIGNATURE} does not fit: sign ID.TIMESTAMP.BODY, the body as it is sent")
    return message_id


def _signature(part: str) -> bytes:
    """The bytes of a v1 signature; of anything else none, which fit nothing."""
    version, _, encoded = part.partition(",")
    if version != "v1":
        return b""
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _digest(secret: str, message_id: str, timestamp: str, body: bytes) -> bytes:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
