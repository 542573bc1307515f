"""Whatever text somebody writes: in a spreadsheet it is text and no formula, in a page it is text and no mark-up."""

import csv
import io
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.channels.visitor_session import printable
from hub.protocol.spreadsheet import FORMULA, write
from hub.web.chat_routes import fill

bounded = settings(max_examples=300, deadline=None)
STARTS = st.sampled_from(
    ("", *FORMULA, " =", "\u00a0=", "\ufeff=", "\x00=", '"', "'", ";", ",", "{{name}}", "{{config}}", "&lt;", "]]>")
)
texts = st.builds(
    "".join, st.lists(STARTS | st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=1, max_size=3)
)


@bounded
@given(rows=st.lists(st.lists(texts, min_size=1, max_size=3), min_size=1, max_size=3))
def test_a_spreadsheet_shows_it_and_runs_nothing(rows: list[list[str]]) -> None:
    """Also where it takes what nobody sees for nothing before it looks for a formula."""
    file = io.StringIO(newline="")
    assert write(file, rows) == len(rows)
    read = list(csv.reader(io.StringIO(file.getvalue(), newline="")))
    for row, cells in zip(rows, read, strict=True):
        assert [cell.removeprefix("'") if cell != text else cell for text, cell in zip(row, cells, strict=True)] == row
        for cell in cells:
            shown = cell.lstrip("".join(c for c in cell if c.isspace() or not c.isprintable()))
            assert not shown.startswith(FORMULA), ascii(cell)


class Page(HTMLParser):
    """The elements, their attributes, and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@bounded
@given(name=texts, config=texts)
def test_a_page_shows_it_and_obeys_nothing(name: str, config: str) -> None:
    name, config = name.replace("\r", ""), config.replace("\r", "")  # which HTML reads as line feeds
    page = Page(fill("<p title=\"{{name}}\" data-config='{{config}}'>{{name}}</p>", name=name, config=config))
    assert page.elements == [("p", [("title", name), ("data-config", config)])]
    assert page.text == name


@bounded
@given(text=texts)
def test_what_a_visitor_writes_holds_no_control(text: str) -> None:
    made = printable(text)
    assert printable(made) == made
    assert "\x00" not in made
