"""The OpenAPI 3.1 document, made of the registries: what they don't say isn't in it, and what they say is."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from hub import __version__
from hub.protocol.api_tokens import Moment, Verb
from hub.protocol.commands import REGISTRY, Spec
from hub.protocol.errors import Code
from hub.protocol.queries import QUERIES, Query
from hub.protocol.registry import END, Word
from hub.protocol.settings import N_
from hub.web.answers import STATUS, UNFIT

ROOT = "/api/v1"
KEY = r"^[!-~]{16,64}$"
REF = "#/components/schemas/{name}"
Json = dict[str, Any]
Say = Callable[[str], str]


class NewToken(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An API token to be made."""

    name: Word
    scopes: Annotated[list[Verb], Meta(min_length=1, max_length=64)]  # verbs of one's own grants
    expires: Moment = 0  # UTC ms; 0: never


class MadeToken(msgspec.Struct):
    """An API token. This is the only time that it is told."""

    id: int
    token: str


def document(public_url: str = "", say: Say = str) -> Json:
    """The whole document; `say` puts what people read into their language."""
    specs = [spec for spec in REGISTRY.values() if spec.actor == "agent"]
    kinds = [*(spec.args for spec in specs), *(query.row for query in QUERIES.values()), NewToken, MadeToken]
    _, found = msgspec.json.schema_components([*kinds, *(q.params for q in QUERIES.values())], ref_template=REF)
    schemas: Json = _with_patterns_as_in_json_schema(found)
    parameters = {query.name: schemas.pop(query.params.__name__) for query in QUERIES.values()}
    schemas |= {"Result": _result(say), "Error": _error(say)}
    paths: Json = {f"/{query.path}": {"get": _view(query, parameters[query.name], say)} for query in QUERIES.values()}
    paths["/tokens"] |= {"post": _make_token(say)}
    paths |= {f"/commands/{spec.name}": {"post": _command(spec, say)} for spec in specs}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bandeja",
            "version": __version__,
            "description": say(N_("Everything that an agent can see and do at the desk, for programs.")),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": f"{public_url}{ROOT}"}],
        "security": [{"token": []}],
        "tags": _tags(specs, say),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {str(status): _refusal(status, say) for status in _statuses()},
            "parameters": {"IdempotencyKey": _key(say)},
            "securitySchemes": {"token": _security(say)},
        },
    }


def _with_patterns_as_in_json_schema(part: Any) -> Any:
    """The same schemas, without what Python's patterns need so that no newline follows their end."""
    if isinstance(part, dict):
        return {
            name: value.replace(END, "$") if name == "pattern" else _with_patterns_as_in_json_schema(value)
            for name, value in part.items()
        }
    return [_with_patterns_as_in_json_schema(one) for one in part] if isinstance(part, list) else part


def _tags(specs: list[Spec], say: Say) -> list[Json]:
    groups = {
        "views": N_("What is so"),
        "message": N_("Messages"),
        "conversation": N_("Conversations"),
        "contact": N_("Customers"),
        "agent": N_("Agents"),
        "password": N_("Passwords"),
        "session": N_("Sessions"),
        "token": N_("API tokens"),
        "queue": N_("Queues"),
        "channel": N_("Channels"),
        "webhook": N_("Webhooks"),
        "tag": N_("Tags"),
        "form": N_("Forms"),
        "topic": N_("Topics"),
        "shortcut": N_("Shortcuts"),
    }
    used = ["views", *dict.fromkeys(_group(spec) for spec in specs)]
    return [{"name": name, "description": say(groups[name]) if name in groups else name} for name in used]


def _group(spec: Spec) -> str:
    return spec.name.partition(".")[0]


def _ref(kind: type[msgspec.Struct]) -> Json:
    return {"$ref": REF.format(name=kind.__name__)}


