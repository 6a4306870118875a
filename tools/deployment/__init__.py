"""Deployment of a package with CloudFormation."""
