"""`python -m pixwright`."""

from pixwright.cli import main

main()
