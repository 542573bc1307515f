"""The static files of a page, read once and served under a name that changes with their content.

All files of a folder share one version, so that their relative imports need no rewriting and a page never mixes two.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    content_type: str
    etag: str


class Assets:
    """The files of `folder` that a browser may fetch, by name."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.name: Asset(path.read_bytes(), TYPES[path.suffix], _digest(path.read_bytes()))
            for path in sorted(folder.iterdir())
            if path.suffix in TYPES
        }
        self.version = _digest("".join(f"{name}{file.etag}" for name, file in self._files.items()).encode())

    def serve(self, request: web.Request, name: str, cache: str) -> web.Response:
        """A file, or "not modified". Raises 404 where there is none of that name."""
        file = self._files.get(name)
        if file is None:
            raise web.HTTPNotFound
        headers = {
            "Cache-Control": cache,
            "ETag": f'"{file.etag}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'",  # for whoever opens the file itself
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if any(tag.value in (file.etag, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        response = web.Response(body=file.body, content_type=file.content_type, charset="utf-8", headers=headers)
        response.enable_compression()
        return response


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
