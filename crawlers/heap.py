"""Keeps Python's cyclic garbage collector off what lives as long as the process."""

from __future__ import annotations

import gc
from functools import cache


@cache
def settle() -> None:
    """Take everything loaded so far out of the collector's sight, once a process.

    Call it before the first post is read. Modules, models and compiled patterns are some 160,000
    objects and more that never become garbage, and each full collection walks through all of them:
    a tenth of the time of a run (`python -m bench.intake`).
    """
    gc.collect()
    gc.freeze()
