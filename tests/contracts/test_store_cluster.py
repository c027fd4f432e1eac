"""What only the clusters have: aliases, strict mappings, refused items, other writers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.annotation import AnnotatedPost
from domain.errors import StoreFailure
from domain.protocols import Query, Upserted
from index import open_store
from index.bulk import Bulk
from index.cluster import ClusterStore
from index.cluster_schema import POSTS, SCHEMA

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
MakePost = Callable[..., AnnotatedPost]
OpenStore = Callable[[str], ClusterStore]


@pytest.fixture(params=["opensearch", "elasticsearch"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each of the twins in turn."""
    return str(request.param)


@pytest.fixture
def cluster(kind: str, fresh_store: OpenStore) -> ClusterStore:
    """A fresh store on a real node."""
    return fresh_store(kind)


@pytest.fixture
def node(kind: str, cluster_url: Callable[[str], str]) -> Iterator[httpx.Client]:
    """The node itself, to look behind the store."""
    with httpx.Client(base_url=cluster_url(kind), timeout=30) as client:
        yield client


def test_the_mapping_is_strict_and_knows_no_person(
    cluster: ClusterStore, node: httpx.Client
) -> None:
    alias = cluster.names.posts
    mapping = node.get(f"/{alias}/_mapping").json()[f"{alias}-v{SCHEMA}"]["mappings"]
    assert mapping["dynamic"] == "strict"
    assert set(mapping["properties"]) == set(POSTS)
    banned = ("author", "user", "token", "gender", "sex", "region", "nick", "handle")
    assert not [name for name in POSTS if any(word in name for word in banned)]
    refused = node.post(f"/{alias}/_doc", json={"author": "x"})
    assert (refused.status_code, refused.json()["error"]["type"]) == (
        400,
        "strict_dynamic_mapping_exception",
    )


def test_posts_stand_in_a_versioned_index_behind_an_alias(
    cluster: ClusterStore, node: httpx.Client, make_post: MakePost
) -> None:
    cluster.upsert([make_post(1)])
    alias = cluster.names.posts
    assert list(node.get(f"/_alias/{alias}").json()) == [f"{alias}-v{SCHEMA}"]
    [hit] = node.get(f"/{alias}-v{SCHEMA}/_search").json()["hits"]["hits"]
    assert hit["_id"] == make_post(1).post.id
    assert "terms" not in hit["_source"]


def test_chinese_words_are_found_by_people_in_dashboards(
    cluster: ClusterStore, node: httpx.Client, make_post: MakePost
) -> None:
    cluster.upsert([make_post(1, "云岫区法院开庭"), make_post(2, "天气不错")])
    body = {"query": {"match_phrase": {"text": "法院"}}}
    found = node.post(f"/{cluster.names.posts}/_search", json=body).json()["hits"]["total"]
    assert found["value"] == 1


def test_prepare_at_once_from_many_threads_makes_one_index(
    cluster: ClusterStore, kind: str, cluster_url: Callable[[str], str], node: httpx.Client
) -> None:
    alias = cluster.names.posts
    node.delete(f"/{alias}-v{SCHEMA}")
    node.delete(f"/{cluster.names.tombstones}")
    failures: list[Exception] = []

    def prepare() -> None:
        address = cluster_url(kind).removeprefix("http://")
        store = open_store(f"{kind}://{address}/{cluster.names.prefix}")
        try:
            store.prepare()
        except StoreFailure as error:
            failures.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=prepare) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list(node.get(f"/_alias/{alias}").json()) == [f"{alias}-v{SCHEMA}"]


def test_an_old_schema_is_copied_and_the_alias_moves(
    cluster: ClusterStore, node: httpx.Client, make_post: MakePost
) -> None:
    alias = cluster.names.posts
    posts = [make_post(number, minutes=number, cases=("liang",)) for number in range(25)]
    cluster.upsert(posts)
    old = node.get(f"/{alias}-v{SCHEMA}/_search?size=50").json()["hits"]["hits"]
    node.delete(f"/{alias}-v{SCHEMA}")
    fields = {"id": {"type": "keyword"}, "published_us": {"type": "long"}}
    mapping = {"_meta": {"schema": SCHEMA - 1}, "dynamic": False, "properties": fields}
    before = f"{alias}-v{SCHEMA - 1}"
    node.put(f"/{before}", json={"mappings": mapping, "aliases": {alias: {}}})
    lines = [line for hit in old for line in ({"index": {"_id": hit["_id"]}}, hit["_source"])]
    bulk = "\n".join(json.dumps(line) for line in lines) + "\n"
    node.post(
        f"/{before}/_bulk?refresh=true",
        content=bulk,
        headers={"content-type": "application/x-ndjson"},
    ).raise_for_status()
    cluster.prepare()
    assert list(node.get(f"/_alias/{alias}").json()) == [f"{alias}-v{SCHEMA}"]
    assert node.get(f"/{before}").status_code == 404
    assert cluster.total(Query(text="立案", cases=("liang",))) == 25
    assert cluster.search(Query()).posts == tuple(reversed(posts))


def test_an_index_of_a_newer_program_is_left_alone(
    cluster: ClusterStore, node: httpx.Client
) -> None:
    meta = {"_meta": {"schema": 99}}
    node.put(f"/{cluster.names.posts}/_mapping", json=meta).raise_for_status()
    with pytest.raises(StoreFailure, match="schema 99"):
        cluster.prepare()


def test_without_prepare_nothing_is_created(
    cluster: ClusterStore, node: httpx.Client, make_post: MakePost
) -> None:
    node.delete(f"/{cluster.names.posts}-v{SCHEMA}")
    for call in (
        lambda: cluster.upsert([make_post(1)]),
        lambda: cluster.total(Query()),
        lambda: cluster.search(Query()),
        lambda: cluster.get(["a"]),
    ):
        with pytest.raises(StoreFailure, match="prepare"):
            call()
    assert node.get(f"/{cluster.names.posts}").status_code == 404


