"""Whose request it is: the client's address behind proxies, and the site that a browser names."""

import pytest
from aiohttp.test_utils import make_mocked_request

from hub.desk.endpoints import origin_of
from hub.web.chat_routes import fill, preferred
from hub.web.origins import client_address, origin_allowed


def request(peer: str = "203.0.113.7", **headers: str):
    transport_peer = type("Transport", (), {"get_extra_info": lambda self, name, default=None: (peer, 1)})()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("GET", "/", headers={"Host": "desk.example", **named}, transport=transport_peer)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # not a proxy of ours: anybody can send the header
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # what the client made up is to the left
        ("10.0.0.5", "198.51.100.1, 10.0.0.6", "198.51.100.1"),
        ("10.0.0.5", "", "10.0.0.5"),
    ],
)
def test_only_declared_proxies_are_believed(peer, forwarded, address):
    headers = {"X_Forwarded_For": forwarded} if forwarded else {}
    assert client_address(request(peer, **headers), ("10.0.0.0/24",)) == address


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://desk.example", True),  # the hub's own page
        ("https://chat.example", True),  # as the outside knows the hub
        ("https://tienda.example", True),
        ("HTTPS://Tienda.Example", True),
        ("http://tienda.example", False),
        ("https://tienda.example:8443", False),
        ("https://tienda.example.evil.example", False),
        ("https://desk.example.evil.example", False),
        ("file://desk.example", False),
        ("null", False),
        ("", False),
        ("http://[", False),  # what can't be read is nobody's
        ("http://desk.example:99999", False),
    ],
)
def test_a_site_is_allowed_by_its_whole_origin(origin, allowed):
    headers = {"Origin": origin} if origin else {}
    listed = ["https://tienda.example:443/", "http://localhost:3000"]
    assert origin_allowed(request(**headers), "https://chat.example", listed) is allowed


def test_the_host_that_a_declared_proxy_was_asked_for_counts_and_nobody_elses():
    headers = {"Origin": "https://chat.example", "X_Forwarded_Host": "chat.example"}
    assert origin_allowed(request("10.0.0.5", **headers), "", (), ["10.0.0.0/24"])
    assert not origin_allowed(request("203.0.113.7", **headers), "", (), ["10.0.0.0/24"])
    assert not origin_allowed(request("10.0.0.5", **headers), "", ())


def test_an_origin_is_written_in_one_way():
    assert origin_of("https://Tienda.Example:443/path?x") == "https://tienda.example"
    assert origin_of("http://[::1]:8080") == "http://[::1]:8080"
    assert origin_of("javascript:alert(1)") == ""
    assert origin_of("") == ""
    assert [origin_of(bad) for bad in ("http://[", "https://a:99999", "https://a:b", "https://:1")] == [""] * 4


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en-GB,en;q=0.8", "en"),
        ("de,en;q=0.5,es;q=0.7", "es"),
        ("es;q=0.1,en;q=0.9", "en"),
        ("de", "es"),
        ("", "es"),
        ("en;q=oops,es", "es"),
    ],
)
def test_the_name_is_in_the_first_language_that_there_is(accepted, language):
    assert preferred(accepted, {"es": "Tienda", "en": "Store"}) == language


def test_a_channels_name_can_not_become_markup():
    page = fill('<h1>{{title}}</h1><meta content="{{config}}">', title="<script>", config='{"a":"\\" onload=1"}')
    assert page == '<h1>&lt;script&gt;</h1><meta content="{&quot;a&quot;:&quot;\\&quot; onload=1&quot;}">'


def test_what_a_channels_name_holds_is_not_filled():
    assert fill("<h1>{{title}}</h1>", title="{{config}}", config="secret") == "<h1>{{config}}</h1>"
