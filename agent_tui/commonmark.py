"""Notes read by the parser of CommonMark, with the few rules that they have. Imported where there is one to read."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from agent_tui import links
from agent_tui.markup import Look, Piece, Span

BULLETS = ("•", "·")  # one below the other
LONGEST = len("https") + 1  # of what is looked at before a colon
SCHEME = re.compile(r"(?<![A-Za-z0-9.+-])https?$", re.IGNORECASE)


def read_note(text: str) -> Iterator[Piece]:
    return _Reading(text).pieces()


class _Reading:
    """One note being read."""

    def __init__(self, text: str) -> None:
        self._typed = text.split("\n")
        self._tokens = _PARSER.parse(text)
        self._lists: list[str] = []  # their marks
        self._items: list[tuple[str, bool]] = []  # lead, and whether it stands before a line already
        self._at = 0  # the line that was read up to

    def pieces(self) -> Iterator[Piece]:
        for token in self._tokens:
            match token.type:
                case "bullet_list_open":
                    self._lists.append(BULLETS[len(self._lists) % len(BULLETS)])
                case "ordered_list_open":
                    self._lists.append("")
                case "bullet_list_close" | "ordered_list_close":
                    self._lists.pop()
                case "list_item_open":
                    begin = token.map[0] if token.map else self._at
                    yield from self._blank(begin, begin)
                    self._items.append((f"{self._lists[-1] or token.info + token.markup} ", False))
                case "list_item_close":
                    if not self._items[-1][1]:
                        yield Piece([], self._lead())
                        self._at += 1
                    self._items.pop()
                case "inline":
                    yield from self._blank(*(token.map or (self._at, self._at)))
                    yield from self._paragraph(token)
                case "fence":
                    yield from self._blank(*(token.map or (self._at, self._at)))
                    yield from self._fence(token)

    def _blank(self, begin: int, end: int) -> Iterator[Piece]:
        """The empty lines before what was typed from line `begin` to `end`, as many as were typed."""
        yield from (Piece([]) for _line in range(begin - self._at))
        self._at = end

    def _lead(self) -> str:
        """What stands before the next line: blanks, and the marks of items that begin in it."""
        lead = "".join(mark if not used else " " * len(mark) for mark, used in self._items)
        self._items = [(mark, True) for mark, _used in self._items]
        return lead

    def _paragraph(self, token: Token) -> Iterator[Piece]:
        """A line that was typed at the margin stands there, also where CommonMark counts it to the item above."""
        begin = token.map[0] if token.map else 0
        for index, spans in enumerate(_lines(token.children or [])):
            lead = self._lead()
            typed = self._typed[begin + index] if begin + index < len(self._typed) else ""
            indent = len(typed) - len(typed.lstrip(" "))
            if not self._items:
                lead = " " * indent
            elif index and not indent:
                lead = ""
            yield Piece(spans, lead)

    def _fence(self, token: Token) -> Iterator[Piece]:
        lines = token.content.removesuffix("\n").split("\n")
        if token.info.strip():
            yield Piece([Span(token.info.strip(), Look.ITALIC)], self._lead())
        for line in lines:
            yield Piece([Span(line, Look.CODE)], self._lead(), block=True)


def _lines(tokens: Sequence[Token]) -> list[list[Span]]:
    """The spans of a paragraph, line by line."""
    found: list[list[Span]] = [[]]
    look, address, words = Look.PLAIN, "", ""

    def put(text: str, how: Look) -> None:
        first, *more = text.split("\n")
        found[-1] += [Span(first, how)] if first else []
        for line in more:
            found.append([Span(line.lstrip(" "), how)] if line.strip(" ") else [])

    for token in tokens:
        match token.type:
            case "strong_open":
                look |= Look.BOLD
            case "strong_close":
                look &= ~Look.BOLD
            case "em_open":
                look |= Look.ITALIC
            case "em_close":
                look &= ~Look.ITALIC
            case "link_open":
                look, address, words = look | Look.LINK, str(token.attrGet("href")), ""
            case "link_close":
                look &= ~Look.LINK
                if address not in ("", words):
                    put(" (", look)
                    put(address, look | Look.LINK)
                    put(")", look)
                address = ""
            case "code_inline":
                words += token.content
                put(token.content, look | Look.CODE)
            case _:
                words += token.content
                put(token.content, look)
    return found


def _emphasis(state: StateInline, silent: bool) -> bool:
    """As CommonMark reads `_`, also for `*`: neither begins or ends within a word. One behind a backslash is no mark,
    and the backslash stays, for it may be one of a path."""
    marker = state.src[state.pos]
    if silent or marker not in "_*" or state.src[state.pos - 1 : state.pos] == "\\":
        return False
    scanned = state.scanDelims(state.pos, False)
    for _mark in range(scanned.length):
        token = state.push("text", "", 0)
        token.content = marker
        at = len(state.tokens) - 1
        state.delimiters.append(
            Delimiter(ord(marker), scanned.length, at, end=-1, open=scanned.can_open, close=scanned.can_close)
        )
    state.pos += scanned.length
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """An address as it stands in the text, found at its colon; no mark within it is read."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = SCHEME.search(state.pending[-LONGEST:])
    if scheme is None:
        return False
    begin = state.pos - len(scheme.group())
    address = links.first(state.src[begin : state.posMax])
    if not address:
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme.group())]
        state.push("link_open", "a", 1).attrSet("href", address)
        state.push("text", "", 0).content = address
        state.push("link_close", "a", -1)
    state.pos = begin + len(address)
    return True


def _parser() -> MarkdownIt:
    read = MarkdownIt("zero", {"maxNesting": 100}).enable(["emphasis", "backticks", "list", "fence", "link"])
    read.inline.ruler.at("emphasis", _emphasis)
    read.inline.ruler.before("emphasis", "address", _address)
    read.validateLink = lambda url: links.found([url]) == [url]  # type: ignore[method-assign]
    read.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return read


_PARSER = _parser()
