"""Print what the code declares into the docs: the transition table, the commands, the limits, the metrics,
the keys.

Each table stands between `<!-- printed: NAME -->` and `<!-- end -->`. With `--check` nothing is written, and the exit
code says whether the docs are in step.
"""

import re
import sys
import typing
from collections.abc import Callable
from pathlib import Path

import msgspec

from agent_tui.actions import ACTIONS, CONTEXTS
from agent_tui.data import STYLES
from agent_tui.keymap import load
from agent_tui.keys import shown
from hub.api.openapi import codes_of
from hub.config import PREFIX, Config
from hub.desk.principal import ROLES, Grants
from hub.desk.retention import RULES
from hub.metrics import LABELS, Metrics
from hub.protocol import commands, errors, limits, queries, registry, states, views, webhooks
from hub.protocol.filter_fields import FIELDS, words_of
from hub.protocol.settings import declared
from hub.protocol.trays import BUILT_IN
from hub.web.answers import STATUS, UNFIT

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    "ARCHITECTURE",
    "PROTOCOL",
    "KEYS",
    "RETENTION",
    "WEBHOOKS",
    "LIMITS",
    "MONITORING",
    "PERMISSIONS",
    "API",
    "FILTERS",
)
DOCS = tuple(f"docs/{name}.md" for name in PAGES)
MARK = re.compile(r"(?P<open><!-- printed: (?P<name>\w+) -->\n).*?(?P<close><!-- end -->)", re.DOTALL)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def transitions() -> str:
    return table(
        ("from", "by", "to", "who may", "whose afterwards"),
        [
            (
                row.source.value if row.source else "*new*",
                f"`{row.command}`",
                row.target.value if row.target else "*as before*",
                ", ".join(who.value for who in states.Who if who in row.who),
                row.owner.value,
            )
            for row in states.TRANSITIONS
        ],
    )


def type_name(kind: object) -> str:
    """A field's type as a client's author reads it, with its limits."""
    info = msgspec.inspect.type_info(kind)
    return _described(info)


def _described(info: msgspec.inspect.Type) -> str:
    match info:
        case msgspec.inspect.IntType():
            return _limited("int", info.ge, info.le if info.le is not None else _below(info.lt))
        case msgspec.inspect.StrType():
            if info.pattern and info.pattern != registry.NO_NUL:
                return f"text `{info.pattern.replace(registry.END, '$')}`"
            return _limited("text", info.min_length, info.max_length)
        case msgspec.inspect.BoolType():
            return "bool"
        case msgspec.inspect.NoneType():
            return "null"
        case msgspec.inspect.EnumType():
            return ", ".join(member.value for member in info.cls)
        case msgspec.inspect.LiteralType():
            return ", ".join(map(str, info.values))
        case msgspec.inspect.ListType():
            return f"list of {_described(info.item_type)}"
        case msgspec.inspect.DictType():
            return f"{{{_described(info.key_type)}: {_described(info.value_type)}}}"
        case msgspec.inspect.UnionType():
            return " or ".join(_described(kind) for kind in info.types)
        case msgspec.inspect.StructType():
            tag = [] if info.tag_field is None else [f"{info.tag_field}: {info.tag}"]
            return "{" + ", ".join([*tag, *(field.encode_name for field in info.fields)]) + "}"
        case _:
            return type(info).__name__.removesuffix("Type").lower()


def _below(bound: int | None) -> int | None:
    return None if bound is None or bound == 2**53 else bound - 1


def _limited(name: str, least: int | None, most: int | None) -> str:
    if least is None and most is None:
        return name
    if most is None:
        return f"{name} ≥ {least}"
    return f"{name} {least or 0}–{most}"


def arguments(args: type[msgspec.Struct]) -> str:
    hints = typing.get_type_hints(args, include_extras=True)
    shown = []
    for field in msgspec.structs.fields(args):
        optional = "" if field.required else "?"
        shown.append(f"`{field.encode_name}{optional}` {type_name(hints[field.name])}")
    return "; ".join(shown) or "none"


def command_list() -> str:
    return table(
        ("command", "arguments (`?`: may be left out)", "needs", "submitted by", "records", "what it does"),
        [
            (
                f"`{spec.name}`",
                arguments(spec.args),
                f"`{spec.verb}`",
                spec.actor,
                ", ".join(f"`{event}`" for event in spec.events),
                spec.help,
            )
            for spec in commands.REGISTRY.values()
        ],
    )


def grant_list() -> str:
    """What each role is granted, and how far."""
    verbs = dict.fromkeys(verb for grants in ROLES.values() for verb in grants)
    return table(
        ("verb", *ROLES),
        [(f"`{verb}`", *(_scope(grants, verb) for grants in ROLES.values())) for verb in verbs],
    )


def permission_list() -> str:
    """Who may submit each command, and how far their grant reaches."""
    rows: list[tuple[str, ...]] = []
    for spec in commands.REGISTRY.values():
        roles = [_scope(grants, spec.verb) if spec.actor == "agent" else "" for grants in ROLES.values()]
        channel = "own" if spec.actor == "channel" else ""
        system = "" if spec.personal else "entity"
        rows.append((f"`{spec.name}`", f"`{spec.verb}`", *roles, channel, system))
    return table(("command", "verb", *ROLES, "channel", "system"), rows)


def _scope(grants: Grants, verb: str) -> str:
    return grants[verb].name.lower() if verb in grants else ""


def api_commands() -> str:
    """The commands that a program may submit; their arguments stand in PROTOCOL.md."""
    return table(
        ("POST /api/v1/commands/…", "needs", "what it does"),
        [(f"`{one.name}`", f"`{one.verb}`", one.help) for one in commands.REGISTRY.values() if one.actor == "agent"],
    )


