"""What builds, deploys and runs the service. Not part of the package that is deployed."""
