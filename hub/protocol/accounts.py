"""Who may sign in and how: sessions, passwords, second factors, addresses. `commands` counts these among its own.

No argument and no result of them is a secret: both are kept, so passwords and tokens come as their hashes, and the
secret of a second factor sealed.
"""

from typing import Annotated, Literal

from msgspec import Meta

from hub.protocol.registry import END, NO_NUL, Args, Hash, Id, Line, command

NoHash = Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?" + END)]
PasswordHash = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]  # argon2id, PHC form
Mail = Annotated[str, Meta(max_length=254, pattern=r"^([^@\s\x00]+@[^@\s\x00]+)?" + END)]


@command(
    "session.start",
    verb="system",
    events=("session.started",),
    help="Remember the tokens that were handed out at sign-in, as their hashes.",
    actor="system",
    audited=True,
)
class StartSession(Args):
    agent: Id
    token_hash: Hash
    label: Line = ""
    kind: Literal["console", "embedded"] = "console"
    refresh_hash: NoHash = ""  # left out: the token itself lasts as long as the session, or until it is exchanged
    lasts: Annotated[int, Meta(ge=0, lt=2**53)] = 0  # milliseconds that the token is good for
    network: Line = ""  # that it was signed in from
    step: Annotated[int, Meta(ge=0, lt=2**53)] = 0  # of the second factor's code, which is refused from then on
    recovery: NoHash = ""  # of the recovery code that was used instead


@command(
    "session.end",
    verb="session.end",
    events=("session.ended",),
    help="End a session: its console is signed out. Anybody's takes an admin.",
    audited=True,
)
class EndSession(Args):
    session: Id


@command(
    "session.end_others",
    verb="session.end",
    events=("session.ended",),
    help="End all of my sessions but the one that asks.",
    personal=True,
    audited=True,
)
class EndOtherSessions(Args):
    pass


@command(
    "password.change",
    verb="system",
    events=("agent.changed", "session.ended"),
    help="An agent has changed their password: all their sessions end.",
    actor="system",
    audited=True,
)
class ChangePassword(Args):
    agent: Id
    password_hash: PasswordHash


@command(
    "password.link",
    verb="agent.manage",
    events=("password.linked",),
    help="Make a link, good once and for half an hour, by which an agent sets a new password.",
)
class LinkPassword(Args):
    agent: Id
    token_hash: Hash  # whoever submits it made the token, and has it alone


@command(
    "password.reset",
    verb="system",
    events=("agent.changed", "session.ended"),
    help="A link was used to set a new password: all sessions of the agent end.",
    actor="system",
    audited=True,
)
class ResetPassword(Args):
    token_hash: Hash
    password_hash: PasswordHash


@command(
    "factor.enrol",
    verb="system",
    events=(),
    help="An agent has been given the secret of a second factor, and has yet to show that they have it.",
    actor="system",
    audited=True,
)
class EnrolFactor(Args):
    agent: Id
    sealed: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"^[!-~]+" + END)]


@command(
    "factor.confirm",
    verb="system",
    events=("factor.changed",),
    help="An agent has shown a code of their new second factor: sign-in asks for one from now on.",
    actor="system",
    audited=True,
)
class ConfirmFactor(Args):
    agent: Id
    step: Annotated[int, Meta(ge=1, lt=2**53)]  # of the code
    recovery: Annotated[list[Hash], Meta(max_length=20)]


@command(
    "agent.factor_off",
    verb="agent.manage",
    events=("factor.changed",),
    help="Turn an agent's second factor off, as when they have lost it.",
)
class DropFactor(Args):
    agent: Id


@command(
    "agent.mail",
    verb="agent.manage",
    events=("mail.changed",),
    help="Keep the mail address of an agent; links for a new password go there. Empty forgets it.",
)
class SetMail(Args):
    agent: Id
    mail: Mail
