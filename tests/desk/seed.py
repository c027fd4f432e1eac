"""A small fictional court: cases, posts, alerts, sources. Loaded by the fixtures of desk and browser."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from courtpulse.families import rebuild
from courtpulse.rooms import Rooms
from courtpulse.rules import PolicyRules
from courtpulse.settings import Settings
from desk.services import Services
from domain.alerts import Alert, AlertState, Campaign, Evidence, Level, Score, Share, Why
from domain.annotation import (
    AnnotatedPost,
    Annotation,
    CaseLink,
    Demand,
    Emotion,
    Sentiment,
    Target,
    Topic,
)
from domain.cases import Case, MatchFormula, Stage
from domain.posts import Platform, Post, PostKind, VerifiedType
from domain.protocols import Backfill, Query, Reading, Store, TimelinePoint
from domain.sources import Gap, GapReason, SourceRun
from index import open_store
from index.lookalikes import Lookalikes
from nlp.linking import Linker
from nlp.questions.matcher import QuestionFinder
from records import Records
from records.reports import StoredReport
from records.runs import SourceInfo

#: 2026-11-23 14:12 in Shanghai.
NOW = datetime(2026, 11, 23, 6, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
COURT = "江澜市中级人民法院"

TOPICS = {
    topic.id: topic
    for topic in (
        Topic("sentencing_dispute", "量刑争议", "concern", (4, 6), "审判管理办公室"),
        Topic("digital_court", "网上办事与信息化", "concern", (26, 44), "信息技术处"),
        Topic("enforcement_difficulty", "执行（执行难、消极执行）", "concern", (33,), "执行局"),
        Topic("filing_difficulty", "立案与受理（立案难）", "concern", (13,), "立案庭"),
    )
}

CASES = (
    Case("liang", "梁某案", "云岫区人民法院", NOW - timedelta(days=20),
         ("（2026）浙0192刑初88号",), "故意伤害罪", Stage.FIRST_INSTANCE, ("云岫夜市伤人案",),
         formula=MatchFormula(subjects=("云岫区法院", "法院"), events=("夜市", "伤人"))),
    Case("filing", "云岫区法院网上立案", "云岫区人民法院", NOW - timedelta(days=12),
         formula=MatchFormula(subjects=("云岫区法院", "法院"), events=("网上立案", "立案系统"))),
    Case("property", "物业费案", COURT, NOW - timedelta(days=30), ("（2026）浙0191民终901号",),
         "物业服务合同纠纷", Stage.SECOND_INSTANCE, ("望川花园物业费案",)),
)  # fmt: skip

_TEXTS = {
    "liang": (
        "云岫夜市伤人案判了三年，量刑是不是太轻了，希望法院说明理由。",
        "夜市伤人那个案子一审判决出来了，法院应该公开裁判说理，别让人猜。",
        "等云岫区法院的判决书上网，夜市伤人案到底怎么认定的情节？",
        "打人的太可恨了，夜市伤人案的被告人必须严惩。",
    ),
    "filing": (
        "云岫区法院网上立案系统又提交不了，第三天了，退回三次不说原因。",
        "网上立案一直显示审核中，打法院电话没人接，真能拖。",
        "请问云岫区法院立案系统什么时候恢复？材料都准备好了。",
        "今天网上立案成功了，半天就过，云岫区法院效率可以。",
    ),
    "property": ("望川花园物业费案二审开庭，物业公司收费不透明，支持业主依法维权，请大家转发。",),
    "": (
        "青崖县法院门口排队两小时，窗口只开一个，能不能多开几个。",
        "白榆县法院执行局的同志很负责，执行款一个月就到账了。",
        "听说望川区法院要搬到新区，公交能不能直达？",
        "青崖县法院门口排队两小时，窗口只开一个！能不能多开几个？",
    ),
}
_LABELS = {
    "liang": (Target.COURT, Sentiment.NEGATIVE, "sentencing_dispute", Demand.DISCLOSE),
    "filing": (Target.COURT, Sentiment.NEGATIVE, "digital_court", Demand.SERVICE),
    "property": (Target.PARTY, Sentiment.NEGATIVE, "enforcement_difficulty", Demand.NONE),
    "": (Target.COURT, Sentiment.NEUTRAL, "filing_difficulty", Demand.SUGGEST),
}


class Clock:
    """A clock a test moves."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class StoreTimeline:
    """Observed counts of the store against a flat expectation."""

    def __init__(self, store: Store, records: Records) -> None:
        self._store, self._records = store, records

    def points(
        self, case: Case, since: datetime, until: datetime, bucket: timedelta
    ) -> list[TimelinePoint]:
        counts = self._store.counts(
            Query(cases=(case.id,), since=since, until=until), ["case"], timedelta(minutes=5)
        )
        texts = self._store.counts(
            Query(cases=(case.id,), since=since, until=until), ["copies"], timedelta(minutes=5)
        )
        expected = 2.0 * (bucket / HOUR)
        points, start = [], since
        gaps = self._records.runs.gaps(since, until)
        while start < until:
            inside = [one for one in counts if one.start and start <= one.start < start + bucket]
            blind = any(
                gap.source == "weibo_push" and gap.start <= start < (gap.end or until)
                for gap in gaps
            )
            different = {
                one.key for one in texts if one.start and start <= one.start < start + bucket
            }
            posts, authors = sum(c.posts for c in inside), sum(c.authors or 0 for c in inside)
            points.append(
                TimelinePoint(start, posts, authors, posts // 2, expected, 0.0, expected * 2 + 3,
                              0.0 if blind else 1.0, distinct=len(different))
            )  # fmt: skip
            start += bucket
        return points


