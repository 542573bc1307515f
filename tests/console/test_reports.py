"""The reports: a table that one filters, opens and saves."""

import csv
import datetime
from pathlib import Path
from typing import Any

import fake_forms
import msgspec
import pytest
from fake_desk import ANA, CAJA, LUIS, SOPORTE, FakeDesk, replace
from fake_reports import COMMENT, with_reports
from msgspec import UNSET
from opened import Open, screen_lines

from agent_tui import i18n, reports
from agent_tui.screens.reports import PAGE, ReportScreen
from agent_tui.told_forms import ToldForms
from agent_tui.widgets.cells import width
from agent_tui.widgets.columns import Column, lay
from hub.protocol.forms import Field
from hub.protocol.reports import Report, Transferred
from hub.protocol.views import FormVersion


def _seen(console: Any) -> str:
    return "\n".join(screen_lines(console.app))


def _last(desk: FakeDesk) -> tuple[str, Any]:
    return desk.asked[-1]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_transfers_of_today_are_two_keys_away(open_console: Open, size: tuple[int, int]) -> None:
    async with open_console(size, desk=with_reports(FakeDesk())) as console:
        await console.press("ctrl+x", "r")
        view, params = _last(console.desk)
        assert (view, params.since, params.until, params.queue) == (
            "reports.transfers", "2026-11-20", "2026-11-20", UNSET,
        )  # fmt: skip
        seen = _seen(console)
        assert "Transferencias  2 · hoy, 20/11/2026 · todas las colas · lo que fue tuyo" in seen
        assert "Caja · Carla" in seen
        assert "8:00" in seen
        assert ("en espera" in seen, "Ventas · Marta" in seen) == (True, True)
        await console.press("ctrl+x", "r")
        assert console.app.screen is console.home


async def test_numbers_stand_below_each_other(open_console: Open) -> None:
    async with open_console(desk=with_reports(FakeDesk()), language="en") as console:
        await console.press("ctrl+x", "r", "tab")
        lines = screen_lines(console.app)
        head = next(line for line in lines if "1st answer" in line)
        end = head.index("1st answer") + len("1st answer")
        assert [line[:end].rsplit(" ", 1)[-1] for line in lines if "Till" in line or "Support" in line][:2] == [
            "9:04", "1:04:00",
        ]  # fmt: skip
        assert "missed" in _seen(console)


async def test_period_queue_and_agent_are_changed_by_a_key(open_console: Open) -> None:
    desk = with_reports(FakeDesk(role="supervisor"))
    async with open_console(desk=desk, language="en") as console:
        await console.press("ctrl+x", "r", "left")
        assert (_last(desk)[1].since, _last(desk)[1].until) == ("2026-11-19", "2026-11-19")
        await console.press("left")
        assert (_last(desk)[1].since, _last(desk)[1].until) == ("2026-11-16", "2026-11-20")
        assert "16/11/2026 to 20/11/2026" in _seen(console)
        await console.press("left", "left", "left")
        assert _last(desk)[1].since == "2026-11-01"
        await console.press("c", *"sop", "enter", "a", *"luis", "enter")
        assert (_last(desk)[1].queue, _last(desk)[1].agent) == (SOPORTE, LUIS)
        assert "Support · Luis Duarte" in _seen(console)
        await console.press("tab")
        assert (_last(desk)[0], _last(desk)[1].queue) == ("reports.attentions", SOPORTE)
        await console.press("x", "right")
        assert (_last(desk)[1].queue, _last(desk)[1].agent) == (UNSET, UNSET)
        assert _last(desk)[1].since == "2026-11-16"


async def test_who_sees_their_own_only_is_not_offered_others(open_console: Open) -> None:
    async with open_console(desk=with_reports(FakeDesk()), language="en") as console:
        await console.press("ctrl+x", "r", "a")
        assert isinstance(console.app.screen, ReportScreen)
        assert "can't be done here now" in console.app.screen.notice.words


async def test_who_may_not_is_told(open_console: Open) -> None:
    desk = FakeDesk()
    assert desk.me is not None
    desk.me.grants.pop("report.see")
    async with open_console(desk=desk) as console:
        await console.press("ctrl+x", "r")
        assert console.app.screen is console.home


async def test_enter_shows_the_legs_with_who_had_them_and_the_whole_comment(open_console: Open) -> None:
    async with open_console((80, 24), desk=with_reports(FakeDesk()), language="en") as console:
        await console.press("ctrl+x", "r", "down", "enter")
        assert {_view for _view, params in console.desk.asked[-2:]} == {"reports.transfers", "reports.attentions"}
        assert all(params.conversation == ANA for _view, params in console.desk.asked[-2:])
        seen = _seen(console)
        assert "Legs  Ana López #10482" in seen
        assert "Till · Carla" in seen
        assert "Marta transferred it to Support. Luis opened it after 8:00." in seen
        assert " ".join(COMMENT.split()) in " ".join(seen.split())
        await console.press("down")
        assert "Luis transferred it to Sales · Marta. Nobody has opened it yet." in _seen(console)
        await console.press("escape")
        assert isinstance(console.app.screen, ReportScreen)


