"""Reference data in pages, by id: the same rows as consoles keep whole."""

from hub.desk import references
from hub.desk.queries import Answer, Asking, Placed, after, answers
from hub.protocol.queries import Page


def _of(name: str) -> Answer:
    def answer(asking: Asking, params: Page) -> list[Placed]:
        (last,) = after(params) or (0,)
        found = references.page(asking.conn, name, asking.who, last, params.limit + 1)
        return [((view.id,), view) for view in found]  # type: ignore[attr-defined]

    return answer


for _name in references.REFERENCES:
    answers(_name)(_of(_name))
