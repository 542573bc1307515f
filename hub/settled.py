"""The interpreter of a process that serves: its garbage collector, and how its threads take turns."""

import gc
import sys

YOUNG = 10_000  # objects made, less those gone, after which the youngest are looked through
TURN = 0.001  # seconds that a thread which computes may keep the others waiting; Python's own is 0.005


def settle() -> None:
    """Take what is there now as there for good.

    Modules, statements and tables are several hundred thousand objects that never go. A full collection walks through
    them all and holds everything else up meanwhile: a tenth of a second, every few seconds under load.

    The threads that read and write the database compute little, but as long as one does, no frame is read or sent.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    sys.setswitchinterval(TURN)
