"""Setting channels up: the command, which `commands` counts among its own."""

from typing import Annotated, Literal

from msgspec import Meta

from hub.protocol.registry import NO_NUL, Args, Code, Color, Id, Line, Seconds, Text, command


@command(
    "channel.save",
    verb="channel.manage",
    events=("channel.changed",),
    help="Add a channel, or change one.",
)
class SaveChannel(Args):
    slug: Code
    app: Literal["web", "whatsapp", "telegram", "messenger", "instagram", "mail", "api"]
    name: Text
    queue: Id
    driver: Literal["web", "sample", "api"]
    color: Color
    window: Seconds = 0  # seconds after the customer's last line in which free text goes; 0: always
    origins: list[Line] = []  # sites that may embed the chat, as scheme://host[:port]
    callback: Annotated[str, Meta(max_length=500, pattern=NO_NUL)] = ""  # of driver api: where our replies are posted
    resend: Annotated[int, Meta(ge=0, le=5)] = 0  # of driver api: how often a reply whose answer was lost goes again
