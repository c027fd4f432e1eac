"""Eight fictional weeks of 江澜市: a known order of concerns, two alerts, a source that was blind."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import index
from courtpulse.families import rebuild
from domain.alerts import Alert, AlertState, Campaign, Level, Score, Share, Why
from domain.annotation import (
    IRRELEVANT,
    AnnotatedPost,
    Annotation,
    CaseLink,
    Demand,
    Sentiment,
    Target,
    Topic,
)
from domain.cases import Case, Litigant, Stage
from domain.posts import Platform, Post, PostKind
from domain.protocols import Store
from domain.sources import Gap, GapReason, SourceRun
from index.lookalikes import Lookalikes
from records import Records
from records.runs import SourceInfo
from reports.aggregates import Issue, ModelCard
from reports.period import Week

FRIDAY = date(2026, 11, 13)
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
_TOPICS = (
    Topic("filing_difficulty", "立案与受理（立案难）", "concern", (13, 22, 25, 26), "立案庭（诉讼服务中心）"),
    Topic("enforcement_difficulty", "执行（执行难、消极执行）", "concern", (10, 13, 27, 33), "执行局"),
    Topic("service_conduct", "司法作风与诉讼服务", "concern", (18, 25, 26, 38), "诉讼服务中心/督察局"),
    Topic("digital_court", "法院信息化与线上诉讼", "concern", (19, 26, 33, 44), "技术处/诉讼服务中心"),
    Topic("sentencing_dispute", "量刑轻重争议", "concern", (4, 6, 7, 10), "新闻办（口径）"),
    Topic("trial_delay", "审判效率与流程（久拖不决）", "concern", (13, 14, 28), "审判管理办公室"),
    Topic("support_praise", "支持与表扬", "context", (1, 2), "新闻办/政治部"),
)  # fmt: skip
_WORDS = (
    "材料", "窗口", "系统", "案款", "电话", "通知", "开庭", "文书",
    "排队", "回复", "补正", "线上", "号码", "答复", "期限", "大厅",
)  # fmt: skip
_TRIPLES = list(product(_WORDS, repeat=3))


@dataclass(frozen=True)
class Kind:
    """`posts` a week on `topic` of this stance, spread over `days` days."""

    topic: str
    target: Target
    sentiment: Sentiment
    posts: int
    demand: Demand = Demand.NONE
    days: int = 7
    source: str = "weibo_search"
    platform: Platform = Platform.WEIBO
    case: str = ""


#: This week; earlier weeks have two thirds of it. Scores: filing 70×(56/64)×7/7 = 61.3,
#: enforcement 48×(36/36)×6/7 = 41.1, service 60×(20/40)×5/7 = 21.4, digital 90×(12/72)×4/7 = 8.6:
#: by volume alone the order would be digital, filing, service, enforcement.
PLAN = (
    Kind("filing_difficulty", Target.COURT, Sentiment.NEGATIVE, 56, Demand.SPEED_UP),
    Kind("filing_difficulty", Target.COURT, Sentiment.NEUTRAL, 8, Demand.CONSULT),
    Kind("filing_difficulty", Target.EVENT, Sentiment.NEUTRAL, 6),
    Kind("enforcement_difficulty", Target.COURT, Sentiment.NEGATIVE, 36, Demand.SPEED_UP, days=6),
    Kind("enforcement_difficulty", Target.PARTY, Sentiment.NEGATIVE, 12, Demand.PUNISH),
    Kind("service_conduct", Target.COURT, Sentiment.NEGATIVE, 20, Demand.SERVICE, days=5),
    Kind("service_conduct", Target.COURT, Sentiment.POSITIVE, 20),
    Kind("service_conduct", Target.EVENT, Sentiment.NEUTRAL, 20),
    Kind("digital_court", Target.COURT, Sentiment.NEGATIVE, 12, days=4),
    Kind("digital_court", Target.COURT, Sentiment.NEUTRAL, 60, Demand.CONSULT, source="hotline",
         platform=Platform.HOTLINE),
    Kind("digital_court", Target.EVENT, Sentiment.NEUTRAL, 18, source="news", platform=Platform.NEWS),
    Kind("sentencing_dispute", Target.PARTY, Sentiment.NEGATIVE, 80, Demand.PUNISH, case="liang"),
    Kind("sentencing_dispute", Target.COURT, Sentiment.NEGATIVE, 12, case="liang", days=1),
    Kind("trial_delay", Target.COURT, Sentiment.NEGATIVE, 4),
    Kind("support_praise", Target.COURT, Sentiment.POSITIVE, 15, source="news", platform=Platform.NEWS),
    Kind(IRRELEVANT, Target.OTHER, Sentiment.NEUTRAL, 30),
)  # fmt: skip


@pytest.fixture(scope="session")
def topics() -> dict[str, Topic]:
    return {topic.id: topic for topic in _TOPICS}


@pytest.fixture(scope="session")
def week() -> Week:
    return Week.beginning(FRIDAY)


@pytest.fixture(scope="session")
def issue() -> Issue:
    return Issue(
        number=12,
        court="江澜市中级人民法院",
        issuer="江澜市中级人民法院新闻办公室",
        report_to="院领导",
        send_to="江澜市高级人民法院新闻办公室",
        hand_out="各基层法院，本院各部门",
    )


@pytest.fixture(scope="session")
def card() -> ModelCard:
    return ModelCard("linear-1", {"涉院负面 F1": 0.81, "无关召回": 0.93}, "保留测试集，n=2,000")


@pytest.fixture(scope="session")
def clock() -> Callable[[], datetime]:
    return lambda: NOW


def _post(kind: Kind, number: int, since: datetime) -> AnnotatedPost:
    slot = number % kind.days
    published = since + timedelta(days=slot, hours=8 + number % 12, minutes=number % 60)
    first, second, third = _TRIPLES[(number * 37 + slot) % len(_TRIPLES)]
    text = f"{first}和{second}都等了{number}天，{third}那边{published:%m%d}还没说法，{kind.topic}"
    if number % 7 == 0:
        text = f"转发：云岫区法院{kind.topic}的事，请大家都看看，材料交了四十天没有回音"
    name = f"{kind.topic}{kind.target}{kind.sentiment}{number}{since.isoformat()}"
    return AnnotatedPost(
        Post(
            id=hashlib.sha256(name.encode()).hexdigest()[:32],
            source=kind.source,
            platform=kind.platform,
            kind=PostKind.TICKET if kind.platform is Platform.HOTLINE else PostKind.POST,
            text=text,
            published_at=published,
            fetched_at=published + timedelta(minutes=3),
        ),
        Annotation(kind.target, kind.sentiment, (kind.topic,), kind.demand, model="linear-1"),
        (CaseLink(kind.case, "formula", ("量刑",)),) if kind.case else (),
    )


def fill(store: Store, week: Week) -> None:
    """Eight weeks; the newest as `PLAN` says, the others two thirds of it, smaller the older."""
    posts = []
    for back in range(8):
        past = week.earlier(back)
        for kind in PLAN:
            many = kind.posts if back == 0 else max(1, kind.posts * (14 - back) // 20)
            posts += [_post(kind, number, past.since) for number in range(many)]
    store.upsert(posts)
    with TemporaryDirectory() as folder:
        lookalikes = Lookalikes(Path(folder) / "lookalikes.db", store)
        rebuild(store, lookalikes, nullcontext)
        lookalikes.close()


def alert(case_id: str, level: Level, week: Week, state: AlertState = AlertState.PROPOSED) -> Alert:
    start = week.since + timedelta(days=4, hours=5)
    return Alert(
        id=hashlib.sha256(f"{case_id}{level}".encode()).hexdigest()[:32],
        case_id=case_id,
        state=state,
        level=level,
        first_published_at=start,
        detected_at=start + timedelta(minutes=12),
        last_bucket_at=start + timedelta(hours=9),
        why=Why(
            window_start=start,
            window_end=start + timedelta(hours=9),
            peak_at=start + timedelta(hours=2),
            score=Score(8.2, 60, 187, 4.2),
            stream="all",
            posts=214,
            distinct=160,
            authors=187,
            similar=Share(120, 214),
            court_negative=Share(80, 131),
            attitudes=(("party", "negative", 70),),
            topics=(("sentencing_dispute", 150), ("trial_delay", 4)),
            terms=(("量刑", 3.2), ("水军", 2.9), ("宣判", 2.1)),
            media=3,
            campaign=Campaign(
                start, start + timedelta(hours=1), Share(41, 60), Share(30, 60), 24,
                ("间隔过于均匀",), 0.9, 0.1, 0.3,
            ),
            gaps=(
                Gap("weibo_push", start, start + timedelta(minutes=35), GapReason.RATE_LIMITED),
            ),
        ),
    )  # fmt: skip


def case(case_id: str, title: str, week: Week) -> Case:
    return Case(
        id=case_id,
        title=title,
        court="江澜市云岫区人民法院",
        watched_since=week.since,
        numbers=("（2026）江0102刑初88号",),
        stage=Stage.FIRST_INSTANCE,
        litigants=(Litigant("梁阿水", "被告人"),),
    )


@dataclass(frozen=True)
class World:
    """A filled store with its records."""

    store: Store
    records: Records


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, week: Week) -> Path:
    """A filled index file, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "index.sqlite"
    store = index.open_store(f"sqlite:///{path}")
    store.prepare()
    fill(store, week)
    store.close()
    return path


