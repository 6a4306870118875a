"""The public documentation: the API reference, every error, and the guides."""
