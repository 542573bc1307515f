"""Every command as every role, on what is theirs, on what is another's and on what is not there.

What must come out follows from the spec (who may submit it, under which verb), the grants of the role, and for each
command from one line here: which verb reaches beyond one's own, and as what another's is refused. A command without a
line fails.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import company_permissions as company
import permission_setup as setup
import pytest
import sqlalchemy as sa
from permission_bench import ABSENT, OTHER, Bench, Relation
from small_desk import SmallDesk

from hub.desk.principal import SYSTEM, Principal, Scope
from hub.desk.tables import conversation, message
from hub.hub import Hub
from hub.protocol import accounts as a
from hub.protocol import commands as c
from hub.protocol import erasure as e
from hub.protocol import webhooks as w
from hub.protocol.bulk import Bulk, EachTag
from hub.protocol.errors import Code, Refused
from hub.protocol.handing import Dispatch
from hub.protocol.queues import SaveBranch
from hub.protocol.registry import Spec
from hub.protocol.spam import Mute
from hub.protocol.states import Delivery, State, Who, transitions
from hub.store.schema import head

ROLES = {"ana": "agent", "sofia": "supervisor", "rosa": "admin"}
RELATIONS: tuple[Relation, ...] = ("own", "foreign", "absent")
Make = Callable[[Bench, str, Relation], Awaitable[c.Args]]


@dataclass(frozen=True)
class Case:
    """`make(bench, login, relation)` gives the arguments. `reach` is the verb whose scope over the entity reaches what
    is another's; without one nothing does. `hidden` is how that is refused to everybody else."""

    make: Make
    reach: str = ""
    hidden: Code = Code.NOT_FOUND
    absent: Code | None = Code.NOT_FOUND


def moves(name: str, state: str, args: Callable[[int], c.Args]) -> Case:
    """A move of the state machine: a manager reaches another's where the table of transitions says so."""
    who = frozenset[Who]().union(*(step.who for step in transitions(State(state), name)))

    async def make(bench: Bench, login: str, relation: Relation) -> c.Args:
        return args(await bench.conversation(login, relation, state))

    hidden = Code.NOT_FOUND if state in ("waiting", "closed") else Code.NOT_OWNER
    return Case(make, "conversation.manage" if Who.MANAGER in who else "", hidden)


def seen(args: Callable[[int], c.Args], reach: str = "conversation.see") -> Case:
    """What whoever sees the conversation may do. Of a live one it is told who has it."""

    async def make(bench: Bench, login: str, relation: Relation) -> c.Args:
        return args(await bench.conversation(login, relation, "open"))

    return Case(make, reach, Code.NOT_OWNER)


def of_agent(args: Callable[[Bench, int], c.Args], **more: Any) -> Case:
    """About an agent: oneself, another, none. Whoever may do it may do it for all."""

    async def make(bench: Bench, login: str, relation: Relation) -> c.Args:
        return args(bench, {"own": bench.id(login), "foreign": bench.id(OTHER), "absent": ABSENT}[relation])

    return Case(make, "agent.manage", **more)


def of_nothing(args: Callable[[Bench], c.Args]) -> Case:
    """It names nothing that could be another's."""

    async def make(bench: Bench, login: str, relation: Relation) -> c.Args:
        return args(bench)

    return Case(make, "queue.manage", absent=None)


async def _retry(bench: Bench, login: str, relation: Relation) -> c.Args:
    _, line = await bench.line(login, relation)
    if line != ABSENT:
        failed = sa.update(message).where(message.c.id == line).values(state=Delivery.FAILED.value)
        await bench.desk.hub.store.write(lambda unit: unit.conn.execute(failed))
    return c.Retry(line)


async def _recall(bench: Bench, login: str, relation: Relation) -> c.Args:
    key, hub = f"key-of-line-{next(bench._people)}", bench.desk.hub
    hub.config = replace(hub.config, recall_seconds=5)
    conversation, _ = await bench.line(login, relation, key)
    return c.Recall(conversation, key)


