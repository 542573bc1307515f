"""What was filled in of forms as columns of a table for a spreadsheet, for the console and the command line alike."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from hub.protocol.forms import Field, Value
from hub.protocol.views import FormVersion


def headings(field: Field) -> tuple[str, ...]:
    """A phone number has its digits beside it."""
    return (field.code, f"{field.code} (digits)") if field.kind == "phone" else (field.code,)


def cells(field: Field, value: Value) -> tuple[str, ...]:
    """The cells below `headings`."""
    text = value if isinstance(value, str) else ", ".join(value)
    if field.kind != "phone":
        return (text,)
    return text, "".join(char for char in text if char.isdigit())


class FormColumns:
    """The fields of forms of several queues, of all these versions; those of a queue stand together, the newest
    version's first."""

    def __init__(self, versions: Iterable[FormVersion]) -> None:
        found: dict[tuple[int, str], Field] = {}
        for version in sorted(versions, key=lambda one: (one.queue, -one.id)):
            for field in version.fields:
                found.setdefault((version.queue, field.code), field)
        self._fields = found

    def headings(self, queue: Callable[[int], str]) -> list[str]:
        """Each says whose form it is of: two queues may ask the same by other words, or the reverse."""
        return [f"{queue(of)}: {name}" for (of, _), field in self._fields.items() for name in headings(field)]

    def cells(self, queue: int, values: Mapping[str, Value]) -> Iterator[str]:
        """Of what was filled in of that queue's form."""
        for (of, code), field in self._fields.items():
            yield from cells(field, values.get(code, "") if of == queue else "")
