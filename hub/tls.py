"""The hub's own TLS: the certificate is taken up anew whenever its files are, without anybody's connection ending.

What is promised: handshakes after a renewal get the new certificate, connections that stand keep what they have; a pair
that can't be used (half written, a key of another certificate) is refused with a line in the log, and the old one
stays. The files are looked at every few seconds, and at once on SIGHUP. Links are followed, so that what certbot and
its kin do is noticed. TLS 1.2 with forward secrecy and authenticated ciphers, or 1.3 (RFC 9325).
"""

import asyncio
import signal
import ssl
from datetime import UTC, datetime
from pathlib import Path

import structlog
from cryptography import x509

from hub.live.loops import Loop

LOOK = 5.0  # seconds between looks at the files
SOON = 21 * 86_400  # seconds before its end in which a certificate is warned of: a renewal has failed by then
REMIND = 86_400  # seconds between two such warnings
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2; those of 1.3 are all sound

log = structlog.get_logger(__name__)
Stamp = tuple[tuple[int, int, int], ...]


class Certificate:
    """A certificate and its key, as files. Raises OSError or ssl.SSLError where they can't be used at the start."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._stamp = self._stamped()
        self._current, self.expires = self._read()
        self._told: datetime | None = None
        self._again = asyncio.Event()
        self._loop = Loop("certificate", self._step)
        self.context, _ = self._read()  # what the server is given; it passes each handshake on to the current one
        self.context.sni_callback = self._pass_on  # is called for clients that name no host, too

    def start(self) -> None:
        """Look after the files from now on. On the main thread, where signals come."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.look_again)
        self.remind(datetime.now(UTC))
        self._loop.start()

    async def stop(self) -> None:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
        await self._loop.stop()

    def look_again(self) -> None:
        """Take the files up now, whether or not they look changed."""
        self._stamp = ()
        self._again.set()

    def seconds_left(self, now: datetime) -> float:
        """Until the certificate is over; below zero where it is."""
        return (self.expires - now).total_seconds()

    def remind(self, now: datetime) -> None:
        """Say in the log, once a day, that the certificate is about to be over."""
        left = self.seconds_left(now)
        if left > SOON or (self._told is not None and (now - self._told).total_seconds() < REMIND):
            return
        self._told = now
        say = log.error if left <= 0 else log.warning
        say("certificate_expired" if left <= 0 else "certificate_expires", at=self.expires.isoformat())

    async def _step(self) -> None:
        try:
            async with asyncio.timeout(LOOK):
                await self._again.wait()
        except TimeoutError:
            pass
        self._again.clear()
        self.renew()
        self.remind(datetime.now(UTC))

    def renew(self) -> bool:
        """Take the files up if they have changed; whether that was done."""
        try:
            stamp = self._stamped()
        except OSError as error:
            stamp = ((-1, -1, error.errno or 0),)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self._current, self.expires = self._read()
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            log.warning("certificate_refused", why=str(error), kept_until=self.expires.isoformat())
            return False
        self._told = None
        log.info("certificate_renewed", expires=self.expires.isoformat())
        return True

    def _pass_on(self, connection: ssl.SSLObject, _: str | None, __: ssl.SSLContext) -> None:
        connection.context = self._current

    def _stamped(self) -> Stamp:
        found = [path.stat() for path in self._files]
        return tuple((one.st_mtime_ns, one.st_ino, one.st_size) for one in found)

    def _read(self) -> tuple[ssl.SSLContext, datetime]:
        """A context with the pair, and when the certificate is over."""
        certificate, key = self._files
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS)
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(certificate, key)
        return context, x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
