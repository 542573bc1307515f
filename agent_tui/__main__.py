"""`python -m agent_tui` is `bandeja`."""

from agent_tui.cli import main

main()
