"""docs/WEBHOOKS.md is enough to write both sides from: its samples are run against a hub that is served."""

import json
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import playwright
import pytest
from aiohttp import ClientSession
from endpoint import LOOPBACK, Endpoint, listening

from hub import admin
from hub.config import Config
from hub.desk import people
from hub.desk.principal import SYSTEM
from hub.hooks import admin as hooks
from hub.protocol import commands as c
from hub.serving import Served, serving

PAGE = Path(__file__).parents[2] / "docs" / "WEBHOOKS.md"
NODE = Path(playwright.__file__).parent / "driver" / "node"
BODY = '{"contact":{"id":"u1"},"text":"¿Hola?"}'


def sample(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest.fixture
def python() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(sample("python"), names)  # the page's own sample
    return names


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with listening() as endpoint:
        yield endpoint


@pytest.fixture
async def config(database: str, tmp_path: Path) -> Config:
    return Config(data=tmp_path, database=database, zone="UTC", port=0, recall_seconds=0, webhook_networks=LOOPBACK)


@pytest.fixture
async def served(config: Config) -> AsyncIterator[Served]:
    async with serving(config) as served:
        yield served


async def test_the_python_sample_verifies_what_a_webhook_is_told_and_signs_what_an_app_posts(
    served: Served, config: Config, endpoint: Endpoint, python: dict[str, Any]
) -> None:
    store = served.hub.store
    await admin.submit(store, "queue.save", code="ventas", name={"es": "Ventas"})
    told = await hooks.save_webhook(store, config, "crm", url=endpoint.url, events=["message.received"], content=True)
    callback = endpoint.url.replace("hook", "callback")
    await admin.save_channel(store, "app", "api", {"es": "App"}, "ventas", "#2b86c9", [], callback=callback)
    secret = await hooks.roll_channel(store, config, "app", grace=0)

    body = BODY.encode()
    url = f"http://127.0.0.1:{served.port}/api/v1/channels/app/messages"
    async with ClientSession() as http:
        async with http.post(url, data=body, headers=python["sign"](secret, "msg-0001", body)) as answer:
            assert answer.status == 200
            said = await answer.json()
        async with http.post(url, data=body, headers=python["sign"](told, "msg-0001", body)) as answer:
            assert answer.status == 401
    (post,) = await endpoint.count(1)
    assert python["verify"](told, post.headers, post.raw) == post.id
    assert post.body["data"]["messages"][0]["text"] == "¿Hola?"
    with pytest.raises(ValueError, match="not signed"):
        python["verify"](told, post.headers, post.raw + b" ")
    with pytest.raises(ValueError, match="too old"):
        python["verify"](told, {**post.headers, "webhook-timestamp": "1"}, post.raw)

    await _answer(served, int(said["conversation"]))
    await endpoint.count(2)
    reply = endpoint.posts[-1]
    assert (reply.path, python["verify"](secret, reply.headers, reply.raw)) == ("/callback", reply.id)


async def _answer(served: Served, conversation: int) -> None:
    """Somebody of the desk writes back."""
    hub = served.hub
    made = await hub.submit(SYSTEM, "agent.save", c.SaveAgent("root", "Root", "admin", "x"), "make-root")
    who = await hub.store.read(lambda conn: people.by_agent(conn, int(made["agent"] or 0)))
    assert who is not None
    await hub.submit(who, "conversation.open", c.Open(conversation), "open-it-now")
    await hub.submit(who, "message.send", c.Send(conversation, "Buenas"), "send-it-now")


def test_the_javascript_sample_understands_the_python_one_and_the_other_way_round(
    python: dict[str, Any], tmp_path: Path
) -> None:
    secret = "whsec_" + "c2VjcmV0LW9mLTMyLWJ5dGVzLWZvci10aGUtdGVzdHM="
    headers = python["sign"](secret, "msg-0001", BODY.encode())
    given = json.dumps([secret, headers, BODY])
    (tmp_path / "sample.mjs").write_text(
        f"{sample('js')}\nconst [secret, headers, body] = {given};\n"
        "const faults = [];\n"
        "for (const other of [body + ' ', body]) {\n"
        "  try { verify(secret, headers, other); } catch (error) { faults.push(error.message); }\n"
        "}\n"
        "console.log(JSON.stringify({ faults, headers: sign(secret, 'msg-0002', body) }));\n"
    )
    done = subprocess.run([NODE, tmp_path / "sample.mjs"], capture_output=True, text=True, check=True, timeout=60)
    said = json.loads(done.stdout)
    assert said["faults"] == ["not signed by the hub"]
    assert python["verify"](secret, said["headers"], BODY.encode()) == "msg-0002"
