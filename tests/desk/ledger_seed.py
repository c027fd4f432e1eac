"""The seeded court's ledger: footings, readings of robots.txt, a week of hours. All fictional."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from domain.hours import HOUR, Basis, SourceHour
from domain.ledger import LedgerEntry, RobotsReading, RobotsVerdict
from domain.sources import GapReason
from records import Records

ENTRIES = (
    LedgerEntry(
        "weibo_search", "微博搜索", "weibo", "weibo_api", "微博开放平台商业接口授权", "新闻办公室",
        "江合〔2026〕17号", datetime(2026, 12, 10).date(), "granted",  # noqa: DTZ001 - a day
        credentials={"access_token": "WEIBO_TOKEN"},
        addresses=("https://api.example/2/search/statuses.json",), declared_in="weibo_search.yml",
    ),
    LedgerEntry(
        "weibo_push", "微博推送", "weibo", "weibo_push", "微博开放平台商业推送授权", "新闻办公室",
        "江合〔2026〕18号", robots="granted", sample_rate=0.1,
        credentials={"access_token": "WEIBO_PUSH_TOKEN"}, declared_in="weibo_push.yml",
    ),
    LedgerEntry(
        "news", "新闻", "news", "feed", "公开订阅源，遵守 robots.txt", "宣传处",
        retention=timedelta(days=90), addresses=("https://news.example/rss",),
        declared_in="news.yml",
    ),
    LedgerEntry(
        "hotline", "12368", "hotline", "import", "本院自有工单", "诉讼服务中心", "自有数据",
        declared_in="hotline.yml",
    ),
    LedgerEntry(
        "wechat", "公众号", "wechat", "feed", "公众号公开文章，经本院自建订阅桥", "新闻办公室",
        addresses=("https://bridge.example/rss",), declared_in="wechat.yml",
    ),
    LedgerEntry(
        "thepaper", "澎湃新闻", "news", "site", "公开新闻网页，遵守 robots.txt", "新闻办公室",
        enabled=False, addresses=("https://paper.example/list",), declared_in="thepaper.yml",
    ),
)  # fmt: skip


def fill(records: Records, now: datetime) -> None:
    """A ledger with one change, every verdict, and a week of hours with each state."""
    records.ledger.register([replace(one, owner="研究室") for one in ENTRIES])
    records.ledger.register(ENTRIES)
    asked = now - 3 * HOUR
    verdicts = {
        "weibo_search": RobotsReading("", RobotsVerdict.GRANTED, asked),
        "weibo_push": RobotsReading("", RobotsVerdict.GRANTED, asked),
        "hotline": RobotsReading("", RobotsVerdict.NOT_CRAWLED, asked),
        "news": RobotsReading("https://news.example/robots.txt", RobotsVerdict.ALLOWED, asked, 200),
        "wechat": RobotsReading(
            "https://bridge.example/robots.txt", RobotsVerdict.DISALLOWED, asked, 200, ("/rss",)
        ),
    }  # fmt: skip
    for source, reading in verdicts.items():
        records.robots.add(source, [reading])
    records.hours.save([_hour(name, ago, now) for name in verdicts for ago in range(168)])


def _hour(source: str, ago: int, now: datetime) -> SourceHour:
    start = now.replace(minute=0, second=0, microsecond=0) - ago * HOUR
    usual = 12.0 + 9 * ((start.hour + 8) % 24 in range(8, 23))
    rate = 0.1 if source == "weibo_push" else 1.0
    hour = SourceHour(
        source, start, int(usual * rate) + (ago * 7) % 5, rate=rate, covered=1.0,
        expected=usual, low=4.0, basis=Basis.PAST, history=8,
    )  # fmt: skip
    if ago == 0:
        return replace(hour, settled=False, covered=0.4, got=2)
    if source == "wechat" and ago < 9:
        return replace(hour, got=0, covered=0.0, blind=1.0, reason=GapReason.ROBOTS,
                       detail="robots.txt 不允许采集该地址")  # fmt: skip
    if source == "weibo_search" and 40 <= ago < 46:
        return replace(hour, blind=1.0, reason=GapReason.RATE_LIMITED, detail="HTTP 429")
    if source == "news" and 70 <= ago < 72:
        return replace(hour, got=4, covered=0.4, blind=0.6, reason=GapReason.DOWN)
    if source == "news" and 20 <= ago < 23:
        return replace(hour, got=1)
    if source == "hotline" and ago > 120:
        return replace(hour, expected=None, low=None, basis=Basis.NONE, history=1)
    return hour
