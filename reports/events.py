"""重点舆情: up to five cases that raised alerts. No quotation: a quote can be searched for."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.alerts import Alert, Share
from domain.annotation import Sentiment, Target
from domain.posts import Platform
from reports.figures import Figures, hours, level
from reports.model import Block, Heading, Paragraph
from reports.overview import title
from reports.period import Week
from reports.phrases import day, minute, short
from reports.queries import Cells
from reports.suppression import SMALL, THRESHOLD, count, percent, protect, share
from reports.words import BANNED, GAP, LEVEL, PLATFORM, STATE

#: practice.md §5.
MOST_EVENTS = 5
_TERMS = 6
#: Sources named in a line of 传播.
_SOURCES = 6
_UP, _DOWN = 1.2, 0.8


def events(figures: Figures) -> tuple[Block, ...]:
    """One block group per case, the gravest alert of a case stands for it."""
    if not figures.alerts:
        if figures.now.blind:
            return (Paragraph("信息源失联，本周无法判断有无重点舆情。"),)
        return (Paragraph("本周没有重点舆情。"),)
    blocks: list[Block] = []
    first: dict[str, Alert] = {}
    for alert in figures.alerts:
        first.setdefault(alert.case_id, alert)
    for alert in list(first.values())[:MOST_EVENTS]:
        blocks += _event(figures, alert)
    if len(first) > MOST_EVENTS:
        blocks.append(Paragraph(f"另有 {len(first) - MOST_EVENTS} 件预警级别较低，不逐件列出。"))
    if figures.dismissed:
        blocks.append(Paragraph(f"另有 {figures.dismissed} 起系统预警经人工核对后驳回，不列。"))
    return tuple(blocks)


def _event(figures: Figures, alert: Alert) -> list[Block]:
    head = f"{title(figures, alert.case_id)}：{LEVEL[level(alert)]}，{STATE[alert.state]}"
    return [
        Heading(head),
        Paragraph(f"概况：{_facts(figures, alert)}", unchecked=True),
        *_spread(figures, alert),
        Paragraph(f"关切：{_concern(figures, alert)}", unchecked=True),
        Paragraph(f"焦点问题：{_questions(alert)}", unchecked=True),
        Paragraph(f"事实与待核：{_unknown(figures, alert)}", unchecked=True),
        Paragraph(f"走势：{trend(_daily(figures, alert.case_id), figures.week)}", unchecked=True),
    ]


def _facts(figures: Figures, alert: Alert) -> str:
    why, case = alert.why, figures.aggregates["cases"].get(alert.case_id)
    known = ""
    if case:
        parts = [case["court"], "、".join(case["numbers"])]
        parts += [] if case["stage"] == "不适用" else [f"{case['stage']}阶段"]
        known = "，".join(part for part in parts if part) + "。"
    score = why.score
    return (
        f"{known}{minute(alert.first_published_at)}最早出现，"
        f"{minute(alert.detected_at)}系统提出预警；"
        f"至{minute(why.window_end)}共 {count(why.posts)} 帖（去重后 {count(why.distinct)} 帖，"
        f"{count(why.authors)} 人）。{minute(why.peak_at)}前 {score.window} 分钟内"
        f" {count(score.observed)} 人发帖，平日同时段 {score.expected:.1f} 人。"
    )


def _spread(figures: Figures, alert: Alert) -> list[Block]:
    """首发 and 传播; nothing in a report frozen before these were counted, or of a few posts."""
    cells = figures.answers
    began = cells.get(f"episode:{alert.id}:first")
    reach = cells.get(f"episode:{alert.id}:reach", [])
    of = {str(cell[0]): int(cell[1]) for cell in cells.get(f"episode:{alert.id}:copies", [])}
    if not began or of["posts"] < THRESHOLD:
        return []
    titles = {one["source"]: one["title"] for one in figures.aggregates["sources"]}
    source, platform, at, _ = began[0]
    first = (
        f"首发：{minute(datetime.fromisoformat(at))}，{titles.get(source, source)}"
        f"（{PLATFORM[Platform(platform)]}），为本系统所见最早一帖，看不到的来源可能更早。"
    )
    return [
        Paragraph(first, unchecked=True),
        Paragraph(f"传播：{_reach(reach, titles)}；{_copies(of, alert)}。", unchecked=True),
    ]


def _reach(reach: Cells, titles: dict[str, str]) -> str:
    ranked = sorted(reach, key=lambda cell: (-cell[-1], cell[0]))
    # The total stands beside them: a small source left out alone would be told by the others.
    shown = protect([cell[-1] for cell in ranked])
    named = [
        f"{titles.get(source, source)} {cell.text} 帖（去重后 {count(distinct)} 帖）"
        for (source, _, distinct, _), cell in zip(ranked, shown, strict=True)
        if cell.n is not None
    ][:_SOURCES]
    rest = len(ranked) - len(named)
    sources, platforms = len({cell[0] for cell in ranked}), len({cell[1] for cell in ranked})
    seen = f"见于 {sources} 个信息源、{platforms} 个平台"
    if not named:
        return f"{seen}（有的不足 {THRESHOLD} 帖，各来源帖数未列）"
    return f"{seen}：{'、'.join(named)}" + (f"，其余 {rest} 个来源未列" if rest else "")


def _copies(of: dict[str, int], alert: Alert) -> str:
    """What is copied, as the index has it now; both numbers where they left those of the alert."""
    copied = f"与别的帖文内容几乎相同：{share(of['copied'], of['posts'])}"
    if (of["posts"], of["distinct"]) == (alert.why.posts, alert.why.distinct):
        return copied
    return f"{copied}（制作本报告时该时段有 {count(of['posts'])} 帖，去重后 {count(of['distinct'])} 帖）"


def _concern(figures: Figures, alert: Alert) -> str:
    why = alert.why
    names = figures.aggregates["topics"]
    topics = "、".join(
        f"{short(names[topic]['zh'])} {posts:,} 帖"
        for topic, posts in why.topics
        if posts >= THRESHOLD and topic in names
    )
    parts = [f"话题：{topics}" if topics else f"各话题均不足 {THRESHOLD} 帖"]
    parts.append(f"针对法院的信息中负面 {_share(why.court_negative)}")
    against_parties = sum(
        posts
        for target, sentiment, posts in why.attitudes
        if (target, sentiment) == (Target.PARTY, Sentiment.NEGATIVE)
    )
    if against_parties >= THRESHOLD:
        parts.append(f"另有 {against_parties:,} 帖是对当事人的不满，不计入涉院负面")
    words = [word for word, _ in why.terms if not any(banned in word for banned in BANNED)]
    if words:
        parts.append(f"突出用词：{'、'.join(words[:_TERMS])}")
    return "；".join(parts) + "。"


def _questions(alert: Alert) -> str:
    asked = [one for one in alert.why.asked if one[1] >= THRESHOLD]
    asked = [one for one in asked if not any(banned in one[0] for banned in BANNED)]
    if not asked:
        return f"没有 {THRESHOLD} 帖以上提出的相同问题。"
    return (
        "；".join(
            f"{words}（{posts:,} 帖{'' if texts is None else f'，去重后 {count(texts)} 帖'}）"
            for words, posts, texts in asked
        )
        + "。"
    )


def _unknown(figures: Figures, alert: Alert) -> str:
    why = alert.why
    media = f"{why.media} 家" if why.media else "未见"
    parts = [f"媒体来源：{media}"]
    if why.campaign:
        alike = why.campaign.alike
        parts.append(
            f"异常同步传播提示：存在高度相似内容集中出现现象，{_similar(alike)}，"
            f"不代表其反映的问题不真实（原始 {alike.n:,} 帖，去重后 {count(why.campaign.distinct)} 帖）"
        )
    if why.gaps:
        names = {s["source"]: s["title"] for s in figures.aggregates["sources"]}
        blind = "、".join(
            f"{names.get(gap.source, gap.source)}自{minute(gap.start)}"
            f"至{minute(gap.end) if gap.end else '统计时'}（{GAP[gap.reason]}）"
            for gap in why.gaps
        )
        parts.append(f"期间缺口：{blind}，数字可能偏低")
    parts.append("以上为系统统计；事件经过和当事人诉求须由承办部门核实")
    return "；".join(parts) + "。"


def _similar(part: Share) -> str:
    """The wording is fixed (practice.md §4); only the figure changes."""
    if part.n - part.k < THRESHOLD:
        return f"占比{share(part.k, part.n)}"
    return f"占比 {percent(part.k, part.n)}"


def _share(part: Share) -> str:
    return share(part.k, part.n) if part.n else "未知（没有针对法院的信息）"


def _daily(figures: Figures, case_id: str) -> list[int | None]:
    """Posts per day; None for a day of which hours are missing in every source's gaps."""
    sources = len(figures.aggregates["sources"])
    counted: list[int | None] = []
    for number, (since, until) in enumerate(figures.week.days()):
        cells = figures.answers.get(f"day:{number}:cases", [])
        blind = sum(
            hours(
                [gap for gap in figures.gaps if gap.source == source],
                Week(since, until),
                figures.created_at,
            )
            for source in {gap.source for gap in figures.gaps}
        )
        unseen = sources > 0 and blind >= 24 * sources
        counted.append(None if unseen else sum(c[-1] for c in cells if c[0] == case_id))
    return counted


def trend(daily: list[int | None], week: Week) -> str:
    """The course of seven days in a sentence."""
    seen = [(posts, number) for number, posts in enumerate(daily) if posts is not None]
    if not seen:
        return "全周失联，走势未知。"
    peak, at = max(seen, key=lambda pair: (pair[0], pair[1]))
    if peak < THRESHOLD:
        return f"本周每日均不足 {THRESHOLD} 帖。"
    start = f"{day(week.since + timedelta(days=at))}最高，{peak:,} 帖；"
    last, before = daily[-1], daily[-2]
    last_day = day(week.since + timedelta(days=6))
    if last is None or before is None:
        return f"{start}最后两日数据不全，走势未知。"
    if last < THRESHOLD:
        return f"{start}{last_day}降至{SMALL} 帖，呈回落态势。"
    word = "持平"
    if last >= _UP * before:
        word = "上升"
    elif last <= _DOWN * before:
        word = "回落"
    return f"{start}{last_day} {last:,} 帖，较前一日{word}。"
