"""Counts of sampled sources in a report: as they came, with the estimate of the whole beside them."""

from __future__ import annotations

from domain.sampling import whole
from reports.figures import Figures
from reports.suppression import Cell, protect

NOT_SAMPLED = "—"


def of_week(figures: Figures) -> str:
    """“（含抽样来源，推算全量约 1,200 帖）” behind the week's count; nothing where all came."""
    rates = _rates(figures)
    posts = {str(cell[0]): int(cell[-1]) for cell in figures.answers["sources"]}
    found = whole(posts.items(), rates)
    if found is None:
        return ""
    names = sorted({entry["source"] for entry in figures.aggregates["sources"]} | set(posts))
    cells = zip(names, protect([posts.get(name, 0) for name in names]), strict=True)
    # A cell that is hidden as too small must not be told by its multiple.
    if any(cell.n is None for name, cell in cells if name in rates):
        return "（含抽样来源，为实收数）"
    return f"（含抽样来源，推算全量约 {found:,} 帖）"


def of_source(figures: Figures, source: str, cell: Cell) -> str:
    """The estimate for one source's cell; a dash where it isn't sampled or not shown."""
    found = None if cell.n is None else whole([(source, cell.n)], _rates(figures))
    return NOT_SAMPLED if found is None else f"约 {found:,}"


def explained(figures: Figures) -> str:
    """What the estimates are, for the notes; nothing when no source is sampled."""
    if not _rates(figures):
        return ""
    return (
        "抽样来源的帖数为实收数；“推算全量”按声明的采样比例放大，取两位有效数字，是估计值，"
        "不用于负面率和环比。"
    )


def _rates(figures: Figures) -> dict[str, float]:
    return {
        entry["source"]: entry["sample_rate"]
        for entry in figures.aggregates["sources"]
        if entry["sample_rate"] < 1
    }