def _many(params: Report) -> list[Transferred]:
    """A hub with 250 transfers, newest first, that it gives in pages."""
    first = 250 if params.after is UNSET else int(str(params.after).partition(".")[2]) - 1
    return [
        Transferred(n, n, 1, 1, 1_790_000_000_000 + n, CAJA, SOPORTE, LUIS, name=f"P{n}")
        for n in range(first, max(first - params.limit, 0), -1)
    ]


async def test_further_pages_come_as_one_goes_down(open_console: Open) -> None:
    desk = FakeDesk()
    desk.told["reports.transfers"] = _many
    async with open_console((120, 40), desk=desk, language="en") as console:
        await console.press("ctrl+x", "r")
        assert len(desk.asked) == 1
        assert f"{PAGE}+" in _seen(console)
        await console.press(*["pagedown"] * 7)
        screen = console.app.screen
        assert isinstance(screen, ReportScreen)
        assert [row.id for row in screen.table.rows] == list(range(250, 0, -1))
        assert screen.table.marked is not None
        assert "250" in _seen(console)
        assert not screen.more


async def test_it_is_saved_whole_for_its_owner_alone_and_never_over_another_unasked(
    open_console: Open, tmp_path: Path
) -> None:
    desk, file = FakeDesk(), tmp_path / "out.csv"
    desk.told["reports.transfers"] = _many
    async with open_console(desk=desk, language="en") as console:
        await console.press("ctrl+x", "r", "s")
        assert "export ~/transfers-2026-11-20.csv" in _seen(console)
        await console.press("escape")
        for answer in ("", "n", "y"):
            console.app.screen.perform("report.export", str(file))  # type: ignore[attr-defined]
            await console.app.workers.wait_for_complete()
            await console.rest()
            if answer:
                assert "already" in _seen(console)
                assert file.read_text() == "mine"
                await console.press(answer)
                await console.app.workers.wait_for_complete()
            else:
                assert "250 rows are in" in console.app.screen.notice.words.replace("\n", " ")  # type: ignore[attr-defined]
                file.write_text("mine")
        console.app.screen.perform("report.export", str(tmp_path / "no" / "out.csv"))  # type: ignore[attr-defined]
        await console.app.workers.wait_for_complete()
        assert "No such file" in console.app.screen.notice.words  # type: ignore[attr-defined]
    with file.open(encoding="utf-8-sig", newline="") as saved:
        assert [row["customer"] for row in csv.DictReader(saved)] == [f"P{n}" for n in range(250, 0, -1)]


def filled(desk: FakeDesk) -> FakeDesk:
    """What was filled in with Carla, of a form as it is; and with Luis, of one that is no more."""
    fake_forms.ask(desk, queue=CAJA)
    version = desk.forms[CAJA].version
    values: dict[str, Any] = {"reason": "claim", "notes": "=1+1"}
    sent, told = desk.told["reports.transfers"], desk.told["reports.attentions"]
    sent[1] = replace(sent[1], form=version, values=values)
    told[2] = replace(told[2], form=version, values=values)
    told[1] = replace(told[1], form=77, values={"zone": "norte"})
    desk.told["form_version"] = FormVersion(77, SOPORTE, 0, [Field("zone", "text", {"es": "Zona", "en": "Zone"})])
    return desk


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", ("Formulario de Caja, versión 1: Motivo: Reclamo · Observaciones: =1+1", "Zona: norte")),
        ("en", ("Form of Till, version 1: Reason: Claim · Remarks: =1+1", "Zone: norte")),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)])
async def test_the_legs_tell_what_was_filled_in_of_which_form(
    open_console: Open, size: tuple[int, int], language: str, words: tuple[str, str]
) -> None:
    async with open_console(size, desk=filled(with_reports(FakeDesk())), language=language) as console:
        await console.press("ctrl+x", "r", "down", "enter")
        await console.app.workers.wait_for_complete()
        await console.rest()
        assert words[0] in " ".join(_seen(console).split())
        await console.press("down")
        assert words[1] in _seen(console)
        assert [params for view, params in console.desk.asked if view == "form_version"]


async def test_a_wide_report_has_the_form_beside_each_leg(open_console: Open) -> None:
    async with open_console((160, 45), desk=filled(with_reports(FakeDesk())), language="en") as console:
        await console.press("ctrl+x", "r", "tab")
        await console.app.workers.wait_for_complete()
        await console.rest()
        seen = _seen(console)
        assert "Reason: Claim" in seen
        assert "Zone: norte" in seen


