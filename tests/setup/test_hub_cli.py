"""What an administrator does from a shell: it works, and where it doesn't, a sentence says why and what to do."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request

import pytest
from embedding import environment, until
from shell import Shell

from hub.config import PREFIX, Config
from hub.protocol.settings import declared


def test_a_desk_is_set_up_in_four_steps_and_listed(shell: Shell) -> None:
    assert "hub.db" in shell.ok("init", "--login", "root", "--name", "Root", password="long enough")
    shell.ok("user", "add", "ana", "--name", "Ana", password="long enough")
    shell.ok("queue", "add", "ventas", "--name", "Ventas", "--member", "ana", "--support", "root")
    shell.ok("channel", "add", "web", "--queue", "ventas", "--origin", "https://shop.example")
    assert "ana    Ana   agent" in shell.ok("user", "list")
    assert "ventas  Ventas  5         ana (root)" in shell.ok("queue", "list")
    assert "https://shop.example" in shell.ok("channel", "list")
    assert shell.ok("check") == "Looked at 0 conversations, 0 messages and 4 events.\nEverything holds.\n"


def test_there_is_one_first_admin(desk: Shell) -> None:
    desk.ok("init", "--login", "root", "--name", "Root", password="long enough")
    refused = desk.refused("init", "--login", "other", "--name", "Other", password="long enough")
    assert refused == "This desk has an admin already. Add people with: bandeja-hub user add\n"


def test_a_password_comes_from_a_person_a_program_or_the_environment_but_never_from_the_command_line(
    desk: Shell,
) -> None:
    assert "give --password-stdin, or set BANDEJA_HUB_PASSWORD" in desk.refused("user", "add", "ana")
    assert "at least 8 characters" in desk.refused("user", "add", "ana", password="short")
    assert "There is no option --password here." in desk.refused("user", "add", "ana", "--password", "long enough")
    assert desk.run("user", "add", "ana", BANDEJA_HUB_PASSWORD="long enough").code == 0


def test_a_changed_password_and_a_disabled_agent_keep_the_rest(desk: Shell) -> None:
    desk.ok("user", "add", "ana", "--name", "Ana María", "--role", "supervisor", password="long enough")
    desk.ok("user", "passwd", "ana", password="another one")
    desk.ok("user", "disable", "ana")
    assert "Ana María  supervisor  disabled" in desk.ok("user", "list")
    desk.ok("user", "enable", "ana")
    assert "disabled" not in desk.ok("user", "list")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("user", "add", "--rol", "agent"), "There is no option --rol here. Did you mean --role?"),
        (("user", "add", "--xyzzy"), "There is no option --xyzzy here. --help tells the options."),
        (("usr",), "There is no command usr. Did you mean user?"),
        (
            ("user", "xyzzy"),
            "There is no command xyzzy. There are: add, disable, enable, list, mail, passwd",
        ),
        (("user", "add", "ana", "maria", "paz"), "Too much was given: maria paz. A text with spaces goes in quotes."),
        (("user", "add"), "LOGIN needs a value. --help tells which."),
        (("user", "add", "ana", "--role"), "--role needs a value. --help tells which."),
        (("user", "add", "ana", "--role", "boss"), "--role must be one of agent, supervisor, admin, not 'boss'."),
        (("queue", "add", "v", "--capacity", "many"), "--capacity must be a whole number, not 'many'."),
        (("check", "--repair", "--repair"), "--repair was given twice."),
        (("check", "--repair=x"), "--repair takes no value."),
        (("user", "passwd", "nobody"), "There is no nobody."),
        (("user", "disable", "nobody"), "There is no such agent: nobody"),
        (("user", "mail", "nobody", "a@example.org"), "There is no such agent: nobody"),
        (("user", "add", "Not A Login"), "login can't be used"),
        (("queue", "add", "v", "--member", "nobody"), "There is no such agent: nobody"),
        (("channel", "add", "web", "--queue", "none"), "There is no such queue: none"),
    ],
)
def test_what_can_not_be_done_is_told_in_a_sentence(desk: Shell, arguments: tuple[str, ...], sentence: str) -> None:
    password = "long enough" if arguments[0] == "user" and arguments[1] not in ("disable", "mail") else ""
    assert sentence in desk.refused(*arguments, password=password)


def test_without_a_desk_every_command_says_how_to_make_one(shell: Shell) -> None:
    for arguments in (("user", "list"), ("check",), ("migrate",)):
        assert "Make one with: bandeja-hub init" in shell.refused(*arguments)
    assert not shell.data.exists()


def test_an_empty_database_is_no_desk_and_an_older_one_is_to_be_upgraded(desk: Shell) -> None:
    with sqlite3.connect(desk.data / "hub.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0003'")
    database.close()
    assert "has schema 0003" in desk.refused("check")
    assert "Run: bandeja-hub migrate" in desk.refused("user", "list")
    (desk.data / "hub.db").unlink()
    (desk.data / "hub.db").touch()
    for arguments in (("check",), ("user", "list"), ("backup",)):
        assert "Make one with: bandeja-hub init" in desk.refused(*arguments), arguments


def test_a_database_that_is_none_is_told_in_a_sentence(shell: Shell) -> None:
    shell.data.mkdir()
    (shell.data / "hub.db").write_text("this is not a database" * 100)
    assert "The database can't be used: file is not a database" in shell.refused("user", "list")


def test_the_way_of_a_command_is_shown_by_its_key_or_the_number_of_a_journal_row(desk: Shell) -> None:
    desk.ok("user", "add", "ana", password="long enough")
    with sqlite3.connect(desk.data / "hub.db") as database:
        ((key,),) = database.execute("SELECT key FROM journal")
    shown = desk.ok("trace", key)
    assert shown.startswith(f"Command {key}\n")
    answer, event = shown.splitlines()[1:]
    assert answer.endswith('{"agent":1}')
    assert "#1" in event
    assert "agent.changed" in event
    assert desk.ok("trace", "1") == shown
    assert desk.refused("trace", "no-such-key").startswith("Nothing is known of no-such-key.")


def test_what_does_not_hold_is_named_and_mended(desk: Shell) -> None:
    desk.ok("user", "add", "ana", password="long enough")
    desk.ok("queue", "add", "v", "--member", "ana")
    desk.ok("channel", "add", "web", "--queue", "v")
    with sqlite3.connect(desk.data / "hub.db") as database:
        database.execute("INSERT INTO contact (id, name, phone, saved, sample, created_at) VALUES (1, '', '', 0, 0, 0)")
        database.execute("INSERT INTO identity (id, channel_id, external_id, contact_id) VALUES (1, 1, 'x', 1)")
        database.execute(
            "INSERT INTO conversation (id, rev, kind, state, generation, channel_id, queue_id, identity_id, contact_id,"
            " sample, created_at, last_at, closed_at, unread, read_message_id, owed, answered, language, page,"
            " referrer)"
            " VALUES (1, 1, 'chat', 'closed', 0, 1, 1, 1, 1, 0, 0, 0, 0, 7, 0, 0, 0, '', '', '')"
        )
    found = desk.run("check")
    assert found.code == 1
    assert "conversation.unread differs from the messages (--repair mends it)" in found.out
    assert "Rows mended: 1." in desk.ok("check", "--repair")


def test_a_hub_serves_what_was_set_up_and_stops_cleanly_when_asked(desk: Shell) -> None:
    desk.ok("user", "add", "ana", password="long enough")
    desk.ok("queue", "add", "v", "--member", "ana")
    desk.ok("channel", "add", "web", "--queue", "v")
    log = desk.data / "log"
    with log.open("w") as stream:
        hub = subprocess.Popen(
            [sys.executable, "-m", "hub", "serve", "--port", "0", "--data", str(desk.data)],
            stderr=stream,
            env=environment(BANDEJA_HUB_CONFIG=os.devnull),
        )
    try:
        until(lambda: "event=listening" in log.read_text(), "the hub's start")
        port = log.read_text().partition("port=")[2].split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/chat/web") as page:
            assert page.status == 200
        hub.send_signal(signal.SIGTERM)
        assert hub.wait(60) == 0
    finally:
        hub.kill()
        hub.wait()
    assert "event=stopped" in log.read_text()


def test_plain_http_to_others_is_refused_with_the_remedy(desk: Shell) -> None:
    assert "Give --certificate and --certificate-key" in desk.refused("serve", "--host", "0.0.0.0")


def test_a_taken_port_is_told_in_a_sentence(desk: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = desk.refused("serve", "--port", str(taken.getsockname()[1]))
    assert "The port is taken. Choose another with --port" in refused


def test_a_bad_setting_is_asked_wrongly_and_named(desk: Shell) -> None:
    done = desk.run("serve", BANDEJA_HUB_PORT="http")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.startswith("BANDEJA_HUB_PORT must be a whole number")


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "Where the desk is kept"), ("es", "Dónde se guarda la mesa")]
)
def test_help_names_every_setting_in_the_callers_language(language: str, sentence: str) -> None:
    env = environment(BANDEJA_HUB_LANGUAGE=language)
    arguments = [sys.executable, "-m", "hub", "serve", "--help"]
    manual = subprocess.run(arguments, env=env, capture_output=True, text=True, check=True, timeout=100).stdout
    assert sentence in manual
    for one in declared(Config, PREFIX).values():
        assert f"  {one.flag} {one.metavar}" in manual
        assert one.variable in manual


def test_help_does_not_wait_for_the_database_or_the_web() -> None:
    code = "import sys, hub.cli; print(sorted({'sqlalchemy', 'aiohttp', 'alembic', 'textual'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
