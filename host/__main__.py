"""`python -m host …` is the `tongban` command."""

from host.cli import main

main()
