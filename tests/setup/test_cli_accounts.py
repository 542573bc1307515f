"""What an administrator does to somebody's account from a shell."""

import re
import socket
import sqlite3
import sys
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pyotp
import pytest
from aiosmtpd.controller import Controller

sys.path.insert(0, str(Path(__file__).parent))
from shell import Shell

from hub import second_factor

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def desk(desk: Shell) -> Shell:
    """The same with one agent."""
    desk.ok("user", "add", "ana", password="long enough")
    return desk


class Mailbox:
    """Takes in what is sent."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library calls it so
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 kept"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


def rows(desk: Shell, query: str) -> list[Any]:
    with sqlite3.connect(desk.data / "hub.db") as database:
        return database.execute(query).fetchall()


def test_a_link_for_a_new_password_is_printed_and_kept_as_its_hash(desk: Shell) -> None:
    done = desk.run("user", "reset", "ana", BANDEJA_HUB_PUBLIC_URL="https://desk.example.org")
    assert done.code == 0
    made = re.fullmatch(r"https://desk\.example\.org/reset#([\w-]{43})\n", done.out)
    assert made is not None, done.out
    assert "ana and nobody else" in done.err
    assert made[1] not in str(rows(desk, "SELECT * FROM password_link"))
    assert len(rows(desk, "SELECT * FROM password_link")) == 1


def test_a_link_is_mailed_where_there_is_a_way(desk: Shell, mailbox: tuple[Mailbox, str]) -> None:
    box, url = mailbox
    mail = {"BANDEJA_HUB_SMTP": url, "BANDEJA_HUB_MAIL_FROM": "desk@example.org"}
    assert "set smtp and mail_from" in desk.refused("user", "reset", "ana", "--mail")
    assert "user mail ana" in desk.refused("user", "reset", "ana", "--mail", **mail)
    desk.ok("user", "mail", "ana", "ana@example.org")
    done = desk.run("user", "reset", "ana", "--mail", **mail)
    assert (done.code, done.err) == (0, "")
    assert "ana@example.org" in done.out
    assert "#" not in done.out
    ((to, sent),) = box.mails
    assert (to, sent["From"]) == (["ana@example.org"], "desk@example.org")
    assert re.search(r"http://127\.0\.0\.1:8460/reset#[\w-]{43}", sent.get_payload(decode=True).decode())


def test_a_mail_that_does_not_go_out_says_why(desk: Shell) -> None:
    desk.ok("user", "mail", "ana", "ana@example.org")
    mail = {"BANDEJA_HUB_SMTP": "smtp://127.0.0.1:1", "BANDEJA_HUB_MAIL_FROM": "desk@example.org"}
    assert "The mail was not sent" in desk.refused("user", "reset", "ana", "--mail", **mail)


def test_what_is_no_address_is_refused_by_its_name(desk: Shell) -> None:
    assert "mail can't be used" in desk.refused("user", "mail", "ana", "nobody at all")


def test_a_second_factor_is_given_with_a_code_and_taken_away_again(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_factor, "new_secret", lambda: SECRET)
    monkeypatch.setattr("builtins.input", lambda _: pyotp.TOTP(SECRET).now())
    said = desk.ok("user", "totp", "ana")
    assert SECRET in said
    assert len(re.findall(r"^(?:[a-z2-7]{4}-){3}[a-z2-7]{4}$", said, re.MULTILINE)) == 10
    ((sealed, confirmed),) = rows(desk, "SELECT sealed, confirmed_at FROM second_factor")
    assert confirmed
    assert SECRET not in sealed
    assert "Turn it off first" in desk.refused("user", "totp", "ana")
    desk.ok("user", "totp", "ana", "--off")
    assert rows(desk, "SELECT * FROM second_factor") == rows(desk, "SELECT * FROM recovery_code") == []


def test_without_the_right_code_nothing_changes(desk: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "12345")
    assert "not the code of now" in desk.refused("user", "totp", "ana")

    def gone(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", gone)
    assert "signs in as before" in desk.refused("user", "totp", "ana")
    assert rows(desk, "SELECT confirmed_at FROM second_factor") == [(None,)]
