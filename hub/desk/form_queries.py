"""What was filled in of forms, by conversation and by form, and forms as they were."""

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk import submissions
from hub.desk.conversation_queries import seen
from hub.desk.form_tables import form, form_version
from hub.desk.principal import Scope
from hub.desk.queries import Asking, Placed, after, answers
from hub.protocol import queries, views
from hub.protocol.errors import Code, Refused
from hub.protocol.forms import decode_fields


@answers("submissions")
def of_conversation(asking: Asking, params: queries.Submissions) -> list[Placed]:
    upto = seen(asking, params.conversation).upto
    (last,) = after(params) or (0,)
    leg = None if upto is None else upto.leg
    page = submissions.page_of_conversation(params.conversation, last, params.limit + 1, leg)
    found = asking.conn.execute(page)
    return [((row.id,), submissions.view(row)) for row in found]


@answers("form_submissions")
def of_form(asking: Asking, params: queries.FormSubmissions) -> list[Placed]:
    """For who manages the queue's conversations."""
    queue_id = asking.conn.scalar(sa.select(form.c.queue_id).where(form.c.id == params.form))
    scope = asking.who.scope("conversation.manage") or Scope.OWN
    if queue_id is None or not (scope >= Scope.ENTITY or (scope >= Scope.QUEUE and queue_id in asking.who.queues)):
        raise Refused(Code.NOT_FOUND, field="form", what="form", id=params.form)
    (last,) = after(params) or (0,)
    found = asking.conn.execute(submissions.page_of_form(params.form, last, params.limit + 1))
    return [((row.id,), submissions.view(row)) for row in found]


@answers("form_version")
def version(asking: Asking, params: queries.OneFormVersion) -> views.FormVersion:
    found = versions(asking.conn, [params.version]).get(params.version)
    if found is None:
        raise Refused(Code.NOT_FOUND, field="version", what="form", id=params.version)
    return found


def versions(conn: Connection, ids: list[int]) -> dict[int, views.FormVersion]:
    query = sa.select(form_version, form.c.queue_id).join(form, form.c.id == form_version.c.form_id)
    return {
        row.id: views.FormVersion(row.id, row.queue_id, row.at, decode_fields(row.fields))
        for row in conn.execute(query.where(form_version.c.id.in_(ids)))
    }
