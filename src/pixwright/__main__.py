"""`python -m pixwright`."""

from pixwright.cli.app import main

main()
