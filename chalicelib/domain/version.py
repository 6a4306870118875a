"""The version of the service, of its OpenAPI document and of the command line."""

VERSION = "0.1.0"  # semver.org; CHANGELOG.md begins with it, and a release is tagged with it
