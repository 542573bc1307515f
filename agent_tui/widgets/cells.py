"""Text measured in cells of the terminal: cutting and wrapping that wide characters and emoji can't misalign."""

from rich.cells import cell_len, split_graphemes

from agent_tui.glyphs import spelled


def width(text: str) -> int:
    return cell_len(text)


def _graphemes(text: str) -> list[tuple[str, int]]:
    spans, _ = split_graphemes(text)
    return [(text[start:end], cells) for start, end, cells in spans]


def cut(text: str, cells: int) -> str:
    """`text` in at most `cells`, ending in an ellipsis where something had to go."""
    if cell_len(text) <= cells:
        return text
    if cells < 1:
        return ""
    ellipsis = spelled("…")[:cells]
    kept, used = [], 0
    for grapheme, size in _graphemes(text):
        if used + size > cells - len(ellipsis):
            break
        kept.append(grapheme)
        used += size
    return "".join(kept).rstrip() + ellipsis


def wrap(text: str, cells: int) -> list[str]:
    """The lines of `text` at no more than `cells` each, broken between words, and within those that are too long."""
    cells = max(cells, 2)
    return [line for paragraph in text.split("\n") for line in _wrap_paragraph(paragraph, cells)]


def _wrap_paragraph(text: str, cells: int) -> list[str]:
    if cell_len(text) <= cells:
        return [text.rstrip()]
    lines: list[str] = []
    line, used = "", 0
    for word in _words(text):
        size = cell_len(word.rstrip())
        if used and used + size > cells:
            lines.append(line.rstrip())
            line, used = "", 0
        if size > cells:
            *full, word = chop(word, cells)
            lines += full
        line += word
        used += cell_len(word)
    lines.append(line.rstrip())
    return lines


def _words(text: str) -> list[str]:
    """Words with the blanks that follow them."""
    words, start, blank = [], 0, False
    for index, character in enumerate(text):
        if character != " " and blank:
            words.append(text[start:index])
            start = index
        blank = character == " "
    words.append(text[start:])
    return words


def chop(word: str, cells: int) -> list[str]:
    """`word` in pieces of no more than `cells` each, broken anywhere."""
    pieces, piece, used = [], "", 0
    for grapheme, size in _graphemes(word):
        if used + size > cells:
            pieces.append(piece)
            piece, used = "", 0
        piece += grapheme
        used += size
    return [*pieces, piece]