class StoreWatcher:
    """Saves the case and links what the store holds."""

    def __init__(self, store: Store, records: Records) -> None:
        self._store, self._records = store, records

    def watch(self, case: Case) -> Backfill:
        linker = Linker([case])
        self._records.cases.save(case)
        posts = self._store.search(Query(), limit=1000).posts
        found = [
            replace(item, links=(*item.links, *links))
            for item in posts
            if (links := linker.link(item.post.full_text))
        ]
        self._store.upsert(found)
        return Backfill(len(found), NOW - timedelta(days=3))


class WordExplainer:
    """Names the words of a short list that a text holds."""

    def spans(self, reading: Reading) -> list[str]:
        return [word for word in ("太轻", "提交不了", "没人接", "退回三次") if word in reading.text]

    def weights(self, reading: Reading) -> list[tuple[str, float]]:
        return [(word, 1.5) for word in self.spans(reading)]


def post(number: int, case: str, at: datetime, text: str, *, source: str = "") -> AnnotatedPost:
    target, sentiment, topic, demand = _LABELS[case]
    source = source or ("news" if number % 9 == 0 else "weibo_search")
    news = source == "news"
    links = (CaseLink(case, "formula", ("法院",), number % 3 != 0),) if case else ()
    return AnnotatedPost(
        Post(
            id=hashlib.sha256(f"{case}/{number}".encode()).hexdigest()[:32],
            source=source,
            platform=Platform.NEWS if news else Platform.WEIBO,
            kind=PostKind.ARTICLE if news else PostKind.POST,
            text=text,
            title="云岫区法院回应网上立案故障" if news and case == "filing" else "",
            url=f"https://example.org/{case or 'loose'}/{number}",
            published_at=at,
            fetched_at=at + MINUTE,
            verified_type=VerifiedType.MEDIA if news else VerifiedType.ORDINARY,
        ),
        Annotation(target, sentiment, (topic,), demand,
                   scores={"target": 0.82, "sentiment": 0.91}, model="linear-1",
                   emotion=Emotion.ANGRY if number % 2 else None),
        links,
    )  # fmt: skip


def posts(now: datetime = NOW) -> list[AnnotatedPost]:
    """Two quiet days, and a burst in each case."""
    result = []
    bursts = {"liang": (now - HOUR, 90), "filing": (now - 50 * MINUTE, 46),
              "property": (now - 3 * HOUR, 31), "": (now - 5 * HOUR, 9)}  # fmt: skip
    for case, (start, many) in bursts.items():
        texts = _TEXTS[case]
        for number in range(40):
            at = now - timedelta(hours=47) + number * timedelta(minutes=67)
            result.append(post(number, case, at, f"{texts[number % len(texts)]}（{number}）"))
        for number in range(many):
            at = start + number * (40 * MINUTE / many)
            result.append(post(1000 + number, case, at, texts[number % len(texts)]))
    return result


