"""Families through the flow: annotated twice, edited, deleted, killed between, rebuilt."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from courtpulse.families import begin, complete, rebuild
from courtpulse.flow import opened
from courtpulse.settings import Settings
from domain.annotation import AnnotatedPost, Annotation, Family, Sentiment, Target
from domain.posts import Platform, Post, PostKind
from domain.protocols import Query, Store
from index import open_store
from index.lookalikes import Lookalikes

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
TEXT = "云岫区法院立案窗口今天又排了三个小时的队，工作人员说系统坏了，让我们明天再来，能不能提前通知一声"
OTHER = (
    "青崖县那起工程款纠纷拖了两年还没有开庭，材料交了三次，每次都说在排期，请问到底什么时候能排到"
)
NAMED = "{0}在{1}法院交了材料以后等了{2}天，打了{3}次电话都没有人接，想问问立案到底要等到什么时候"


def post(number: int, text: str = TEXT, *, minutes: float = 0, **changes: object) -> Post:
    moment = NOON + timedelta(minutes=minutes)
    made = Post(
        id=sha256(str(number).encode()).hexdigest()[:32],
        source="weibo_search",
        platform=Platform.WEIBO,
        kind=PostKind.POST,
        text=text,
        published_at=moment,
        fetched_at=moment,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@contextmanager
def tables(folder: Path, most: int = 250_000) -> Iterator[tuple[Store, Lookalikes]]:
    store = open_store(f"sqlite:///{folder}/index.db")
    store.prepare()
    lookalikes = Lookalikes(folder / "lookalikes.db", store, most)
    yield store, lookalikes
    lookalikes.close()
    store.close()


def put(store: Store, posts: Sequence[Post], families: Sequence[Family | None]) -> None:
    label = Annotation(Target.COURT, Sentiment.NEGATIVE, ("filing_difficulty",))
    store.upsert(
        [AnnotatedPost(one, label, (), family) for one, family in zip(posts, families, strict=True)]
    )


def a_stream() -> list[Post]:
    """Copies, templates and strangers in the order in which they came in."""
    names = "甲乙丙丁戊己庚辛壬癸"
    texts = [TEXT, OTHER, TEXT + "！！！[怒]", "//@某某: " + TEXT]
    texts += [
        NAMED.format(name * 2, "云岫区" if n % 2 else "望川区", 10 + n, n)
        for n, name in enumerate(names)
    ]
    texts += [f"第{n}天，{OTHER[n:]}{TEXT[:n]}" for n in range(12)]
    return [post(n, text, minutes=n) for n, text in enumerate(texts * 3)]


def test_copies_templates_and_strangers(tmp_path: Path) -> None:
    changed = NAMED.format("李某家", "望川县", "八十", "九十")
    with tables(tmp_path) as (_, lookalikes):
        found = lookalikes.decide(
            [
                post(1),
                post(2, TEXT + " @江澜发布 #立案难# http://t.cn/A6xyz [怒]"),
                post(3, "转发微博//@某人:" + TEXT),
                post(4, TEXT[:40] + "…全文"),
                post(5, NAMED.format("我", "云岫区", "三", "五")),
                post(6, changed),
                post(7, OTHER),
                post(8, "坐等结果"),
                post(9, "坐等结果！"),
            ]
        )
    copies = [family.copies for family in found]
    assert copies[0] == copies[1] == copies[2] == copies[3]
    assert copies[7] == copies[8]
    assert len({copies[n] for n in (0, 4, 5, 6, 7)}) == 5
    templates = [family.template for family in found]
    assert templates[4] == templates[5]
    assert len({templates[n] for n in (0, 4, 6, 7)}) == 4


@pytest.mark.parametrize("size", [1, 7, 500])
def test_any_batch_gives_the_same_families(tmp_path: Path, size: int) -> None:
    posts = a_stream()
    with tables(tmp_path) as (_, lookalikes):
        whole = lookalikes.decide(posts)
    (tmp_path / "lookalikes.db").unlink()
    cut: list[Family] = []
    for start in range(0, len(posts), size):
        with tables(tmp_path) as (_, lookalikes):  # each time a process of its own
            cut += lookalikes.decide(posts[start : start + size])
    assert cut == whole
    assert 5 < len({family.copies for family in whole}) < len(posts) / 2


def test_deciding_again_after_a_kill_changes_nothing(tmp_path: Path) -> None:
    """Killed after the families were decided and before the index had the posts."""
    posts = a_stream()
    with tables(tmp_path) as (_, lookalikes):
        before = lookalikes.decide(posts)
        held = lookalikes.texts()
    with tables(tmp_path) as (_, lookalikes):
        assert lookalikes.decide(posts) == before
        assert lookalikes.decide(posts[20:]) == before[20:]
        assert lookalikes.texts() == held


def test_two_processes_see_each_other(tmp_path: Path) -> None:
    with tables(tmp_path) as (store, mine):
        other = Lookalikes(tmp_path / "lookalikes.db", store)
        [first] = mine.decide([post(1)])
        assert other.decide([post(2)]) == [first]
        put(store, [post(1)], [first])
        other.forget([post(1).id])
        [anew] = mine.decide([post(3)])
        assert anew != first
        other.close()


def test_a_late_post_joins_and_becomes_the_first(tmp_path: Path) -> None:
    with tables(tmp_path) as (_, lookalikes):
        [first] = lookalikes.decide([post(1)])
        assert lookalikes.decide([post(2, minutes=-600)]) == [first]


def test_families_end_at_the_horizon_unless_copies_carry_them_on(tmp_path: Path) -> None:
    day = 24 * 60
    with tables(tmp_path) as (_, lookalikes):
        [first] = lookalikes.decide([post(1)])
        assert lookalikes.decide([post(2, minutes=15 * day)]) != [first]
    (tmp_path / "lookalikes.db").unlink()
    with tables(tmp_path) as (_, lookalikes):
        days = [lookalikes.decide([post(n, minutes=n * 6 * day)]) for n in range(8)]
        assert len({family.copies for [family] in days}) == 1
        assert lookalikes.expire(NOON + timedelta(days=48)) > 0
        assert lookalikes.texts() < 8


def test_memory_is_bounded_by_texts_too(tmp_path: Path) -> None:
    with tables(tmp_path, most=50) as (_, lookalikes):
        chosen = [chr(0x4E00 + 37 * n) * 3 + chr(0x6000 + 91 * n) * 5 for n in range(200)]
        posts = [post(n, text) for n, text in enumerate(chosen)]
        first, *_ = lookalikes.decide(posts[:1])
        lookalikes.decide(posts[1:])
        lookalikes.decide([post(900, OTHER)])
        assert lookalikes.texts() <= 110
        assert lookalikes.decide([post(901, chosen[0])]) != [first]


def test_an_edited_first_post_leaves_its_family_to_the_others(tmp_path: Path) -> None:
    with tables(tmp_path) as (store, lookalikes):
        posts = [post(1), post(2, minutes=5), post(3, minutes=9)]
        [family, *_] = decided = lookalikes.decide(posts)
        put(store, posts, decided)
        edited = post(1, OTHER, edited_at=NOON + timedelta(hours=1))
        [now] = lookalikes.decide([edited])
        assert now.copies != family.copies
        assert now.template != family.template
        put(store, [edited], [now])
        assert lookalikes.decide([post(4)]) == [family]
        assert lookalikes.decide([edited]) == [now]


def test_a_deleted_text_leaves_nothing_and_its_copies_stay_together(tmp_path: Path) -> None:
    with tables(tmp_path) as (store, lookalikes):
        posts = [post(1), post(2, minutes=5), post(3, OTHER)]
        [family, _, other] = decided = lookalikes.decide(posts)
        put(store, posts, decided)
        assert lookalikes.forget([posts[0].id, posts[2].id]) == 2
        store.tombstone([posts[0].id, posts[2].id], NOON)
        assert lookalikes.decide([post(4)]) == [family]
        assert lookalikes.texts() == 1
        assert lookalikes.decide([post(5, OTHER)]) != [other]
    rows = sqlite3.connect(tmp_path / "lookalikes.db").execute("SELECT post_id FROM texts")
    assert {row[0] for row in rows} == {posts[1].id, post(5).id}
    held = b"".join(path.read_bytes() for path in tmp_path.glob("lookalikes.db*"))
    assert posts[0].id.encode() not in held
    assert all(word.encode() not in held for word in ("立案窗口", "工程款"))


def test_a_template_without_its_first_text_goes_on(tmp_path: Path) -> None:
    with tables(tmp_path) as (store, lookalikes):
        texts = [
            NAMED.format("我", "云岫区", "三", "五"),
            NAMED.format("李某家", "望川县", "八十", "九十"),
            NAMED.format("王某同事", "白榆县", "十二", "二十"),
        ]
        posts = [post(n, text, minutes=n) for n, text in enumerate(texts)]
        decided = lookalikes.decide(posts[:2])
        assert decided[0].template == decided[1].template != decided[1].copies
        put(store, posts[:2], decided)
        lookalikes.forget([posts[0].id])
        store.tombstone([posts[0].id], NOON)
        [third] = lookalikes.decide(posts[2:])
        assert third.template == decided[0].template


def test_an_index_without_families_gets_them(tmp_path: Path) -> None:
    posts = a_stream()
    with tables(tmp_path) as (store, lookalikes):
        put(store, posts, [None] * len(posts))
        done = rebuild(store, lookalikes, nullcontext)
        assert (done.posts, done.changed) == (len(posts), len(posts))
        [count] = store.counts(Query(), (), distinct=True)
        assert count.distinct is not None
        assert count.distinct < len(posts) / 2
        assert rebuild(store, lookalikes, nullcontext).changed == 0


def test_families_of_posts_from_before_are_decided_though_new_ones_came_first(
    tmp_path: Path,
) -> None:
    posts = a_stream()
    with opened(Settings(data=tmp_path), lambda: NOON + timedelta(hours=2)) as flow:
        rooms = flow.rooms
        put(rooms.store, posts[:-1], [None] * (len(posts) - 1))
        begin(rooms)
        put(rooms.store, posts[-1:], rooms.lookalikes.decide(posts[-1:]))
        done = complete(rooms)
        assert done is not None
        assert done.posts == len(posts)
        assert complete(rooms) is None
        rooms.lookalikes.clear()  # lost with its file
        again = complete(rooms)
        assert again is not None
        assert again.changed == 0


def test_an_index_that_began_empty_is_never_decided_anew(tmp_path: Path) -> None:
    posts = a_stream()
    with opened(Settings(data=tmp_path), lambda: NOON + timedelta(hours=2)) as flow:
        begin(flow.rooms)
        put(flow.rooms.store, posts, flow.rooms.lookalikes.decide(posts))
        assert complete(flow.rooms) is None


def test_links_that_a_watcher_writes_wait_for_the_day_that_is_decided(tmp_path: Path) -> None:
    posts, held = a_stream(), list[str]()

    @contextmanager
    def alone() -> Iterator[None]:
        held.append("in")
        yield
        held.append("out")

    with tables(tmp_path) as (store, lookalikes):
        put(store, posts, [None] * len(posts))
        search, upsert = store.search, store.upsert
        store.search = lambda *a, **k: (held.append("read"), search(*a, **k))[1]  # type: ignore[method-assign]
        store.upsert = lambda given: (held.append("write"), upsert(given))[1]  # type: ignore[method-assign]
        rebuild(store, lookalikes, alone)
    days = "".join(held).split("out")[:-1]
    assert days
    assert all(day.startswith("inread") and day.endswith("write") for day in days)


def test_the_table_names_no_author() -> None:
    connection = sqlite3.connect(":memory:")
    from index.lookalike_rows import _SCHEMA

    connection.executescript(_SCHEMA)
    columns = {row[1] for row in connection.execute("PRAGMA table_info(texts)")}
    assert columns == {
        "place", "post_id", "copies", "template", "published", "leads", "cut", "whole", "keys",
        "grams",
    }  # fmt: skip
