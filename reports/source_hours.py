"""Coverage by source in 数据说明: hours seen of hours past, blindness with its reasons, estimates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from domain.hours import HourState
from domain.sources import GapReason
from records import Records
from reports.period import Week
from reports.words import GAP

#: Reasons named in a cell; the rest are summed by the hours before them.
_REASONS_NAMED = 3


def frozen(records: Records, week: Week) -> dict[str, dict[str, Any]]:
    """What the coverage records say of each source in `week`, as plain JSON, in hours.

    hours: that are over; covered: seen in the end; blind: in a gap at the time; made_good: of
    those, fetched later; thin: seen whole with far fewer posts than usual; expected: with an
    expectation; estimated: delivered as a sample; reasons: reason → blind or unseen hours.
    """
    found: dict[str, dict[str, Any]] = {}
    reasons: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for hour in records.hours.between(week.since, week.until):
        if not hour.settled:
            continue
        sums = found.setdefault(
            hour.source,
            dict.fromkeys(
                ("hours", "covered", "blind", "made_good", "thin", "expected", "estimated"), 0
            ),
        )
        sums["hours"] += 1
        sums["covered"] += hour.covered
        sums["blind"] += hour.blind
        sums["made_good"] += max(hour.covered + hour.blind - 1, 0)
        sums["thin"] += hour.state is HourState.THIN
        sums["expected"] += hour.expected is not None
        sums["estimated"] += hour.estimated
        if hour.reason is not None:
            reasons[hour.source][hour.reason.value] += max(hour.blind, 1 - hour.covered)
    return {
        source: {
            **{name: round(value, 2) for name, value in sums.items()},
            "reasons": {name: round(value, 2) for name, value in sorted(reasons[source].items())},
        }
        for source, sums in sorted(found.items())
    }


def seen(coverage: Mapping[str, Mapping[str, Any]], source: str) -> str:
    """“166.5 / 168 小时”; 未知 where nothing was recorded (reports from before there were hours)."""
    sums = coverage.get(source)
    if not sums:
        return "未知"
    return f"{sums['covered']:g} / {sums['hours']} 小时"


def blindness(coverage: Mapping[str, Mapping[str, Any]], source: str) -> str:
    """“另：失联 6 小时中 5.5 小时已补采（被限流 4 小时、超时 2 小时）”; "" when nothing was missed."""
    sums = coverage.get(source)
    if not sums:
        return ""
    parts = []
    if sums["reasons"]:
        longest = sorted(sums["reasons"].items(), key=lambda pair: -pair[1])[:_REASONS_NAMED]
        named = "、".join(f"{GAP[GapReason(name)]} {hours:g} 小时" for name, hours in longest)
        parts.append(f"失联或未采 {named}，已补采 {sums['made_good']:g} 小时")
    if sums["thin"]:
        parts.append(f"{sums['thin']} 小时明显少于往常")
    return "；".join(parts)


def explained(coverage: Mapping[str, Mapping[str, Any]]) -> str:
    """How the hours were counted; "" without any."""
    if not coverage:
        return ""
    expected = sum(sums["expected"] for sums in coverage.values())
    hours = sum(sums["hours"] for sums in coverage.values())
    return (
        "覆盖按信息源逐小时统计：“已采”为最终采到的时长与已过时长之比，失联后补采的计为已采；"
        "预期为往周同一时段的中位数（至少三周），"
        f"{hours} 个小时中 {expected} 个已有预期，其余尚无预期，不判断多少。"
        "抽样信息源的全量为推算值。"
    )
