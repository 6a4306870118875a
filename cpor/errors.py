"""How a command fails."""


class CommandError(Exception):
    """The command cannot run with its arguments or environment; the text says what to do."""
