"""docs/PROTOCOL.md is enough to write a client from: this one was, and shares no code with the hub or the console."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from small_desk import Served

from hub.auth import hash_password
from hub.desk.principal import SYSTEM
from hub.protocol import commands

TRAY, THREAD = 1, 2


class Client:
    """What a client holds over its connections, and how it applies what the hub says."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self.epoch = ""
        self.cursor: list[int] = []
        self.refs: dict[str, int] = {}
        self.items: dict[str, dict[int, Any]] = {}
        self.rows: dict[int, Any] = {}
        self.messages: dict[int, Any] = {}
        self.windows: dict[int, dict[str, Any]] = {}
        self.welcome: dict[str, Any] = {}
        self.answers: dict[int, Any] = {}
        self.typed: list[Any] = []
        self.full: list[int] = []  # ids that a snapshot or an event carried in full on this connection
        self.done: set[int] = set()  # windows whose last page has come on this connection
        self.ws: ClientWebSocketResponse

    @asynccontextmanager
    async def connected(self, http: ClientSession) -> AsyncIterator[None]:
        self.answers, self.typed, self.full, self.done = {}, [], [], set()
        hello: dict[str, Any] = {"t": "hello", "proto": 1, "client": "written-from-the-page 1"}
        if self.cursor:
            hello |= {"epoch": self.epoch, "cursor": self.cursor, "refs": self.refs}
        async with http.ws_connect(
            f"{self.url}/ws", headers={"Authorization": f"Bearer {self.token}"}, protocols=["bandeja.v1"]
        ) as self.ws:
            await self.say(**hello)
            self.welcome = await self.hear()
            assert self.welcome["t"] == "welcome"
            self.epoch, self.cursor = self.welcome["epoch"], self.welcome["cursor"]
            yield

    async def say(self, **frame: Any) -> None:
        await self.ws.send_str(json.dumps(frame))

    async def command(self, number: int, key: str, name: str, **args: Any) -> Any:
        await self.say(t="cmd", id=number, key=key, name=name, args=args)
        await self.until(lambda: number in self.answers)
        answer = self.answers.pop(number)
        assert answer["t"] == "ok", answer
        return answer["result"]

    async def hear(self) -> Any:
        message = await self.ws.receive(timeout=10)
        assert message.type is WSMsgType.TEXT, message
        return json.loads(message.data)

    async def until(self, seen: Callable[[], object]) -> None:
        while not seen():
            self.apply(await self.hear())

    def apply(self, frame: dict[str, Any]) -> None:
        kind = frame["t"]
        if kind == "ref":
            self.refs[frame["name"]] = frame["version"]
            self.items[frame["name"]] = {item["id"]: item for item in frame.get("items", [])}
        elif kind == "snap":
            self.apply_page(frame)
        elif kind == "ev":
            assert frame["prev"] == self.cursor[0]
            self.cursor = [frame["seq"], frame["nonce"]]
            for event in frame.get("events", []):
                self.apply_event(event, frame["seq"])
        elif kind in ("ok", "error"):
            self.answers[frame["re"]] = frame
        elif kind == "typed":
            self.typed.append(frame)

    def apply_page(self, page: dict[str, Any]) -> None:
        if page.get("part", 0) == 0:
            self.windows[page["w"]] = {"seq": page["seq"], "order": page.get("order", []), "n": page.get("count", 0)}
            self.windows[page["w"]]["read"] = page.get("read", 0)
        for row in page.get("rows", []):
            self.keep(self.rows, row)
        for message in page.get("messages", []):
            self.keep(self.messages, message)
        if page.get("last"):
            self.done.add(page["w"])

    def apply_event(self, event: dict[str, Any], seq: int) -> None:
        kind = event["k"]
        if kind == "row":
            self.keep(self.rows, event["row"])
            number = event["row"]["id"]
            window = self.windows.get(TRAY)
            if window is None or seq <= window["seq"]:
                return
            inside = TRAY in event.get("ws", [])
            window["order"] = [one for one in window["order"] if one != number] + [number] * inside
            window["order"].sort(key=lambda one: (self.rows[one]["at"], one), reverse=True)
        elif kind == "gone":
            self.rows.pop(event["c"], None)
            self.messages = {i: m for i, m in self.messages.items() if m["c"] != event["c"]}
            for window in self.windows.values():
                window["order"] = [one for one in window["order"] if one != event["c"]]
        elif kind == "msg":
            self.keep(self.messages, event["m"])
        elif kind == "count":
            self.windows[event["w"]]["n"] = event["n"]
        elif kind == "ref":
            self.refs[event["name"]] = event["version"]
            held = self.items[event["name"]]
            held.update({item["id"]: item for item in event.get("items", [])})
            for number in event.get("gone", []):
                held.pop(number, None)

    def keep(self, held: dict[int, Any], new: dict[str, Any]) -> None:
        self.full.append(new["id"])
        if new["id"] not in held or held[new["id"]]["rev"] <= new["rev"]:
            held[new["id"]] = new

    async def watch_tray(self, tray: str) -> None:
        held = [[row["id"], row["rev"]] for row in self.rows.values()]
        await self.say(t="sub", w=TRAY, tray=tray, count=50, held=held)

    async def watch_thread(self, conversation: int) -> None:
        held = [[message["id"], message["rev"]] for message in self.messages.values()]
        await self.say(t="sub", w=THREAD, thread=conversation, count=50, held=held)

    def line(self, body: str) -> Any:
        return next((message for message in self.messages.values() if message["b"] == body), None)


