"""API tokens, with which programs act for an agent: the commands, which `commands` counts among its own.

The token itself is made outside and never travels with a command: only its hash does, so that neither the journal nor
a stored result can give it away.
"""

from typing import Annotated

from msgspec import Meta

from hub.protocol.registry import END, Args, Hash, Id, Word, command

Verb = Annotated[str, Meta(pattern=r"^[a-z]{1,32}\.[a-z_]{1,32}" + END)]
Moment = Annotated[int, Meta(ge=0, lt=2**53)]  # UTC milliseconds


@command(
    "token.create",
    verb="token.manage",
    events=("token.created",),
    help="Remember an API token of mine, as its hash. It opens what its scopes name of my grants, and makes no tokens.",
)
class CreateToken(Args):
    name: Word
    scopes: Annotated[list[Verb], Meta(min_length=1, max_length=64)]  # verbs of the agent's own grants
    token_hash: Hash
    expires: Moment = 0  # 0: never
    agent: Id | None = None  # whom it acts for, where the command line makes one; an agent only makes their own


@command(
    "token.revoke",
    verb="token.manage",
    events=("token.revoked",),
    help="End an API token at once: mine, or with a wider grant anybody's.",
)
class RevokeToken(Args):
    token: Id
