"""Whatever is asked of any route, and whatever an app posts to its channel, signed: no answer is a fault of the hub's
own, and it goes on serving. What fits the API's document is asked by Schemathesis, beside this. On both engines."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientResponseError, ClientSession
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from noise import anything, odd_texts, spoiled, struct, unreadable
from small_desk import Served
from test_fuzzed_sockets import goes_on
from yarl import URL

from hub.desk.principal import SYSTEM
from hub.hooks.secrets import Secrets
from hub.hooks.signing import sign
from hub.protocol import commands as c
from hub.protocol import webhooks as hooks
from hub.server import create_app
from hub.web import api_channel
from hub.web.account_routes import Refresh, Reset, SignIn

bounded = settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck], phases=[Phase.generate])
long = settings(max_examples=3000, deadline=None, suppress_health_check=[*HealthCheck])
METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "nonsense")
HEADERS: dict[str, tuple[str, ...]] = {
    "Authorization": ("Bearer x", "Bearer bdj_x", "Basic eDp5", "Bearer", "Bearer \xff"),
    "Content-Type": (
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/json; charset=x",
    ),
    "Content-Encoding": ("gzip", "deflate", "nonsense"),
    "Accept-Language": ("es;q=nan", "*;q=1,,;q=", "en;q=1e999", "x" * 500),
    "Origin": ("null", "https://evil.example", "http://[", "nonsense"),
    "Host": ("evil.example", "[::1", "x:y"),
    "X-Forwarded-For": ("1.2.3.4", "nonsense, ::1", "%"),
    "X-Forwarded-Proto": ("https", "x"),
    "Forwarded": ("for=_x", 'for="[', ";;"),
    "Idempotency-Key": ("fuzz-key-1", "x", "a b c d e f g h"),
    "If-None-Match": ("*", '"x"', "W/"),
    "Range": ("bytes=0-0", "bytes=9-1", "lines=1"),
    "Expect": ("nonsense",),
    "Upgrade": ("websocket", "h2c"),
    "webhook-id": ("x", "x.y"),
    "webhook-timestamp": ("1", "9" * 40, "-1", "1e3"),
    "webhook-signature": ("v1,", "v1,AAAA v1", ",,,"),
}
headers = st.dictionaries(st.sampled_from(sorted(HEADERS)), st.integers(0, 4), max_size=3).map(
    lambda drawn: {name: HEADERS[name][place % len(HEADERS[name])] for name, place in drawn.items()}
)
bodies = st.one_of(
    st.none(),
    spoiled(st.one_of(*map(struct, (SignIn, Refresh, Reset)))),
    anything.map(json.dumps),
    unreadable,
    st.binary(max_size=60),
)
parts = st.sampled_from(("web", "app", "messages", "1", "-1", "..", "\x00", "ñ", "x" * 300)) | odd_texts
questions = st.dictionaries(st.sampled_from(("after", "limit", "embed", "q", "text", "state")), odd_texts, max_size=2)


@pytest.fixture
def routes(open_desk: Served) -> list[tuple[str, str]]:
    """Every route that there is: (method, path with {names} in it)."""
    router = create_app(open_desk.hub).router
    found = {(route.method, route.resource.canonical) for route in router.routes() if route.resource is not None}
    return sorted(found - {("*", path) for _, path in found})


class App:
    """An app with an API channel of its own."""

    def __init__(self, desk: Served, channel: int, secret: str) -> None:
        self.desk, self.channel, self.secret = desk, channel, secret

    async def post(self, path: str, body: bytes, name: str) -> int:
        signed = sign([self.secret], name, self.desk.hub.clock.now() // 1000, body)
        url = f"{self.desk.url}/api/v1/channels/app/{path}"
        async with ClientSession() as http, http.post(url, data=body, headers=signed) as answer:
            said = await answer.json()
            assert answer.status == 200 or said["code"]
            return answer.status


@pytest.fixture
async def app(open_desk: Served) -> App:
    hub, desk = open_desk.hub, open_desk.desk
    save = c.SaveChannel("app", "api", {"es": "App"}, desk.queue, "api", "#2b86c9", callback="https://example.org/hook")
    channel = int((await desk.run(SYSTEM, "channel.save", save))["channel"] or 0)
    secret, sealed = Secrets(hub.config.key_file).make(f"channel:{channel}")
    await desk.run(SYSTEM, "channel.secret", hooks.ChannelSecret(channel, sealed))
    return App(open_desk, channel, secret)


async def ask(desk: Served, routes: list[tuple[str, str]], data: st.DataObject) -> None:
    method, path = data.draw(st.sampled_from(routes))
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + quote(data.draw(parts), safe="") + rest.partition("}")[2]
    method = data.draw(st.sampled_from((method, method, method, *METHODS)))
    url = URL(desk.url + path, encoded=True).with_query(data.draw(questions))
    body = None if method in ("GET", "HEAD") else data.draw(bodies)
    try:
        async with (
            ClientSession(auto_decompress=False) as http,
            http.request(method, url, data=body, headers=data.draw(headers), allow_redirects=False) as answer,
        ):
            await answer.read()
            status = answer.status
    except ClientResponseError as error:  # a head that can't be read is refused with words, also where HEAD has none
        status = error.status
    assert 200 <= status < 500, (method, url, status)


messages = st.sampled_from(
    [
        ("messages", api_channel.Message),
        ("seen", api_channel.SeenUpTo),
        ("typing", api_channel.Typing),
    ]
)


async def post(app: App, data: st.DataObject) -> None:
    path, kind = data.draw(messages)
    body = data.draw(spoiled(struct(kind)) | anything.map(json.dumps) | unreadable | st.binary(max_size=40))
    name = data.draw(st.sampled_from(("same", "other")) | st.integers(0, 2**64).map(str))
    raw = body if isinstance(body, bytes) else body.encode()
    assert await app.post(path, raw, name) < 500


@bounded
@given(data=st.data())
async def test_whatever_is_asked(open_desk: Served, routes: Any, faults: list[str], data: st.DataObject) -> None:
    await ask(open_desk, routes, data)
    assert faults == []


@bounded
@given(data=st.data())
async def test_whatever_an_app_posts(app: App, faults: list[str], data: st.DataObject) -> None:
    await post(app, data)
    assert faults == []


async def test_it_goes_on_serving(app: App, routes: Any, faults: list[str]) -> None:
    """The same once more, all on one hub, which then serves somebody else."""
    assert ("POST", "/api/v1/sign-in") in routes
    assert await app.post("messages", b'{"contact": {"id": "u1"}, "text": "Hola"}', "one") == 200
    await goes_on(app.desk, faults)


@pytest.mark.soak
@long
@given(data=st.data())
async def test_whatever_is_asked_for_long(
    open_desk: Served, routes: Any, faults: list[str], data: st.DataObject
) -> None:
    await ask(open_desk, routes, data)
    assert faults == []


@pytest.mark.soak
@long
@given(data=st.data())
async def test_whatever_an_app_posts_for_long(app: App, faults: list[str], data: st.DataObject) -> None:
    await post(app, data)
    assert faults == []
