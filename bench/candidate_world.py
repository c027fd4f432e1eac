"""A fictional fortnight of unlinked court posts with hidden cases and noise; all made up.

Hidden cases differ in what names them: a number, a name, a hashtag, only words. Noise: complaints
that are always there, one loud account, one copied text, a feed that repeats itself, a loud day.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

END = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)
_PLACES = ("江澜市", "云岫区", "青崖县", "望川区", "白榆县")
_SOURCES = ("weibo", "news", "forum", "mailbox")


@dataclass(frozen=True, slots=True)
class Said:
    """A post of the world; `case` is what it is really about, "" for noise."""

    id: str
    text: str
    at: datetime
    source: str
    voice: str
    case: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """A case nobody watches: ways to name it, things said of it, how loud on the last day."""

    id: str
    names: tuple[str, ...]
    said: tuple[str, ...]
    posts: int
    past: int = 0


HIDDEN = (
    Hidden("number", ("（2026）浙9902民初771号",),
           ("{}今天开庭，彩礼到底退不退", "等{}的判决，彩礼返还标准各地不一", "{}的彩礼纠纷，望川区法院说择期宣判",
            "关注{}，返还彩礼能不能给个说法"), 14),
    Hidden("name", ("锦棠里坠窗案", "锦棠里坠窗案"),
           ("{}物业到底有没有责任", "{}一审判了，家属说要上诉", "云岫区法院{}的判决书什么时候公开", "{}，窗框松了半年没人修",
            "看完{}的庭审，物业的说法站不住"), 26),
    Hidden("tag", ("#青崖校车超载开庭#", "#青崖校车超载开庭#"),
           ("{} 司机当庭认罪", "{} 家长们在青崖县法院外面等了一上午", "{} 校车公司该不该担责", "{} 希望公开庭审"), 18),
    Hidden("words", ("青崖县法院", "青崖法院"),
           ("{}拍卖的鱼塘被人填了，竞买人钱交了塘没了", "竞买鱼塘结果塘被填平，{}怎么交付", "鱼塘司法拍卖变平地，{}说正在核实",
            "{}执行局把填平的鱼塘卖出去了，竞买保证金退不退", "填平的鱼塘也能拍卖，{}得解释"), 15),
    Hidden("grown", ("白榆村道树案",),
           ("{}二审改判了，砍树的罚款不用交", "{}改判，村民说早该这样", "江澜中院{}改判的理由看懂了", "{}终于改判，树是自家的"), 30, past=12),
    Hidden("person", ("邬启崧案", "邬启崧案"),
           ("{}今天宣判，判得太轻", "{}的判决说理不够", "望川区法院对{}怎么量刑的", "{}受害人家属说要抗诉", "{}量刑能不能公开解释"), 20),
)  # fmt: skip
#: Loud enough to be seen, but no case that nobody watches: must not come up.
STEADY = (
    ("{}法院诉讼服务中心排队两小时，窗口只开一个", 160), ("打{}法院电话没人接，问了三天", 150),
    ("{}法院网上立案又退回，不说理由", 170), ("{}法院执行局说没有财产线索，终本了", 160),
    ("请问{}法院离婚立案要带什么材料", 140), ("{}法院调解员很耐心，点赞", 120),
    ("{}法院判决太慢，开庭半年没结果", 150), ("在{}法院旁听了一场开庭，挺严肃", 110),
)  # fmt: skip


def world(seed: int = 1) -> list[Said]:
    """All posts in order of time: fourteen days of past, one day of window."""
    made = [
        *_cases(random.Random(seed)),
        *_steady(random.Random(seed + 1)),
        *_traps(random.Random(seed + 2)),
    ]
    return sorted(made, key=lambda one: (one.at, one.id))


def _cases(luck: random.Random) -> Iterator[Said]:
    for case in HIDDEN:
        for number in range(case.posts + case.past):
            old = number >= case.posts
            text = luck.choice(case.said).format(luck.choice(case.names)) + _tail(luck)
            yield Said(
                f"{case.id}{number}", text, _moment(luck, old), luck.choice(_SOURCES),
                f"{case.id}-v{number % max(8, case.posts - 3)}", case.id,
            )  # fmt: skip


def _steady(luck: random.Random) -> Iterator[Said]:
    for kind, (template, n) in enumerate(STEADY):
        for number in range(n * 15 // 10):
            old = number % 15 != 0
            text = template.format(luck.choice(_PLACES)) + _tail(luck)
            yield Said(
                f"s{kind}-{number}",
                text,
                _moment(luck, old),
                luck.choice(_SOURCES),
                f"s{kind}-{number}",
                "",
            )


def _traps(luck: random.Random) -> Iterator[Said]:
    for number in range(40):  # one account
        text = f"望川区法院冤枉人，石桥铺面案必须重审{_tail(luck)}"
        yield Said(f"loud{number}", text, _moment(luck, False), luck.choice(_SOURCES), "loud", "")
    for number in range(30):  # one text, copied by many
        yield Said(f"copy{number}", "转发抽奖：关注普法账号，赢取法律图书一套，青崖夜读案例集限量送",
                   _moment(luck, False), luck.choice(_SOURCES), f"copy{number}", "")  # fmt: skip
    for number in range(20):  # one source
        text = f"江澜市中级人民法院发布典型案例第{number}期，青年法官讲稻田灌溉案{_tail(luck)}"
        yield Said(f"feed{number}", text, _moment(luck, False), "news", "source:news", "")
    for number in range(25):  # too few voices
        if number < 4:
            yield Said(f"few{number}", f"白榆县法院旧戏台案什么时候开庭{_tail(luck)}",
                       _moment(luck, False), luck.choice(_SOURCES), f"few{number}", "")  # fmt: skip


def _moment(luck: random.Random, old: bool) -> datetime:
    back = luck.uniform(1, 15) if old else luck.uniform(0.01, 0.99)
    return END - DAY * back


def _tail(luck: random.Random) -> str:
    return luck.choice(
        ("", "。", "，希望回应", "，大家怎么看", "！", "，求解释", "，等一个结果", "，唉")
    ) + luck.choice(
        (
            "",
            "支持依法处理",
            "说句公道话",
            "看着揪心",
            "转给有关部门",
            "记录一下",
            "昨天才知道",
            "身边人都在说",
        )
    )


def names() -> Sequence[str]:
    """The hidden cases."""
    return [case.id for case in HIDDEN]
