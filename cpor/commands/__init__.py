"""The commands: their names, arguments and output. Their work is done by the modules of `cpor`."""
