"""How long 10,000 cases of a court's own system take: first import, the same again, a dry run.

    python -m bench.case_import [--rows 10000] [--limit 120]

The peer is SQLite itself: the same rows put into one table by executemany. Fails above `--limit`
seconds for the first import.
"""

from __future__ import annotations

import argparse
import csv
import resource
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from courtpulse.case_import import import_cases, load_mapping
from records import Records

_HEAD = ("案号", "案由", "承办法院", "立案日期", "开庭日期", "当事人")
_CAUSES = ("民间借贷纠纷", "危险驾驶", "物业服务合同纠纷", "离婚纠纷", "追索劳动报酬纠纷")


def main() -> int:
    """Run and print one line a figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--limit", type=float, default=120.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.csv"
        rows = [_row(number) for number in range(asked.rows)]
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows([_HEAD, *rows])
        records = Records.open(f"sqlite:///{folder}/records.db")
        mapping = load_mapping("court_system")
        taken: dict[str, float] = {}
        for name, dry in (("dry run", True), ("first", False), ("again", False)):
            started = time.perf_counter()
            result = import_cases(records, path, mapping, _now, "bench", dry_run=dry)
            taken[name] = time.perf_counter() - started
            print(f"{name}: {taken[name]:.1f} s, {dict(result.counts)}, {result.days} days")
        records.close()
        print(f"peer, plain SQLite rows: {_peer(Path(folder), rows):.2f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    return int(taken["first"] > asked.limit)


def _row(number: int) -> tuple[str, ...]:
    return (
        f"（2026）浙99{number % 20 + 2:02d}民初{number + 1}号",
        _CAUSES[number % len(_CAUSES)],
        "望川区人民法院",
        f"2026-{number % 10 + 1:02d}-{number % 28 + 1:02d}",
        f"2026-12-{number % 28 + 1:02d} 09:30",
        "原告：甲某；被告：乙某、江澜置业有限公司",
    )


def _peer(folder: Path, rows: list[tuple[str, ...]]) -> float:
    started = time.perf_counter()
    with sqlite3.connect(folder / "peer.db") as connection:
        connection.execute("CREATE TABLE cases (n TEXT PRIMARY KEY, c, f, a, b, p)")
        connection.executemany("INSERT INTO cases VALUES (?,?,?,?,?,?)", rows)
    return time.perf_counter() - started


def _now() -> datetime:
    return datetime(2026, 11, 23, 8, tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
