"""What the console says: refusals, moments, placeholders, and cutting and wrapping by cells."""

import ast
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from fake_desk import ANA, LUIS, NOW, ZONE, FakeDesk, at
from hypothesis import given
from hypothesis import strategies as st

from agent_tui import fill, i18n, moments, refusals, shortcuts
from agent_tui.widgets.cells import cut, width, wrap
from hub.protocol.errors import Code
from hub.protocol.limits import LIMITS


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_code_of_the_hub_has_a_sentence_in_both_languages(language: str) -> None:
    i18n.use(language)
    desk = FakeDesk()
    detail = {
        "owner": LUIS,
        "state": "closed",
        "limit": 8000,
        "seconds": 3,
        "most": 7,
        "oldest": 1,
        "newest": 2,
        "why": "short",
        "load": 5,
        "capacity": 5,
        "found": "x",
        "wants": "y",
        "channels": "web",
    }
    said = {code: refusals.sentence(desk, code, field="body", detail=detail) for code in Code}
    assert len(set(said.values())) == len(Code)
    for code, sentence in said.items():
        assert sentence.endswith("."), code
        assert "{" not in sentence, code
        assert "—" not in sentence, code
    if language != "en":
        assert not {sentence for code, sentence in said.items() if sentence == refusals.SENTENCES[code]}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_limit_that_a_console_can_meet_has_a_sentence_of_its_own_in_both_languages(language: str) -> None:
    i18n.use(language)
    met = [one for one in LIMITS.values() if one.says and one.code is not None]
    assert {one.name for one in met} >= {"frame_bytes", "windows", "agent_sockets", "address_sockets", "hello_seconds"}
    for one in met:
        said = refusals.sentence(FakeDesk(), one.code or "", detail={"limit": one.name, "most": 7})
        assert said.endswith(".")
        assert said != refusals.sentence(FakeDesk(), one.code or "", detail={"most": 7})
        assert language == "en" or said != one.says


def test_an_unknown_code_is_named_and_a_missing_detail_is_a_dash() -> None:
    i18n.use("es")
    assert "quota_spent" in refusals.sentence(FakeDesk(), "quota_spent")
    assert "—" in refusals.sentence(FakeDesk(), Code.RATE_LIMITED)


@pytest.mark.parametrize(
    ("environ", "setting", "language"),
    [
        ({}, "", "es"),
        ({"LANG": "C.UTF-8"}, "", "es"),
        ({"LANG": "en_US.UTF-8"}, "", "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "es_PY.UTF-8"}, "", "es"),
        ({"LANG": "es_PY.UTF-8", "LC_MESSAGES": "en_GB"}, "", "en"),
        ({"LANG": "en_US.UTF-8"}, "es", "es"),
    ],
)
def test_the_language_is_the_settings_then_the_environments_then_spanish(
    environ: dict[str, str], setting: str, language: str
) -> None:
    assert i18n.choose(setting, environ) == language


def test_moments_are_told_in_the_desks_zone() -> None:
    i18n.use("es")
    assert moments.short(at(14, 31), NOW, ZONE) == "14:31"
    assert moments.short(at(23, 50, 1), NOW, ZONE) == "ayer"
    assert moments.short(at(9, 0, 8), NOW, ZONE) == "12/11"
    assert moments.short(at(9, 0, 400), NOW, ZONE) == "16/10/25"
    assert moments.day(at(9, 0, 8), NOW, ZONE) == "jueves 12/11"
    assert [moments.span(ms) for ms in (0, 61_000, 3_600_000 * 21 + 60_000 * 40, 3_600_000 * 76)] == [
        "ahora", "1 min", "21 h 40", "3 d 4 h",
    ]  # fmt: skip


def test_placeholders_are_filled_and_what_can_not_be_is_named() -> None:
    i18n.use("es")
    desk = FakeDesk()
    row = desk.rows[ANA]
    text = "{{contact.first_name}} {{ contact.name }} {{agent.first_name}} {{agent.name}} {{conversation.id}} {{queue}}"
    assert fill.fill(text, desk, row) == fill.Filled("Ana Ana López Marta Marta Giménez 10482 Ventas")
    found = fill.fill("{{contact.name}} {{precio}}", desk, desk.rows[10483])
    assert found.text == "{{contact.name}} {{precio}}"
    assert found.faults == ("{{contact.name}} está vacío acá", "{{precio}} no existe")


def test_shortcuts_are_found_without_case_and_accents() -> None:
    desk = FakeDesk()
    assert [one.code for one in shortcuts.find(desk.shortcuts.values(), "PAIS")] == ["envio-zonas"]
    assert shortcuts.typed("ver https://x/y") is None
    assert shortcuts.typed("/") == ""


@given(st.text(max_size=60), st.integers(min_value=2, max_value=30))
def test_wrapping_and_cutting_never_exceed_their_cells(text: str, cells: int) -> None:
    assert width(cut(text, cells)) <= cells
    for line in wrap(text, cells):
        assert width(line) <= cells


@given(st.text(alphabet="abc é日🌸 ", max_size=80), st.integers(min_value=4, max_value=20))
def test_wrapping_loses_no_letter(text: str, cells: int) -> None:
    assert "".join("".join(wrap(text, cells)).split()) == "".join(text.split())


def test_every_text_of_the_console_is_in_the_catalogues() -> None:
    """What stands within an f-string is not found by whoever looks for texts to be translated."""
    console = Path(i18n.__file__).parent
    with (console / "locale/es/LC_MESSAGES/bandeja.po").open("rb") as file:
        known = {one for entry in read_po(file) for one in (entry.id if isinstance(entry.id, tuple) else (entry.id,))}
    for source in console.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("_" | "N_" | "ngettext"), args=[ast.Constant(str() as text), *_rest]):
                    assert text in known, (source.name, text)
