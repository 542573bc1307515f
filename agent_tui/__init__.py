"""The console: serves customers from the keyboard, over any terminal."""

__version__ = "0.1.0"
