"""Web addresses in what was written. Nothing opens one by itself; only http and https are ever handed to a browser."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"https?://[^\s<>\"'`«»“”|\\^{}]+", re.IGNORECASE)
_AFTER = ".,;:!?…]*_~"  # what ends the sentence, not the address


def found(texts: Iterable[str]) -> list[str]:
    """The addresses in some texts, each once, in their order."""
    addresses = dict.fromkeys(address for text in texts for address in _in(text))
    return [address for address in addresses if host(address)]


def _in(text: str) -> Iterator[str]:
    """What stands behind an address without a blank, as in lists of them, may be the next one."""
    at = 0
    while match := _ADDRESS.search(text, at):
        address = _trimmed(match.group())
        yield address
        at = match.start() + max(len(address), 1)


def first(text: str) -> str:
    """The address that a text begins with; empty where it begins with none."""
    match = _ADDRESS.match(text)
    address = _trimmed(match.group()) if match is not None else ""
    return address if host(address) else ""


def _trimmed(address: str) -> str:
    """Without what ends the sentence; a bracket that closes belongs to the address where it was opened in it."""
    depth = 0
    for index, char in enumerate(address):
        depth += (char == "(") - (char == ")")
        if depth < 0:
            address = address[:index]
            break
    return address.rstrip(_AFTER)


def host(address: str) -> str:
    """Where an address leads in truth, whatever stands before an @; empty where it is no address of the web."""
    try:
        parts = urlsplit(address)
        return parts.hostname or "" if parts.scheme.lower() in ("http", "https") else ""
    except ValueError:
        return ""


def opener(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str | None:
    """The program that opens an address in a browser of this screen; None where there is none to open it on, as over
    SSH: a browser in the terminal would write over the console."""
    name = "open" if platform == "darwin" else "xdg-open"
    if platform != "darwin" and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return None
    return None if environ.get("SSH_CONNECTION") and platform == "darwin" else shutil.which(name)


def open_in_browser(program: str, address: str) -> None:
    """Hand an address of the web to the browser, which goes its own way. Raises ValueError for any other, OSError."""
    if not host(address):
        raise ValueError(f"{address} is no address of the web")
    subprocess.Popen(  # noqa: S603 - an address of the web, to a program found in PATH, without a shell
        [program, address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
