"""The console can't go on, and why."""


class Failure(Exception):
    """The text is whole sentences for the person: what, where, and what to do."""
