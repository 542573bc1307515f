"""`python -m agent_tui` is `bandeja`."""

from agent_tui.start import main

main()
