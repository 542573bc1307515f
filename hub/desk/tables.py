"""The desk's tables, declared with SQLModel; the rest of the hub uses their Core side (the lower-case names below)."""

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.store.schema import AUTOINCREMENT, BigId, table


def _id() -> Any:
    return Field(default=None, sa_type=BigId, primary_key=True)


def _ref(target: str, *, index: bool = False, null: bool = False) -> Any:
    if null:
        return Field(default=None, sa_type=BigId, foreign_key=target, index=index, nullable=True)
    return Field(sa_type=BigId, foreign_key=target, index=index)


def _ms(*, null: bool = False) -> Any:
    """A time: UTC milliseconds."""
    return Field(default=None, sa_type=BigId, nullable=True) if null else Field(sa_type=BigId)


def _with(default: Any, *, type_: Any = None) -> Any:
    """A column that was added to a table with rows: they have `default`, which the database knows, too."""
    kind = {} if type_ is None else {"sa_type": type_}
    said = sa.text("true" if default is True else "false") if isinstance(default, bool) else str(default)
    return Field(default=default, sa_column_kwargs={"server_default": said}, **kind)


class Base(SQLModel):
    """`rev` is the journal number of the last change of the row."""


class AgentTable(Base, table=True):
    __tablename__: ClassVar[Any] = "agent"
    __table_args__ = AUTOINCREMENT
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    login: str = Field(unique=True)
    name: str
    role: str
    password_hash: str = ""
    active: bool = True
    sample: bool = False
    status: str = "offline"
    status_since: int = _ms()
    reachable: bool = False
    assigned_at: int = Field(default=0, sa_type=BigId)  # last time that dispatch chose them; orders by longest idle
    intake: str = _with("push")  # push, manual, paused
    capacity: int | None = None  # conversations at once, whatever a queue allows


class SessionTable(Base, table=True):
    __tablename__: ClassVar[Any] = "session"
    __table_args__ = AUTOINCREMENT
    id: int | None = _id()
    agent_id: int = _ref("agent.id", index=True)
    kind: str = "console"
    label: str = ""
    network: str = ""  # that it was last seen from; an address in it is shortened
    started_at: int = _ms()
    seen_at: int = _ms()  # to a minute
    ended_at: int | None = _ms(null=True)


class LeaseTable(Base, table=True):
    """A connected console keeps its lease fresh; an agent with no lease left is out of reach after the grace period."""

    __tablename__: ClassVar[Any] = "lease"
    id: str = Field(primary_key=True)
    agent_id: int = _ref("agent.id", index=True)
    until: int = _ms()


class QueueTable(Base, table=True):
    __tablename__: ClassVar[Any] = "queue"
    __table_args__ = AUTOINCREMENT
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    code: str = Field(unique=True)
    name: str  # JSON {language: text}
    capacity: int
    open_within: int  # seconds
    reopen_within: int  # seconds
    department_id: int | None = _ref("department.id", null=True)
    active: bool = _with(True)
    handout: str = _with("push")  # push, offer
    answer_within: int = _with(0)  # seconds
    own_first: int = _with(0)  # seconds
    priority: int = _with(3)  # 1 urgent, 2 high, 3 normal, 4 low
    hours: str = _with("")  # JSON of an Hours; empty: always open
    closed_text: str = _with("{}")  # JSON {language: text}
    guests_reply: bool = _with(False)  # who was invited may answer the customer
    offer_again: int = _with(300)  # seconds for which an agent can put an offer off
    topics_required: bool = _with(False)  # none ends as attended without a topic
    transfers_any: bool = _with(True)  # its members may transfer to any queue; otherwise to those of queue_target


class MemberTable(Base, table=True):
    __tablename__: ClassVar[Any] = "queue_member"
    queue_id: int = Field(sa_type=BigId, foreign_key="queue.id", primary_key=True)
    agent_id: int = Field(sa_type=BigId, foreign_key="agent.id", primary_key=True, index=True)
    support: bool = False


class TargetTable(Base, table=True):
    """A queue that the members of another one may transfer to."""

    __tablename__: ClassVar[Any] = "queue_target"
    queue_id: int = Field(sa_type=BigId, foreign_key="queue.id", primary_key=True)
    target_id: int = Field(sa_type=BigId, foreign_key="queue.id", primary_key=True)


class BranchTable(Base, table=True):
    __tablename__: ClassVar[Any] = "branch"
    __table_args__ = AUTOINCREMENT
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    code: str = Field(unique=True)
    name: str  # JSON {language: text}
    zone: str  # IANA


class DepartmentTable(Base, table=True):
    __tablename__: ClassVar[Any] = "department"
    __table_args__ = AUTOINCREMENT
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    branch_id: int = _ref("branch.id")
    code: str = Field(unique=True)
    name: str  # JSON {language: text}


class TeamTable(Base, table=True):
    __tablename__: ClassVar[Any] = "team"
    __table_args__ = AUTOINCREMENT
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    code: str = Field(unique=True)
    name: str  # JSON {language: text}


