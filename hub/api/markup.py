"""HTML that is escaped unless it was made here."""

import html
from collections.abc import Sequence
from typing import Any


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: Any) -> Markup:
    """`<name>` around its children. `class_` loses its underscore, others become dashes; None is left out."""
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in ("meta", "link"):
        return Markup(f"<{name}{shown}>")
    return Markup(f"<{name}{shown}>{joined(*children)}</{name}>")


def joined(*parts: str) -> Markup:
    return Markup("".join(part if isinstance(part, Markup) else html.escape(part) for part in parts))


def table(caption: str, head: list[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table in a box of its own, which scrolls where the page is narrow. The first cell of a row is its heading."""
    top = element("thead", element("tr", *(element("th", cell, scope="col") for cell in head)))
    body = [
        element("tr", element("th", row[0], scope="row"), *(element("td", cell) for cell in row[1:])) for row in rows
    ]
    whole = element("table", element("caption", caption), top, element("tbody", *body))
    return element("div", whole, class_="wide", tabindex="0", role="region", aria_label=caption)
