"""Signing in over HTTP, as tests do it: an agent with a password, and a client that may say where it comes from."""

from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession
from small_desk import Served

from hub.auth import hash_password
from hub.desk.principal import SYSTEM
from hub.protocol import commands

PASSWORD = "correcta-y-larga"
HOME, AWAY = "203.0.113.7", "198.51.100.9"


@dataclass
class Answer:
    status: int
    said: Any
    headers: Any

    @property
    def code(self) -> str:
        return str(self.said.get("code", ""))


@dataclass
class Caller:
    """Posts as JSON; `address` is what a declared proxy says of where the caller is."""

    http: ClientSession
    url: str

    async def post(self, path: str, token: str = "", address: str = "", /, **body: Any) -> Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if address:
            headers["X-Forwarded-For"] = address
        async with self.http.post(f"{self.url}/api/v1/{path}", json=body, headers=headers) as answer:
            return Answer(answer.status, await answer.json(), answer.headers)

    async def sign_in(self, login: str = "ana", password: str = PASSWORD, address: str = "", **more: Any) -> Answer:
        return await self.post("sign-in", "", address, login=login, password=password, **more)

    async def refresh(self, token: str, address: str = "") -> Answer:
        return await self.post("refresh", "", address, refresh=token)


async def with_password(served: Served, login: str = "ana", role: Any = "agent") -> None:
    hashed = await hash_password(PASSWORD)
    save = commands.SaveAgent(login, login.title(), role, password_hash=hashed)
    made = await served.desk.run(SYSTEM, "agent.save", save)
    served.desk.ids[login] = int(made["agent"] or 0)