class TeamMemberTable(Base, table=True):
    __tablename__: ClassVar[Any] = "team_member"
    team_id: int = Field(sa_type=BigId, foreign_key="team.id", primary_key=True)
    agent_id: int = Field(sa_type=BigId, foreign_key="agent.id", primary_key=True, index=True)


class ChannelTable(Base, table=True):
    __tablename__: ClassVar[Any] = "channel"
    __table_args__ = AUTOINCREMENT
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    slug: str = Field(unique=True)
    app: str
    driver: str
    name: str  # JSON {language: text}
    color: str
    queue_id: int = _ref("queue.id")
    window: int = 0  # seconds
    origins: str = "[]"  # JSON


class TagTable(Base, table=True):
    __tablename__: ClassVar[Any] = "tag"
    __table_args__ = AUTOINCREMENT
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    name: str = Field(unique=True)
    color: str


class ShortcutTable(Base, table=True):
    __tablename__: ClassVar[Any] = "shortcut"
    __table_args__ = (sa.Index("ix_shortcut_code", "code"), AUTOINCREMENT)
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    code: str
    body: str
    shared: bool
    owner_id: int = _ref("agent.id", index=True)


class ContactTable(Base, table=True):
    __tablename__: ClassVar[Any] = "contact"
    __table_args__ = (
        sa.Index(
            "ix_contact_erased",
            "id",
            sqlite_where=sa.text("erased_at IS NOT NULL"),
            postgresql_where=sa.text("erased_at IS NOT NULL"),
        ),
        AUTOINCREMENT,
    )
    id: int | None = _id()
    name: str = ""
    phone: str = ""  # raw, as the channel gave it
    folded: str = ""  # what they are found by: `hub.protocol.contact_words`
    saved: bool = False
    sample: bool = False
    agent_id: int | None = _ref("agent.id", null=True)  # who served them last
    created_at: int = _ms()
    erased_at: int | None = _ms(null=True)


class IdentityTable(Base, table=True):
    __tablename__: ClassVar[Any] = "identity"
    __table_args__ = (sa.UniqueConstraint("channel_id", "external_id"), AUTOINCREMENT)
    id: int | None = _id()
    channel_id: int = _ref("channel.id")
    external_id: str
    contact_id: int = _ref("contact.id", index=True)
    muted: bool = _with(False)  # what they write is kept and wakes nobody


