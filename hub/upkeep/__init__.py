"""Keeping the data for years: copies, restores, upgrades, erasures, and what to send to whoever helps."""

from hub.protocol.settings import N_

NO_DESK = N_("There is no desk in {place}. Make one with: bandeja-hub init")


class Unable(Exception):
    """It can't be done. `what` is a text's English for the operator, with places for `values`."""

    def __init__(self, what: str, **values: object) -> None:
        super().__init__(what.format(**values))
        self.what, self.values = what, values
