"""Forms and topics as files, and what was filled in as a table: what the command line does with them.

A file has what a queue asks: `fields` as of `form.save`, `topics` in the order of their tree (a parent before what
stands below it, which names it as `below`), and whether a topic is `required`. What it leaves out stays as it is.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import Connection

from hub.admin import queue_arguments, submit
from hub.desk import submissions
from hub.desk.form_tables import form, form_version, topic
from hub.desk.registry import decode_args
from hub.desk.tables import agent, queue
from hub.protocol import forms
from hub.protocol.errors import Code, Refused
from hub.protocol.form_columns import cells, headings
from hub.protocol.forms import FIELDS, Field
from hub.protocol.patterns import Code as Coded
from hub.protocol.patterns import Text
from hub.store.engine import Store

PAGE = 500  # submissions that are read at once
HEAD = ("submission", "time", "conversation", "leg", "queue", "agent", "saved_by", "form_version")


class FileTopic(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    code: Coded
    name: Text
    below: str = ""
    active: bool = True


class FormFile(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    fields: Annotated[list[Field], Meta(max_length=FIELDS)] | UnsetType = UNSET
    topics: Annotated[list[FileTopic], Meta(max_length=1000)] | UnsetType = UNSET
    required: bool | UnsetType = UNSET  # a topic, at the end


async def read_file(store: Store, code: str) -> FormFile:
    """What a queue asks, as a file says it. Raises `Refused(NOT_FOUND)`."""

    def read(conn: Connection) -> FormFile:
        row = _queue(conn, code)
        query = sa.select(form_version.c.fields).join(form, form.c.version_id == form_version.c.id)
        fields = conn.scalar(query.where(form.c.queue_id == row.id))
        rows = conn.execute(sa.select(topic).where(topic.c.queue_id == row.id).order_by(topic.c.id)).all()
        codes = {one.id: one.code for one in rows}
        tree = [
            FileTopic(one.code, msgspec.json.decode(one.name), codes.get(one.parent_id, ""), bool(one.active))
            for one in rows
        ]
        return FormFile(forms.decode_fields(fields) if fields else [], _parents_first(tree), bool(row.topics_required))

    return await store.read(read)


def _parents_first(tree: list[FileTopic]) -> list[FileTopic]:
    done: list[FileTopic] = []
    level = [""]
    while level:
        done += (below := [one for one in tree if one.below in level])
        level = [one.code for one in below]
    return done


async def import_file(store: Store, code: str, raw: bytes) -> dict[str, int]:
    """Make a queue ask what a file (JSON) says; topics that it leaves out are switched off. Returns how many fields and
    topics it named. Raises `Refused`; what came before the refused part has taken effect."""
    wanted = decode_args(FormFile, raw)
    number: int = await store.read(lambda conn: _queue(conn, code).id)
    done = {"fields": 0, "topics": 0}
    if wanted.fields is not UNSET:
        await submit(store, "form.save", queue=number, fields=wanted.fields)
        done["fields"] = len(wanted.fields)
    if wanted.topics is not UNSET:
        await _import_topics(store, number, wanted.topics)
        done["topics"] = len(wanted.topics)
    if wanted.required is not UNSET:
        there = await store.read(lambda conn: queue_arguments(conn, _queue(conn, code)))
        await submit(store, "queue.save", **(there | {"topics_required": wanted.required}))
    return done


async def _import_topics(store: Store, queue_id: int, wanted: list[FileTopic]) -> None:
    ids: dict[str, int | None] = {"": None}
    for one in wanted:
        if one.below not in ids:
            raise Refused(Code.NOT_FOUND, field=f"topics.{one.code}.below", what="topic", id=one.below)
        args = {"code": one.code, "name": one.name, "parent": ids[one.below], "active": one.active}
        ids[one.code] = int((await submit(store, "topic.save", queue=queue_id, **args))["topic"] or 0)

    def others(conn: Connection) -> list[Any]:
        mine = (topic.c.queue_id == queue_id, topic.c.active.is_(True), topic.c.code.not_in(ids))
        return list(conn.execute(sa.select(topic).where(*mine)))

    for row in await store.read(others):
        name = msgspec.json.decode(row.name)
        await submit(store, "topic.save", queue=queue_id, code=row.code, name=name, parent=row.parent_id, active=False)


def _queue(conn: Connection, code: str) -> Any:
    row = conn.execute(sa.select(queue).where(queue.c.code == code)).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, field="queue", what="queue", id=code)
    return row


# -- what was filled in ------------------------------------------------------------------------------------------------


def table_of(conn: Connection, code: str, zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    """A head, and a row for each leg whose form was filled in, oldest first. Columns are the fields of all versions,
    those of the present one first; a phone number has its digits beside it. Raises `Refused(NOT_FOUND)`."""
    row = _queue(conn, code)
    form_id = conn.scalar(sa.select(form.c.id).where(form.c.queue_id == row.id))
    columns = _columns(conn, form_id)
    yield (*HEAD, *(name for field in columns for name in headings(field)))
    logins = {one.id: one.login for one in conn.execute(sa.select(agent.c.id, agent.c.login))}
    last = 0
    while page := [*map(submissions.view, conn.execute(submissions.page_of_form(form_id or 0, last, PAGE)))]:
        for one in page:
            at = datetime.fromtimestamp(one.at / 1000, zone).isoformat(" ", "seconds")
            who = (logins.get(one.owner or 0, ""), logins.get(one.by or 0, ""))
            filled = (cell for field in columns for cell in cells(field, one.values.get(field.code, "")))
            yield (one.id, at, one.c, one.leg, code, *who, one.version, *filled)
        last = page[-1].id


def _columns(conn: Connection, form_id: int | None) -> list[Field]:
    found: dict[str, Field] = {}
    query = sa.select(form_version.c.fields).where(form_version.c.form_id == form_id).order_by(form_version.c.id.desc())
    for raw in conn.scalars(query):
        for field in forms.decode_fields(raw):
            found.setdefault(field.code, field)
    return list(found.values())