async def _read(bench: Bench, login: str, relation: Relation) -> c.Args:
    return c.Read(*await bench.line(login, relation))


async def _shortcut(bench: Bench, login: str, relation: Relation) -> int:
    if relation == "absent":
        return ABSENT
    mine = c.SaveShortcut(f"s{next(bench._people)}", "Hola")
    made = await bench.desk.run(login if relation == "own" else OTHER, "shortcut.save", mine)
    return int(made["shortcut"] or 0)


async def _save_shortcut(bench: Bench, login: str, relation: Relation) -> c.Args:
    return c.SaveShortcut(f"t{next(bench._people)}", "Hola", shortcut=await _shortcut(bench, login, relation))


async def _delete_shortcut(bench: Bench, login: str, relation: Relation) -> c.Args:
    return c.DeleteShortcut(await _shortcut(bench, login, relation))


async def _tray(bench: Bench, login: str, relation: Relation) -> int:
    if relation == "absent":
        return ABSENT
    mine = c.SaveTray(f"s{next(bench._people)}")
    made = await bench.desk.run(login if relation == "own" else OTHER, "tray.save", mine)
    return int(made["tray"] or 0)


async def _save_tray(bench: Bench, login: str, relation: Relation) -> c.Args:
    return c.SaveTray(f"t{next(bench._people)}", tray=await _tray(bench, login, relation))


async def _delete_tray(bench: Bench, login: str, relation: Relation) -> c.Args:
    return c.DeleteTray(await _tray(bench, login, relation))


async def _session(bench: Bench, login: str, relation: Relation) -> c.Args:
    if relation == "absent":
        return c.EndSession(ABSENT)
    start = c.StartSession(bench.id(login if relation == "own" else OTHER), bench.hash())
    return c.EndSession(int((await bench.system("session.start", start))["session"] or 0))


async def _reset(bench: Bench, login: str, relation: Relation) -> c.Args:
    token = bench.hash()
    if relation != "absent":
        agent = bench.id(login if relation == "own" else OTHER)
        await bench.system("password.link", a.LinkPassword(agent, token))
    return a.ResetPassword(token, "x")


async def _confirm(bench: Bench, login: str, relation: Relation) -> c.Args:
    agent = {"own": bench.id(login), "foreign": bench.id(OTHER), "absent": ABSENT}[relation]
    if relation != "absent":
        await bench.system("agent.factor_off", a.DropFactor(agent))
        await bench.system("factor.enrol", a.EnrolFactor(agent, "sealed"))
    return a.ConfirmFactor(agent, 1, [])


async def _enrol(bench: Bench, login: str, relation: Relation) -> c.Args:
    agent = {"own": bench.id(login), "foreign": bench.id(OTHER), "absent": ABSENT}[relation]
    return a.EnrolFactor(agent, "sealed")


async def _release(bench: Bench, login: str, relation: Relation) -> c.Args:
    return c.Release((await bench.line(login, relation))[1])


async def _channel(bench: Bench, login: str, relation: Relation) -> c.Args:
    queue = ABSENT if relation == "absent" else bench.desk.queue
    return c.SaveChannel(f"c{next(bench._people)}", "web", {"es": "Otro"}, queue, "web", "#000000")


async def _receive(bench: Bench, login: str, relation: Relation) -> c.Args:
    channel = {"own": bench.desk.web, "foreign": bench.their_channel, "absent": ABSENT}[relation]
    return c.Receive(channel, f"p{next(bench._people)}", "Hola")


async def _report(bench: Bench, login: str, relation: Relation) -> c.Args:
    return c.Report((await bench.line(login, relation))[1], Delivery.DELIVERED)


async def _seen(bench: Bench, login: str, relation: Relation) -> c.Args:
    return c.Seen(*await bench.line(login, relation), "read")


