"""How much memory compression may take of a connection.

With context takeover each socket keeps a compressor. zlib's usual one has a window of 32 KiB and 256 KiB of memory;
what repeats in a console's frames lies closer together than that. A stream that was made with a smaller window than was
agreed on is still one that the other side can read (RFC 7692, 7.1.2.1), so nothing has to be negotiated.
"""

import zlib
from typing import Any

import aiohttp

WINDOW_BITS = 12  # 4 KiB: 16 KiB of memory
MEMORY_LEVEL = 5  # 16 KiB more


class _Thrifty:
    """zlib, for aiohttp; raw streams, which are those of WebSockets, have small windows."""

    __name__ = "zlib"
    MAX_WBITS = zlib.MAX_WBITS
    Z_FULL_FLUSH = zlib.Z_FULL_FLUSH
    Z_SYNC_FLUSH = zlib.Z_SYNC_FLUSH
    Z_BEST_SPEED = zlib.Z_BEST_SPEED
    Z_FINISH = zlib.Z_FINISH
    compress = staticmethod(zlib.compress)
    decompress = staticmethod(zlib.decompress)
    decompressobj = staticmethod(zlib.decompressobj)

    @staticmethod
    def compressobj(*, wbits: int = zlib.MAX_WBITS, **options: Any) -> Any:
        if wbits < 0:
            wbits, options["memLevel"] = max(wbits, -WINDOW_BITS), MEMORY_LEVEL
        return zlib.compressobj(wbits=wbits, **options)


def save_memory() -> None:
    """Have all WebSockets of this process compress thriftily."""
    aiohttp.set_zlib_backend(_Thrifty())  # type: ignore[arg-type]
