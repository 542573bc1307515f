"""`python -m hub` is `bandeja-hub`."""

from hub.cli import main

main()
