"""Hearings become proposals, news volume a verdict; neither becomes a post."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from courtpulse.hearings import seed
from courtpulse.rooms import Rooms
from courtpulse.seeds import taking
from courtpulse.settings import Settings
from crawlers.declarations import adapter
from crawlers.jobs import Outcome
from domain.annotation import AnnotatedPost, Annotation, Sentiment, Target
from domain.cases import Case, CaseState
from domain.posts import Platform, Post, PostKind
from domain.protocols import Query
from domain.registry import Review
from domain.seeds import ListedHearing, Volume
from domain.sources import Gap, GapReason

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KNOWN, OURS, OTHER = "（2026）浙9902刑初88号", "（2026）浙9902民初7号", "（2026）浙9903民初1号"
MOVED_UP = "（2026）浙99刑终7号"


def declared(kind: str, **keys: Any) -> Any:
    common = {
        "source": f"trial_{kind}", "title": "外部新闻库", "kind": kind, "platform": "news",
        "basis": "公开网页", "owner": "新闻办公室", "schedule": {"every": "6h"},
        "endpoint": "https://tingshen.example/search",
    }  # fmt: skip
    return adapter().validate_json(json.dumps(common | keys))


def hearing(number: str, court: str = "望川区人民法院", hour: int = 17) -> ListedHearing:
    at = datetime(2026, 12, 3, hour, tzinfo=UTC)
    return ListedHearing(number, court, "危险驾驶", at, "https://tingshen.example/live/1")


@pytest.fixture
def rooms(tmp_path: Path) -> Any:
    rooms = Rooms(Settings(data=tmp_path), lambda: NOW)
    rooms.sources = {}
    case = Case("liang", "梁某案", "望川区人民法院", NOW, numbers=(KNOWN,))
    rooms.records.cases.save(case)
    yield rooms
    rooms.close()


def outcome(**told: Any) -> Outcome:
    return Outcome(requests=1, seen=1, new=0, rejected=0, covered_from=NOW, **told)


def test_a_day_is_proposed_once_and_counts_only_when_accepted(rooms: Rooms) -> None:
    source = declared("hearings")
    take = taking(rooms, source, lambda _: None)
    for _ in range(2):
        take(outcome(hearings=(hearing(KNOWN), hearing(OTHER))))
    [day] = rooms.records.key_dates.of("liang")
    assert (day.review, day.source) == (Review.PROPOSED, "庭审公开")
    assert day.day == date(2026, 12, 4), "a day begins at midnight in Shanghai"
    assert rooms.records.cases.get("liang").hearings == ()
    rooms.records.key_dates.accept(day.id, "白主任")
    assert rooms.records.cases.get("liang").hearings == (date(2026, 12, 4),)


def test_an_unknown_case_leaves_nothing_unless_its_court_is_named(rooms: Rooms) -> None:
    listed = [hearing(OURS), hearing(OTHER, "云岫区人民法院"), hearing(OURS, hour=3)]
    nothing = seed(rooms.records, declared("hearings"), listed, NOW)
    assert (nothing.registered, nothing.proposed, nothing.unknown) == (0, 0, 3)
    assert rooms.records.cases.by_numbers([OURS, OTHER]) == {}
    source = declared("hearings", courts=("望川区人民法院",))
    done = seed(rooms.records, source, listed, NOW)
    assert (done.registered, done.proposed, done.unknown) == (1, 2, 1)
    [case_id] = rooms.records.cases.by_numbers([OURS])[OURS]
    case = rooms.records.cases.get(case_id)
    assert (case.state, case.title) == (CaseState.REGISTERED, f"危险驾驶 {OURS}")
    assert case not in rooms.records.cases.all(), "nothing is linked to it or counted"
    assert seed(rooms.records, source, listed, NOW).registered == 0
    mine = replace(
        case, title="望川酒驾案", numbers=(MOVED_UP,), watched=True, aliases=("望川酒驾案",)
    )
    rooms.records.cases.save(mine)
    assert seed(rooms.records, source, listed, NOW).registered == 0
    assert rooms.records.cases.get(case_id) == mine, "what a person wrote stays"


def news(number: int, at: datetime, source: str = "legal_news") -> AnnotatedPost:
    post = Post(
        f"{number:032x}", source, Platform.NEWS, PostKind.ARTICLE, "云岫区法院今日开庭", at, at
    )
    return AnnotatedPost(post, Annotation(Target.OTHER, Sentiment.NEUTRAL, (), model="test"), ())


def test_our_news_sources_may_be_blind(rooms: Rooms) -> None:
    source = declared("gdelt", query="法院", words="法院", window="10d", compared=("legal_news",))
    midnight = NOW.replace(hour=0)
    days = [midnight - timedelta(days=back) for back in range(9, 0, -1)]
    volumes = tuple(Volume(day, timedelta(days=1), 40) for day in days)
    posts = [
        news(number * 100 + n, day + timedelta(hours=1 + n))
        for number, day in enumerate(days[:-1])
        for n in range(12)
    ]
    posts += [news(9000 + n, days[-1] + timedelta(hours=n), "elsewhere") for n in range(12)]
    rooms.store.upsert(posts)
    before = rooms.store.total(Query())
    take = taking(rooms, source, lambda _: None)
    take(outcome(volumes=volumes))
    [check] = rooms.records.cross_checks.all()
    assert (check.outside, check.ours, check.blind) == (40, 0, True)
    assert check.expected == pytest.approx(12)
    assert rooms.store.total(Query()) == before, "it never becomes a post"
    rooms.store.upsert([news(8000 + n, days[-1] + timedelta(hours=n)) for n in range(11)])
    take(outcome(volumes=volumes))
    assert not rooms.records.cross_checks.all()[0].blind
    rooms.records.runs.add_gap(
        Gap("legal_news", days[-1], midnight, GapReason.DOWN, "known already")
    )
    take(outcome(volumes=volumes))
    assert rooms.records.cross_checks.all()[0].skipped == 1
    take(outcome())
    assert rooms.records.cross_checks.all()[0].skipped == 1, "nothing told, nothing changed"
