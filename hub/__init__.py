"""The hub: holds the conversations and queues of one entity, and tells consoles and pages what changes."""

__version__ = "0.1.0"