@pytest.fixture
def make_world(
    tmp_path: Path, week: Week, clock: Callable[[], datetime], filled: Path
) -> Iterator[Callable[..., World]]:
    """Make a world: with posts or without, with sources, in which some may be blind all week."""
    opened: list[Store] = []

    def make(*, posts: bool = True, sources: bool = True, blind: bool = False) -> World:
        path = tmp_path / f"index{len(opened)}.sqlite"
        if posts:
            shutil.copy(filled, path)
        store = index.open_store(f"sqlite:///{path}")
        store.prepare()
        opened.append(store)
        records = Records.open(f"sqlite:///{tmp_path / f'records{len(opened)}.sqlite'}", clock)
        if sources:
            _sources(records, week, blind)
        return World(store, records)

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def world(make_world: Callable[..., World], week: Week) -> World:
    """The usual week: posts, two alerts, one of them dismissed, one source blind for 31 hours."""
    made = make_world()
    made.records.cases.save(case("liang", "梁某案", week))
    made.records.alerts.save(alert("liang", Level.ORANGE, week), "raised")
    dismissed = alert("other", Level.BLUE, week, AlertState.DISMISSED)
    made.records.alerts.save(dismissed, "dismissed", "同名案件")
    return made


@pytest.fixture
def make_alert() -> Callable[..., Alert]:
    return alert


@pytest.fixture
def make_case() -> Callable[..., Case]:
    return case


def _sources(records: Records, week: Week, blind: bool) -> None:
    half_hour = timedelta(minutes=30)
    declared = [
        SourceInfo("weibo_search", "微博搜索", "weibo", half_hour),
        SourceInfo("weibo_push", "微博推送", "weibo", half_hour, 0.1),
        SourceInfo("news", "江澜新闻", "news", half_hour),
        SourceInfo("hotline", "12368 工单", "hotline", None),
    ]
    records.runs.register(declared)
    start = week.since + timedelta(days=2, hours=2)
    for info in declared:
        records.runs.add_run(SourceRun(info.source, week.since, week.until, week.since, week.until))
        if blind:
            records.runs.open_gap(Gap(info.source, week.since - half_hour, None, GapReason.DOWN))
    if not blind:
        end = start + timedelta(hours=31)
        records.runs.add_gap(Gap("weibo_push", start, end, GapReason.RATE_LIMITED))
        old = week.earlier(3).since
        records.runs.add_gap(Gap("news", old, old + timedelta(hours=20), GapReason.DOWN))