async def test_a_saved_report_has_a_column_for_each_field(open_console: Open, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    async with open_console(desk=filled(with_reports(FakeDesk())), language="en") as console:
        await console.press("ctrl+x", "r", "tab")
        console.app.screen.perform("report.export", str(file))  # type: ignore[attr-defined]
        await console.app.workers.wait_for_complete()
    with file.open(encoding="utf-8-sig", newline="") as saved:
        _, luis, carla, _ = csv.DictReader(saved)
    assert (luis["form of"], luis["form version"], luis["Support: zone"], luis["Till: reason"]) == (
        "Support", "77", "norte", "",
    )  # fmt: skip
    assert (carla["form of"], carla["Till: reason"], carla["Till: notes"]) == ("Till", "claim", "'=1+1")
    assert "Till: phone (digits)" in carla


def test_a_file_runs_no_formula_and_is_nobody_elses(tmp_path: Path) -> None:
    i18n.use("es")
    desk, file = with_reports(FakeDesk()), tmp_path / "out.csv"
    assert reports.save(desk, "reports.transfers", desk.told["reports.transfers"], file) == 2
    assert file.stat().st_mode & 0o777 == 0o600
    first, second = csv.DictReader(file.open(encoding="utf-8-sig", newline=""))
    assert (first["comentario"], second["comentario"]) == ("'=HYPERLINK(1)", COMMENT)
    assert (second["de la cola"], second["del asesor"], second["espera (s)"]) == ("Caja", "Carla Ríos", "480")
    assert second["transferida"] == "2026-11-20 13:50:00"
    with pytest.raises(FileExistsError):
        reports.save(desk, "reports.transfers", [], file)


async def test_without_an_answer_it_says_why(open_console: Open) -> None:
    async with open_console(language="en") as console:
        await console.press("ctrl+x", "r")
        assert "hub" in _seen(console)
        with_reports(console.desk)
        await console.press("f5")
        assert "Ana López" in _seen(console)


def test_periods_begin_on_mondays_and_firsts() -> None:
    today = datetime.date(2026, 3, 1)  # a Sunday
    assert reports.days("week", today)[0] == datetime.date(2026, 2, 23)
    assert reports.days("month", today) == (today, today)
    assert reports.days("yesterday", today) == (datetime.date(2026, 2, 28),) * 2


def test_the_least_important_columns_go_first_and_none_is_wider_than_it_needs() -> None:
    rows = [msgspec.structs.replace(Transferred(1, 1, 1, 1, 0, 1, 1), name="x" * 40)]
    columns = [
        Column("a", lambda row: (row.name, "text"), most=30),
        Column("b", lambda row: ("1", "text"), right=True),
        Column("c", lambda row: ("", "text"), rank=1, least=10),
    ]
    assert [(one.head, cells) for one, cells in lay(columns, rows, 60)] == [("a", 30), ("b", 1), ("c", 1)]
    assert [(one.head, cells) for one, cells in lay(columns, rows, 10)] == [("a", 7), ("b", 1)]


def test_heads_are_never_cut() -> None:
    desk = with_reports(FakeDesk(role="supervisor"))
    for view in ("reports.transfers", "reports.attentions"):
        for room in (76, 90, 116, 156):
            laid = lay(reports.columns(desk, view, ToldForms(desk), within_day=True), desk.told[view], room)
            assert all(width(column.head) <= cells for column, cells in laid)


async def test_the_way_out_is_told_in_a_narrow_window(open_console: Open) -> None:
    async with open_console((80, 24), desk=with_reports(FakeDesk(role="supervisor"))) as console:
        await console.press("ctrl+x", "r")
        assert "esc cerrar" in _seen(console)


async def test_who_transferred_a_leg_is_called_as_everywhere_in_the_reports(open_console: Open) -> None:
    async with open_console((160, 45), desk=with_reports(FakeDesk()), language="en") as console:
        await console.press("ctrl+x", "r", "enter")
        legs = [line for line in screen_lines(console.app) if "▸" in line]
        assert len(legs) == 2
        assert not any("You" in line or "Duarte" in line for line in legs)


def test_a_column_for_forms_is_there_once_a_row_has_one() -> None:
    desk = with_reports(FakeDesk(role="supervisor"))
    columns = reports.columns(desk, "reports.transfers", ToldForms(desk), within_day=True)
    rows = desk.told["reports.transfers"]
    assert columns[-1] not in [column for column, _cells in lay(columns, rows, 200)]
    filled = [replace(rows[0], form=77, values={"zone": "norte"}), *rows[1:]]
    assert columns[-1] in [column for column, _cells in lay(columns, filled, 200)]
