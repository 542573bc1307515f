"""Webhooks, API channels and keys from a shell: a secret is shown once, and a fault is a sentence."""

import re

import pytest
import sqlalchemy as sa
from shell import Shell

from hub.desk.hook_tables import api_channel, webhook, webhook_delivery
from hub.desk.tables import channel
from hub.hooks.secrets import Secrets
from hub.sealing import read_keys

URL = "https://example.org/hook"


@pytest.fixture
def desk(desk: Shell) -> Shell:
    """The same with a queue."""
    desk.ok("queue", "add", "ventas")
    return desk


def secret_in(said: str) -> str:
    (found,) = re.findall(r"whsec_[A-Za-z0-9+/=]{44}", said)
    return str(found)


def rows(desk: Shell, query: sa.Select[tuple[object, ...]]) -> list[sa.Row[tuple[object, ...]]]:
    engine = sa.create_engine(f"sqlite:///{desk.data / 'hub.db'}")
    with engine.connect() as conn:
        found = list(conn.execute(query))
    engine.dispose()
    return found


def opened(desk: Shell, purpose: str, query: sa.Select[tuple[object, ...]]) -> list[str]:
    (row,) = rows(desk, query)
    return Secrets(desk.data / "hub.key").open(row, purpose, 0)


def test_a_webhooks_secret_is_shown_when_it_is_made_and_never_again(desk: Shell) -> None:
    secret = secret_in(desk.ok("webhook", "add", "crm", URL, "--event", "message.received", "--content"))
    assert opened(desk, "webhook:1", sa.select(webhook)) == [secret]
    assert desk.ok("webhook", "add", "crm", URL) == ""  # changed, and has its secret
    listed = desk.ok("webhook", "list")
    assert "crm   https://example.org/hook  *       -     on      0        0" in listed
    assert "whsec" not in listed
    assert "Make a new one with --roll" in desk.refused("webhook", "secret", "crm")
    rolled = secret_in(desk.ok("webhook", "secret", "crm", "--roll"))
    assert opened(desk, "webhook:1", sa.select(webhook)) == [rolled, secret]  # the old one is good for a day
    last = secret_in(desk.ok("webhook", "secret", "crm", "--roll", "--grace", "0"))
    assert opened(desk, "webhook:1", sa.select(webhook)) == [last]
    assert secret.encode() not in (desk.data / "hub.db").read_bytes()
    desk.ok("webhook", "delete", "crm")
    assert rows(desk, sa.select(webhook)) == []


def test_an_api_channel_is_added_with_its_secret(desk: Shell) -> None:
    said = desk.ok("channel", "add", "app", "--queue", "ventas", "--driver", "api", "--callback", URL, "--resend", "2")
    assert opened(desk, "channel:1", sa.select(api_channel)) == [secret_in(said)]
    again = desk.ok("channel", "add", "app", "--queue", "ventas", "--driver", "api", "--callback", URL + "/2")
    assert again == ""
    (row,) = rows(desk, sa.select(channel, api_channel).join(api_channel))
    assert (row.app, row.driver, row.callback, row.resend) == ("api", "api", URL + "/2", 0)  # type: ignore[attr-defined]
    rolled = secret_in(desk.ok("channel", "secret", "app", "--roll"))
    assert opened(desk, "channel:1", sa.select(api_channel))[0] == rolled
    desk.ok("channel", "add", "web", "--queue", "ventas")
    assert "There is no such channel: web" in desk.refused("channel", "secret", "web", "--roll")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("webhook", "add", "crm", "https://me:pw@example.org/"), "url can't be used: it must not hold a user"),
        (("webhook", "add", "crm", URL, "--event", "message.eaten"), "events can't be used: message.eaten is none of"),
        (("webhook", "add", "crm", URL, "--event", "message.noted"), "events can't be used: message.noted needs notes"),
        (("webhook", "secret", "crm", "--roll"), "There is no such webhook: crm"),
        (("webhook", "retry", "crm"), "There is no such webhook: crm"),
        (("webhook", "failed", "crm"), "There is no such webhook: crm"),
        (("channel", "add", "app", "--queue", "ventas", "--driver", "api"), "callback can't be used"),
        (("channel", "add", "web", "--queue", "ventas", "--callback", URL), "it is for channels of driver api"),
    ],
)
def test_a_fault_is_a_sentence_that_names_it(desk: Shell, arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in desk.refused(*arguments)


def test_what_failed_is_listed_and_told_again(desk: Shell) -> None:
    desk.ok("webhook", "add", "crm", URL)
    engine = sa.create_engine(f"sqlite:///{desk.data / 'hub.db'}")
    with engine.begin() as conn:
        dead = {"webhook_id": 1, "seq": 1, "kind": "message.received", "attempt": 10, "due": 0, "dead_at": 1}
        conn.execute(sa.insert(webhook_delivery).values(**dead, why="500", answer="no luck"))
    engine.dispose()
    assert "1   crm   message.received  1970-01-01 00:00Z  10     500  no luck" in desk.ok("webhook", "failed")
    assert "0        1" in desk.ok("webhook", "list")
    assert "There is no such delivery: 7" in desk.refused("webhook", "retry", "crm", "--id", "7")
    assert desk.ok("webhook", "retry", "crm") == "To be told again: 1.\n"
    assert "message.received" not in desk.ok("webhook", "failed", "crm")


def test_a_new_key_seals_everything_and_says_which_old_ones_are_idle(desk: Shell) -> None:
    secret = secret_in(desk.ok("webhook", "add", "crm", URL))
    desk.ok("webhook", "secret", "crm", "--roll")
    desk.ok("channel", "add", "app", "--queue", "ventas", "--driver", "api", "--callback", URL)
    key_file = desk.data / "hub.key"
    (old,) = read_keys(key_file).ids
    said = desk.ok("keys", "rotate")
    assert "Secrets sealed by the new key: 3." in said
    assert f"These lines of {key_file} seal nothing any more: 2 ({old})." in said
    assert key_file.stat().st_mode & 0o777 == 0o600
    lines = key_file.read_text().splitlines()
    key_file.write_text(lines[0] + "\n")  # without the old one
    assert secret in opened(desk, "webhook:1", sa.select(webhook))
    assert "Secrets sealed by the new key: 3." in desk.ok("keys", "rotate")


def test_keys_are_not_rotated_where_a_secret_does_not_open(desk: Shell) -> None:
    desk.ok("webhook", "add", "crm", URL)
    key_file = desk.data / "hub.key"
    key_file.unlink()
    said = desk.refused("keys", "rotate")
    assert "A secret in the database does not open" in said
    assert len(key_file.read_text().splitlines()) == 1


@pytest.mark.parametrize("url", ["http://crm.example.org/hook", "http://127.0.0.1:9000/hook", "https://10.0.0.5/hook"])
def test_where_the_hub_would_never_post_is_refused_at_once_with_the_remedy(desk: Shell, url: str) -> None:
    for command in (
        ("webhook", "add", "crm", url),
        ("channel", "add", "app", "--queue", "ventas", "--driver", "api", "--callback", url),
    ):
        said = desk.refused(*command)
        assert url in said
        assert "webhook_networks" in said
    assert rows(desk, sa.select(webhook)) == []
    assert rows(desk, sa.select(api_channel)) == []
    named = desk.data.parent / "hub.toml"
    named.write_text('webhook_networks = ["127.0.0.0/8", "10.0.0.5"]')
    assert secret_in(desk.ok("webhook", "add", "crm", url, "--config", str(named)))
