"""What builds and runs the service here. Nothing of it is shipped."""
