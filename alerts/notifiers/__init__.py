"""Channels. A kind is a module here with `OPTIONS` (allowed keys of a route) and `open_channel`.

Adding one is one file: `alerts/notifiers/x.py` is found as ``kind: x`` in the routes.
"""
