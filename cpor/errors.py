"""How a command fails."""


class CommandError(Exception):
    """The command cannot run with what it was given; the text says what to do."""
