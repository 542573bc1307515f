"""What texts may not hold, as patterns that JSON Schema and Python understand alike."""

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps no NUL, so no text may hold one
END = r"(?!\n)$"  # of a pattern: Python's own $ lets a newline follow, which JSON Schema's does not
