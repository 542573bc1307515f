"""The link to the hub: connection, the mirror of what the agent sees, and the outbox. Knows no widgets."""
