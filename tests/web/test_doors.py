"""The walls that every request meets: by which way, for which host, from which page; and what every answer carries."""

import asyncio
import gettext
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

import hub.i18n
from hub.config import Config
from hub.desk.principal import SYSTEM
from hub.desk.whence import ADDRESS
from hub.hub import Hub
from hub.protocol import commands
from hub.server import HUB, create_app
from hub.store.clock import ManualClock
from hub.web.headers import NOTHING, RULES, rule_of

Serve = Callable[..., Awaitable["Door"]]


class Door:
    """A hub behind a real server, asked with whatever headers."""

    def __init__(self, app: web.Application, port: int, http: aiohttp.ClientSession) -> None:
        self.app, self.port, self.http = app, port, http

    async def ask(self, path: str = "/healthz", method: str = "GET", **headers: str) -> tuple[int, Any, str]:
        """(status, headers, text)"""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self.http.request(method, url, headers=named, allow_redirects=False) as answer:
            return answer.status, answer.headers, await answer.text()


@pytest.fixture
async def serve(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Serve]:
    """`await serve(peer=…, **settings)`: `peer` is the address that requests seem to come from."""
    peers: dict[int, str] = {}  # by the port that they come to

    def remote(request: web.BaseRequest) -> str:
        assert request.transport is not None
        return peers[request.transport.get_extra_info("sockname")[1]]

    monkeypatch.setattr(hub.i18n, "_catalogue", gettext.NullTranslations())
    monkeypatch.setattr(web.BaseRequest, "remote", property(remote))
    async with AsyncExitStack() as stack:

        async def make(*, peer: str = "127.0.0.1", tls: bool = False, **settings: Any) -> Door:
            database = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
            database.write_bytes(sqlite_template.read_bytes())
            config = Config(data=tmp_path, database=f"sqlite:///{database}", port=0, zone="UTC", **settings)
            started = Hub(replace(config, certificate=Path("/c.pem")) if tls else config, ManualClock())
            await started.start()
            stack.push_async_callback(started.stop)
            app = create_app(started)

            async def fails(_: web.Request) -> web.Response:
                raise RuntimeError("on purpose")

            async def whence(_: web.Request) -> web.Response:
                return web.Response(text=ADDRESS.get())

            app.router.add_get("/fails", fails)
            app.router.add_get("/whence", whence)
            runner = web.AppRunner(app, shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            http = await stack.enter_async_context(aiohttp.ClientSession())
            peers[runner.addresses[0][1]] = peer
            return Door(app, runner.addresses[0][1], http)

        yield make


# -- the way -----------------------------------------------------------------------------------------------------------


async def test_behind_a_proxy_nobody_else_is_let_in(serve: Serve) -> None:
    settings = {"host": "0.0.0.0", "proxies": ("10.0.0.0/24",), "public_url": "https://desk.example"}
    status, _, said = await (await serve(peer="192.168.1.9", **settings)).ask()
    assert (status, said) == (403, "This hub is reached through its proxy only.\n")
    for peer in ("10.0.0.5", "127.0.0.1", "::ffff:10.0.0.5"):
        assert (await (await serve(peer=peer, **settings)).ask())[0] == 200, peer


async def test_what_reached_the_proxy_in_the_clear_is_sent_to_https_or_refused(serve: Serve) -> None:
    door = await serve(peer="10.0.0.5", proxies=("10.0.0.5",), public_url="https://desk.example/tray")
    clear = {"X_Forwarded_Proto": "http"}
    status, headers, _ = await door.ask("/chat/web?embed=1", **clear)
    assert (status, headers["Location"]) == (308, "https://desk.example/tray/chat/web?embed=1")
    assert (await door.ask("/api/v1/sign-in", "POST", **clear))[0] == 403
    assert (await door.ask("/ws", Upgrade="websocket", Connection="Upgrade", **clear))[0] == 403
    assert (await door.ask(X_Forwarded_Proto="https"))[0] == 200
    assert (await door.ask(X_Forwarded_Proto="https, http"))[0] == 308  # the nearest one counts


async def test_what_a_proxy_says_is_believed_from_declared_ones_only(serve: Serve) -> None:
    said = {"X_Forwarded_For": "8.8.8.8", "X_Forwarded_Proto": "https", "X_Forwarded_Host": "desk.example"}
    stranger, proxy = await serve(), await serve(peer="10.0.0.5", proxies=("10.0.0.5",), hosts=("desk.example",))
    assert (await stranger.ask("/whence", **said))[2] == "127.0.0.1"
    assert "Strict-Transport-Security" not in (await stranger.ask(**said))[1]
    assert (await stranger.ask(Host="evil.example", **said))[0] == 421
    assert (await proxy.ask("/whence", **said))[2] == "8.8.8.8"
    assert (await proxy.ask("/whence", **said | {"X_Forwarded_For": "who knows"}))[2] == ""
    assert "Strict-Transport-Security" in (await proxy.ask(**said))[1]
    assert (await proxy.ask(Host="evil.example", **said))[0] == 200


# -- the host ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8460", 200),
        ("localhost", 200),
        ("LOCALHOST.:80", 200),
        ("[::1]:8460", 200),
        ("192.168.1.4", 200),
        ("desk.example", 200),
        ("Desk.Example:8443", 200),
        ("tray.lan", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("desk.example@evil.example", 421),
        ("[::1", 421),
    ],
)
async def test_a_name_that_somebody_let_point_here_is_refused(serve: Serve, host: str, status: int) -> None:
    door = await serve(public_url="https://desk.example", hosts=("tray.lan",))
    assert (await door.ask("/chat/none/", Host=host))[0] == (301 if status == 200 else status)


