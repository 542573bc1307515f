"""Keeping the data for years: copies, restores, upgrades, erasures, and what to send to whoever helps."""


class Unable(Exception):
    """It can't be done. `what` is a text's English for the operator, with places for `values`."""

    def __init__(self, what: str, **values: object) -> None:
        super().__init__(what.format(**values))
        self.what, self.values = what, values
