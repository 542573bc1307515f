"""Forms at a shell: imported, shown again, filled in and taken out as a table that runs nothing."""

import asyncio
import csv
import io
from pathlib import Path

from shell import Shell

from hub.config import Config
from hub.desk import people
from hub.desk.principal import SYSTEM, Principal
from hub.hub import Hub
from hub.protocol import commands as c

FORM = """
required = true

[[fields]]
code = "reason"
kind = "choice"
name = { es = "Motivo", en = "Reason" }
required = true
options = [{ code = "sale", name = { es = "Venta" } }, { code = "claim", name = { es = "Reclamo" } }]

[[fields]]
code = "phone"
kind = "phone"
name = { es = "Teléfono" }
shown_if = { field = "reason", values = ["claim"] }

[[topics]]
code = "claims"
name = { es = "Reclamos" }

[[topics]]
code = "late"
name = { es = "Tarde" }
below = "claims"
"""


def queue(desk: Shell) -> None:
    desk.ok("user", "add", "ana", "--name", "Ana", password="long enough")
    desk.ok("queue", "add", "ventas", "--name", "Ventas", "--member", "ana")
    desk.ok("channel", "add", "web", "--queue", "ventas")


def test_a_form_is_imported_shown_and_imported_as_shown(desk: Shell, tmp_path: Path) -> None:
    queue(desk)
    toml, json = tmp_path / "form.toml", tmp_path / "form.json"
    toml.write_text(FORM, encoding="utf-8")
    assert desk.ok("form", "import", "ventas", str(toml)) == "Fields: 2, topics: 2.\n"
    shown = desk.ok("form", "show", "ventas")
    assert '"below": "claims"' in shown
    json.write_text(shown, encoding="utf-8")
    desk.ok("form", "import", "ventas", str(json))
    assert desk.ok("form", "show", "ventas") == shown
    assert "ventas  Ventas  5         ana" in desk.ok("queue", "list")
    json.write_text('{"topics": []}', encoding="utf-8")
    desk.ok("form", "import", "ventas", str(json))
    assert desk.ok("form", "show", "ventas").count('"active": false') == 2


def test_what_is_wrong_with_a_file_is_said_at_its_place(desk: Shell, tmp_path: Path) -> None:
    queue(desk)
    file = tmp_path / "form.toml"
    for text, why in (
        ("fields = [", "can't be read"),
        ('[[fields]]\ncode = "a"\nkind = "text"\nname = {}', "fields[0].name can't be used: a: it has no name"),
        ('[[fields]]\ncode = "a"\nkind = "text"\nnam = {}', "nam"),
        ('[[topics]]\ncode = "a"\nname = { es = "A" }\nbelow = "b"', "There is no such topic: b"),
    ):
        file.write_text(text, encoding="utf-8")
        assert why in desk.refused("form", "import", "ventas", str(file))
    assert "There is no such queue: otra" in desk.refused("form", "import", "otra", str(file))
    assert "There is no such queue: otra" in desk.refused("form", "export", "otra")


def test_what_was_filled_in_comes_out_as_a_table_that_runs_nothing(desk: Shell, tmp_path: Path) -> None:
    queue(desk)
    file = tmp_path / "form.toml"
    file.write_text(FORM, encoding="utf-8")
    desk.ok("form", "import", "ventas", str(file))
    asyncio.run(fill(desk.data))
    (head, row) = csv.reader(io.StringIO(desk.ok("form", "export", "ventas")))
    told = dict(zip(head, row, strict=True))
    assert (told["agent"], told["saved_by"], told["queue"]) == ("ana", "ana", "ventas")
    assert (told["reason"], told["phone"], told["phone (digits)"]) == ("claim", "'+595 981 123", "595981123")
    out = tmp_path / "out.csv"
    desk.ok("form", "export", "ventas", str(out))
    assert out.stat().st_mode & 0o077 == 0
    assert "look.export" in desk.ok("audit", "search", "--what", "look.export")


async def fill(data: Path) -> None:
    hub = Hub(Config(data=data, port=0))
    await hub.start()
    try:
        ana = await hub.store.read(lambda conn: people.by_agent(conn, 1))
        assert ana is not None
        line = c.Receive(1, "p1", "Hola")
        made = await hub.submit(Principal.channel(1), "message.receive", line, "key-of-the-line")
        number = int(made["conversation"] or 0)
        await hub.submit(SYSTEM, "conversation.assign", c.Assign(number, ana.id), "key-of-assigning")
        filled = c.Fill(number, 1, {"reason": "claim", "phone": "+595 981 123"})
        await hub.submit(ana, "form.fill", filled, "key-of-filling")
    finally:
        await hub.stop()
