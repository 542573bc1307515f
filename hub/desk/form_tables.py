"""The tables of forms and topics."""

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.store.schema import AUTOINCREMENT, BigId, table


def _id() -> Any:
    return Field(default=None, sa_type=BigId, primary_key=True)


def _ref(target: str, **more: Any) -> Any:
    return Field(sa_type=BigId, foreign_key=target, **more)


class FormTable(SQLModel, table=True):
    """A queue's form. `version_id` is the one that is filled in now; it has no key because each refers to the other."""

    __tablename__: ClassVar[Any] = "form"
    __table_args__ = AUTOINCREMENT
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    queue_id: int = _ref("queue.id", unique=True)
    version_id: int = Field(sa_type=BigId)


class FormVersionTable(SQLModel, table=True):
    """A form as it was from a time on. Never changed: what was filled in of it refers to it."""

    __tablename__: ClassVar[Any] = "form_version"
    __table_args__ = AUTOINCREMENT
    id: int | None = _id()
    form_id: int = _ref("form.id", index=True)
    fields: str  # JSON, a list of `hub.protocol.forms.Field`
    at: int = Field(sa_type=BigId)


class SubmissionTable(SQLModel, table=True):
    """What was filled in of a form for one leg; personal. `form_id` is that of its version, for lists."""

    __tablename__: ClassVar[Any] = "submission"
    __table_args__ = (sa.Index("ix_submission_form", "form_id", "id"), AUTOINCREMENT)
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    conversation_id: int = _ref("conversation.id", index=True)
    leg_id: int = _ref("leg.id", unique=True)
    form_id: int = _ref("form.id")
    version_id: int = _ref("form_version.id")
    filled: str  # JSON {field: value}
    at: int = Field(sa_type=BigId)
    by_id: int | None = Field(default=None, sa_type=BigId, foreign_key="agent.id", nullable=True)


class FilledKeyTable(SQLModel, table=True):
    """An e-mail address or a document id of a submission, by which others with the same are found; personal."""

    __tablename__: ClassVar[Any] = "filled_key"
    __table_args__ = (sa.Index("ix_filled_key_value", "kind", "value", "contact_id"),)
    submission_id: int = _ref("submission.id", primary_key=True)
    kind: str = Field(primary_key=True)  # email, document
    value: str = Field(primary_key=True)  # `hub.desk.filled_keys.plain`
    contact_id: int = _ref("contact.id", index=True)


class TopicTable(SQLModel, table=True):
    """A topic in a queue's tree."""

    __tablename__: ClassVar[Any] = "topic"
    __table_args__ = (sa.UniqueConstraint("queue_id", "code"), AUTOINCREMENT)
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    queue_id: int = _ref("queue.id")
    code: str
    name: str  # JSON {language: text}
    parent_id: int | None = Field(default=None, sa_type=BigId, foreign_key="topic.id", index=True, nullable=True)
    active: bool = True


class ConversationTopicTable(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "conversation_topic"
    conversation_id: int = Field(sa_type=BigId, foreign_key="conversation.id", primary_key=True)
    topic_id: int = Field(sa_type=BigId, foreign_key="topic.id", primary_key=True, index=True)


form, form_version, submission = table(FormTable), table(FormVersionTable), table(SubmissionTable)
filled_key = table(FilledKeyTable)
topic, conversation_topic = table(TopicTable), table(ConversationTopicTable)
