"""``python -m index.dashboards`` rewrites ``overview.ndjson`` from its source."""

from __future__ import annotations

from index.dashboards.build import COMMITTED, build

if __name__ == "__main__":
    COMMITTED.write_text(build(), encoding="utf-8")
