"""The garbage collector of a process that serves."""

import gc

YOUNG = 10_000  # objects made, less those gone, after which the youngest are looked through


def settle() -> None:
    """Take what is there now as there for good.

    Modules, statements and tables are several hundred thousand objects that never go. A full collection walks through
    them all and holds everything else up meanwhile: a tenth of a second, every few seconds under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
