"""The page at /api/docs: the OpenAPI document, printed for people.

It is made here, from the document itself, and holds no script at all: nothing has to be built, fetched or trusted, the
policy can forbid everything but the style sheet, and it reads alike with any browser, keyboard or screen reader.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from hub.api.markup import Markup, element, joined, table
from hub.api.openapi import ROOT, Json, Say, document
from hub.config import Config
from hub.i18n import LANGUAGES, speaking
from hub.protocol.registry import NO_NUL
from hub.protocol.settings import N_
from hub.web.assets import FOREVER, Assets
from hub.web.chat_routes import preferred
from hub.web.headers import PRINTED

FOLDER = Path(__file__).parent / "docs"
NAMES = {"es": "Español", "en": "English"}
HEADERS = {
    "Content-Security-Policy": PRINTED,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Language",
}


class Pages:
    """Printed once for each language, when somebody first asks: what they show changes only with the program."""

    def __init__(self, config: Config) -> None:
        self._assets = Assets(FOLDER)
        self._config = config
        self._printed: dict[str, str] = {}
        self._printing = asyncio.Lock()

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/api/docs", self.page)
        app.router.add_get("/api/docs/{version}/{name}", self.asset)

    async def page(self, request: web.Request) -> web.Response:
        """In the language of `?lang=`, otherwise the browser's, otherwise the desk's."""
        asked = request.query.get("lang", "")
        names = dict.fromkeys((self._config.language, *LANGUAGES), "")
        chosen = asked if asked in LANGUAGES else preferred(request.headers.get("Accept-Language", ""), names)
        response = web.Response(text=await self._in(chosen), content_type="text/html", headers=HEADERS)
        response.enable_compression()
        return response

    async def _in(self, language: str) -> str:
        """In a thread: it takes a tenth of a second, in which the desk goes on."""
        async with self._printing:
            if language not in self._printed:
                self._printed[language] = await asyncio.to_thread(_whole, language, self._config, self._assets.version)
        return self._printed[language]

    async def asset(self, request: web.Request) -> web.Response:
        current = request.match_info["version"] == self._assets.version
        return self._assets.serve(request, request.match_info["name"], FOREVER if current else "no-store")


class Page:
    """The page in one language."""

    def __init__(self, language: str, config: Config, version: str) -> None:
        self._language = language
        self._say: Say = speaking(language)
        self._document = document(config.public_url, self._say)
        self._schemas: Json = self._document["components"]["schemas"]
        self._style = f"docs/{version}/docs.css"

    def whole(self) -> str:
        say = self._say
        head = element(
            "head",
            element("meta", charset="utf-8"),
            element("title", say(N_("Bandeja: the API"))),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="color-scheme", content="light dark"),
            element("link", rel="stylesheet", href=self._style),
        )
        skip = element("a", say(N_("To the content")), href="#content", class_="skip")
        body = element("body", skip, self._header(), element("div", self._contents(), self._main(), class_="columns"))
        return "<!doctype html>\n" + element("html", head, body, lang=self._language)

    def _header(self) -> Markup:
        info = self._document["info"]
        languages = [
            element("a", name, href=f"?lang={code}", lang=code, aria_current="true" if code == self._language else None)
            for code, name in NAMES.items()
        ]
        return element(
            "header",
            element("h1", self._say(N_("Bandeja: the API"))),
            element("p", info["description"], " ", element("a", "openapi.json", href="v1/openapi.json")),
            element("p", *languages, class_="languages"),
        )

    def _groups(self) -> dict[str, list[tuple[str, str, Json]]]:
        """tag → its operations, each (method, path, operation)."""
        found: dict[str, list[tuple[str, str, Json]]] = {tag["name"]: [] for tag in self._document["tags"]}
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                found[operation["tags"][0]].append((method.upper(), path, operation))
        return found

    def _contents(self) -> Markup:
        titles = {tag["name"]: tag["description"] for tag in self._document["tags"]}
        groups = [
            joined(
                element("h2", titles[name]),
                element("ul", *(_entry(one["operationId"], f"op-{one['operationId']}") for _, _, one in operations)),
            )
            for name, operations in self._groups().items()
        ]
        rest = [
            _entry(self._say(N_("How to ask")), "content"),
            _entry(self._say(N_("Refusals")), "refusals"),
            _entry(self._say(N_("Shapes")), "shapes"),
        ]
        return element("nav", element("ul", *rest), *groups, aria_label=self._say(N_("Contents")))

    def _main(self) -> Markup:
        titles = {tag["name"]: tag["description"] for tag in self._document["tags"]}
        sections = [
            element("section", element("h2", titles[name]), *(self._operation(*one) for one in operations))
            for name, operations in self._groups().items()
        ]
        return element("main", self._how(), *sections, self._refusals(), self._shapes(), id="content", tabindex="-1")

    def _how(self) -> Markup:
        say = self._say
        texts = (
            N_(
                "Every request carries a token: `Authorization: Bearer TOKEN`. It sees and does what its agent may, as "
                "far as the token's scopes leave it."
            ),
            N_(
                "A command is posted as JSON with an `Idempotency-Key`, 16 to 64 random characters. Write both down "
                "before you send them: sent again, it takes effect once and is answered alike."
            ),
            N_(
                "A list comes in pages. Where there is more, `next` is what to put after the address instead of what "
                "you asked with; where there is none, that was the last page."
            ),
            N_(
                "Times are UTC milliseconds. A field with its default value is left out of an answer. New fields may "
                "come: ignore what you don't know."
            ),
        )
        asked = element("pre", element("code", self._sample()), tabindex="0", role="region", aria_label="curl")
        return element("section", element("h2", say(N_("How to ask"))), *(prose(say(text)) for text in texts), asked)

    def _sample(self) -> str:
        url = self._document["servers"][0]["url"]
        hub = "" if url.startswith("http") else "https://HUB"
        return (
            f"curl -H 'Authorization: Bearer bdj_…' '{hub}{url}/conversations?tray=pending'\n\n"
            f"curl -H 'Authorization: Bearer bdj_…' -H 'Content-Type: application/json' \\\n"
            f'     -H "Idempotency-Key: $(openssl rand -hex 16)" \\\n'
            f"     -d '{{\"conversation\": 19}}' '{hub}{url}/commands/conversation.open'"
        )

    def _operation(self, method: str, path: str, operation: Json) -> Markup:
        name = operation["operationId"]
        parts: list[str] = [
            element("h3", element("code", f"{method} {ROOT}{path}"), id=f"op-{name}"),
            element("p", operation["summary"]),
            prose(operation["description"]),
        ]
        given = [one for one in operation["parameters"] if "$ref" not in one]
        if given:
            rows = [self._field(one["name"], one["schema"], required=one["required"]) for one in given]
            caption = self._say(N_("parameters"))
            parts.append(self._fields(f"{name}: {caption}", rows))
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            rows = self._rows(self._schemas[_named(schema)])
            caption = self._say(N_("body"))
            parts.append(self._fields(f"{name}: {caption}", rows))
        answer = next(one for status, one in operation["responses"].items() if status < "300")
        kind = self._kind(answer["content"]["application/json"]["schema"])
        parts.append(element("p", self._say(N_("Answer")), ": ", kind))
        return element("article", *parts)

    def _fields(self, caption: str, rows: list[list[str]]) -> Markup:
        if not rows:
            return element("p", self._say(N_("Nothing to be given.")))
        return table(caption, [self._say(N_("name")), self._say(N_("type")), self._say(N_("default value"))], rows)

    def _rows(self, schema: Json) -> list[list[str]]:
        required = schema.get("required", [])
        return [
            self._field(name, kind, required=name in required) for name, kind in schema.get("properties", {}).items()
        ]

    def _field(self, name: str, kind: Json, *, required: bool) -> list[str]:
        if required:
            note = self._say(N_("required"))
        elif kind.get("default") in (None, "", [], {}):
            note = ""
        else:
            note = msgspec.json.encode(kind["default"]).decode()
        return [element("code", name), self._kind(kind), note]

    def _kind(self, kind: Json) -> Markup:
        """A type with its limits, as people read it; shapes are links."""
        if "$ref" in kind:
            return element("a", _named(kind), href=f"#shape-{_named(kind)}")
        if "anyOf" in kind:
            return _between(" | ", [self._kind(one) for one in kind["anyOf"]])
        if "enum" in kind:
            return _between(" | ", [element("code", str(value)) for value in kind["enum"]])
        if kind.get("type") == "array":
            return joined(self._say(N_("list of")), " ", self._kind(kind["items"]))
        if kind.get("properties"):
            inside = [joined(element("code", name), ": ", self._kind(one)) for name, one in kind["properties"].items()]
            return joined("{", _between(", ", inside), "}")
        types = kind.get("type", "object")
        name = " | ".join(types) if isinstance(types, list) else types
        return joined(name, *(f", {limit}" for limit in _limits(kind)))

    def _refusals(self) -> Markup:
        rows = [
            [element("code", status), prose(one["description"], "span")]
            for status, one in self._document["components"]["responses"].items()
        ]
        return element(
            "section",
            element("h2", self._say(N_("Refusals")), id="refusals"),
            element("p", self._kind({"$ref": "#/Error"}), ": ", self._schemas["Error"]["description"]),
            table(self._say(N_("Refusals")), [self._say(N_("status")), self._say(N_("codes"))], rows),
        )

    def _shapes(self) -> Markup:
        shapes = [
            element(
                "article",
                element("h3", name, id=f"shape-{name}"),
                self._fields(name, self._rows(schema)) if "properties" in schema else element("p", self._kind(schema)),
            )
            for name, schema in sorted(self._schemas.items())
        ]
        return element("section", element("h2", self._say(N_("Shapes")), id="shapes"), *shapes)


def prose(text: str, name: str = "p") -> Markup:
    """A paragraph in which what stands between backticks is code."""
    parts = text.split("`")
    return element(name, *(element("code", part) if place % 2 else part for place, part in enumerate(parts)))


def _entry(text: str, target: str) -> Markup:
    return element("li", element("a", text, href=f"#{target}"))


def _named(schema: Json) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _between(mark: str, parts: list[Markup]) -> Markup:
    return joined(*(piece for place, part in enumerate(parts) for piece in ((mark, part) if place else (part,))))


_LIMITS: dict[str, Callable[[Any], str]] = {
    "minimum": lambda n: f"≥ {n}",
    "maximum": lambda n: f"≤ {n}",
    "exclusiveMaximum": lambda n: "< 2⁵³" if n == 2**53 else f"< {n}",
    "minLength": lambda n: f"length ≥ {n}",
    "maxLength": lambda n: f"length ≤ {n}",
    "pattern": lambda pattern: "" if pattern == NO_NUL else str(pattern),
}


def _limits(kind: Json) -> list[str]:
    return [said for name, say in _LIMITS.items() if name in kind and (said := say(kind[name]))]


def _whole(language: str, config: Config, version: str) -> str:
    return Page(language, config, version).whole()
