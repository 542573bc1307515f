"""Snapshots of windows, each read in one transaction and cut into pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk import facts, handed_on, references, submissions
from hub.desk.asked import Asked, Branch
from hub.desk.sight import Sight
from hub.live.windows import CAP, SLACK, Members, ThreadWindow, TrayWindow
from hub.protocol import frames, views
from hub.store.schema import head

PAGE = 16 * 1024 - 512  # bytes of rows or messages in a page; the rest is for the frame around them
V = TypeVar("V", views.Row, views.Message, views.Submission, views.Plan)


def tray(conn: Connection, window: TrayWindow, held: dict[int, int], now: int) -> list[frames.Snap]:
    """Load the window anew and say it to a client that holds these (id → rev)."""
    branches = None if window.asked.by_place else window.asked.branches(conn, now)
    found = _first(conn, window.asked, window.limit + 1, now, branches) if window.limit else []
    more, found = len(found) > window.limit, found[: window.limit]
    seq, nonce = _position(conn)
    window.load(found, more=more, seq=seq)
    if more or not window.limit:
        _count(conn, window, seq, now, branches)
    else:  # all of them are there
        window.members = None if window.asked.by_place else Members({f.row.id for f in found})
        window.counted(len(found), seq=seq, capped=False)
    window.due = window.asked.next_turn(conn, now)
    count = window.count
    rows = [f.row for f in found]
    pages = [
        frames.Snap(window.w, part, False, window.seq, rows=page)
        for part, page in enumerate(_pages(r for r in rows if held.get(r.id) != r.rev))
    ]
    pages[0].order = [r.id for r in rows]
    pages[0].nonce, pages[0].count = nonce, count
    pages[0].more = more
    pages[-1].last = True
    return pages


def _first(conn: Connection, asked: Asked, limit: int, now: int, branches: list[Branch] | None) -> list[facts.Facts]:
    """Who sees little of a desk is served by one statement sooner than by a branch each."""
    if asked.plain and len(asked.ways) > 1:
        return facts.list_facts(conn, asked.place.sql(), limit)
    return asked.newest(conn, now, limit, branches=branches)


def recount(conn: Connection, window: TrayWindow, now: int) -> None:
    """Count the window's rows anew."""
    _count(conn, window, _position(conn)[0], now)


def _count(conn: Connection, window: TrayWindow, seq: int, now: int, branches: list[Branch] | None = None) -> None:
    if window.asked.by_place:
        count = facts.count(conn, window.asked.place.sql(), CAP)
    else:
        window.members = Members()
        window.members.load(window.asked.ids(conn, now, CAP + SLACK, branches), CAP + SLACK)
        count = min(CAP, len(window.members.ids))
    window.counted(count, seq=seq, capped=count >= CAP)


@dataclass(frozen=True, slots=True)
class Unseen:
    """There is no such conversation in the principal's sight."""

    conversation: int
    erased: bool = False


def thread(conn: Connection, window: ThreadWindow, sight: Sight, held: dict[int, int]) -> list[frames.Snap] | Unseen:
    """Load the window anew and say it, as far as its reader may read."""
    seen = handed_on.see(conn, sight, window.conversation)
    if seen is None:
        return Unseen(window.conversation, erased=facts.is_erased(conn, window.conversation))
    upto, window.owner = seen.upto, seen.facts.row.owner
    window.upto = upto
    lines = facts.thread(conn, window.conversation, window.limit + 1, None if upto is None else upto.message)
    more, lines = len(lines) > window.limit, lines[-window.limit :]
    window.first = lines[0].id if more else 0
    window.seq, nonce = _position(conn)
    pages = [
        frames.Snap(window.w, part, False, window.seq, messages=page)
        for part, page in enumerate(_pages(m for m in lines if held.get(m.id) != m.rev))
    ]
    filled = submissions.of_conversation(conn, window.conversation, None if upto is None else upto.leg)
    if filled:
        pages += [
            frames.Snap(window.w, len(pages) + part, False, window.seq, forms=page)
            for part, page in enumerate(_pages(filled))
        ]
    planned = references.planned(conn, window.conversation) if upto is None else []
    if planned:
        pages += [
            frames.Snap(window.w, len(pages) + part, False, window.seq, plans=page)
            for part, page in enumerate(_pages(planned))
        ]
    pages[0].order = [m.id for m in lines]
    pages[0].rows = [seen.facts.row]
    pages[0].nonce, pages[0].more = nonce, more
    pages[0].read = facts.read_mark_of(conn, window.conversation) if upto is None else upto.message
    pages[-1].last = True
    return pages


def _position(conn: Connection) -> tuple[int, int]:
    """(number, nonce) of the last journal row, as this transaction sees it."""
    row = conn.execute(sa.select(head.c.seq, head.c.nonce)).one()
    return row.seq, row.nonce


def _pages(items: Iterable[V]) -> list[list[V]]:
    """At least one page, which may be empty."""
    pages: list[list[V]] = [[]]
    size = 0
    for item in items:
        length = len(frames.encode(item)) + 1
        if size + length > PAGE and pages[-1]:
            pages.append([])
            size = 0
        pages[-1].append(item)
        size += length
    return pages
