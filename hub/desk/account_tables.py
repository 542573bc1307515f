"""The tables of accounts: tokens of sessions, second factors, links for a new password, and what slows guessing."""

from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from hub.store.schema import BigId, table


def _agent(*, key: bool = False) -> Any:
    return Field(sa_type=BigId, foreign_key="agent.id", primary_key=key, index=not key)


class SessionTokenTable(SQLModel, table=True):
    """A token of a session, as its hash. What it may do is its `kind`: `access` calls, `refresh` is exchanged for its
    successors, `standing` does both (of a session that began before tokens were exchanged, and of an embedded hub).

    `salt` makes, with the token itself, its successors: they can be handed out again, and are kept nowhere. `parent` is
    the hash of the token that this one succeeds; `confirmed_at` is when a successor was first used."""

    __tablename__: ClassVar[Any] = "session_token"
    hash: str = Field(primary_key=True)
    session_id: int = Field(sa_type=BigId, foreign_key="session.id", index=True)
    kind: str
    issued_at: int = Field(sa_type=BigId)
    expires_at: int | None = Field(default=None, sa_type=BigId, nullable=True)
    parent: str = ""
    salt: str = ""
    used_at: int | None = Field(default=None, sa_type=BigId, nullable=True)  # it was exchanged
    used_from: str = ""  # network
    confirmed_at: int | None = Field(default=None, sa_type=BigId, nullable=True)


class AccountTable(SQLModel, table=True):
    """What an agent's account has beside what everybody at the desk sees of them."""

    __tablename__: ClassVar[Any] = "account"
    agent_id: int = _agent(key=True)
    mail: str = ""


class FactorTable(SQLModel, table=True):
    """A second factor (TOTP, RFC 6238). Without `confirmed_at` its owner has not shown a code yet."""

    __tablename__: ClassVar[Any] = "second_factor"
    agent_id: int = _agent(key=True)
    sealed: str  # by hub.sealing for the purpose totp:AGENT
    confirmed_at: int | None = Field(default=None, sa_type=BigId, nullable=True)
    last_step: int = Field(default=0, sa_type=BigId)  # of the last code that was taken


class RecoveryTable(SQLModel, table=True):
    """A recovery code that has not been used yet, as its hash."""

    __tablename__: ClassVar[Any] = "recovery_code"
    agent_id: int = _agent(key=True)
    hash: str = Field(primary_key=True)


class LinkTable(SQLModel, table=True):
    """A link for a new password, as its token's hash. Used ones are deleted."""

    __tablename__: ClassVar[Any] = "password_link"
    hash: str = Field(primary_key=True)
    agent_id: int = _agent()
    expires_at: int = Field(sa_type=BigId)


class GuessTable(SQLModel, table=True):
    """Sign-ins that failed, or have not come to an end, by what they count against (see `hub.desk.throttle`)."""

    __tablename__: ClassVar[Any] = "guess"
    key: str = Field(primary_key=True)  # a hash: what was typed as a login may be a password
    failures: int
    last_at: int = Field(sa_type=BigId, index=True)


class KnownNetworkTable(SQLModel, table=True):
    """Where an agent has signed in from."""

    __tablename__: ClassVar[Any] = "known_network"
    agent_id: int = _agent(key=True)
    hash: str = Field(primary_key=True)
    last_at: int = Field(sa_type=BigId)


session_token, account, factor = table(SessionTokenTable), table(AccountTable), table(FactorTable)
recovery, link = table(RecoveryTable), table(LinkTable)
guess, known_network = table(GuessTable), table(KnownNetworkTable)
