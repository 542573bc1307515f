"""What the hub keeps, for how long, and what an erasure makes of it: one rule a kind of data, printed into
docs/RETENTION.md. Every table belongs to exactly one rule, which a test holds.

A rule with a setting is applied by `retention.sweep`, a batch at a time; 0 days: kept for ever.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from hub.desk import audit
from hub.desk.account_tables import session_token
from hub.desk.erasure import erase_contact, erase_conversation
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import contact, conversation, draft, session
from hub.protocol import erasure
from hub.protocol.errors import Code, Refused
from hub.protocol.states import ERASED, State
from hub.store.schema import idempotency

Sweep = Callable[[Context, int, int], int]  # (context, before, limit) → how many were deleted


@dataclass(frozen=True, slots=True)
class Rule:
    """`setting`: of the hub, in days; `erased`: what becomes of it when the person is erased, or their conversation.
    `batch`: how many are deleted in one command, which everybody else's waits for."""

    kind: str
    tables: tuple[str, ...]
    what: str
    erased: str
    setting: str = ""
    sweep: Sweep | None = None
    batch: int = 200


def _conversations(context: Context, before: int, limit: int) -> int:
    c = conversation.c
    old = sa.select(conversation).where(c.state == State.CLOSED.value, c.closed_at < before, c.kind != ERASED)
    rows = context.conn.execute(old.order_by(c.closed_at).limit(limit)).all()
    for row in rows:
        erase_conversation(context, row)
    return len(rows)


def _contacts(context: Context, before: int, limit: int) -> int:
    """Those who have had no conversation since; who was saved by an agent stays."""
    c = conversation.c
    recent = sa.select(c.id).where(
        c.contact_id == contact.c.id, c.kind != ERASED, (c.state != State.CLOSED.value) | (c.closed_at >= before)
    )
    old = sa.select(contact).where(
        contact.c.erased_at.is_(None), contact.c.saved.is_(False), contact.c.created_at < before, ~recent.exists()
    )
    rows = context.conn.execute(old.order_by(contact.c.id).limit(limit)).all()
    for row in rows:
        erase_contact(context, row)
    return len(rows)


def _drafts(context: Context, before: int, limit: int) -> int:
    old = sa.select(draft.c.agent_id, draft.c.conversation_id).where(draft.c.at < before).limit(limit)
    rows = context.conn.execute(old).all()
    for row in rows:
        mine = (draft.c.agent_id == row.agent_id) & (draft.c.conversation_id == row.conversation_id)
        context.conn.execute(sa.delete(draft).where(mine))
    return len(rows)


def _results(context: Context, before: int, limit: int) -> int:
    old = sa.select(idempotency.c.principal, idempotency.c.key).where(idempotency.c.at < before)
    rows = context.conn.execute(old.order_by(idempotency.c.at).limit(limit)).all()
    if rows:
        known = (idempotency.c.principal == sa.bindparam("p")) & (idempotency.c.key == sa.bindparam("k"))
        context.conn.execute(sa.delete(idempotency).where(known), [{"p": row.principal, "k": row.key} for row in rows])
    return len(rows)


def _sessions(context: Context, before: int, limit: int) -> int:
    ids = list(context.conn.scalars(sa.select(session.c.id).where(session.c.ended_at < before).limit(limit)))
    context.conn.execute(sa.delete(session_token).where(session_token.c.session_id.in_(ids)))
    context.conn.execute(sa.delete(session).where(session.c.id.in_(ids)))
    return len(ids)


def _audit(context: Context, before: int, limit: int) -> int:
    return audit.expire(context.unit, before, limit)


