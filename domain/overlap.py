"""What two looks at the same hours say of what we didn't see, in the press office's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.completeness import LEAST_BOTH, Capture, Estimate, Looks, chapman, pooled

#: What is compared, and why the figure is to be read with care.
WORDS = {
    Looks.WINDOWS: ("相邻两次采集的重叠时段", "假定两次采集相互独立；接口一直不给的帖文两次都看不到，不在估计之内"),
    Looks.QUERIES: ("不同检索词", "假定各检索词相互独立；检索词相近时估计偏低"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OverlapLine:
    """One source and kind of looks.

    Attributes:
        estimate: None when it can't be estimated; `sentence` says so.
        hours: hours of publication that were compared.
    """

    source: str
    title: str
    looks: str
    first: int
    second: int
    both: int
    hours: int
    estimate: Estimate | None
    sentence: str
    caveat: str


def overlap_lines(captures: Sequence[Capture], titles: Mapping[str, str]) -> list[OverlapLine]:
    """Lines for `part_overlap.html`: captures summed by source and kind, in their order.

    Args:
        titles: source → its name on pages.
    """
    lines = []
    for (source, looks), group in groupby(captures, key=lambda one: (one.source, one.looks)):
        hours = list(group)
        first, second, both = pooled(hours)
        estimate = chapman(first, second, both)
        name, caveat = WORDS[looks]
        lines.append(
            OverlapLine(
                source,
                titles.get(source, source),
                name,
                first,
                second,
                both,
                len(hours),
                estimate,
                _sentence(first + second - both, both, estimate),
                caveat,
            )
        )
    return lines


def _sentence(held: int, both: int, estimate: Estimate | None) -> str:
    if estimate is None:
        return f"不可估计：两次都采到的只有 {both} 条，至少要 {LEAST_BOTH} 条"
    if estimate.missed < 0.5:
        return f"采到 {held} 条，估计没有遗漏"
    low, high = estimate.low - held, estimate.high - held
    return f"采到 {held} 条，估计还漏 {estimate.missed:.0f} 条（95% 区间 {low:.0f}—{high:.0f}）"
