"""The operator's command line.

Runs on the operator's machine and in the embedded run; never shipped to Lambda.
"""
