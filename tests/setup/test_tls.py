"""The hub's own TLS: a renewed certificate is taken up while connections stand, and a bad one is refused."""

import asyncio
import os
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import structlog.testing
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hub.config import Config
from hub.serving import Served, serve, serving
from hub.tls import SOON, Certificate

NOW = datetime.now(UTC)


def make(folder: Path, name: str, days: float = 90) -> tuple[bytes, bytes]:
    """Certificate and key in PEM, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=200))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), secret


class Files:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate, self.key = folder / "cert.pem", folder / "key.pem"
        self.put("first")

    def put(self, name: str, days: float = 90) -> None:
        certificate, key = make(self.folder, name, days)
        self.certificate.write_bytes(certificate)
        self.key.write_bytes(key)

    def link(self, name: str) -> None:
        """As certbot does it: the files are links, which point to others from now on."""
        kept = self.folder / name
        kept.mkdir()
        for path, content in zip((self.certificate, self.key), make(self.folder, name), strict=True):
            (kept / path.name).write_bytes(content)
            path.unlink()
            path.symlink_to(kept / path.name)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@asynccontextmanager
async def served(files: Files) -> AsyncIterator[Served]:
    config = Config(data=files.folder, port=0, certificate=files.certificate, certificate_key=files.key)
    async with serving(config) as hub:
        yield hub


async def connect(port: int, **limits: ssl.TLSVersion) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE  # which one it is, is what the tests ask
    if limits:
        trust.set_ciphers("ALL:@SECLEVEL=0")  # it is the hub that is to refuse
    for name, value in limits.items():
        setattr(trust, name, value)
    return await asyncio.open_connection("127.0.0.1", port, ssl=trust)


def name_of(writer: asyncio.StreamWriter) -> str:
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    (attribute,) = x509.load_der_x509_certificate(shown).subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(attribute.value)


async def shown(port: int) -> str:
    """The name on the certificate that a new connection is shown."""
    _, writer = await connect(port)
    found = name_of(writer)
    writer.close()
    return found


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))
    return head.split(b"\r\n")[0]


def certificate_of(hub: Served) -> Certificate:
    assert hub.hub.certificate is not None
    return hub.hub.certificate


@pytest.mark.parametrize("renew", [Files.put, Files.link])
async def test_a_renewed_certificate_is_shown_to_who_comes_and_who_is_there_stays(files: Files, renew) -> None:
    async with served(files) as hub:
        reader, writer = await connect(hub.port)
        assert name_of(writer) == "first"
        assert await ask(reader, writer) == b"HTTP/1.1 200 OK"
        renew(files, "second")
        assert certificate_of(hub).renew()
        assert await shown(hub.port) == "second"
        assert await ask(reader, writer) == b"HTTP/1.1 200 OK"
        writer.close()
        assert not certificate_of(hub).renew()  # nothing has changed since


async def test_a_renewal_is_noticed_without_being_told(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.tls.LOOK", 0.05)
    async with served(files) as hub:
        files.put("second")
        async with asyncio.timeout(60):
            while await shown(hub.port) != "second":
                await asyncio.sleep(0.05)


async def test_who_sends_sighup_does_not_wait(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.tls.LOOK", 100_000)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = Config(data=files.folder, port=port, certificate=files.certificate, certificate_key=files.key)
    running = asyncio.create_task(serve(config))
    try:
        await until(port, "first", running)
        files.put("second")
        os.kill(os.getpid(), signal.SIGHUP)
        await until(port, "second", running)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await running


async def until(port: int, name: str, running: "asyncio.Task[None]") -> None:
    """Wait for a hub to listen, and to show this certificate."""
    async with asyncio.timeout(90):
        while True:
            assert not running.done()
            try:
                if await shown(port) == name:
                    return
            except ConnectionError:
                pass
            await asyncio.sleep(0.05)


def half(files: Files) -> None:
    files.certificate.write_bytes(make(files.folder, "second")[0][:300])


def mismatched(files: Files) -> None:
    files.certificate.write_bytes(make(files.folder, "second")[0])


def gone(files: Files) -> None:
    files.key.unlink()


@pytest.mark.parametrize("spoil", [half, mismatched, gone])
async def test_a_pair_that_can_not_be_used_is_refused_and_the_old_one_stays(files: Files, spoil) -> None:
    async with served(files) as hub:
        spoil(files)
        with structlog.testing.capture_logs() as said:
            assert not certificate_of(hub).renew()
            assert not certificate_of(hub).renew()
        assert [line["event"] for line in said] == ["certificate_refused"]  # once, not at every look
        assert await shown(hub.port) == "first"
        files.put("third")
        assert certificate_of(hub).renew()
        assert await shown(hub.port) == "third"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_old_versions_of_tls_are_not_spoken(files: Files) -> None:
    async with served(files) as hub:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await connect(hub.port, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            _, writer = await connect(hub.port, minimum_version=version, maximum_version=version)
            cipher, _, bits = writer.get_extra_info("cipher")
            assert bits >= 128
            assert cipher.startswith(("ECDHE-", "TLS_"))
            writer.close()


async def test_a_certificate_that_is_about_to_be_over_is_warned_of_once_a_day(files: Files) -> None:
    files.put("first", days=SOON / 86_400 + 1)
    certificate = Certificate(files.certificate, files.key)
    assert certificate.seconds_left(certificate.expires) == 0
    events = []
    for days in (0, 2, 2.5, 3.1, 40):
        with structlog.testing.capture_logs() as said:
            certificate.remind(NOW + timedelta(days=days))
        events.append([(line["event"], line["log_level"]) for line in said])
    soon, over = ("certificate_expires", "warning"), ("certificate_expired", "error")
    assert events == [[], [soon], [], [soon], [over]]
