"""The dashboards on real nodes: fields of the real mapping, every panel's search run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.annotation import AnnotatedPost, Demand, Sentiment, Target
from domain.posts import Platform
from domain.protocols import Query, Store
from index.cluster import ClusterStore
from index.dashboards import build, check
from index.dashboards.requests import request
from index.dashboards.saved import read
from index.dashboards.source import load
from index.transport import Transport

MakePost = Callable[..., AnnotatedPost]
OpenStore = Callable[[str], Store]


@pytest.fixture(params=["opensearch", "elasticsearch"])
def cluster(request: pytest.FixtureRequest, fresh_store: OpenStore) -> ClusterStore:
    """A fresh store on each of the twins."""
    store = fresh_store(request.param)
    assert isinstance(store, ClusterStore)
    return store


@pytest.fixture
def filled(cluster: ClusterStore, make_post: MakePost) -> ClusterStore:
    """A week of posts about and beside the court."""
    cluster.upsert(
        [
            make_post(
                number,
                minutes=number * 97,
                cases=("liang",) if number % 2 else (),
                target=list(Target)[number % 4],
                sentiment=list(Sentiment)[number % 3],
                demand=list(Demand)[number % 10],
                platform=list(Platform)[number % 7],
                topics=("irrelevant",) if number % 9 == 5 else ("trial_delay", "digital_court"),
            )
            for number in range(120)
        ]
    )
    return cluster


def transport(store: ClusterStore) -> Transport:
    return store._transport


def test_every_panel_finds_posts_and_every_field_is_as_embedded(filled: ClusterStore) -> None:
    assert check(build(filled.names.prefix), transport(filled)) == []


def test_the_numbers_of_a_panel_are_those_of_the_store(filled: ClusterStore) -> None:
    objects, _ = read(build(filled.names.prefix))
    [topics] = [saved for saved in objects if saved.id.endswith("-topics")]
    _, body = request(topics)
    answer = filled._search(body)
    drawn = {b["key"]: b["doc_count"] for b in answer["aggregations"]["2"]["buckets"]}
    counted = filled.counts(Query(relevant=True), ["topic"])
    assert drawn == {count.key[0]: count.posts for count in counted}


def test_what_is_sampled_stands_as_it_came_beside_its_rate(
    cluster: ClusterStore, make_post: MakePost
) -> None:
    """One in ten arrives: its panel says ten posts at 0.1, and doesn't make a hundred of them."""
    posts = [make_post(number, source="weibo_push") for number in range(10)]
    sampled = [replace(one, post=replace(one.post, sample_rate=0.1)) for one in posts]
    whole = make_post(11, source="news")
    cluster.upsert([*sampled, replace(whole, post=replace(whole.post, sample_rate=1.0))])
    objects, _ = read(build(cluster.names.prefix))
    [rates] = [saved for saved in objects if saved.id.endswith("-rates")]
    answer = cluster._search(request(rates)[1])["aggregations"]["2"]["buckets"]
    drawn = [(one["key"], one["doc_count"], one["3"]["buckets"][0]["key"]) for one in answer]
    assert drawn == [("weibo_push", 10, 0.1), ("news", 1, 1.0)]


def test_panels_over_an_empty_index_are_reported(cluster: ClusterStore) -> None:
    defects = check(build(cluster.names.prefix), transport(cluster))
    assert len(defects) == len(load().panels) == 12
    assert all(defect.endswith("its search finds nothing") for defect in defects)


def test_fields_that_changed_in_the_index_are_reported(filled: ClusterStore) -> None:
    lines = build(filled.names.prefix).splitlines()
    pattern = json.loads(lines[0])
    fields = json.loads(pattern["attributes"]["fields"])
    kept = [field for field in fields if field["name"] != "demand"]
    kept.append({**fields[-1], "name": "invented"})
    for field in kept:
        if field["name"] == "text":
            field["aggregatable"] = True
    pattern["attributes"]["fields"] = json.dumps(kept)
    text = "\n".join([json.dumps(pattern), *lines[1:]])
    defects = "\n".join(check(text, transport(filled)))
    assert "field invented isn't in the index" in defects
    assert "field demand of the index isn't embedded" in defects
    assert "field text is text in the index, not as embedded" in defects


def test_a_search_the_cluster_refuses_is_reported(filled: ClusterStore) -> None:
    lines = [json.loads(line) for line in build(filled.names.prefix).splitlines()]
    [demands] = [about for about in lines if about["id"].endswith("-demands")]
    source = json.loads(demands["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    source["query"]["query"] = "relevant:true AND ("
    demands["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"] = json.dumps(source)
    [defect] = check("\n".join(map(json.dumps, lines)), transport(filled))
    assert "demands: its search fails" in defect
