"""The filing endpoint in other frames: a bare function, and other frameworks. `make bench` installs
those.
"""
