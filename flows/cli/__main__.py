"""`python -m flows.cli` is `union-assessment`."""

from flows.cli import main

main()