async def _token(bench: Bench, login: str, relation: Relation) -> c.Args:
    if relation == "absent":
        return c.RevokeToken(ABSENT)
    agent = bench.id(login if relation == "own" else OTHER)
    made = await bench.system("token.create", c.CreateToken("robot", ["conversation.see"], bench.hash(), agent=agent))
    return c.RevokeToken(int(made["token"] or 0))


async def _create_token(bench: Bench, login: str, relation: Relation) -> c.Args:
    """An agent makes their own only, and is told so where they name anybody: see test_api_tokens."""
    return c.CreateToken("robot", ["conversation.see"], bench.hash(), agent=bench.id(login))


def of_webhook(args: Callable[[int], c.Args]) -> Case:
    """Webhooks are nobody's: whoever manages them manages all."""

    async def make(bench: Bench, login: str, relation: Relation) -> c.Args:
        if relation == "absent":
            return args(ABSENT)
        made = await bench.system("webhook.save", c.SaveWebhook(f"w{next(bench._people)}", ENDPOINT))
        return args(int(made["webhook"] or 0))

    return Case(make, "webhook.manage")


async def _channel_secret(bench: Bench, login: str, relation: Relation) -> c.Args:
    if relation == "absent":
        return w.ChannelSecret(ABSENT, SEALED)
    slug, queue = f"c{next(bench._people)}", bench.desk.queue
    app = c.SaveChannel(slug, "api", {"es": "App"}, queue, "api", "#000000", callback=ENDPOINT)
    return w.ChannelSecret(int((await bench.system("channel.save", app))["channel"] or 0), SEALED)


async def _erase(bench: Bench, login: str, relation: Relation) -> c.Args:
    number = await bench.conversation(login, relation, "open")
    whose = sa.select(conversation.c.contact_id).where(conversation.c.id == number)
    found = await bench.desk.hub.store.read(lambda conn: conn.scalar(whose))
    return c.EraseContact(ABSENT if found is None else int(found))


