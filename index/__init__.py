"""The index: searchable posts and exact counts, in one file or on a cluster.

`open_store` picks the implementation by the address; all of them keep the same contract
(`tests/contracts/test_store.py`) and give the same numbers.
"""

from __future__ import annotations

from index.address import open_cluster, open_store

__all__ = ["open_cluster", "open_store"]