def _body(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _answers(status: int, description: str, schema: Json, refusals: tuple[int, ...]) -> Json:
    answers: Json = {str(status): {"description": description, "content": _body(schema)}}
    return answers | {str(one): {"$ref": f"#/components/responses/{one}"} for one in sorted(refusals)}


COMMON = (400, 401, 403, 404, 429, 500, 503)
READING = (*COMMON, 422)
WRITING = (*COMMON, 409, 410, 413, 415, 422)


def _command(spec: Spec, say: Say) -> Json:
    return {
        "operationId": spec.name,
        "tags": [_group(spec)],
        "summary": say(spec.help),
        "description": say(N_("Needs {grant}.")).format(grant=f"`{spec.verb}`"),
        "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
        "requestBody": {"required": True, "content": _body(_ref(spec.args))},
        "responses": _answers(
            200, say(N_("It has taken effect and is durable.")), {"$ref": REF.format(name="Result")}, WRITING
        ),
    }


def _make_token(say: Say) -> Json:
    return {
        "operationId": "tokens.make",
        "tags": ["token"],
        "summary": say(N_("Make an API token of mine, and tell it: this once, and never again.")),
        "description": say(N_("Needs {grant}.")).format(grant="`token.manage`"),
        "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
        "requestBody": {"required": True, "content": _body(_ref(NewToken))},
        "responses": _answers(201, say(N_("The token, and the id to revoke it by.")), _ref(MadeToken), WRITING),
    }


def _view(query: Query, params: Json, say: Say) -> Json:
    grant = f"`{query.verb}`"
    schema: Json = _ref(query.row)
    if query.listed:
        schema = {
            "type": "object",
            "properties": {"items": {"type": "array", "items": schema}, "next": {"type": "string"}},
            "required": ["items"],
            "additionalProperties": False,
        }
    return {
        "operationId": query.name,
        "tags": ["views"],
        "summary": say(query.help),
        "description": say(N_("Needs {grant}.")).format(grant=grant) if query.verb else say(N_("Needs no grant.")),
        "parameters": [
            {
                "name": name,
                "in": "path" if f"{{{name}}}" in query.path else "query",
                "required": name in params["required"],
                "schema": kind,
            }
            for name, kind in params["properties"].items()
        ],
        "responses": _answers(200, say(N_("As it is now.")), schema, READING),
    }


def _result(say: Say) -> Json:
    return {
        "title": "Result",
        "description": say(N_("Names what the command made or changed.")),
        "type": "object",
        "additionalProperties": {"type": ["integer", "string", "null"]},
    }


def _error(say: Say) -> Json:
    return {
        "title": "Error",
        "description": say(N_("Nothing was written. `field` names what is at fault, `args` says more.")),
        "type": "object",
        "properties": {
            "code": {"enum": [code.value for code in Code]},
            "args": {"type": "object"},
            "field": {"type": ["string", "null"]},
        },
        "required": ["code", "args", "field"],
        "additionalProperties": False,
    }


def codes_of(status: int) -> list[str]:
    """The codes that are answered with a status."""
    found = [code.value for code in Code if STATUS[code] == status]
    return [Code.BAD_ARGS.value, *found] if status == UNFIT else found


def _statuses() -> list[int]:
    return sorted({*STATUS.values(), UNFIT})


def _refusal(status: int, say: Say) -> Json:
    phrase, codes = HTTPStatus(status).phrase, ", ".join(f"`{code}`" for code in codes_of(status))
    response: Json = {"description": f"{phrase}: {codes}", "content": _body({"$ref": REF.format(name="Error")})}
    if status in (429, 503):
        seconds = say(N_("Seconds after which the same request is welcome again."))
        response["headers"] = {"Retry-After": {"description": seconds, "schema": {"type": "integer"}}}
    return response


def _key(say: Say) -> Json:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": say(
            N_("Random, new for each command. The same key with the same body takes effect once, is answered alike.")
        ),
        "schema": {"type": "string", "pattern": KEY},
    }


def _security(say: Say) -> Json:
    text = say(N_("An API token (bdj_…, from `bandeja-hub token add`), or the token of a session."))
    return {"type": "http", "scheme": "bearer", "description": text}