def alert(key: str, case: str, level: Level, at: datetime, **changes: object) -> Alert:
    """An alert of `case` raised at `at`; its evidence are the first posts of the burst."""
    target, sentiment, topic, _ = _LABELS[case]
    similar = {"liang": Share(12, 90), "filing": Share(8, 46), "property": Share(24, 31)}[case]
    negative = {"liang": Share(56, 69), "filing": Share(36, 43), "property": Share(0, 0)}[case]
    score = {"liang": Score(12.4, 60, 60, 4.2), "filing": Score(7.1, 60, 31, 3.1),
             "property": Score(5.2, 180, 9, 2.8)}[case]  # fmt: skip
    lines = {"liang": ("3 家媒体报道（≥3）", "涉院负面 81%（n=69，≥40%）"),
             "filing": ("涉院负面 84%（n=43，≥40%）",), "property": ()}[case]  # fmt: skip
    open_gap = Gap("wechat", NOW - 38 * MINUTE, None, GapReason.LOGIN_PAGE)
    terms = {"liang": (("量刑", 4.2), ("判决书", 2.6), ("夜市", 2.1)),
             "filing": (("提交不了", 3.9), ("退回", 2.2)), "property": (("转发", 3.1),)}[case]  # fmt: skip
    why = Why(
        window_start=at - 55 * MINUTE,
        window_end=at + 5 * MINUTE,
        peak_at=at,
        score=score,
        stream="court_negative" if case == "filing" else "all",
        posts=similar.n,
        distinct=similar.n - similar.k,
        authors=similar.n - 9,
        similar=similar,
        court_negative=negative,
        court_unsure=7,
        unsure=9,
        mixed=4,
        attitudes=((target.value, sentiment.value, similar.n - 6), ("event", "neutral", 6)),
        topics=((topic, similar.n - 4),),
        terms=terms,
        sources=(("weibo_search", similar.n - 6), ("news", 6)),
        media=3 if case == "liang" else 0,
        evidence=tuple(
            Evidence(hashlib.sha256(f"{case}/{1000 + n}".encode()).hexdigest()[:32], 9 - 2 * n)
            for n in range(4)
        ),
        gaps=() if case == "property" else (open_gap,),
        level_lines=lines,
        platforms=(("weibo", similar.n - 6), ("news", 6)),
        concern={"liang": Score(8.3, 60, 30, 2.1), "filing": score}.get(case),
        campaign=Campaign(
            start=at - 55 * MINUTE, end=at, alike=Share(24, 31), copies=Share(19, 31), distinct=7,
            signs=("集中在同一分钟内", "少数账号反复发布"), authors_per_post=0.29, tags=0.8,
            variety=0.31,
        ) if case == "property" else None,
    )  # fmt: skip
    made = Alert(
        id=hashlib.sha256(key.encode()).hexdigest()[:16],
        case_id=case,
        state=AlertState.PROPOSED,
        level=level,
        first_published_at=at - 55 * MINUTE,
        detected_at=at,
        last_bucket_at=at,
        why=why,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def sources(records: Records, now: datetime, *, blind: Sequence[str] = ("wechat",)) -> None:
    """Five sources; those in `blind` have an open gap of 38 minutes."""
    five = timedelta(minutes=5)
    records.runs.register(
        [
            SourceInfo("weibo_search", "微博搜索", "weibo", five, 1.0, "开放平台机构授权"),
            SourceInfo("weibo_push", "微博推送", "weibo", five, 0.1, "开放平台机构授权"),
            SourceInfo("news", "新闻", "news", five, 1.0, "公开订阅源"),
            SourceInfo("hotline", "12368", "hotline", None, 1.0, "本院工单"),
            SourceInfo("wechat", "公众号", "wechat", five, 1.0, "自建订阅桥"),
        ]
    )
    for source in ("weibo_search", "weibo_push", "news", "hotline", "wechat"):
        records.runs.add_run(
            SourceRun(source, now - 2 * MINUTE, now - MINUTE, now - five, now - MINUTE, 3, 40, 12)
        )
    for source in blind:
        records.runs.open_gap(
            Gap(source, now - 38 * MINUTE, None, GapReason.LOGIN_PAGE, "订阅桥要求重新登录")
        )


def fill(services: Services) -> None:
    """The whole court."""
    now, records = services.clock(), services.records
    for case in CASES:
        records.cases.save(case)
    services.store.upsert(posts(now))
    lookalikes = Lookalikes(services.reports_folder.parent / "lookalikes.db", services.store)
    rebuild(services.store, lookalikes, nullcontext)
    lookalikes.close()
    sources(records, now)
    records.runs.add_gap(
        Gap("weibo_push", now - 4 * HOUR, now - 3.5 * HOUR, GapReason.TIMEOUT, "上游无响应")
    )
    raised = [
        alert("0", "property", Level.BLUE, now - timedelta(days=2)),
        alert("3", "property", Level.BLUE, now - 2 * HOUR),
        alert("2", "filing", Level.YELLOW, now - 32 * MINUTE),
        alert("1", "liang", Level.ORANGE, now - 7 * MINUTE),
    ]
    for one in raised:
        services.clock.now = one.detected_at  # type: ignore[attr-defined]
        records.alerts.save(one, "raised")
    services.clock.now = now - 30 * HOUR  # type: ignore[attr-defined]
    records.alerts.expire(raised[0].id, "六小时内没有再超过阈值")
    services.clock.now = now  # type: ignore[attr-defined]
    records.marks.see(services.viewer, now - 4.8 * HOUR)
    folder = services.reports_folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "2026-W47.html").write_text("<h1>舆情周报</h1>", encoding="utf-8")
    (folder / "2026-W47.docx").write_bytes(b"PK\x03\x04 fictional")
    records.reports.save(
        StoredReport("2026-W47", "weekly", now - timedelta(days=7), now, now - HOUR, {},
                     {"html": "2026-W47.html", "docx": "2026-W47.docx"})
    )  # fmt: skip


