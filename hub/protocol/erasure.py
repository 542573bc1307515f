"""Forgetting: erasing a person or what is old enough, and what a restore makes of messages on their way."""

from typing import Annotated

from msgspec import Meta

from hub.protocol.registry import Args, Id, Word, command


@command(
    "contact.erase",
    verb="contact.erase",
    events=("conversation.changed", "contact.erased", "plan.deleted"),
    help="Erase a customer: name, numbers, and every word that they and we wrote. Nothing brings it back.",
    audited=True,
)
class EraseContact(Args):
    contact: Id


@command(
    "retention.sweep",
    verb="system",
    events=("conversation.changed", "contact.erased", "plan.deleted", "retention.swept"),
    help="Delete what is older than a rule keeps it, a batch at a time.",
    actor="system",
    audited=True,
)
class Sweep(Args):
    kind: Word  # of data, by its name in docs/RETENTION.md
    before: Annotated[int, Meta(ge=0, lt=2**53)]  # UTC milliseconds
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200


@command(
    "message.doubt",
    verb="system",
    events=("message.delivery", "plan.changed"),
    help="After a restore: what was still to go out may have gone out since, so nothing is sent by itself.",
    actor="system",
)
class Doubt(Args):
    pass
