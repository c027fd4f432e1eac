"""数据说明: sources, window, blindness, model, suppression; what the numbers are not."""

from __future__ import annotations

from domain.posts import Platform
from domain.sources import Gap
from reports import drift, overlap, sampled, source_hours
from reports.figures import Figures, hours
from reports.model import Block, Column, Paragraph, Table
from reports.phrases import coverage, minute, whole_hours, window
from reports.suppression import SMALL, THRESHOLD, WITHHELD, count, protect, share
from reports.words import GAP, NOT_EVERYBODY, PLATFORM, UNCHECKED

#: Gaps of one source that are listed; the rest are summed.
_GAPS_LISTED = 3


def notes(figures: Figures) -> tuple[Block, ...]:
    """Everything a reader needs to judge the numbers."""
    aggregates = figures.aggregates
    irrelevant = count(figures.irrelevant)
    return (
        Paragraph(
            f"{NOT_EVERYBODY}。统计时段：{window(figures.week)}（北京时间），按发布时间计；"
            f"统计于{minute(figures.created_at)}。本周{coverage(figures.now)}。{_last_week(figures)}"
        ),
        *_sources(figures),
        *([Paragraph(explained)] if (explained := sampled.explained(figures)) else []),
        *([Paragraph(counted)] if (counted := source_hours.explained(_coverage(figures))) else []),
        *overlap.table(aggregates.get("overlap", [])),
        Paragraph(_unsure(figures)),
        Paragraph(drift.explained(aggregates.get("drift"))),
        *_deleted(figures),
        Paragraph(f"{_model(figures)}判为与法院无关的 {irrelevant} 帖不计入。"),
        Paragraph(
            f"小数保护：不足 {THRESHOLD} 的单元显示“{SMALL}”，可由合计推出它的单元显示“{WITHHELD}”"
            "或只给下限。涉院负面率只计针对法院的负面，不含对当事人或事件的不满。"
            "环比为本周与上周之比，不构成因果。"
        ),
        Paragraph(
            f"标有{UNCHECKED}的文字由程序根据统计数字生成，签发前须人工核对。"
            f"各项数字连同查询条件已留存（编号 {aggregates['id']}，"
            f"校验值 {aggregates['digest'][:12]}），可复算。"
        ),
    )


def _deleted(figures: Figures) -> tuple[Block, ...]:
    posts = figures.aggregates.get("deleted", 0)
    if not posts:
        return ()
    return (
        Paragraph(
            f"本周有 {count(posts)} 帖因作者在来源处删除或应要求，已从本系统各处删除，不计入上列数字。"
        ),
    )


def _coverage(figures: Figures) -> dict[str, dict[str, float]]:
    """Frozen hours by source; empty in reports from before they were kept."""
    found: dict[str, dict[str, float]] = figures.aggregates.get("coverage", {})
    return found


def _unsure(figures: Figures) -> str:
    stance = figures.now.stance
    return (
        "把握与态度不明：模型把握低于一半的判断，以及在一帖中褒贬不同法院、无法分开的帖文，"
        f"计为“态度不明”，不计入负面，也不计入涉院负面率的分母；本周 {share(stance.unsure, stance.posts)}。"
        "一帖说到几个案件的，各案按说到本案的部分计。"
    )


def _last_week(figures: Figures) -> str:
    before = figures.weeks[1]
    if before.blind or before.whole or before.coverage is None:
        return ""
    return f"上周信息源累计失联 {whole_hours(before.blind_hours)}，环比仅供参考。"


def _sources(figures: Figures) -> tuple[Block, ...]:
    declared = {entry["source"]: entry for entry in figures.aggregates["sources"]}
    coverage = _coverage(figures)
    posts = {cell[0]: cell[-1] for cell in figures.answers["sources"]}
    names = sorted(set(declared) | set(posts))
    if not names:
        return (Paragraph("没有登记任何信息源。"),)
    cells = protect([posts.get(name, 0) for name in names])
    rows = []
    for name, cell in zip(names, cells, strict=True):
        entry = declared.get(name)
        rows.append(
            (
                entry["title"] if entry else f"{name}（已停用或导入）",
                PLATFORM[Platform(entry["platform"])] if entry else "—",
                cell.text,
                _sampling(entry["sample_rate"]) if entry else "—",
                sampled.of_source(figures, name, cell),
                source_hours.seen(coverage, name),
                _missed([gap for gap in figures.gaps if gap.source == name], figures, name),
            )
        )
    return (
        Table(
            caption="信息源",
            columns=(
                Column("信息源", 28),
                Column("平台", 14),
                Column("相关帖", 16, right=True),
                Column("采样", 18),
                Column("推算全量", 18, right=True),
                Column("已采", 22),
                Column("失联时段", 40),
            ),
            rows=tuple(rows),
        ),
    )


def _sampling(rate: float) -> str:
    """E.g. “全量”, “每百条取 10 条”: not a percentage, because it has no n."""
    return "全量" if rate >= 1 else f"每百条取 {rate * 100:g} 条"


def _missed(gaps: list[Gap], figures: Figures, source: str) -> str:
    """When the source was blind, and for how many hours by reason."""
    counted = source_hours.blindness(_coverage(figures), source)
    return (
        "；".join(part for part in (_blind(gaps, figures) if gaps else "", counted) if part) or "无"
    )


def _blind(gaps: list[Gap], figures: Figures) -> str:
    if not gaps:
        return "无"
    longest = sorted(gaps, key=lambda gap: -hours([gap], figures.week, figures.created_at))
    listed = sorted(longest[:_GAPS_LISTED], key=lambda gap: gap.start)
    words = "；".join(
        f"{minute(gap.start)}—{minute(gap.end) if gap.end else '统计时仍未恢复'}（{GAP[gap.reason]}）"
        for gap in listed
    )
    total = whole_hours(hours(gaps, figures.week, figures.created_at))
    more = f" 等 {len(gaps)} 段" if len(gaps) > _GAPS_LISTED else ""
    return f"{words}{more}，本周共 {total}"


def _model(figures: Figures) -> str:
    used = "、".join(f"{name}（{count(posts)} 帖）" for name, posts in figures.answers["models"])
    card = figures.aggregates["card"]
    words = f"态度、话题、诉求由标注模型判定：{used or '本周无标注'}。"
    if card is None:
        return words + "模型质量指标未提供。"
    metrics = "、".join(f"{name} {value:.2f}" for name, value in card["metrics"].items())
    where = f"（{card['measured_on']}）" if card["measured_on"] else ""
    return words + f"{card['name']} 的质量{where}：{metrics or '未测'}。"
