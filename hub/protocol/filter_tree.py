"""A filter as it was understood: a tree of small structs, bounded in size, which says nothing of how it was written.

Trees are made by `all_of`, `any_of` and `negated`, so that one meaning has one form: lists are flat, nothing is nested
in a list of one, and nothing is negated twice.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec

Op = Literal["<", "<=", "=", ">=", ">"]


class Node(msgspec.Struct, frozen=True):
    """Base of all nodes."""


class All(Node, frozen=True):
    """Every part holds; without parts: anything."""

    parts: tuple[Node, ...]


class Any(Node, frozen=True):
    """Some part holds; there are two or more."""

    parts: tuple[Node, ...]


class Not(Node, frozen=True):
    part: Node


class OneOf(Node, frozen=True):
    """A thing by id, or a word or code."""

    field: str
    values: tuple[int | str, ...]


class Count(Node, frozen=True):
    """A number, compared."""

    field: str
    op: Op
    value: int


class Flag(Node, frozen=True):
    """Whether it is so: the negation is a `Not`."""

    field: str


class Age(Node, frozen=True):
    """The time lies at least so many milliseconds back; with `younger`, less than that."""

    field: str
    age: int
    younger: bool = False


class Day(Node, frozen=True):
    """The time lies on, before or after a day of the desk's: `today`, `yesterday`, or an ISO date."""

    field: str
    op: Op
    day: str


class Words(Node, frozen=True):
    """Folded words of the contact's name, or digits of their number or of the conversation's."""

    text: str


def all_of(parts: Iterable[Node]) -> Node:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, All) else (part,))]
    return flat[0] if len(flat) == 1 else All(tuple(flat))


def any_of(parts: Iterable[Node]) -> Node:
    """Of one part or more."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Any) else (part,))]
    return flat[0] if len(flat) == 1 else Any(tuple(flat))


def negated(part: Node) -> Node:
    return part.part if isinstance(part, Not) else Not(part)


def leaves(node: Node) -> Iterator[Node]:
    """Everything in it that is no all, any or not."""
    if isinstance(node, All | Any):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node


def deepened(node: Node, below: Callable[[str, int], Iterable[int]]) -> Node:
    """The same, of which each thing that is named stands for those below it, too."""
    match node:
        case All(parts=parts):
            return all_of(deepened(part, below) for part in parts)
        case Any(parts=parts):
            return any_of(deepened(part, below) for part in parts)
        case Not(part=part):
            return negated(deepened(part, below))
        case OneOf(field=field, values=values):
            more = (one for value in values if isinstance(value, int) for one in below(field, value))
            return OneOf(field, tuple(dict.fromkeys((*values, *more))))
        case _:
            return node


def is_dated(node: Node) -> bool:
    """Whether it asks for a time, so that "attended" is not today's alone."""
    return any(isinstance(leaf, Age | Day) for leaf in leaves(node))
