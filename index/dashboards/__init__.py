"""Dashboards for OpenSearch Dashboards and Kibana: one file both import, its check, its way in.

Readable source: ``overview.yml``. What both programs accept, and how each defect shows, was
observed on running ones; the table is in ``docs/dashboards.md``, a test per line in
``tests/index/test_dashboards_check.py``.
"""

from __future__ import annotations

from index.dashboards.build import build
from index.dashboards.check import check
from index.dashboards.install import install

__all__ = ["build", "check", "install"]