ENDPOINT, SEALED = "https://example.org/hook", "1.00000000.sealed.text"
CHANNEL = "channel.any"  # no channel's grant reaches another's conversations
CASES: dict[str, Case] = {
    "message.send": seen(lambda i: c.Send(i, "Buenas"), "conversation.manage"),
    "message.note": seen(lambda i: c.Note(i, "ojo")),
    "message.retry": Case(_retry, "", Code.NOT_OWNER),
    "message.recall": Case(_recall),
    "message.release": Case(_release, "system", absent=None),
    "message.doubt": of_nothing(lambda _: e.Doubt()),
    "message.receive": Case(_receive, CHANNEL),
    "message.delivery": Case(_report, CHANNEL),
    "message.seen": Case(_seen, CHANNEL),
    "conversation.take": moves("conversation.take", "waiting", c.Take),
    "conversation.open": moves("conversation.open", "waiting", c.Open),
    "conversation.assign": moves("conversation.assign", "open", lambda i: c.Assign(i, 1)),
    "conversation.requeue": moves("conversation.requeue", "open", c.Requeue),
    "conversation.hold": moves("conversation.hold", "open", c.Hold),
    "conversation.resume": moves("conversation.resume", "held", c.Resume),
    "conversation.snooze": moves("conversation.snooze", "open", lambda i: c.Snooze(i, 2**42)),
    "conversation.wake": moves("conversation.wake", "snoozed", c.Wake),
    "conversation.end": moves("conversation.end", "open", c.End),
    "conversation.reopen": moves("conversation.reopen", "closed", c.Reopen),
    "conversation.reassign": Case(moves("conversation.reassign", "assigned", c.Reassign).make, "system"),
    "conversation.transfer": moves("conversation.transfer", "open", lambda i: c.Transfer(i, 1)),
    "conversation.dispatch": Case(moves("conversation.take", "waiting", Dispatch).make, "system"),
    "conversation.priority": seen(lambda i: c.SetPriority(i, 1)),
    "conversation.team": seen(lambda i: c.SetTeam(i, None)),
    "conversation.invite": Case(company.invite, "conversation.manage", Code.NOT_OWNER),
    "conversation.leave": Case(company.leave, "conversation.manage", Code.NOT_OWNER),
    "conversation.bulk": Case(seen(lambda i: Bulk([i], EachTag())).make, "conversation.see", absent=None),
    "conversation.spam": moves("conversation.spam", "open", c.Spam),
    "conversation.unspam": Case(company.unspam, "conversation.manage"),
    "conversation.mute": seen(Mute),
    "conversation.contact": seen(lambda i: c.SaveContact(i, "Vera")),
    "conversation.remind": Case(company.remind, "conversation.see", Code.NOT_OWNER),
    "message.schedule": Case(company.schedule, "conversation.manage", Code.NOT_OWNER),
    "plan.cancel": Case(company.cancel_plan),
    "plan.fire": Case(company.fire_plan, "system", absent=None),
    "offer.postpone": Case(company.postpone),
    "offer.again": Case(company.again, "system"),
    "conversation.read": Case(_read, "conversation.see", Code.NOT_OWNER),
    "conversation.tag": seen(lambda i: c.SetTags(i, [])),
    "conversation.topics": seen(lambda i: c.SetTopics(i, []), "conversation.manage"),
    "form.fill": Case(setup.fill, "conversation.manage", Code.NOT_OWNER),
    "form.save": Case(setup.form, "queue.manage"),
    "topic.save": Case(setup.topic, "queue.manage"),
    "agent.status": of_nothing(lambda _: c.SetStatus("lunch")),
    "agent.intake": of_nothing(lambda _: c.SetIntake("paused")),
    "agent.reach": of_agent(lambda _, i: c.Reach(i, False)),
    "agent.save": of_nothing(lambda bench: c.SaveAgent(f"n{next(bench._people)}", "Nuevo", "agent", "x")),
    "agent.mail": of_agent(lambda _, i: a.SetMail(i, "a@example.org")),
    "agent.factor_off": of_agent(lambda _, i: a.DropFactor(i)),
    "password.link": of_agent(lambda bench, i: a.LinkPassword(i, bench.hash())),
    "password.change": of_agent(lambda _, i: a.ChangePassword(i, "x")),
    "password.reset": Case(_reset, "system"),
    "factor.enrol": Case(_enrol, "system"),
    "factor.confirm": Case(_confirm, "system"),
    "session.start": of_agent(lambda bench, i: c.StartSession(i, bench.hash())),
    "session.end": Case(_session, "session.end"),
    "session.end_others": of_nothing(lambda _: a.EndOtherSessions()),
    "queue.save": Case(setup.queue, "queue.manage"),
    "branch.save": of_nothing(lambda bench: SaveBranch(f"b{next(bench._people)}", {"es": "Centro"}, "UTC")),
    "department.save": Case(setup.department, "queue.manage"),
    "team.save": Case(setup.team, "queue.manage"),
    "channel.save": Case(_channel, "channel.manage"),
    "channel.secret": Case(_channel_secret, "system"),
    "token.create": Case(_create_token, "token.manage", absent=None),
    "token.revoke": Case(_token, "token.manage"),
    "webhook.save": of_nothing(lambda bench: c.SaveWebhook(f"w{next(bench._people)}", ENDPOINT)),
    "webhook.delete": of_webhook(w.DeleteWebhook),
    "webhook.retry": of_webhook(w.RetryWebhook),
    "webhook.secret": of_webhook(lambda i: w.WebhookSecret(i, SEALED)),
    "webhook.disable": of_webhook(lambda i: w.DisableWebhook(i, "gone")),
    "contact.erase": Case(_erase, "contact.erase"),
    "retention.sweep": of_nothing(lambda _: e.Sweep("conversations", 0)),
    "tag.save": Case(setup.tag, "queue.manage"),
    "tray.save": Case(_save_tray),
    "tray.delete": Case(_delete_tray),
    "shortcut.save": Case(_save_shortcut),
    "shortcut.delete": Case(_delete_shortcut),
}


