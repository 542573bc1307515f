"""What a text has to look like, said so that nothing an admin writes can keep the hub busy: a small language without
backtracking, read in time proportional to the text.

    #      a digit            {n}      as many of the one before
    @      a letter           {n,m}    n to m of them
    *      either             ?        the one before, or not
    [a-f9] one of these       |        or
    \\x     x itself           anything else stands for itself

So a Paraguayan tax number is `#{5,8}-#`. Letters are compared as they are written.
"""

from dataclasses import dataclass, field

MOST = 400  # characters that a mask can stand for at most
LONGEST = 200  # characters of a mask


class BadMask(ValueError):
    """It can't be read; says where and why."""


@dataclass(slots=True)
class _One:
    """What one character may be. `kinds`: digit, letter; `chars`: themselves; `spans`: from and to."""

    kinds: str = ""
    chars: set[str] = field(default_factory=set)
    spans: list[tuple[str, str]] = field(default_factory=list)
    optional: bool = False

    def fits(self, char: str) -> bool:
        return (
            char in self.chars
            or ("#" in self.kinds and "0" <= char <= "9")
            or ("@" in self.kinds and char.isalpha())
            or any(least <= char <= most for least, most in self.spans)
        )

    @property
    def example(self) -> str:
        if self.kinds:
            return "0" if "#" in self.kinds else "A"
        return min(self.chars, default="") or self.spans[0][0]


Way = list[_One]


def fits(mask: str, text: str) -> bool:
    """Whether the whole text looks so. Raises `BadMask`."""
    return any(_matches(way, text) for way in read(mask))


def example(mask: str) -> str:
    """The shortest text that looks so, by the first of its ways, for a person; a mask that can't be read as it is."""
    try:
        return "".join(one.example for one in read(mask)[0] if not one.optional)
    except BadMask:
        return mask


def _matches(way: Way, text: str) -> bool:
    """All places at which one may be after each character, side by side."""
    if len(text) > len(way):
        return False
    here = _reach(way, {0})
    for char in text:
        here = _reach(way, {place + 1 for place in here if place < len(way) and way[place].fits(char)})
        if not here:
            return False
    return len(way) in here


def _reach(way: Way, places: set[int]) -> set[int]:
    """These, and those that lie behind what may be left out."""
    found: set[int] = set()
    for place in sorted(places):
        while place not in found:
            found.add(place)
            if place == len(way) or not way[place].optional:
                break
            place += 1
    return found


def read(mask: str) -> list[Way]:
    """The ways in which a text can fit. Raises `BadMask`."""
    if len(mask) > LONGEST:
        raise BadMask(f"it has more than {LONGEST} characters")
    ways: list[Way] = [[]]
    last: _One | None = None
    place = 0
    while place < len(mask):
        _bound(ways)
        char = mask[place]
        if char == "|":
            ways.append([])
            last, place = None, place + 1
        elif char in "{?":
            if last is None:
                raise BadMask(f"at {place + 1} there is nothing before {char} to repeat")
            least, most, place = (0, 1, place + 1) if char == "?" else _counts(mask, place)
            way = ways[-1]
            way.pop()
            way += [last] * least + [_One(last.kinds, last.chars, last.spans, optional=True)] * (most - least)
            last = None
        else:
            last, place = _one(mask, place)
            ways[-1].append(last)
    _bound(ways)
    return ways


def _bound(ways: list[Way]) -> None:
    if sum(map(len, ways)) > MOST:
        raise BadMask(f"it stands for more than {MOST} characters")


def _one(mask: str, place: int) -> tuple[_One, int]:
    """What stands at this place, and where the next begins."""
    char = mask[place]
    if char == "#":
        return _One("#"), place + 1
    if char == "@":
        return _One("@"), place + 1
    if char == "*":
        return _One("#@"), place + 1
    if char == "[":
        return _set(mask, place)
    if char in "]}":
        raise BadMask(f"at {place + 1} there is a {char} without its beginning: write \\{char}")
    if char == "\\":
        if place + 1 == len(mask):
            raise BadMask("nothing follows the \\ at its end")
        return _One(chars={mask[place + 1]}), place + 2
    return _One(chars={char}), place + 1


def _set(mask: str, place: int) -> tuple[_One, int]:
    end = mask.find("]", place)
    inside = mask[place + 1 : end]
    if end < 0 or not inside:
        raise BadMask(f"at {place + 1} a [ has no ], or nothing inside")
    found, at = _One(), 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            least, most = inside[at], inside[at + 2]
            if least > most:
                raise BadMask(f"{least}-{most} begins after its end")
            found.spans.append((least, most))
            at += 3
        else:
            found.chars.add(inside[at])
            at += 1
    return found, end + 1


def _counts(mask: str, place: int) -> tuple[int, int, int]:
    """(least, most, where the next begins)"""
    end = mask.find("}", place)
    least, comma, most = mask[place + 1 : end].partition(",")
    counts = (least, most if comma else least)
    if end < 0 or not all(one.isascii() and one.isdecimal() and len(one) <= 3 for one in counts):
        raise BadMask(f"at {place + 1}: write how many as {{3}} or {{2,4}}")
    low, high = map(int, counts)
    if high < 1 or low > high:
        raise BadMask(f"at {place + 1}: {low} to {high} of something is nothing")
    return low, high, end + 1
