"""A hub on the network: TLS of its own, and nothing left behind when the port can't be had."""

import asyncio
import socket
import ssl
import urllib.request
from pathlib import Path

import pytest

from hub.config import Config
from hub.serving import serving

TLS = Path(__file__).parent / "tls"  # made for these tests, for 127.0.0.1; worth nothing elsewhere


async def test_with_a_certificate_the_hub_speaks_tls_itself(tmp_path: Path) -> None:
    config = Config(data=tmp_path, port=0, certificate=TLS / "certificate.pem", certificate_key=TLS / "key.pem")
    trust = ssl.create_default_context(cafile=TLS / "certificate.pem")
    async with serving(config) as served:
        url = f"https://127.0.0.1:{served.port}/healthz"
        status = await asyncio.to_thread(lambda: urllib.request.urlopen(url, context=trust).status)
    assert status == 200


async def test_a_certificate_that_is_none_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("not a certificate")
    with pytest.raises(ssl.SSLError):
        async with serving(Config(data=tmp_path / "desk", port=0, certificate=broken, certificate_key=broken)):
            pass
    assert not (tmp_path / "desk").exists()


async def test_a_port_that_is_taken_leaves_no_hub_behind(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        before = {task.get_name() for task in asyncio.all_tasks()}
        with pytest.raises(OSError, match="address already in use"):
            async with serving(Config(data=tmp_path, port=taken.getsockname()[1])):
                pass
        assert {task.get_name() for task in asyncio.all_tasks()} == before
