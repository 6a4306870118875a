"""`python -m cpor`."""

from cpor.cli import main

main()
