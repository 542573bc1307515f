"""The round-trip time as it is told: one that hardly differs is no news, and costs a quiet console no byte."""

STEADY = 20.0  # milliseconds by which it may differ
SHARE = 0.5  # of what was told, likewise


def told(before: float | None, took: float) -> float:
    """What to tell, in milliseconds, where `before` was told last and a ping `took` so long."""
    if before is None or abs(took - before) > max(STEADY, SHARE * before):
        return took
    return before