def query_list() -> str:
    return table(
        ("GET /api/v1/…", "parameters (`?`: may be left out)", "rows", "needs", "what it is"),
        [
            (
                f"`{one.path}`",
                arguments(one.params),
                ", ".join(f"`{field.encode_name}`" for field in msgspec.structs.fields(one.row)),
                f"`{one.verb}`" if one.verb else "nothing",
                one.help,
            )
            for one in queries.QUERIES.values()
        ],
    )


def status_list() -> str:
    return table(
        ("status", "codes"),
        [(str(one), ", ".join(f"`{code}`" for code in codes_of(one))) for one in sorted({*STATUS.values(), UNFIT})],
    )


def error_list() -> str:
    source = Path(errors.__file__).read_text(encoding="utf-8")
    remedies = dict(re.findall(r'= "(\w+)"  # (.+)', source))
    return table(("code", "what the person can do"), [(f"`{code}`", remedies[code]) for code in errors.Code])


def reference_list() -> str:
    return table(
        ("name", "fields"),
        [
            (f"`{name}`", ", ".join(f"`{field.encode_name}`" for field in msgspec.structs.fields(view)))
            for name, view in views.REFERENCES.items()
        ],
    )


def webhook_events() -> str:
    return table(("event", "what happened"), [(f"`{name}`", what) for name, what in webhooks.EVENTS.items()])


def limit_list() -> str:
    return table(
        ("limit", "value", "for each", "what is over it", "also"),
        [
            (
                f"`{one.name}`",
                f"{one.value:,.12g} {one.unit}" + (f", {one.burst:,.12g} at once" if one.burst else ""),
                one.per,
                "waits" if one.code is None else f"`{one.code}`",
                one.note,
            )
            for one in limits.LIMITS.values()
        ],
    )


def metric_list() -> str:
    """All metrics of a hub but those about its process, which are the library's own."""
    families = sorted(Metrics().registry.collect(), key=lambda one: one.name)
    return table(
        ("metric", "kind", "labels", "what it says"),
        [
            (
                f"`{one.name}{'_total' if one.type == 'counter' else '_info' if one.type == 'info' else ''}`",
                one.type,
                ", ".join(f"`{label}`" for label in LABELS.get(one.name, ())),
                one.documentation,
            )
            for one in families
            if one.name.startswith("bandeja_")
        ],
    )


def key_list() -> str:
    """What each key does, context by context, in every style; then what has no key of its own anywhere."""
    keymaps = [load(style=style) for style in STYLES]
    parts: list[str] = []
    bound: set[str] = set()
    for context, title in CONTEXTS.items():
        rows: list[tuple[str, ...]] = []
        for action in ACTIONS.values():
            keys = ["  ".join(f"`{shown(key)}`" for key in keymap.keys_for(context, action.id)) for keymap in keymaps]
            if any(keys):
                bound.add(action.id)
                rows.append((f"`{action.id}`", action.help, *keys))
        if rows:
            parts.append(f"### {title}: `[{context}]`\n\n" + table(("action", "what it does", *STYLES), rows))
    free: list[tuple[str, ...]] = [
        (f"`{action.id}`", action.help, ", ".join(f"`{place}`" for place in action.places) or "everywhere")
        for action in ACTIONS.values()
        if action.id not in bound
    ]
    if free:
        parts.append("### Without a key\n\n" + table(("action", "what it does", "where it does something"), free))
    return "\n" + "\n".join(parts) + "\n"


def retention() -> str:
    settings = declared(Config, PREFIX)

    def kept(name: str) -> str:
        if not name:
            return "for ever"
        days = settings[name].default
        return f"`{name}` days: {days or 'for ever'}, unless you set it"

    rows: list[tuple[str, ...]] = [(rule.kind, rule.what, kept(rule.setting), rule.erased) for rule in RULES]
    return table(("kind", "what it is", "kept", "when the customer is erased"), rows)


def field_list() -> str:
    rows: list[tuple[str, ...]] = [
        (
            f"`{one.name}`",
            f"`{one.es}`",
            ", ".join(f"`{name}`" for name in one.also),
            one.help,
            ", ".join(f"`{names[0]}` `{names[-1]}`" for names in words_of(one).values()),
        )
        for one in FIELDS.values()
    ]
    return table(("field", "in Spanish", "also", "what it asks", "words that it takes"), rows)


def tray_list() -> str:
    rows: list[tuple[str, ...]] = [
        (f"`{name}`", ", ".join(one.states), f"`{one.filter}`" if one.filter else "", "today" if one.today else "")
        for name, one in BUILT_IN.items()
    ]
    return table(("tray", "states", "filter", "unless asked"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "transitions": transitions,
    "commands": command_list,
    "api_commands": api_commands,
    "queries": query_list,
    "statuses": status_list,
    "errors": error_list,
    "grants": grant_list,
    "permissions": permission_list,
    "references": reference_list,
    "limits": limit_list,
    "metrics": metric_list,
    "keys": key_list,
    "retention": retention,
    "webhook_events": webhook_events,
    "fields": field_list,
    "trays": tray_list,
}


def main(arguments: list[str]) -> int:
    stale = 0
    for name in DOCS:
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        after = MARK.sub(lambda m: m["open"] + TABLES[m["name"]]() + m["close"], before)
        if before == after:
            continue
        if "--check" in arguments:
            stale += 1
            print(f"{name} is out of step with the code: run `make docs`")
        else:
            path.write_text(after, encoding="utf-8")
            print(f"{name} printed")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
