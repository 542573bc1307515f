"""The kinds of things that notify, in one registry: settings, screen and docs are read off it."""

import msgspec

from agent_tui.i18n import N_

BELL, DESKTOP = "bell", "desktop"
WAYS = (BELL, DESKTOP)


class Kind(msgspec.Struct, frozen=True):
    """`ways` are used where the person has chosen no others; `always` are used also while they are at the terminal."""

    id: str
    label: str
    ways: tuple[str, ...] = (DESKTOP,)
    always: tuple[str, ...] = ()


_ALL = (  # the most telling first: of one conversation only the first is told
    Kind("assigned", N_("A conversation is given to you"), (BELL, DESKTOP), (BELL,)),
    Kind("mentioned", N_("A note mentions you"), (BELL, DESKTOP)),
    Kind("away", N_("One of yours goes to somebody else")),
    Kind("wrote", N_("A customer of yours writes")),
    Kind("waiting", N_("One waits in a queue of yours")),
    Kind("link", N_("The connection is lost, or back")),
)
KINDS: dict[str, Kind] = {kind.id: kind for kind in _ALL}
