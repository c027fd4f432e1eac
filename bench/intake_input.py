"""What the intake bench reads: pages of Weibo's search interface, cases, and a stand-in for the model.

The pages are recorded answers in the form of the official interface, fifty statuses each, in
memory: the network's speed is not ours to measure. Texts are those of the court pool where
COURTPULSE_SHARED names it, else fictional ones of the same lengths (measured on the pool: mean 88,
median 40, one in ten above 179 characters).
"""

from __future__ import annotations

import json
import lzma
import os
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from domain.annotation import IRRELEVANT, Annotation, Demand, Sentiment, Target
from domain.cases import Case, Litigant, MatchFormula
from domain.protocols import Reading
from domain.time import SHANGHAI
from text.weibo_ids import mint_mid

T0 = datetime(2026, 7, 6, tzinfo=UTC)
PAGE = 50
#: Share of posts about a watched case; of these a third name a litigant.
LINKED = 0.1
_POOL = Path(os.environ.get("COURTPULSE_SHARED", "../shared")) / "data/nlp/court_pool.jsonl.xz"
#: Deciles of the pool's lengths, and its longest.
_LENGTHS = (2, 12, 15, 18, 28, 40, 50, 75, 116, 179, 5564)
_CLAUSES = (
    "法院今天公开开庭审理物业费案", "立案排了三次队还没立上", "执行款到现在没有发", "希望公开庭审视频", "判决书写得很清楚",
    "12368打了一上午没人接", "网上立案系统又打不开", "合议庭当庭宣判", "这个结果大家不服", "给耐心解释的法官点赞",
    "二审什么时候有消息", "欠的工资终于拿到了", "一审判了三年", "说好的十日内答复呢", "旁听席坐满了人",
    "电话13800138000", "@云岫居民 看这里", "（2026）浙9901民初12号", "住在和平路12号3幢501室", "https://court.example/a/1",
)  # fmt: skip
_SURNAMES, _GIVEN = "梁余程苏魏吕丁任沈姚", "大川小岚文博雨青山禾"


@cache
def texts() -> tuple[str, ...]:
    """The pool's texts, or fictional ones of its lengths."""
    if _POOL.is_file():
        with lzma.open(_POOL, "rt", encoding="utf-8") as lines:
            return tuple(json.loads(line)["text"] for line in lines)
    chance = random.Random(137)
    return tuple(_text(chance) for _ in range(30_000))


def origin() -> str:
    """Where `texts` come from, for the report."""
    return "court pool" if _POOL.is_file() else "fictional, of the pool's lengths"


def _text(chance: random.Random) -> str:
    place = chance.randrange(len(_LENGTHS) - 1)
    low, high = _LENGTHS[place], min(_LENGTHS[place + 1], 600)
    length, made = chance.randint(low, high), ""
    while len(made) < length:
        made += chance.choice(_CLAUSES) + chance.choice("，。！？")
    return made[:length]


def cases(number: int) -> list[Case]:
    """Watched cases: an alias, a number, a formula and two litigants each."""
    chance = random.Random(7)
    return [
        Case(
            f"case-{one}", alias(one), "江澜市中级人民法院", T0 - timedelta(days=30),
            numbers=(f"（2026）浙99{one % 90 + 10:02d}民初{one}号",),
            aliases=(alias(one), f"云岫{one:04d}号楼纠纷案"),
            litigants=(Litigant(litigant(one), "原告"), Litigant(_name(chance), "被告")),
            formula=MatchFormula(
                subjects=("法院", "法官", "判决"),
                regions=("江澜", "云岫", "青崖"),
                events=(f"事由{one:04d}", f"纠葛{one:04d}"),
            ),
        )
        for one in range(number)
    ]  # fmt: skip


def alias(one: int) -> str:
    """A name that stands alone and holds no other."""
    return f"青崖{one:04d}巷案"


def litigant(one: int) -> str:
    """The first litigant's name; the same each time."""
    return _name(random.Random(one))


def _name(chance: random.Random) -> str:
    return chance.choice(_SURNAMES) + chance.choice(_GIVEN) + chance.choice(_GIVEN)


def pages(posts: int, watched: int = 200, first: int = 0) -> Iterator[bytes]:
    """Answers with `posts` statuses in all, fifty a page, a status a second from `first` on."""
    for start in range(first, first + posts, PAGE):
        statuses = [
            _status(number, watched) for number in range(start, min(start + PAGE, first + posts))
        ]
        answer = {"statuses": statuses, "total_number": 10**7}
        yield json.dumps(answer, ensure_ascii=False).encode()


def _status(number: int, watched: int) -> dict[str, Any]:
    chance, pool = random.Random(number), texts()
    text = pool[number % len(pool)]
    if number >= len(pool):
        text += f" {number // len(pool)}"  # the pool is finite, posts aren't
    if chance.random() < LINKED:
        one = chance.randrange(watched)
        text = f"{alias(one)}：{text}"
        if chance.random() < 1 / 3:
            text += f"，{litigant(one)}不服"
    moment = T0 + timedelta(seconds=number)
    mid = mint_mid(moment, number % 4_000_000)
    return {
        "created_at": moment.astimezone(SHANGHAI).strftime("%a %b %d %H:%M:%S +0800 %Y"),
        "id": mid, "idstr": str(mid), "mid": str(mid), "text": text, "source": "客户端",
        "truncated": False, "favorited": False, "geo": None, "pic_ids": [],
        "user": {
            "id": 10**9 + chance.randrange(400_000), "screen_name": "用户", "verified": False,
            "verified_type": -1, "followers_count": 12, "location": "江澜",
        },
        "reposts_count": chance.randrange(9), "comments_count": chance.randrange(9),
        "attitudes_count": chance.randrange(9), "isLongText": False, "visible": {"type": 0},
    }  # fmt: skip


class NoModel:
    """Stands where the annotator stands: every text is irrelevant. Implements `Annotator`."""

    name = "no-model"
    _LABEL = Annotation(
        Target.OTHER, Sentiment.NEUTRAL, (IRRELEVANT,), Demand.NONE, model="no-model"
    )

    def annotate(self, readings: Sequence[Reading]) -> list[Annotation]:
        """The same label for each."""
        return [self._LABEL] * len(readings)
