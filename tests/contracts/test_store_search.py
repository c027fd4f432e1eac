"""The contract of `Store.search` and `Store.total`; every store finds the same."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts import Count
from domain.annotation import AnnotatedPost, Demand, Sentiment, Target
from domain.errors import BadInput
from domain.posts import Platform
from domain.protocols import Query, Store

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
MakePost = Callable[..., AnnotatedPost]


def ids(posts: tuple[AnnotatedPost, ...] | list[AnnotatedPost]) -> list[str]:
    return [post.post.id for post in posts]


TEXTS = {
    1: "江澜市云岫区法院今天开庭，审理梁某案。",
    2: "判得太轻！法官你摸摸良心",
    3: "网上立案APP又崩了，iPhone16也不行 12368 打不通",
    4: "法律面前人人平等",
    5: "案",
    6: "ＡＢＣ法院２０２６年工作报告",
    7: "天气不错，出门走走。院子里开花了",
    8: "定于2026年3月开庭",
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("法院", {1, 6}),
        ("云岫区法院", {1}),
        ("开庭", {1, 8}),
        ("案", {1, 3, 5}),  # a single character, also at the end of a run and alone
        ("院", {1, 6, 7}),
        ("心", {2}),  # the last character of a text
        ("庭审", set()),  # pairs that meet only across a comma
        ("法官 良心", {2}),
        ("良心 法官", {2}),
        ("法官 开庭", set()),
        ('"今天开庭"', {1}),
        ('"开庭今天"', set()),
        ("“人人平等”", {4}),
        ("iphone16", {3}),
        ("IPHONE16", {3}),
        ("iphone", set()),  # Latin words are whole
        ("12368", {3}),
        ("abc", {6}),
        ("2026", {6, 8}),
        ("2026年", {6, 8}),  # a phrase whose last term is a prefix
        ('"2026年 工作"', set()),  # the text has no blank there
        ('"2026年工作"', {6}),
        ("法院 2026", {6}),
        ("APP 立案", {3}),
        ("平等！", {4}),
        ("不存在的词", set()),
        ("OR", set()),
        ("NOT", set()),
        ("法院 AND 开庭", set()),
        ("法院*", {1, 6}),
        ("text:法院 (开庭)", set()),
        ('"', None),
        ("！！！", None),
        ("😀", None),
        ("\ud800", None),
        ("法院 " * 64, {1, 6}),
        ("法院 " * 65, None),
        ("案" * 600, None),
        ("  ", set(TEXTS)),
        ("", set(TEXTS)),
    ],
)
def test_words_that_all_occur(
    store: Store, make_post: MakePost, text: str, found: set[int] | None
) -> None:
    store.upsert([make_post(number, body) for number, body in TEXTS.items()])
    if found is None:
        with pytest.raises(BadInput):
            store.search(Query(text=text))
        return
    wanted = {make_post(number).post.id for number in found}
    page = store.search(Query(text=text))
    assert set(ids(page.posts)) == wanted
    assert page.total == store.total(Query(text=text)) == len(wanted)


def test_a_title_is_searched_too(store: Store, make_post: MakePost) -> None:
    store.upsert([make_post(1, "正文", title="望川区法院通报")])
    assert store.total(Query(text="望川 正文")) == 1
    assert store.total(Query(text='"通报正文"')) == 0


def test_filters_join_by_and_values_by_or(store: Store, make_post: MakePost) -> None:
    posts = [
        make_post(1, cases=("liang",), target=Target.PARTY, demand=Demand.PUNISH),
        make_post(2, cases=("liang", "yu"), platform=Platform.NEWS, source="other"),
        make_post(3, sentiment=Sentiment.POSITIVE, topics=("support_praise", "trial_delay")),
        make_post(4, topics=("irrelevant",), target=Target.OTHER, demand=Demand.NONE),
    ]
    store.upsert(posts)
    expected = {
        Query(cases=("liang",)): {1, 2},
        Query(cases=("yu", "liang", "nobody")): {1, 2},
        Query(cases=("nobody",)): set(),
        Query(targets=("party", "other")): {1, 4},
        Query(sentiments=("positive",)): {3},
        Query(topics=("trial_delay",)): {3},
        Query(topics=("trial_delay", "filing_difficulty")): {1, 2, 3},
        Query(demands=("punish",)): {1},
        Query(sources=("other",)): {2},
        Query(platforms=("news",)): {2},
        Query(linked=True): {1, 2},
        Query(linked=False): {3, 4},
        Query(relevant=True): {1, 2, 3},
        Query(relevant=False): {4},
        Query(cases=("liang",), platforms=("news",)): {2},
        Query(cases=("liang",), linked=False): set(),
        Query(text="立案", cases=("yu",), relevant=True): {2},
    }
    for query, numbers in expected.items():
        wanted = {make_post(number).post.id for number in numbers}
        assert set(ids(store.search(query).posts)) == wanted, query
        assert store.total(query) == len(wanted), query


def test_a_window_holds_its_start_and_not_its_end(store: Store, make_post: MakePost) -> None:
    step = timedelta(microseconds=1)
    store.upsert([make_post(n, published_at=NOON + n * step) for n in range(4)])
    assert store.total(Query(since=NOON + step, until=NOON + 3 * step)) == 2
    assert store.total(Query(since=NOON + 3 * step)) == 1
    assert store.total(Query(since=NOON + 3 * step, until=NOON)) == 0


def test_newest_first_ties_by_id_in_slices(store: Store, make_post: MakePost) -> None:
    posts = [make_post(number, minutes=number // 5) for number in range(23)]
    store.upsert(posts)
    ordered = sorted(posts, key=lambda p: (-p.post.published_at.timestamp(), p.post.id))
    whole = store.search(Query(), limit=100)
    assert whole.posts == tuple(ordered)
    slices = [store.search(Query(), limit=4, offset=offset) for offset in range(0, 24, 4)]
    assert tuple(itertools.chain.from_iterable(page.posts for page in slices)) == whole.posts
    assert {page.total for page in [whole, *slices]} == {23}
    assert store.search(Query(), limit=0).posts == ()
    assert store.search(Query(), offset=23).posts == ()
    for bad in ({"limit": -1}, {"offset": -1}):
        with pytest.raises(BadInput):
            store.search(Query(), **bad)


def test_totals_and_offsets_are_exact_beyond_ten_thousand(
    store: Store, make_post: MakePost
) -> None:
    posts = [make_post(number, "案", minutes=number) for number in range(10_050)]
    assert store.upsert(posts).created == 10_050
    newest = [post.post.id for post in reversed(posts)]
    deep = store.search(Query(), limit=30, offset=10_010)
    assert (ids(deep.posts), deep.total) == (newest[10_010:10_040], 10_050)
    assert store.total(Query(text="案")) == 10_050
    assert len(store.search(Query(), limit=10_050).posts) == 10_050
    every_minute = store.counts(Query(), [], timedelta(minutes=1))  # more cells than one request
    assert len(every_minute) == 10_050
    assert every_minute[-1] == Count((), NOON + timedelta(minutes=10_049), 1, None)
    assert store.delete_before(NOON + timedelta(minutes=10_000)) == 10_000
    assert store.total(Query()) == 50
