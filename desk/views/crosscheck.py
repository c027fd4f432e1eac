"""Our news volume beside outside indexes', in words: a hint to look after our own sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.seeds import CrossCheck


@dataclass(frozen=True, slots=True)
class CrossCheckLine:
    """One outside index as the page of sources shows it; the template part needs these only."""

    check: CrossCheck
    sentence: str
    sign: str


def cross_check_lines(checks: Sequence[CrossCheck]) -> list[CrossCheckLine]:
    """Lines for `part_crosscheck.html`, those that may mean blindness first."""
    ordered = sorted(checks, key=lambda check: (not check.blind, check.title))
    return [CrossCheckLine(check, sentence(check), _sign(check)) for check in ordered]


def sentence(check: CrossCheck) -> str:
    """The verdict in Chinese, for the page and the terminal."""
    facts = (
        f"近24小时{check.title}收录 {check.outside} 篇，"
        f"按此前比例我们应有约 {check.expected:.0f} 篇，实收 {check.ours} 篇"
    )
    if check.blind:
        return f"{facts}：新闻来源可能失明，请逐个核对"
    if check.chance == 1:
        return f"{facts}：数量太少或没有少收，不作判断"
    return f"{facts}：未见异常"


def _sign(check: CrossCheck) -> str:
    return "可能失明" if check.blind else "未见异常" if check.chance < 1 else "不作判断"
