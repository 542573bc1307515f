"""What texts may not hold, and codes and names, as patterns that JSON Schema and Python understand alike."""

from typing import Annotated

from msgspec import Meta

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps no NUL, so no text may hold one
END = r"(?!\n)$"  # of a pattern: Python's own $ lets a newline follow, which JSON Schema's does not
Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}" + END)]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,8}" + END)]
Text = dict[Language, Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]]  # what an entity names
