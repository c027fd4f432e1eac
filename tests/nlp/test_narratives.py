"""Planted narratives and terms are found in fictional bursts, with share, start and past."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.posts import Platform, Post, PostKind
from nlp.narratives import Narratives
from nlp.terms import LogOddsTerms

GOLD = Path(__file__).parents[1] / "gold" / "questions"
START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
FINDER = Narratives()
#: Narrative and term, each told in three ways.
PLANTED = (
    ("饲料厂老板连夜把三台车过户给了岳父", "过户",
     ("饲料厂老板连夜把三台车过户给岳父", "听说饲料厂老板连夜把三台车过户给了他岳父")),
    ("合议庭三名法官全部来自同一个党支部", "合议庭",
     ("合议庭三名法官全都来自同一个支部", "网传合议庭三名法官全部来自同一党支部")),
    ("法庭监控录像在开庭前一晚被人覆盖", "覆盖",
     ("法庭的监控录像在开庭前一晚被覆盖", "据说法庭监控录像开庭前一晚被人覆盖了")),
)  # fmt: skip


def _post(number: int, text: str, source: str = "weibo", at: datetime | None = None) -> Post:
    moment = at or START + timedelta(minutes=7 * number)
    return Post(f"{number:032x}", source, Platform.WEIBO, PostKind.POST, text, moment, moment)


def _burst(scenario: Path, wordings: tuple[str, ...], seed: int) -> list[Post]:
    chance = random.Random(seed)
    texts = [line["text"] for line in json.loads(scenario.read_text(encoding="utf-8"))["posts"]]
    texts += [
        f"{wording}，{tail}"
        for wording in wordings
        for tail in ("太离谱了", "没人管吗", "气人", "等通报")
    ]
    chance.shuffle(texts)
    return [
        _post(number, text, chance.choice(("weibo", "forum"))) for number, text in enumerate(texts)
    ]


def test_planted_narratives_and_their_terms_lead() -> None:
    files = sorted(GOLD.glob("*.json"))[:6]
    found = terms = total = 0
    for number, scenario in enumerate(files):
        lines = json.loads(scenario.read_text(encoding="utf-8"))["posts"] * 3
        past = [
            _post(10_000 + n, line["text"], at=START - timedelta(days=3))
            for n, line in enumerate(lines)
        ]
        wording, term, others = PLANTED[number % len(PLANTED)]
        posts = _burst(scenario, (wording, *others), number)
        narratives = FINDER.narratives(posts, past)
        total += 1
        found += bool(narratives) and narratives[0].share.k >= 8 and narratives[0].past == 0
        listed = LogOddsTerms().terms([p.text for p in posts], [p.text for p in past])
        terms += any(term in word or word in wording for word, _ in listed[:5])
    assert found >= total - 1, (found, terms)
    assert terms >= total - 1, (found, terms)


def test_share_hours_sources_and_first_appearance() -> None:
    told = [_post(n, f"案卷材料被水淹了一半，{tail}", "forum" if n else "weibo")
            for n, tail in enumerate(("真的吗", "听说的", "谁管", "唉"))]  # fmt: skip
    other = [_post(20 + n, text) for n, text in enumerate(("今天开庭", "等结果", "支持法院"))]
    [one] = FINDER.narratives(told + other, [])
    assert (one.share.k, one.share.n) == (4, 7)
    assert one.first_at == told[0].published_at
    assert one.sources == (("forum", 3), ("weibo", 1))
    assert sum(posts for _, posts, _ in one.hours) == 4
    assert sum(every for _, _, every in one.hours) == 7


def test_what_the_past_said_is_not_new() -> None:
    posts = [_post(n, f"一审判决书迟迟没有送达当事人，第{n}天") for n in range(4)]
    past = [_post(100 + n, f"一审判决书迟迟没有送达当事人{n}") for n in range(2)]
    assert FINDER.narratives(posts, past)[0].past == 2


def test_a_quoted_tail_tells_nothing() -> None:
    tail = "//@〔用户〕:案卷材料被水淹了一半，"
    own = ("等官方通报吧", "希望尽快开庭", "又上热搜了", "大家别急着下结论")
    comments = [replace(_post(n, text + tail), kind=PostKind.COMMENT) for n, text in enumerate(own)]
    assert FINDER.narratives(comments, []) == []
    posts = [replace(one, kind=PostKind.POST) for one in comments]
    assert [one.share.k for one in FINDER.narratives(posts, [])] == [4]


def test_order_changes_nothing_and_stock_phrases_are_none() -> None:
    posts = [_post(n, f"案卷材料被水淹了一半，{n}号说的") for n in range(5)]
    posts += [_post(50 + n, "严惩！") for n in range(9)]
    once = FINDER.narratives(posts, [])
    assert [one.share.k for one in once] == [5]
    assert FINDER.narratives(list(reversed(posts)), []) == once
    assert FINDER.narratives([], posts) == []
