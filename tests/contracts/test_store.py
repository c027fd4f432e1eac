"""The contract of `domain.protocols.Store`; every store passes it whole."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.alerts import Count
from domain.annotation import AnnotatedPost, CaseLink, Demand, Sentiment, Target
from domain.errors import BadInput
from domain.posts import Platform, VerifiedType
from domain.protocols import Query, Store, Upserted

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
MakePost = Callable[..., AnnotatedPost]


def ids(posts: tuple[AnnotatedPost, ...] | list[AnnotatedPost]) -> list[str]:
    return [post.post.id for post in posts]


def test_prepare_may_be_repeated_and_keeps_posts(store: Store, make_post: MakePost) -> None:
    store.upsert([make_post(1)])
    store.prepare()
    assert store.total(Query()) == 1


def test_a_post_comes_back_as_it_went_in(store: Store, make_post: MakePost) -> None:
    full = make_post(
        1,
        '一行\n第二行 “引号” \\ " 😀 𠮷',
        title="标题",
        cases=("liang", "filing"),
        uncounted=("other",),
        edited_at=NOON + timedelta(microseconds=123456),
        published_at=NOON + timedelta(microseconds=1),
        topics=("trial_delay", "service_conduct"),
    )
    bare = AnnotatedPost(replace(make_post(2).post, url="", redactions={}), make_post(2).annotation)
    assert store.upsert([full, bare]) == Upserted(2, 0, 0)
    assert store.get([full.post.id, bare.post.id]) == [full, bare]
    assert store.search(Query()).posts == (bare, full) or store.search(Query()).posts == (
        full,
        bare,
    )


def test_a_time_of_another_zone_is_the_same_instant(store: Store, make_post: MakePost) -> None:
    east = timezone(timedelta(hours=8))
    store.upsert([make_post(1, published_at=datetime(2026, 11, 2, 12, 0, tzinfo=east))])
    [held] = store.get([make_post(1).post.id])
    assert held.post.published_at == NOON
    assert held.post.published_at.tzinfo == UTC
    until_noon = Query(until=datetime(2026, 11, 2, 12, 0, tzinfo=east))
    assert store.total(until_noon) == 0


def test_get_keeps_the_order_and_skips_unknown_ids(store: Store, make_post: MakePost) -> None:
    posts = [make_post(number) for number in range(4)]
    store.upsert(posts)
    wanted = [posts[3].post.id, "unknown", posts[0].post.id, posts[2].post.id]
    assert store.get(wanted) == [posts[3], posts[0], posts[2]]
    assert store.get([]) == []


def test_get_takes_thousands_of_ids(store: Store, make_post: MakePost) -> None:
    store.upsert([make_post(1)])
    many = [f"{number:032x}" for number in range(40_000)]
    assert store.get([*many, make_post(1).post.id]) == [make_post(1)]


def test_upsert_is_idempotent(store: Store, make_post: MakePost) -> None:
    posts = [make_post(number, cases=("liang",)) for number in range(3)]
    assert store.upsert(posts) == Upserted(3, 0, 0)
    assert store.upsert(posts) == Upserted(0, 3, 0)
    assert store.upsert([]) == Upserted(0, 0, 0)
    assert store.counts(Query(), ["case"]) == [Count(("liang",), None, 3, 3)]
    assert store.search(Query(text="排队")).total == 3


def test_an_id_twice_in_a_batch_is_one_post(store: Store, make_post: MakePost) -> None:
    later = NOON + timedelta(hours=1)
    edited, original = make_post(1, "改后", edited_at=later), make_post(1, "改前")
    assert store.upsert([edited, original]) == Upserted(1, 0, 0)
    assert store.get([original.post.id]) == [edited]


def test_the_latest_edit_wins_and_old_words_are_forgotten(
    store: Store, make_post: MakePost
) -> None:
    original = make_post(1, "青崖县法院开庭", cases=("qingya",), topics=("trial_delay",))
    edited = make_post(
        1,
        "望川区法院休庭",
        cases=("wangchuan",),
        topics=("digital_court",),
        edited_at=NOON + timedelta(hours=1),
        published_at=NOON + timedelta(minutes=30),
    )
    store.upsert([original])
    assert store.upsert([edited]) == Upserted(0, 1, 0)
    assert store.search(Query(text="青崖")).total == 0
    assert store.search(Query(text="望川")).posts == (edited,)
    cell = [Count(("wangchuan", "digital_court"), NOON + timedelta(minutes=30), 1, 1)]
    assert store.counts(Query(), ["case", "topic"], timedelta(minutes=5)) == cell


def test_replaying_an_older_version_changes_nothing(store: Store, make_post: MakePost) -> None:
    original = make_post(1, "旧文字")
    edited = make_post(1, "新文字", edited_at=NOON + timedelta(hours=1))
    refetched = make_post(2, "后看到", fetched_at=NOON + timedelta(days=2))
    store.upsert([edited, refetched])
    assert store.upsert([original, make_post(2, "先看到")]) == Upserted(0, 0, 0)
    assert store.get([original.post.id, refetched.post.id]) == [edited, refetched]
    assert store.total(Query(text="旧")) == 0


def test_a_new_annotation_of_the_same_version_replaces_the_old(
    store: Store, make_post: MakePost
) -> None:
    store.upsert([make_post(1, sentiment=Sentiment.NEGATIVE)])
    again = make_post(1, sentiment=Sentiment.POSITIVE, model="linear-2")
    assert store.upsert([again]) == Upserted(0, 1, 0)
    assert store.get([again.post.id]) == [again]
    assert [count.key for count in store.counts(Query(), ["sentiment"])] == [("positive",)]


@pytest.mark.parametrize("text", ["前\ud800后", "\udfff"])
def test_a_lone_surrogate_is_refused_and_nothing_is_written(
    store: Store, make_post: MakePost, text: str
) -> None:
    with pytest.raises(BadInput, match=make_post(2).post.id):
        store.upsert([make_post(1), make_post(2, text)])
    assert store.total(Query()) == 0


def test_a_naive_time_is_refused_and_nothing_is_written(store: Store, make_post: MakePost) -> None:
    naive = NOON.replace(tzinfo=None)
    for field in ("published_at", "fetched_at", "edited_at"):
        with pytest.raises(BadInput, match=make_post(2).post.id):
            store.upsert([make_post(1), make_post(2, **{field: naive})])
    with pytest.raises(BadInput):
        store.total(Query(since=naive))
    with pytest.raises(BadInput):
        store.tombstone(["a"], naive)
    with pytest.raises(BadInput):
        store.delete_before(naive)
    assert store.total(Query()) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "x" * 513},
        {"source": "源" * 171},
        {"topics": ("",)},
        {"scores": {"target": float("nan")}},
    ],
)
def test_keys_and_numbers_no_store_can_hold_are_refused(
    store: Store, make_post: MakePost, changes: dict[str, object]
) -> None:
    with pytest.raises(BadInput):
        store.upsert([make_post(1, **changes)])


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


def test_counts_by_case_bucket_and_label(store: Store, make_post: MakePost) -> None:
    negative, positive = {"sentiment": Sentiment.NEGATIVE}, {"sentiment": Sentiment.POSITIVE}
    store.upsert(
        [
            make_post(1, minutes=0, cases=("liang",), **negative),
            make_post(2, minutes=4.999, uncounted=("liang",), **negative),
            make_post(3, minutes=5, cases=("liang",), **positive),
            make_post(4, minutes=5, cases=("yu",), uncounted=("liang",), **positive),
            make_post(5, minutes=6),
        ]
    )
    five = NOON + timedelta(minutes=5)
    assert store.counts(Query(), ["case", "sentiment"], timedelta(minutes=5)) == [
        Count(("liang", "negative"), NOON, 2, 1),
        Count(("liang", "positive"), five, 2, 1),
        Count(("yu", "positive"), five, 1, 1),
    ]
    assert store.counts(Query(), ["sentiment"], timedelta(minutes=5)) == [
        Count(("negative",), NOON, 2, None),
        Count(("negative",), five, 1, None),
        Count(("positive",), five, 2, None),
    ]
    assert store.counts(Query(), ["case"]) == [
        Count(("liang",), None, 4, 2),
        Count(("yu",), None, 1, 1),
    ]
    assert store.counts(Query(), []) == [Count((), None, 5, None)]
    assert store.counts(Query(text="无此词"), []) == []


def test_a_filtered_post_is_still_in_every_cell_it_has(store: Store, make_post: MakePost) -> None:
    store.upsert(
        [
            make_post(1, cases=("liang", "yu"), topics=("trial_delay", "digital_court")),
            make_post(2, cases=("yu",), topics=("trial_delay",)),
        ]
    )
    assert store.counts(Query(cases=("liang",)), ["case"]) == [
        Count(("liang",), None, 1, 1),
        Count(("yu",), None, 1, 1),
    ]
    assert store.counts(Query(topics=("digital_court",)), ["topic"]) == [
        Count(("digital_court",), None, 1, None),
        Count(("trial_delay",), None, 1, None),
    ]
    assert store.counts(Query(cases=("liang", "yu")), ["topic"]) == [
        Count(("digital_court",), None, 1, None),
        Count(("trial_delay",), None, 2, None),
    ]


def test_links_of_one_post_to_one_case_count_once(store: Store, make_post: MakePost) -> None:
    post = make_post(1)
    links = (CaseLink("liang", "alias", ("梁某案",), False), CaseLink("liang", "number", ("x",)))
    store.upsert([AnnotatedPost(post.post, replace(post.annotation, topics=("a", "a")), links)])
    assert store.counts(Query(), ["case", "topic"]) == [Count(("liang", "a"), None, 1, 1)]


@pytest.mark.parametrize(
    "bucket",
    [
        timedelta(milliseconds=7),
        timedelta(seconds=7),
        timedelta(minutes=5),
        timedelta(minutes=7),
        timedelta(days=1),
        timedelta(days=7),
    ],
)
def test_buckets_are_aligned_to_the_epoch(
    store: Store, make_post: MakePost, bucket: timedelta
) -> None:
    posts = [make_post(number, minutes=number * 1.37 - 1) for number in range(60)]
    posts.append(make_post(99, published_at=datetime(1969, 12, 31, 23, 58, 59, 999999, UTC)))
    store.upsert(posts)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    expected: dict[datetime, int] = {}
    for post in posts:
        start = epoch + (post.post.published_at - epoch) // bucket * bucket
        expected[start] = expected.get(start, 0) + 1
    counted = {count.start: count.posts for count in store.counts(Query(), [], bucket)}
    assert counted == expected


@pytest.mark.parametrize(
    ("by", "bucket"),
    [
        (["author"], None),
        (["case", "case"], None),
        ([], timedelta(0)),
        ([], timedelta(microseconds=1500)),
        ([], timedelta(minutes=-5)),
    ],
)
def test_impossible_counts_are_refused(
    store: Store, by: list[str], bucket: timedelta | None
) -> None:
    with pytest.raises(BadInput):
        store.counts(Query(), by, bucket)  # type: ignore[arg-type]


def test_every_dimension_counts(store: Store, make_post: MakePost) -> None:
    store.upsert([make_post(1, cases=("liang",), verified_type=VerifiedType.GOVERNMENT)])
    keys = {
        "case": "liang",
        "target": "court",
        "sentiment": "negative",
        "topic": "filing_difficulty",
        "demand": "speed_up",
        "source": "jianglan_news",
        "platform": "weibo",
        "verified_type": "government",
    }
    for dimension, key in keys.items():
        [count] = store.counts(Query(), [dimension])  # type: ignore[list-item]
        assert (count.key, count.posts) == ((key,), 1)
    [count] = store.counts(Query(), list(keys))  # type: ignore[arg-type]
    assert count == Count(tuple(keys.values()), None, 1, 1)


def test_a_tombstone_deletes_for_good(store: Store, make_post: MakePost) -> None:
    posts = [make_post(number, cases=("liang",)) for number in range(3)]
    store.upsert(posts)
    gone = [posts[1].post.id, "f" * 32]
    assert store.tombstone(gone, NOON) == 1
    assert store.tombstone(gone, NOON) == 0
    assert store.get(ids(posts)) == [posts[0], posts[2]]
    assert store.total(Query(text="排队")) == 2
    assert store.counts(Query(), ["case"]) == [Count(("liang",), None, 2, 2)]
    never_seen = AnnotatedPost(replace(posts[0].post, id="f" * 32), posts[0].annotation)
    edited = make_post(1, edited_at=NOON + timedelta(days=3))
    assert store.upsert([posts[0], edited, never_seen]) == Upserted(0, 1, 2)
    assert store.total(Query()) == 2


def test_delete_before_takes_the_past_and_leaves_the_rest(
    store: Store, make_post: MakePost
) -> None:
    posts = [make_post(number, minutes=number, cases=("liang",)) for number in range(6)]
    store.upsert(posts)
    assert store.delete_before(NOON + timedelta(minutes=2)) == 2
    assert store.delete_before(NOON + timedelta(minutes=2)) == 0
    assert store.get(ids(posts)) == posts[2:]
    assert store.counts(Query(), ["case"]) == [Count(("liang",), None, 4, 4)]
    assert store.upsert(posts[:1]) == Upserted(1, 0, 0)  # retention is no tombstone
    assert store.total(Query(text="排队")) == 5


@pytest.mark.parametrize("bad", ["", "\ud800", "x" * 513])
def test_an_impossible_id_is_unknown_and_no_tombstone(store: Store, bad: str) -> None:
    assert store.get([bad]) == []
    with pytest.raises(BadInput):
        store.tombstone([bad], NOON)