async def test_the_refusal_says_what_to_set(serve: Serve) -> None:
    _, _, said = await (await serve()).ask(Host="desk.lan")
    assert said == "This hub is not desk.lan. Who runs it can add the name with --public-url or --hosts.\n"


async def test_a_name_that_a_certificate_stands_for_needs_no_setting(serve: Serve) -> None:
    assert (await (await serve(tls=True)).ask(Host="desk.example"))[0] == 200
    assert (await (await serve(tls=True, hosts=("desk.example",))).ask(Host="other.example"))[0] == 421


# -- the page ----------------------------------------------------------------------------------------------------------

SOCKET = {"Upgrade": "websocket", "Connection": "Upgrade"}


@pytest.mark.parametrize(
    ("path", "method", "more"),
    [("/api/v1/sign-in", "POST", {}), ("/api/v1/sign-out", "POST", {}), ("/ws", "GET", SOCKET)],
)
async def test_a_page_of_another_site_can_do_nothing(serve: Serve, path: str, method: str, more: dict) -> None:
    door = await serve(public_url="https://desk.example")
    own = (await door.ask(path, method, **more))[0]  # as any program says it
    assert own in (400, 401)
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1", "https://desk.example.evil.example"):
        status, _, said = await door.ask(path, method, Origin=origin, **more)
        assert (status, said) == (403, "Pages of other sites can do nothing at this hub.\n"), origin
    for origin in ("https://desk.example", f"http://127.0.0.1:{door.port}"):
        assert (await door.ask(path, method, Origin=origin, **more))[0] == own, origin


async def test_the_hubs_own_page_is_its_own_under_tls_only(serve: Serve) -> None:
    door = await serve(tls=True)
    for origin, expected in (("https://desk.example", 400), ("http://desk.example", 403)):
        assert (await door.ask("/api/v1/sign-in", "POST", Host="desk.example", Origin=origin))[0] == expected


async def test_nothing_is_allowed_across_origins(serve: Serve) -> None:
    door = await serve()
    status, headers, _ = await door.ask(
        "/api/v1/sign-in", "OPTIONS", Origin="https://evil.example", Access_Control_Request_Method="POST"
    )
    assert status == 204
    assert not any(name.startswith("Access-Control-") for name in headers)


# -- what every answer carries -----------------------------------------------------------------------------------------

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Server": "bandeja",
}


async def test_every_address_answers_with_the_headers_of_its_rule(serve: Serve) -> None:
    door = await serve()
    started = door.app[HUB]
    queue = await started.submit(SYSTEM, "queue.save", commands.SaveQueue("q", {"en": "Q"}), "key-of-queue")
    channel = commands.SaveChannel(
        "web", "web", {"en": "Web"}, int(queue["queue"]), "web", "#7a5ce0", origins=["https://shop.example"]
    )
    await started.submit(SYSTEM, "channel.save", channel, "key-of-channel")
    seen = 0
    for resource in door.app.router.resources():
        for route in resource:
            if route.method == "*":
                continue
            path = resource.canonical.format(slug="web", version="v", name="chat.js", conversation=1, form=1, of=1)
            assert "{" not in path, "say above what to put in there"
            _, headers, _ = await door.ask(path, route.method)
            rule = rule_of(path)
            assert ALWAYS.items() <= dict(headers).items(), path
            assert "camera=()" in headers["Permissions-Policy"], path
            assert headers["Cross-Origin-Resource-Policy"] == ("cross-origin" if rule.framed else "same-origin"), path
            assert headers["Content-Security-Policy"].startswith("default-src 'none'"), path
            if not rule.framed:
                assert headers["Content-Security-Policy"] == rule.policy, path
                assert headers["X-Frame-Options"] == "DENY", path
                assert headers["Cache-Control"] == rule.more["Cache-Control"], path
            assert "Strict-Transport-Security" not in headers, path
            seen += 1
    assert seen >= 9
    _, headers, _ = await door.ask("/chat/web")
    assert "frame-ancestors 'self' https://shop.example" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers  # it has no way of saying which sites may


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/fails", 500), ("/api/v1/sign-in", 405)])
async def test_errors_carry_them_too_and_say_nothing_of_the_inside(serve: Serve, path: str, status: int) -> None:
    found, headers, said = await (await serve()).ask(path)
    assert found == status
    assert ALWAYS.items() <= dict(headers).items()
    assert headers["Content-Security-Policy"] == NOTHING
    assert "on purpose" not in said
    assert "Traceback" not in said


async def test_what_is_not_http_is_not_told_any_version(serve: Serve) -> None:
    door = await serve()
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nBad Header\r\n\r\n")
    said = (await reader.read()).lower()
    writer.close()
    assert said.startswith((b"http/1.0 400", b"http/1.1 400"))
    assert b"aiohttp" not in said
    assert b"python" not in said


async def test_under_tls_browsers_are_told_to_stay_there(serve: Serve) -> None:
    _, headers, _ = await (await serve(tls=True)).ask()
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_every_address_has_a_rule() -> None:
    assert RULES[-1].prefix == "/"
    assert rule_of("/chat/web").framed
    assert not rule_of("/chats").framed
    assert not rule_of("/api/v1/sign-in").own_origins