def test_a_refused_item_is_named_and_its_text_is_not(
    cluster: ClusterStore, node: httpx.Client, make_post: MakePost
) -> None:
    bad = make_post(2, "不可外传", sample_rate="no number")
    with pytest.raises(StoreFailure, match=bad.post.id) as failure:
        cluster.upsert([make_post(1), bad])
    assert "不可外传" not in str(failure.value)
    assert "no number" not in str(failure.value)


def test_writers_at_once_lose_no_edit(
    cluster: ClusterStore, kind: str, cluster_url: Callable[[str], str], make_post: MakePost
) -> None:
    address = cluster_url(kind).removeprefix("http://")
    failures: list[Exception] = []

    def write(order: list[int]) -> None:
        store = open_store(f"{kind}://{address}/{cluster.names.prefix}")
        try:
            for turn in order:
                later = NOON + timedelta(days=2, seconds=turn)
                text = f"第{turn}轮"
                store.upsert([make_post(n, text, fetched_at=later) for n in range(40)])
        except StoreFailure as error:
            failures.append(error)
        finally:
            store.close()

    orders = [[5, 1, 3], [0, 6, 2], [4, 2, 1]]
    threads = [threading.Thread(target=write, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert cluster.total(Query(text="第6轮")) == cluster.total(Query()) == 40


def test_a_tombstone_between_look_and_write_still_wins(
    cluster: ClusterStore, make_post: MakePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, kept = make_post(1), make_post(2)
    look = Bulk._held

    def look_then_lose_the_race(self: Bulk, ids: list[str], index: str | None) -> object:
        held = look(self, ids, index)
        monkeypatch.setattr(Bulk, "_held", look)
        cluster.tombstone([gone.post.id], NOON)
        return held

    monkeypatch.setattr(Bulk, "_held", look_then_lose_the_race)
    assert cluster.upsert([gone, kept]) == Upserted(1, 0, 1)
    assert cluster.search(Query()).posts == (kept,)


def test_a_post_left_over_beside_its_tombstone_goes_at_the_replay(
    cluster: ClusterStore, node: httpx.Client, make_post: MakePost
) -> None:
    post = make_post(1)
    cluster.upsert([post])
    # As a writer leaves it that was killed between its write and its second look.
    tombstone = {"at": NOON.isoformat()}
    node.put(f"/{cluster.names.tombstones}/_doc/{post.post.id}", json=tombstone)
    assert cluster.upsert([post]) == Upserted(0, 0, 1)
    assert cluster.total(Query()) == 0


def test_the_first_tombstone_time_stays(cluster: ClusterStore, node: httpx.Client) -> None:
    cluster.tombstone(["a" * 32], NOON)
    cluster.tombstone(["a" * 32], NOON + timedelta(days=1))
    held = node.get(f"/{cluster.names.tombstones}/_doc/{'a' * 32}").json()
    assert held["_source"] == {"at": NOON.isoformat()}


def test_large_posts_are_sent_in_several_requests(
    cluster: ClusterStore, make_post: MakePost
) -> None:
    long_text = "法院" * 400_000
    posts = [make_post(number, long_text) for number in range(4)]
    assert cluster.upsert(posts).created == 4
    assert cluster.total(Query(text="法院法院")) == 4


def test_an_alias_over_two_indices_is_reported(cluster: ClusterStore, node: httpx.Client) -> None:
    alias = cluster.names.posts
    node.put(f"/{alias}-stray", json={"aliases": {alias: {}}}).raise_for_status()
    try:
        with pytest.raises(StoreFailure, match="stands for 2 indices"):
            cluster.prepare()
    finally:
        node.delete(f"/{alias}-stray")


def test_a_silent_node_is_a_store_failure(kind: str, make_post: MakePost) -> None:
    store = open_store(f"{kind}://127.0.0.1:9/test")
    with pytest.raises(StoreFailure, match=r"127\.0\.0\.1:9: .* didn't answer") as failure:
        store.total(Query())
    assert failure.value.remedy
    store.close()


def test_an_unknown_document_is_a_store_failure(
    cluster: ClusterStore, node: httpx.Client, make_post: MakePost
) -> None:
    cluster.upsert([make_post(1)])
    stray = {"id": "stray", "published_us": 1}
    node.put(f"/{cluster.names.posts}/_doc/stray?refresh=true", json=stray).raise_for_status()
    with pytest.raises(StoreFailure, match="stray"):
        cluster.search(Query())
    good = replace(make_post(1).post)
    assert cluster.get([good.id]) == [make_post(1)]


def test_cells_come_whole_over_many_pages(
    cluster: ClusterStore, make_post: MakePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.upsert(
        [
            make_post(
                n,
                minutes=n,
                cases=(f"case{n % 7}",) if n % 3 else (),
                uncounted=("other",) if n % 2 else (),
            )
            for n in range(120)
        ]
    )
    asked = [
        (["case", "sentiment"], timedelta(minutes=5)),
        (["case"], None),
        ([], timedelta(minutes=1)),
    ]
    whole = [cluster.counts(Query(), by, bucket) for by, bucket in asked]
    for size in (1, 7, 60, 120):
        monkeypatch.setattr("index.cluster_counts.CELLS", size)
        monkeypatch.setattr("index.cluster_query.CELLS", size)
        assert [cluster.counts(Query(), by, bucket) for by, bucket in asked] == whole
    assert [len(cells) for cells in whole][1:] == [8, 120]
    assert {count.authors for count in whole[1] if count.key == ("other",)} == {0}
