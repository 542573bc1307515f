"""Every limit that the hub sets to those who talk to it: one table, read by the hub, the console and docs/LIMITS.md.

What is over a limit is refused with the limit's code, and `args.limit` (of a `bye` and a visitor's `refused`: `limit`)
names it; or it is paced: the hub reads on a little later, nothing is lost and nobody is told. Both are counted, in
`bandeja_refused_total` and `bandeja_paced_total`, under the limit's name.
"""

from typing import Literal

import msgspec

from hub.protocol.errors import Code
from hub.protocol.settings import N_


class Limit(msgspec.Struct, frozen=True):
    """`value` in `unit`, for each `per`. A rate lets `burst` through at once.

    `says` is what whoever sits at a console can do;
    empty where nobody there is concerned."""

    name: str
    value: float
    unit: Literal["bytes", "seconds", "a second", "bytes a second", "at a time"]
    per: str
    code: Code | None  # None: it is paced
    says: str = ""
    burst: float = 0
    note: str = ""  # for the docs: how it is enforced, where that isn't as above


KIB = 1024
LIMITS: dict[str, Limit] = {
    one.name: one
    for one in (
        Limit(
            "frame_bytes",
            256 * KIB,
            "bytes",
            "frame of an agent",
            Code.TOO_LARGE,
            N_("That was more than the hub takes at once: send it in smaller parts."),
            note="a frame of more than twice as many closes the connection (1009)",
        ),
        Limit(
            "hello_seconds",
            10,
            "seconds",
            "socket of an agent, until its hello",
            Code.TOO_SLOW,
            N_("The console took too long to say who it is: look at the network. It tries again by itself."),
        ),
        Limit("connection_frames", 200, "a second", "socket of an agent", None, burst=400),
        Limit("connection_commands", 100, "a second", "socket of an agent", None, burst=200),
        Limit(
            "agent_commands", 150, "a second", "agent, all sockets together", None, burst=300,
            note="`conversation.bulk` counts once for each conversation",
        ),
        Limit(
            "token_requests", 10, "a second", "token, over HTTP", Code.RATE_LIMITED, burst=100,
            note="HTTP 429 with Retry-After; the setting `api_per_minute` sets it",
        ),
        Limit("commands_in_flight", 64, "at a time", "socket of an agent", None),
        Limit(
            "windows",
            64,
            "at a time",
            "socket of an agent",
            Code.TOO_MANY,
            N_("This console has as much open as the hub allows: close conversations that you don't need."),
        ),
        Limit(
            "agent_trays",
            50,
            "at a time",
            "agent, saved trays",
            Code.TOO_MANY,
            N_("You have as many saved trays as the hub keeps: delete one that you don't need."),
        ),
        Limit(
            "agent_sockets",
            20,
            "at a time",
            "agent",
            Code.TOO_MANY,
            N_("You have too many consoles open: close one. This one tries again by itself."),
        ),
        Limit(
            "address_sockets",
            1000,
            "at a time",
            "address, agents' sockets",
            Code.TOO_MANY,
            N_("Too many consoles are connected from your network: tell whoever runs the hub."),
            note="HTTP 429 with Retry-After",
        ),
        Limit(
            "body_bytes",
            64 * KIB,
            "bytes",
            "HTTP request",
            Code.TOO_LARGE,
            N_("That was more than the hub takes at once: send it in smaller parts."),
            note="HTTP 413",
        ),
        Limit(
            "header_bytes",
            8190,
            "bytes",
            "line of an HTTP request's head",
            Code.TOO_LARGE,
            note="HTTP 400 in plain words, and the connection is closed",
        ),
        Limit(
            "header_lines",
            128,
            "at a time",
            "HTTP request's head",
            Code.TOO_MANY,
            note="HTTP 400 in plain words, and the connection is closed",
        ),
        Limit(
            "visitor_frame_bytes",
            64 * KIB,
            "bytes",
            "frame of a visitor",
            Code.TOO_LARGE,
            note="a frame of more than twice as many closes the connection (1009)",
        ),
        Limit(
            "visitor_hello_seconds", 15, "seconds", "socket of a visitor, until its hello", Code.TOO_SLOW,
            note="the connection is closed (1008)",
        ),
        Limit("visitor_frames", 5, "a second", "socket of a visitor", Code.RATE_LIMITED, burst=60),
        Limit("visitor_connects", 0.5, "a second", "visitor", Code.RATE_LIMITED, burst=20),
        Limit("visitor_lines", 0.5, "a second", "visitor", Code.RATE_LIMITED, burst=10),
        Limit("visitor_bytes", 4 * KIB, "bytes a second", "visitor", Code.RATE_LIMITED, burst=128 * KIB),
        Limit(
            "visitor_backlog", 500, "at a time", "socket of a visitor, frames that it has not taken yet", Code.TOO_MANY,
            note="the connection is closed, and the page starts over",
        ),
        Limit(
            "address_unsigned", 2, "a second", "address, requests to API channels without a good signature",
            Code.RATE_LIMITED, burst=200, note="HTTP 429 with Retry-After",
        ),
        Limit("address_connects", 2, "a second", "address, visitors", Code.RATE_LIMITED, burst=60, note="HTTP 429"),
        Limit("address_lines", 5, "a second", "address, visitors", Code.RATE_LIMITED, burst=100),
        Limit("address_bytes", 64 * KIB, "bytes a second", "address, visitors", Code.RATE_LIMITED, burst=1024 * KIB),
        Limit(
            "address_pages", 200, "at a time", "address, visitors' sockets", Code.TOO_MANY,
            note="HTTP 429 with Retry-After",
        ),
    )
}  # fmt: skip