ROUTES = """
channels:
  duty-robot: {kind: webhook, url_env: SEED_DUTY_URL, secret_env: SEED_DUTY_SECRET}
  leader-robot: {kind: webhook, url_env: SEED_LEADER_URL, secret_env: SEED_DUTY_SECRET}
people:
  first: {name: 值班员甲, channels: [duty-robot]}
  second: {name: 值班员乙, channels: [duty-robot]}
  leader: {name: 新闻办主任, channels: [leader-robot]}
shifts:
  - {name: day, people: [first], from: "08:00", to: "20:00"}
  - {name: night, people: [second], from: "20:00", to: "08:00"}
routes:
  - {name: everything, to: [on-duty], escalate: [[leader]]}
  - {name: grave, to: [leader], min_level: orange}
otherwise: [leader]
"""


def routes_file(folder: Path) -> Path:
    """Routes of the fictional press office; nothing is ever sent there."""
    os.environ.setdefault("SEED_DUTY_URL", "https://duty.example/robot")
    os.environ.setdefault("SEED_LEADER_URL", "https://leader.example/robot")
    os.environ.setdefault("SEED_DUTY_SECRET", "fictional")
    path = folder / "routes.yml"
    path.write_text(ROUTES, encoding="utf-8")
    return path


def services(folder: Path, clock: Clock | None = None) -> Services:
    """Real stores in `folder`, empty."""
    clock = clock or Clock()
    store = open_store(f"sqlite:///{folder / 'index.db'}")
    store.prepare()
    records = Records.open(f"sqlite:///{folder / 'records.db'}", clock)
    rooms = Rooms(Settings(data=folder, routes=routes_file(folder)), clock)
    rooms.records = records
    return Services(
        store=store,
        records=records,
        timeline=StoreTimeline(store, records),
        watcher=StoreWatcher(store, records),
        explainer=WordExplainer(),
        questions=QuestionFinder.load(),
        rules=PolicyRules(rooms),
        topics=TOPICS,
        court_name=COURT,
        reports_folder=folder / "reports",
        clock=clock,
        poll_seconds=0.1,
    )
