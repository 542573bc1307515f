"""The audit trail at a shell."""

import csv
import io
import sqlite3

import pytest
from shell import Shell

from hub.protocol.spreadsheet import harmless, write


@pytest.fixture
def desk(desk: Shell) -> Shell:
    """The same after three things that are on the trail."""
    for login, role in (("ana", "agent"), ("sofia", "admin")):
        desk.ok("user", "add", login, "--role", role, password="long enough")
    desk.ok("queue", "add", "ventas", "--member", "ana")
    return desk


def test_the_trail_is_searched_and_says_how_to_go_on(desk: Shell) -> None:
    code, out, err = desk.run("audit", "search")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert [line.split()[4] for line in lines] == ["queue.save", "agent.save", "agent.save"]
    assert "role=admin" in lines[1]
    _, out, err = desk.run("audit", "search", "--what", "agent", "--limit", "1")
    assert (len(out.splitlines()), err) == (1, "For older ones: --before 2\n")
    _, out, _ = desk.run("audit", "search", "--what", "agent", "--before", "2")
    assert [line.split()[0] for line in out.splitlines()] == ["1"]
    assert desk.run("audit", "search", "--who", "ana") == (0, "", "")
    assert desk.run("audit", "search", "--until", "2020-01-01") == (0, "", "")
    assert len(desk.run("audit", "search", "--who", "system", "--since", "2020-01-01")[1].splitlines()) == 3


def test_what_can_not_be_searched_for_is_said(desk: Shell) -> None:
    assert desk.run("audit", "search", "--who", "nobody") == (1, "", "There is no nobody.\n")
    code, _, err = desk.run("audit", "search", "--since", "yesterday")
    assert (code, err) == (1, "--since is a day or a time, like 2026-11-28T09:30.\n")


def test_an_export_is_written_for_its_owner_alone_and_is_an_entry_itself(desk: Shell) -> None:
    file = desk.data / "trail.csv"
    assert desk.run("audit", "export", str(file)) == (0, "", "")
    assert file.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(file.open()))
    assert [row["what"] for row in rows] == ["agent.save", "agent.save", "queue.save", "look.export"]
    assert rows[0]["time"].endswith("+00:00")
    code, _, err = desk.run("audit", "export", str(file))
    assert (code, err) == (1, f"{file} is there already. Choose another name.\n")
    assert "look.export" in desk.run("audit", "export", "--what", "look")[1]


def test_the_trail_is_verified_and_the_first_broken_entry_named(desk: Shell) -> None:
    code, out, _ = desk.run("audit", "verify")
    assert code == 0
    assert out.startswith("Entries 1 to 3 are as they were written.\n")
    noted = out.split()[-1]
    assert desk.run("audit", "verify", "--known", noted)[0] == 0
    assert "--known is a number" in desk.run("audit", "verify", "--known", "3")[2]
    with sqlite3.connect(desk.data / "hub.db") as database:
        database.execute("DROP TRIGGER audit_update")
        database.execute("UPDATE audit SET who = 'agent:1' WHERE n = 2")
    code, out, err = desk.run("audit", "verify")
    assert (code, out, err) == (1, "", "Entry 2 breaks the trail: it is not as it was written.\n")


def test_where_somebody_signed_in_from_is_erased_and_the_trail_still_verifies(desk: Shell) -> None:
    with sqlite3.connect(desk.data / "hub.db") as database:
        (address,) = database.execute("SELECT count(*) FROM audit WHERE personal IS NOT NULL").fetchone()
    assert address == 0  # nobody has signed in yet
    assert desk.run("audit", "forget", "ana") == (0, "Entries with an address that is erased now: 0\n", "")
    assert desk.run("audit", "forget", "nobody") == (1, "", "There is no nobody.\n")
    assert "audit.erased" in desk.run("audit", "search")[1]
    assert desk.run("audit", "verify")[0] == 0


HIDDEN = ["\u00a0=1", "\ufeff=1"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", *HIDDEN])
def test_a_spreadsheet_runs_no_cell(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    file = io.StringIO()
    assert write(file, [[cell, 7, "plain"]]) == 1
    assert next(csv.reader(io.StringIO(file.getvalue(), newline=""))) == [f"'{cell}", "7", "plain"]


def test_what_is_no_formula_stays_as_it_is() -> None:
    assert [harmless(cell) for cell in ("agent:3", "", "a=b", '{"n":1}')] == ["agent:3", "", "a=b", '{"n":1}']
