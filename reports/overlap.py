"""How much was missed, in 数据说明: the estimate from two looks at the same hours, and its caveat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.overlap import overlap_lines
from domain.sources import SourceStatus
from records import Records
from reports.model import Block, Column, Table
from reports.period import Week


def frozen(records: Records, week: Week, statuses: Sequence[SourceStatus]) -> list[dict[str, Any]]:
    """Lines of `week`, one a source and kind of looks, as plain JSON."""
    titles = {status.source: status.title for status in statuses}
    return [
        {
            "title": line.title, "looks": line.looks, "first": line.first, "second": line.second,
            "both": line.both, "hours": line.hours, "sentence": line.sentence,
            "caveat": line.caveat,
        }
        for line in overlap_lines(records.captures.between(week.since, week.until), titles)
    ]  # fmt: skip


def table(lines: Sequence[dict[str, Any]]) -> tuple[Block, ...]:
    """The table; empty where no two looks met, and in reports from before they were compared."""
    if not lines:
        return ()
    return (
        Table(
            caption="遗漏估计（捕获—再捕获，Chapman；估计值，不用于其他数字）",
            columns=(
                Column("信息源", 28),
                Column("估计", 44),
                Column("依据", 38),
                Column("限度", 46),
            ),
            rows=tuple(
                (
                    line["title"],
                    # A percentage of a report has its n beside it; this one is a level.
                    line["sentence"].replace("95% 区间", "百分之九十五区间"),
                    f"{line['looks']}，{line['hours']} 个发布小时：n₁={line['first']}，"
                    f"n₂={line['second']}，两次都有 {line['both']}",
                    line["caveat"],
                )
                for line in lines
            ),
        ),
    )
