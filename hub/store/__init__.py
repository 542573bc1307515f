"""Keeping: engines, the one grouped writer, the journal and migrations. Knows nothing of desks."""
