"""How every command runs: key, permission, check, do, dispatch, result; all in the writer's transaction."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

import hub.desk.accounts
import hub.desk.agents
import hub.desk.bulk
import hub.desk.company
import hub.desk.contacts
import hub.desk.conversations
import hub.desk.delivery
import hub.desk.erasure
import hub.desk.forms
import hub.desk.handing
import hub.desk.messages
import hub.desk.plans
import hub.desk.queues
import hub.desk.recall
import hub.desk.retention
import hub.desk.saved_trays
import hub.desk.sessions
import hub.desk.setup
import hub.desk.shortcuts
import hub.desk.spam
import hub.desk.webhooks  # noqa: F401  importing a capability enters its handlers
from hub.desk.performing import carry_out
from hub.desk.principal import Principal
from hub.desk.registry import HANDLERS, Context, Result, digest
from hub.protocol.commands import Args
from hub.protocol.errors import Code, Refused
from hub.store.unit import Done, Unit


@dataclass(frozen=True, slots=True)
class Command:
    """A command on its way through the writer. `recall`: milliseconds for which an agent's message is held back;
    `address`: where they are."""

    who: Principal
    name: str
    args: Args
    key: str
    recall: int = 0
    address: str = ""

    def __call__(self, unit: Unit) -> Result:
        return execute(unit, self.who, self.name, self.args, self.key, recall=self.recall, address=self.address)


def foresee(unit: Unit, jobs: Sequence[object]) -> None:
    """Read at once what the commands of a group will ask for one by one: each question is a way to the database."""
    commands = [job for job in jobs if isinstance(job, Command)]
    if len(commands) < 2:
        return
    unit.look_up([(command.who.name, command.key) for command in commands])
    by_name: dict[str, list[Args]] = {}
    for command in commands:
        by_name.setdefault(command.name, []).append(command.args)
    for name, args in by_name.items():
        read = HANDLERS[name].foresee
        if read is not None and len(args) > 1:
            read(unit, args)


def execute(
    unit: Unit, who: Principal, name: str, args: Args, key: str, *, recall: int = 0, address: str = ""
) -> Result:
    """Run one command to its result, or raise `Refused` having written nothing. A known key returns its old result.

    `recall`: milliseconds for which an agent's message is held back from the customer. `address`: where they are.
    """
    unit.key, began, outcome = key, time.perf_counter(), "fault"
    try:
        repeated, result = _once(unit, who, name, args, key, recall, address)
        outcome = "repeated" if repeated else "ok"
    except Refused as refusal:
        outcome = refusal.code.value
        raise
    finally:
        unit.done.append(Done(name, outcome, time.perf_counter() - began))
    return result


def _once(
    unit: Unit, who: Principal, name: str, args: Args, key: str, recall: int, address: str
) -> tuple[bool, Result]:
    """Whether the command had taken effect before, and its result."""
    mine = digest(name, args)
    known = unit.known(who.name, key)
    if known is not None:
        if known[0] != mine:
            raise Refused(Code.KEY_REUSED)
        stored: Result = msgspec.json.decode(known[1])
        return True, stored
    result = carry_out(Context(unit, who, key, recall=recall, address=address), name, args)
    unit.remember(who.name, key, mine, msgspec.json.encode(result).decode())
    return False, result