def gate(who: Principal, spec: Spec) -> Code | None:
    """Whether the kind of principal, or the role, may submit it at all."""
    if who.kind == "system":
        return Code.FORBIDDEN if spec.personal else None
    if who.kind == "channel":
        return None if spec.actor == "channel" else Code.FORBIDDEN
    return None if spec.actor == "agent" and spec.verb in who.grants else Code.FORBIDDEN


def expected(who: Principal, spec: Spec, case: Case, relation: Relation) -> Code | None:
    if refused := gate(who, spec):
        return refused
    if relation == "absent":
        return case.absent
    if relation == "own" and who.kind != "system":
        return None
    if not case.reach:
        return None if who.kind == "system" and not spec.personal and case.hidden is Code.NOT_FOUND else case.hidden
    if who.kind == "system" or case.absent is None:
        return None
    return None if who.grants.get(case.reach) == Scope.ENTITY else case.hidden


@pytest.fixture
async def bench(hub: Hub, desk: SmallDesk) -> Bench:
    for login, role in ROLES.items():
        save = c.SaveAgent(login, login.title(), role, password_hash="x")  # type: ignore[arg-type]
        desk.ids[login] = int((await desk.run(SYSTEM, "agent.save", save))["agent"] or 0)
    guest = c.SaveAgent("guest", "Guest", "agent", password_hash="x")
    desk.ids["guest"] = int((await desk.run(SYSTEM, "agent.save", guest))["agent"] or 0)
    ours = [desk.ids[login] for login in ROLES]
    await desk.run(SYSTEM, "queue.save", c.SaveQueue("ventas", {"es": "Ventas"}, primary=ours, capacity=1000))
    theirs = c.SaveQueue("ajena", {"es": "Ajena"}, primary=[desk.ids[OTHER]], capacity=1000)
    queue = int((await desk.run(SYSTEM, "queue.save", theirs))["queue"] or 0)
    line = c.SaveChannel("ajeno", "web", {"es": "Ajeno"}, queue, "web", "#000000")
    return Bench(desk, int((await desk.run(SYSTEM, "channel.save", line))["channel"] or 0))


def test_every_command_has_a_line() -> None:
    assert CASES.keys() == c.REGISTRY.keys()


@pytest.mark.parametrize("name", sorted(c.REGISTRY))
async def test_what_may_be_done_follows_from_spec_and_grants(bench: Bench, engine: str, name: str) -> None:
    """What is tried once costs hundreds of statements, and who may is decided before most of them; so on PostgreSQL
    everybody tries a part of the commands, by turns."""
    spec, case, desk = c.REGISTRY[name], CASES[name], bench.desk
    principals = [(login, await desk.who(login)) for login in ROLES]
    principals += [("ana", Principal.channel(desk.web)), ("ana", SYSTEM)]
    if engine == "postgresql":
        turn = sorted(c.REGISTRY).index(name)
        principals = [principals[(turn + n) % len(principals)] for n in (0, 2)]
    for login, who in principals:
        said: dict[str, Refused] = {}
        for relation in RELATIONS:
            args = await case.make(bench, login, relation)
            before = await desk.hub.store.read(lambda conn: conn.scalar(sa.select(head.c.seq)))
            try:
                await desk.run(who, name, args)
                outcome = None
            except Refused as refusal:
                outcome, said[relation] = refusal.code, refusal
                after = await desk.hub.store.read(lambda conn: conn.scalar(sa.select(head.c.seq)))
                assert after == before, "a refusal has written something"
            where = f"{name} as {who.role or who.kind} on {relation}"
            assert outcome == expected(who, spec, case, relation), where
        if "foreign" in said and "absent" in said and said["foreign"].code is not Code.NOT_OWNER:
            foreign, absent = said["foreign"], said["absent"]
            assert (foreign.code, foreign.field) == (absent.code, absent.field), "it tells that there is one"
            assert foreign.detail.keys() == absent.detail.keys(), "it tells that there is one"
