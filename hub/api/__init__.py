"""Doors for programs: every command and every view over HTTP, a document that describes it, a page that shows it."""
