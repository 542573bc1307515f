"""Where whoever asks is, for the audit trail: set where a request comes in, read where a command is handed in."""

import ipaddress
from contextvars import ContextVar
from typing import Literal

Kind = Literal["", "loopback", "private", "public"]

ADDRESS: ContextVar[str] = ContextVar("address", default="")
"""The client's address, in whatever runs on their behalf; empty for the hub's own doing."""


def kind_of(address: str) -> Kind:
    """What may be told of an address without telling it."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if ip.is_loopback:
        return "loopback"
    return "public" if ip.is_global else "private"