async def sign_in(served: Served, http: ClientSession) -> Client:
    hashed = await hash_password("correcta")
    await served.desk.run(SYSTEM, "agent.save", commands.SaveAgent("ana", "Ana", "agent", password_hash=hashed))
    answer = await http.post(
        f"{served.url}/api/v1/sign-in", json={"login": "ana", "password": "correcta", "label": "a page reader's"}
    )
    assert answer.status == 200
    return Client(served.url, (await answer.json())["token"])


async def test_a_client_written_from_the_page_serves_a_customer(served: Served) -> None:
    async with ClientSession() as http:
        client = await sign_in(served, http)
        async with client.connected(http):
            assert client.welcome["resume"] == "fresh"
            await client.until(lambda: {"agents", "queues", "channels", "tags", "shortcuts"} <= client.items.keys())
            me = client.welcome["me"]["agent"]
            assert client.items["agents"][me]["login"] == "ana"
            await client.watch_tray("pending")
            await client.until(lambda: TRAY in client.done)
            assert (client.windows[TRAY]["order"], client.windows[TRAY]["n"]) == ([], 0)

            await client.command(1, "key-of-online", "agent.status", status="online")
            number = (await served.desk.say("vera", "Hola, ¿hay lugar?", name="Vera"))["conversation"]
            await client.until(lambda: client.windows[TRAY]["n"] == 1 and client.windows[TRAY]["order"])
            row = client.rows[client.windows[TRAY]["order"][0]]
            assert (row["id"], row["name"], row["last"], row["ld"]) == (number, "Vera", "Hola, ¿hay lugar?", "in")
            assert (row["un"], row["owed"], client.items["channels"][row["ch"]]["slug"]) == (1, True, "web")

            await client.command(2, "key-of-opening", "conversation.open", conversation=number)
            await client.until(lambda: client.windows[TRAY]["order"] == [] and client.windows[TRAY]["n"] == 0)
            await client.watch_thread(int(number or 0))
            await client.until(lambda: THREAD in client.done)
            assert client.rows[int(number or 0)]["state"] == "open"
            theirs = client.line("Hola, ¿hay lugar?")
            assert theirs["d"] == "in"

            await client.command(3, "key-of-reading", "conversation.read", conversation=number, message=theirs["id"])
            await client.until(lambda: not client.rows[int(number or 0)].get("un"))
            said = {"conversation": number, "body": "Sí, el martes."}
            first = await client.command(4, "key-of-answer", "message.send", **said)
            assert await client.command(5, "key-of-answer", "message.send", **said) == first
            await client.until(lambda: client.line("Sí, el martes."))
            ours = client.line("Sí, el martes.")
            assert (ours["d"], ours["by"], ours["key"]) == ("out", me, "key-of-answer")
            assert len(client.messages) == 2

            served.hub.presence.typing(int(number or 0), None, True)
            await client.until(lambda: client.typed)
            assert client.typed == [{"t": "typed", "c": number}]
            await client.say(t="typing", c=number, on=True)
        before = client.cursor
        await served.desk.say("vera", "¡Gracias!")
        async with client.connected(http):
            assert client.welcome["resume"] == "resumed"
            await client.watch_thread(int(number or 0))
            await client.until(lambda: THREAD in client.done)
            assert client.cursor > before
            assert client.windows[THREAD]["order"] == sorted(client.messages)
            assert client.windows[THREAD]["read"] == ours["id"]
            assert client.line("¡Gracias!")["id"] in client.full
            assert ours["id"] not in client.full
