"""The door out: it leads to public addresses and to the networks that were named, by whatever way one asks."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from endpoint import LOOPBACK, Endpoint, cut, listening, status

from hub.hooks.egress import SNIPPET, Egress, NoAnswer, NotSent, is_public

URL = "http://endpoint.example:{port}/hook"


class Toy(AbstractResolver):
    """Answers each question with the next of its answers, and the last one for ever."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        kind = socket.AF_INET6 if ":" in found else socket.AF_INET
        return [ResolveResult(hostname=host, host=found, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        pass


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with listening() as endpoint:
        yield endpoint


@asynccontextmanager
async def opened(*networks: str, resolver: AbstractResolver | None = None, total: float = 30) -> AsyncIterator[Egress]:
    egress = Egress(networks, resolver, total=total)
    await egress.start()
    try:
        yield egress
    finally:
        await egress.stop()


def port_of(endpoint: Endpoint) -> str:
    return endpoint.url.rpartition(":")[2].partition("/")[0]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # the metadata service of clouds
        "100.64.0.1",  # carriers' NAT
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::7f00:1",
        "64:ff9b::7f00:1",  # NAT64
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "2001::1",  # Teredo
        "2002:7f00:1::",  # 6to4
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_one_public_host_is_none(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "200.10.228.1", "2606:4700::1111", "2001:4860:4860::8888"])
def test_a_public_host_is_one(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_spelling_of_this_computer_gets_through(endpoint: Endpoint, scheme: str, host: str) -> None:
    async with opened() as egress:
        with pytest.raises(NotSent) as refused:
            await egress.post(f"{scheme}://{host}:{port_of(endpoint)}/hook", b"{}", {})
    assert refused.value.code in ("address_refused", "unreachable")  # a resolver may know none of the odd ones
    assert endpoint.posts == []


async def test_what_is_checked_is_the_address_that_is_connected_to(endpoint: Endpoint) -> None:
    """A name server that answers whoever checks with an allowed address, and the next with ours (DNS rebinding)."""
    rebinding = Toy("127.0.0.2", "127.0.0.1")
    async with opened("127.0.0.2/32", resolver=rebinding) as egress:
        codes = []
        for _ in range(3):
            with pytest.raises(NotSent) as refused:
                await egress.post(URL.format(port=port_of(endpoint)), b"{}", {})
            codes.append(refused.value.code)
    assert codes == ["unreachable", "address_refused", "address_refused"]
    assert rebinding.asked == 3  # once a request: there is no second look-up to answer otherwise
    assert endpoint.posts == []


async def test_a_name_that_leads_inside_is_refused_as_such(endpoint: Endpoint) -> None:
    async with opened(resolver=Toy("127.0.0.1")) as egress:
        for scheme in ("http", "https"):
            url = URL.replace("http", scheme).format(port=port_of(endpoint))
            with pytest.raises(NotSent, match="address_refused"):
                await egress.post(url, b"{}", {})


async def test_a_named_network_is_reached_and_its_neighbours_are_not(endpoint: Endpoint) -> None:
    async with opened("127.0.0.1/32", resolver=Toy("127.0.0.1", "127.0.0.2")) as egress:
        answer = await egress.post(URL.format(port=port_of(endpoint)), b"{}", {"webhook-id": "one"})
        assert answer.taken
        with pytest.raises(NotSent, match="address_refused"):
            await egress.post(URL.format(port=port_of(endpoint)), b"{}", {"webhook-id": "two"})
    assert [post.id for post in endpoint.posts] == ["one"]


async def test_plain_http_goes_to_named_networks_only() -> None:
    async with opened("10.0.0.0/8", resolver=Toy("93.184.215.14")) as egress:
        with pytest.raises(NotSent, match="address_refused"):
            await egress.post("http://endpoint.example/hook", b"{}", {})


async def test_a_redirect_is_an_answer_and_is_not_followed(endpoint: Endpoint) -> None:
    endpoint.reply = status(307, Location=endpoint.url.replace("hook", "inside"))
    async with opened(*LOOPBACK) as egress:
        answer = await egress.post(endpoint.url, b"{}", {"webhook-id": "one"})
    assert (answer.status, answer.taken) == (307, False)
    assert [post.path for post in endpoint.posts] == ["/hook"]


async def test_proxies_of_the_environment_are_not_asked(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        async with opened(*LOOPBACK) as egress:
            await egress.post(endpoint.url, b"{}", {"webhook-id": "one"})
        assert (len(endpoint.posts), len(proxy.posts)) == (1, 0)


async def test_of_a_huge_answer_only_the_beginning_is_read(endpoint: Endpoint) -> None:
    sent = 0

    async def pour(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(status=500)
        await response.prepare(request)
        while True:  # until the hub hangs up
            await response.write(b"\x1b[2Jx" * 10_000)
            sent += 50_000

    endpoint.reply = pour
    async with opened(*LOOPBACK) as egress:
        answer = await egress.post(endpoint.url, b"{}", {"webhook-id": "one"})
    assert answer.status == 500
    assert 0 < len(answer.snippet) <= SNIPPET
    assert answer.snippet.isprintable()
    assert sent < 50_000_000


async def test_a_silent_endpoint_and_a_cut_connection_are_no_answers(endpoint: Endpoint) -> None:
    async def hang(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async with opened(*LOOPBACK, total=0.5) as egress:
        for reply in (hang, cut):
            endpoint.reply = reply
            with pytest.raises(NoAnswer):
                await egress.post(endpoint.url, b"{}", {"webhook-id": "one"})


async def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with opened(*LOOPBACK) as egress:
        with pytest.raises(NotSent, match="unreachable"):
            await egress.post(f"http://127.0.0.1:{port}/", b"{}", {})


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..example", "x" * 80 + ".example"])
async def test_a_name_that_leads_nowhere_is_unreachable(host: str) -> None:
    async with opened() as egress:
        with pytest.raises(NotSent, match="unreachable"):
            await egress.post(f"https://{host}/", b"{}", {})


async def test_an_endpoint_without_a_good_certificate_is_not_spoken_to(endpoint: Endpoint) -> None:
    async with opened(*LOOPBACK) as egress:
        with pytest.raises(NotSent, match="tls"):
            await egress.post(endpoint.url.replace("http", "https"), b"{}", {})


@pytest.mark.parametrize(("value", "least", "most"), [("120", 120, 120), ("soon", 0, 0), ("-5", 0, 0), ("", 0, 0)])
async def test_retry_after_is_read_in_seconds(endpoint: Endpoint, value: str, least: int, most: int) -> None:
    endpoint.reply = status(503, Retry_After=value)
    async with opened(*LOOPBACK) as egress:
        answer = await egress.post(endpoint.url, b"{}", {"webhook-id": "one"})
    assert least <= answer.retry_after <= most


async def test_retry_after_is_read_as_a_date_too(endpoint: Endpoint) -> None:
    endpoint.reply = status(503, Retry_After="Fri, 31 Dec 2126 23:59:59 GMT")
    async with opened(*LOOPBACK) as egress:
        answer = await egress.post(endpoint.url, b"{}", {"webhook-id": "one"})
    assert answer.retry_after > 3_000_000_000
