"""The hub's own mails, handed in by SMTP; never anything of a customer's."""

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from hub.config import Config

WITHIN = 30.0  # seconds
LOCAL = ("127.0.0.1", "::1", "localhost")
PORTS = {"smtp": 587, "smtps": 465}


class NotMailed(Exception):
    """The mail was not handed in; the text says why."""


async def send(config: Config, to: str, subject: str, text: str) -> None:
    """Hand a mail in. Over a network the connection is encrypted, or nothing is sent. Raises `NotMailed`."""
    parts = urlsplit(config.smtp)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = config.mail_from, to, subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    try:
        await aiosmtplib.send(
            mail,
            hostname=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            start_tls=parts.scheme == "smtp" and parts.hostname not in LOCAL,
            timeout=WITHIN,
        )
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise NotMailed(str(error) or type(error).__name__) from error
