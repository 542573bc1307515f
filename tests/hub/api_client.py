"""A program that talks to a served hub over HTTP, as one written from docs/API.md would."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import ClientResponse, ClientSession
from small_desk import Served

from hub.auth import start_session
from hub.desk.api_token_text import new_token
from hub.desk.people import token_hash
from hub.desk.principal import SYSTEM
from hub.protocol import commands as c


@dataclass
class Answer:
    status: int
    headers: Any
    body: Any


@dataclass
class Program:
    http: ClientSession
    url: str
    token: str
    keys: Any = field(default_factory=lambda: count(1))

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        async with self.http.request(method, f"{self.url}/api/v1/{path}", headers=headers, **options) as response:
            return await answer_of(response)

    async def get(self, path: str, **params: Any) -> Answer:
        return await self.ask("GET", path, params={name: str(value) for name, value in params.items()})

    async def command(self, name: str, args: Any, key: str = "") -> Answer:
        headers = {"Idempotency-Key": key or f"key-of-a-program-{next(self.keys)}"}
        return await self.ask("POST", f"commands/{name}", json=args, headers=headers)

    async def pages(self, path: str, **params: Any) -> list[list[Any]]:
        """Every page of a list, by following `next`."""
        answer = await self.get(path, **params)
        found = [answer.body["items"]]
        while "next" in answer.body:
            assert answer.headers["Link"] == f'<{answer.body["next"]}>; rel="next"'
            answer = await self.ask("GET", path + answer.body["next"])
            found.append(answer.body["items"])
        return found


async def answer_of(response: ClientResponse) -> Answer:
    text = await response.text()
    body = await response.json() if response.content_type == "application/json" and text else text
    return Answer(response.status, response.headers, body)


async def api_token(served: Served, login: str, *scopes: str, expires: int = 0) -> str:
    token = new_token()
    made = c.CreateToken("tests", list(scopes), token_hash(token), expires, served.desk.ids[login])
    await served.desk.run(SYSTEM, "token.create", made)
    return token


@asynccontextmanager
async def program(served: Served, login: str, *scopes: str) -> AsyncIterator[Program]:
    """With an API token of these scopes, or without any with the token of a session."""
    if scopes:
        token = await api_token(served, login, *scopes)
    else:
        token = await start_session(served.hub, served.desk.ids[login], "tests")
    async with ClientSession() as http:
        yield Program(http, served.url, token)
