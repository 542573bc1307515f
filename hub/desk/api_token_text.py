"""What an API token looks like: `bdj_`, 43 random characters, and six that a scanner can check without asking anybody.

The form is that of GitHub's tokens: a prefix that stands nowhere by chance, letters and digits only so that a double
click takes all of it, and a CRC-32 in base 62. Whoever searches code or logs for `bdj_[0-9A-Za-z]{49}` and checks the
sum finds leaked tokens and nothing else. 43 characters of 62 are 256 random bits.
"""

import secrets
import string
import zlib

PREFIX = "bdj_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM, CHECK = 43, 6


def new_token() -> str:
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return PREFIX + body + checksum(body)


def checksum(body: str) -> str:
    """CRC-32 of the characters between prefix and sum, in base 62, six digits."""
    left, digits = zlib.crc32(body.encode("ascii")), ""
    for _ in range(CHECK):
        left, digit = divmod(left, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def well_formed(token: str) -> bool:
    """Whether this can be a token at all; one that was mistyped or cut off is found out without the database."""
    body, check = token[len(PREFIX) : -CHECK], token[-CHECK:]
    return (
        token.startswith(PREFIX)
        and len(body) == RANDOM
        and all(letter in ALPHABET for letter in body)
        and checksum(body) == check
    )
