"""上周处置效果: for now the precision of the alerts themselves, with its n and interval."""

from __future__ import annotations

from reports.figures import Figures
from reports.model import Block, Paragraph


def effects(figures: Figures) -> tuple[Block, ...]:
    """Of the alerts raised in the week and decided on, how many people confirmed.

    Aggregates made before this was counted have no such figure; then there is no paragraph.
    """
    counted = figures.aggregates.get("precision")
    if counted is None:
        return ()
    k, n, undecided = counted["confirmed"], counted["decided"], counted["undecided"]
    if n == 0:
        words = "本周没有经人判断的预警，预警准确率未知（n=0）"
    else:
        words = (
            f"本周提出的预警中，经人判断 {n} 条，确认 {k} 条，预警准确率 {k / n:.0%}（n={n}），"
            f"0.95 置信区间 {counted['low']:.2f} 至 {counted['high']:.2f}"
        )
    rest = f"；另有 {undecided} 条未判断，不计入" if undecided else ""
    return (Paragraph(f"{words}{rest}。"),)
