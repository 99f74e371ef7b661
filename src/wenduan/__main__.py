"""`python -m wenduan` is the command `wenduan`."""

from .cli import main

main()
