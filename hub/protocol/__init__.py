"""What travels between a hub and its clients: frames, command specs, events and views.

Imports nothing else of the hub, so that a console can import it and nothing more. The protocol is additive: fields are
added with defaults, never renamed or re-used; `PROTO` rises only when a client of the version before would break.
"""

PROTO = 1
SUBPROTOCOL = "bandeja.v1"