RULES: tuple[Rule, ...] = (
    Rule(
        "messages",
        ("message", "message_search", "held", "handover", "read_mark"),
        "what customers and agents wrote, private notes too, its words for finding it, and how far it has come",
        "deleted",
    ),
    Rule(
        "conversations",
        (
            *("conversation", "period", "leg", "conversation_tag", "conversation_topic", "involvement"),
            "handed_on",
        ),
        "queue, agents, guests, states, times, tags and topics of each, also as it was for who handed it on; language "
        "and page of a web visitor",
        "stays for reports, of nobody: language and page are emptied, no list shows it",
        "keep_conversations",
        _conversations,
        batch=10,
    ),
    Rule(
        "submissions",
        ("submission", "filled_key"),
        "what agents filled in of the forms of queues, for each leg of a conversation",
        "deleted",
    ),
    Rule(
        "contacts",
        ("contact", "contact_search", "identity"),
        "names, phone numbers, their words for finding them, and the keys of persons on their channels",
        "emptied; no hash is kept",
        "keep_contacts",
        _contacts,
        batch=10,
    ),
    Rule(
        "drafts",
        ("draft", "plan"),
        "what agents have typed and not sent; what they have planned, until it is done or put away",
        "deleted",
        "keep_drafts",
        _drafts,
    ),
    Rule(
        "results",
        ("idempotency",),
        "ids of what each command made, under its key, so that it takes effect once",
        "deleted with the messages; a command that comes again is refused, because its conversation is gone",
        "keep_results",
        _results,
    ),
    Rule("journal", ("journal", "head"), "what happened and when: ids and states, nothing personal", "stays"),
    Rule(
        "audit",
        ("audit", "audit_head"),
        "who managed, looked at or signed in to what, from where: ids and addresses of agents, never what was written",
        "stays; what is about customers is numbers",
        "keep_audit",
        _audit,
        batch=1000,
    ),
    Rule("timers", ("timer",), "what is due when", "deleted with the conversation"),
    Rule(
        "sessions",
        ("session", "session_token", "lease"),
        "sign-ins of agents: when, from which network and device, hashes of the tokens; ended ones by the setting",
        "not about customers",
        "keep_sessions",
        _sessions,
    ),
    Rule(
        "accounts",
        ("account", "second_factor", "recovery_code", "password_link"),
        "mail addresses of agents, their second factors (sealed), hashes of recovery codes and of links",
        "not about customers",
    ),
    Rule(
        "guesses",
        ("guess", "known_network"),
        "hashes of the networks that agents sign in from, and of those that guess; forgotten when they are old",
        "not about customers",
    ),
    Rule(
        "webhooks",
        ("webhook", "webhook_delivery"),
        "where events are told and the secret (sealed); events that are still to be told, by their numbers",
        "what an endpoint answered about the conversation is emptied",
    ),
    Rule(
        "set-up",
        (
            *("agent", "api_token", "queue", "queue_member", "queue_target", "branch", "department", "team"),
            *("team_member", "channel", "api_channel", "tag", "shortcut", "tray", "alembic_version"),
            *("form", "form_version", "topic"),
        ),
        "agents with names and password hashes, hashes of API tokens with their last use, queues, branches, teams, "
        "channels (secrets sealed), tags, shortcuts, saved trays with their filters, forms as they were and are, "
        "topics",
        "not about customers: look through shared shortcuts and trays yourself",
    ),
)
BY_KIND = {rule.kind: rule for rule in RULES}


def check_sweep(context: Context, args: erasure.Sweep) -> Sweep:
    rule = BY_KIND.get(args.kind)
    if rule is None or rule.sweep is None:
        kinds = ", ".join(rule.kind for rule in RULES if rule.sweep)
        raise Refused(Code.BAD_ARGS, field="kind", why=f"there are: {kinds}")
    return rule.sweep


def do_sweep(context: Context, args: erasure.Sweep, sweep: Sweep) -> Result:
    count = sweep(context, args.before, args.limit)
    if count:
        context.record("retention.swept", None, of=args.kind, before=args.before, count=count)
    return {"count": count}


handle("retention.sweep", check_sweep, do_sweep)
