"""Where a hub is, and as whom to call it."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

_SCHEMES = {"http": "ws", "https": "wss"}


class BadAddress(ValueError):
    """The address can't be used. `code` is `bad_address`, or `insecure` for plain HTTP to another machine: the token
    and the customers' words would travel readable."""

    def __init__(self, code: str, url: str) -> None:
        super().__init__(f"{code}: {url}")
        self.code = code
        self.url = url


@dataclass(frozen=True, slots=True)
class Address:
    """A hub's base URL, as `normal` gives it, and the token that signs the console in."""

    url: str
    token: str = field(repr=False)

    @property
    def socket(self) -> str:
        parts = urlsplit(self.url)
        return urlunsplit((_SCHEMES[parts.scheme], parts.netloc, f"{parts.path}/ws", "", ""))

    @property
    def local(self) -> bool:
        return is_loopback(urlsplit(self.url).hostname or "")


def normal(url: str) -> str:
    """The base URL that a person meant: `desk.example` is https, a loopback one http; no slash at the end.

    Raises BadAddress.
    """
    text = url.strip()
    try:
        if "://" not in text:
            host = urlsplit(f"//{text}").hostname or ""
            text = f"{'http' if is_loopback(host) else 'https'}://{text}"
        parts = urlsplit(text)
        port_is_fine = parts.port != 0
    except ValueError as error:
        raise BadAddress("bad_address", url) from error
    if parts.scheme not in _SCHEMES or not parts.hostname or not port_is_fine:
        raise BadAddress("bad_address", url)
    if parts.username or parts.query or parts.fragment:
        raise BadAddress("bad_address", url)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise BadAddress("insecure", url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
