"""The forms and topics of queues, and what is filled in and said of a conversation. `commands` counts these among its
own."""

from typing import Annotated

from msgspec import Meta

from hub.protocol.forms import FIELDS, Field, Values
from hub.protocol.registry import Args, Code, Id, Text, command

DEEPEST = 4  # topics below one another
Topics = Annotated[list[Id], Meta(max_length=20)]


@command(
    "form.save",
    verb="queue.manage",
    events=("form.changed",),
    help="Give a queue a form, or change it. What was filled in before stays with the form as it was.",
)
class SaveForm(Args):
    queue: Id
    fields: Annotated[list[Field], Meta(max_length=FIELDS)]  # none: the queue asks nothing any more
    version: Id | None = None  # that it was made from; null: whatever there is


@command(
    "form.fill",
    verb="conversation.serve",
    events=("form.filled",),
    help="Save what is filled in of the queue's form for a conversation that is with somebody. It may be incomplete.",
)
class Fill(Args):
    conversation: Id
    version: Id  # of the form
    values: Values  # by field; those left out are empty


@command(
    "topic.save",
    verb="queue.manage",
    events=("topic.changed",),
    help="Add a topic to a queue's tree, or change one.",
)
class SaveTopic(Args):
    queue: Id
    code: Code
    name: Text
    parent: Id | None = None  # the topic that it stands below
    active: bool = True  # one that is not can't be set any more; where it was, it stays


@command(
    "conversation.topics",
    verb="conversation.serve",
    events=("conversation.classified",),
    help="Set the topics of a conversation: those of its queue, and any that it has already.",
)
class SetTopics(Args):
    conversation: Id
    topics: Topics
