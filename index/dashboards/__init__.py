"""Dashboards for OpenSearch Dashboards and Kibana: one file both import, its check, its way in.

Readable source: ``overview.yml``; ``python -m index.dashboards`` rewrites ``overview.ndjson``. What
both programs accept was observed on running ones; ``tests/index/test_dashboards_check.py`` has a
test for each defect that was seen to break an import, a dashboard or a panel.
"""

from __future__ import annotations

from index.dashboards.build import build
from index.dashboards.check import check
from index.dashboards.install import install

__all__ = ["build", "check", "install"]