class ConversationTable(Base, table=True):
    """`unread`, `owed`, `answered`, `last_*` and `read_message_id` are projections of the messages, kept for the trays;
    `hub.desk.projections` declares each and rebuilds it."""

    __tablename__: ClassVar[Any] = "conversation"
    __table_args__ = (
        sa.Index("ix_conversation_state_owner_last", "state", "owner_id", "last_at"),
        sa.Index("ix_conversation_state_queue_last", "state", "queue_id", "last_at"),
        sa.Index("ix_conversation_state_last", "state", "last_at"),
        sa.Index("ix_conversation_closed", "closed_at"),
        sa.Index("ix_conversation_state_waiting", "state", "waiting_since"),
        sa.Index("ix_conversation_state_created", "state", "created_at"),
        sa.Index("ix_conversation_state_priority", "state", "priority"),
        sa.Index("ix_conversation_outcome_last", "outcome", "last_at"),
        sa.Index("ix_conversation_identity", "identity_id", "id"),
        sa.Index("ix_conversation_contact", "contact_id", "id"),
        sa.Index("ix_conversation_owner_contact", "owner_id", "contact_id"),
        sa.Index("ix_conversation_team_state_last", "team_id", "state", "last_at"),
        sa.Index(
            "ix_conversation_waiting",
            "queue_id",
            "priority",
            "waiting_since",
            "id",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index("ix_conversation_owed", "id", sqlite_where=sa.text("owed = 1"), postgresql_where=sa.text("owed")),
        sa.Index(
            "ix_conversation_unread", "id", sqlite_where=sa.text("unread > 0"), postgresql_where=sa.text("unread > 0")
        ),
        AUTOINCREMENT,
    )
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    kind: str = "chat"
    state: str
    resume_state: str | None = None  # where a held or snoozed one goes back to
    generation: int = 0  # rises with every transition; older timers are stale
    outcome: str | None = None
    channel_id: int = _ref("channel.id")
    queue_id: int = _ref("queue.id")
    identity_id: int = _ref("identity.id")
    contact_id: int = _ref("contact.id")
    owner_id: int | None = _ref("agent.id", null=True)
    team_id: int | None = _ref("team.id", null=True)
    priority: int = _with(3)  # 1 urgent, 2 high, 3 normal, 4 low
    transferred: bool = _with(False)
    left_id: int | None = _ref("agent.id", null=True)  # who gave it up last, until somebody opens it
    own_until: int | None = _ms(null=True)  # while it waits: until then it is for the contact's own agent
    previous_id: int | None = _ref("conversation.id", null=True)
    sample: bool = False
    created_at: int = _ms()
    waiting_since: int | None = _ms(null=True)
    closed_at: int | None = _ms(null=True)
    last_at: int = _ms()
    last_in_at: int | None = _ms(null=True)
    last_message_id: int | None = Field(default=None, sa_type=BigId)  # of any direction, notes too
    read_message_id: int = Field(default=0, sa_type=BigId)  # the last that its owner has read
    unread: int = 0
    owed: bool = False
    answered: bool = False
    language: str = ""
    page: str = ""
    referrer: str = ""
    involved: str = _with("")  # `hub.desk.involvement`: who else has to do with it
    response: int | None = _ms(null=True)  # as it ended: milliseconds until its agent's first answer


class PeriodTable(Base, table=True):
    """One state interval. Waiting, handling and response times derive from these and nothing else."""

    __tablename__: ClassVar[Any] = "period"
    __table_args__ = AUTOINCREMENT
    id: int | None = _id()
    conversation_id: int = _ref("conversation.id", index=True)
    state: str
    queue_id: int = _ref("queue.id")
    owner_id: int | None = _ref("agent.id", null=True)
    began_at: int = _ms()
    ended_at: int | None = _ms(null=True)


class LegTable(Base, table=True):
    """The stretch of a conversation in one queue under one owner."""

    __tablename__: ClassVar[Any] = "leg"
    __table_args__ = (
        sa.Index("ix_leg_conversation", "conversation_id", "id"),
        sa.Index("ix_leg_began", "began_at", "id"),
        sa.Index("ix_leg_owner_began", "owner_id", "began_at", "id"),
        sa.Index("ix_leg_queue_began", "queue_id", "began_at", "id"),
        sa.Index(
            "ix_leg_transferred",
            "ended_at",
            "id",
            sqlite_where=sa.text("ended_by = 'conversation.transfer'"),
            postgresql_where=sa.text("ended_by = 'conversation.transfer'"),
        ),
        AUTOINCREMENT,
    )
    id: int | None = _id()
    conversation_id: int = _ref("conversation.id")
    queue_id: int = _ref("queue.id")
    owner_id: int | None = _ref("agent.id", null=True)
    began_at: int = _ms()
    ended_at: int | None = _ms(null=True)
    ended_by: str = ""  # the command
    by_id: int | None = _ref("agent.id", null=True)  # the agent who ended it
    note_id: int | None = Field(default=None, sa_type=BigId)  # the message that says why; it may have been erased


class MessageTable(Base, table=True):
    __tablename__: ClassVar[Any] = "message"
    __table_args__ = (
        sa.Index("ix_message_conversation", "conversation_id", "id"),
        sa.Index(
            "ix_message_queued",
            "id",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        ),
        AUTOINCREMENT,
    )
    id: int | None = _id()
    rev: int = Field(sa_type=BigId)
    conversation_id: int = _ref("conversation.id")
    direction: str  # in, out, note
    kind: str = "text"
    body: str
    author_id: int | None = _ref("agent.id", null=True)
    at: int = _ms()
    state: str = ""
    error: str = ""
    key: str = ""  # the command key that made it
    mentions: str = _with("")  # of a note: the ids of whom it mentions, JSON; empty: nobody


class DraftTable(Base, table=True):
    """What an agent has typed for a conversation and not sent. Never journaled; erased with the conversation."""

    __tablename__: ClassVar[Any] = "draft"
    agent_id: int = Field(sa_type=BigId, foreign_key="agent.id", primary_key=True)
    conversation_id: int = Field(
        sa_type=BigId, foreign_key="conversation.id", ondelete="CASCADE", primary_key=True, index=True
    )
    text: str
    version: int = Field(sa_type=BigId)
    at: int = _ms()


class ReadMarkTable(Base, table=True):
    __tablename__: ClassVar[Any] = "read_mark"
    agent_id: int = Field(sa_type=BigId, foreign_key="agent.id", primary_key=True)
    conversation_id: int = Field(sa_type=BigId, foreign_key="conversation.id", primary_key=True)
    message_id: int = Field(sa_type=BigId)


class ConversationTagTable(Base, table=True):
    __tablename__: ClassVar[Any] = "conversation_tag"
    conversation_id: int = Field(sa_type=BigId, foreign_key="conversation.id", primary_key=True)
    tag_id: int = Field(sa_type=BigId, foreign_key="tag.id", primary_key=True, index=True)


agent, session, lease = table(AgentTable), table(SessionTable), table(LeaseTable)
queue, member, channel = table(QueueTable), table(MemberTable), table(ChannelTable)
queue_target, branch, department = table(TargetTable), table(BranchTable), table(DepartmentTable)
team, team_member = table(TeamTable), table(TeamMemberTable)
tag, shortcut = table(TagTable), table(ShortcutTable)
contact, identity = table(ContactTable), table(IdentityTable)
conversation, period, leg = table(ConversationTable), table(PeriodTable), table(LegTable)
message, read_mark = table(MessageTable), table(ReadMarkTable)
conversation_tag, draft = table(ConversationTagTable), table(DraftTable)
TRANSFERRED = leg.c.ended_by == sa.literal_column("'conversation.transfer'")  # as `ix_leg_transferred` has it
