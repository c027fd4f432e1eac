"""Candidates: the rule on a fictional world, over a real index, and what people's decisions do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from bench.candidate_world import DAY, END, Said, names, world
from bench.candidates import prepare, score
from courtpulse.candidates import find_candidates, run
from courtpulse.candidates.features import FeatureReader
from courtpulse.candidates.known import matched, reconcile
from courtpulse.candidates.rule import find
from courtpulse.retention import expire_records
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from domain.annotation import AnnotatedPost, Annotation, Sentiment, Target
from domain.candidates import CandidateState
from domain.errors import NotFound
from domain.posts import CollectedPost, Platform, Post, PostKind
from domain.protocols import Query
from nlp.terms import LogOddsTerms
from records.registry_models import CandidateRow
from text.near_duplicates import clusters


def test_hidden_cases_are_found_and_noise_is_not() -> None:
    total = score(world(21))
    assert total["found"] >= len(names()) - 1
    assert total["right"] >= total["candidates"] - 1


def test_the_order_of_the_posts_changes_nothing() -> None:
    window, past, past_total = prepare(world(3))
    found = find(window, past, past_total)
    mixed = list(range(len(window)))
    random.Random(5).shuffle(mixed)
    again = find([window[place] for place in mixed], past, past_total)
    ids = [{window[p].post_id for p in one.posts} for one in found]
    assert [{window[mixed[p]].post_id for p in one.posts} for one in again] == ids
    assert [[a.key for a in one.anchors] for one in again] == [
        [a.key for a in one.anchors] for one in found
    ]


def test_one_account_one_text_or_one_source_make_no_candidate() -> None:
    window, past, past_total = prepare(world(2))
    in_some = {
        window[place].post_id for one in find(window, past, past_total) for place in one.posts
    }
    assert not {one for one in in_some if one.startswith(("loud", "copy", "feed", "few"))}


def test_a_day_on_which_everything_is_louder_makes_none() -> None:
    calm = [one for one in world(4) if one.id.startswith("s")]
    louder = [
        replace(one, id=f"{one.id}x{n}", voice=f"{one.voice}x{n}")
        for one in calm if one.at >= END - DAY for n in range(4)
    ]  # fmt: skip
    assert score(sorted([*calm, *louder], key=lambda one: one.at))["candidates"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "邬启崧案今天宣判，太轻了",
        "看完邬启崧案的庭审",
        "#邬启崧案宣判#",
        "关注邬启崧案，邬启崧的家属",
        "#邬启崧妻子发声# 法院怎么判",
        "#邬启崧的家属喊冤#望川区法院",
        "#邬启崧被害一年#",
    ],
)
def test_a_person_s_name_is_no_feature(text: str) -> None:
    features = FeatureReader(LogOddsTerms()).read(text)
    every = "".join((*features.names, *features.tags, *features.words, *features.courts))
    assert "启崧" not in every


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    """A real index and real records that hold the world, authors in the inbox."""
    opened = Rooms(Settings(data=tmp_path), lambda: END)
    _index(opened, world(7))
    yield opened
    opened.close()


def _index(rooms: Rooms, said: list[Said]) -> None:
    label = Annotation(Target.COURT, Sentiment.NEGATIVE, ("judgment_reasoning",))
    posts = [
        Post(one.id.ljust(32, "x"), one.source, Platform.WEIBO, PostKind.POST, one.text, one.at, one.at)
        for one in said
    ]  # fmt: skip
    rooms.store.upsert([AnnotatedPost(post, label) for post in posts])
    rooms.inbox.commit(
        rooms.inbox.write([
            CollectedPost(post, (one.voice,)) for post, one in zip(posts, said, strict=True)
            if one.at >= END - DAY and not one.voice.startswith("source:")
        ])
    )  # fmt: skip


def test_a_run_over_the_index_proposes_the_hidden_cases(rooms: Rooms) -> None:
    report = find_candidates(rooms)
    found = rooms.records.candidates.page()
    assert report.opened == report.found == len(found)
    titles = {one.suggestion.title for one in found}
    assert {"锦棠里坠窗案", "青崖校车超载开庭", "白榆村道树案", "（2026）浙9902民初771号"} <= titles
    assert "启崧" not in str(found)
    assert all(one.evidence.post_ids for one in found)
    again = find_candidates(rooms)
    assert (again.opened, again.returned) == (0, 0)
    assert rooms.records.candidates.page() == found


def test_a_refused_one_returns_only_when_it_has_doubled(rooms: Rooms) -> None:
    find_candidates(rooms)
    [one] = [c for c in rooms.records.candidates.page() if c.suggestion.title == "锦棠里坠窗案"]
    rooms.records.candidates.refuse(one.id, "值班员甲", "物业纠纷，不关注")
    assert find_candidates(rooms).returned == 0
    assert rooms.records.candidates.get(one.id).state is CandidateState.REFUSED
    more = [
        Said(f"more{n}", f"锦棠里坠窗案第{n}个疑问，物业出来说话", END - timedelta(hours=1), "forum", f"m{n}", "")
        for n in range(one.evidence.posts + 4)
    ]  # fmt: skip
    _index(rooms, more)
    assert find_candidates(rooms).returned == 1
    back = rooms.records.candidates.get(one.id)
    assert back.state is CandidateState.OPEN
    assert back.evidence.posts >= 2 * one.evidence.posts


def test_what_no_longer_trends_fades_and_decisions_stand(rooms: Rooms) -> None:
    find_candidates(rooms)
    known = rooms.records.candidates.page()
    accepted = replace(known[0], state=CandidateState.ACCEPTED, case_id="x")
    later = END + timedelta(days=4)
    changed, report = reconcile([], [accepted, *known[1:]], later)
    assert report.faded == len(known) - 1
    assert {one.state for one in changed} == {CandidateState.FADED}
    same = replace(known[0], updated_at=later)
    assert reconcile([(same, accepted)], [accepted], later)[0] == []


def test_a_second_group_on_a_known_matter_joins_it(rooms: Rooms) -> None:
    """Two groups of a day that a candidate held together are one; their posts count once."""
    posts, total = run._window(rooms, END - DAY, END)
    window = run._sightings(rooms, posts)
    assert total == len(window)
    past = Query(linked=False, relevant=True, since=END - 15 * DAY, until=END - DAY)
    found = find(window, lambda _: 0, rooms.store.total(past))
    one, other, *rest = sorted(found, key=lambda group: group.anchors[0].kind == "pair")
    find_candidates(rooms)
    first = rooms.records.candidates.page(limit=1)[0]
    anchors = (one.anchors[0].key, other.anchors[0].key)
    held = replace(first, id="held", evidence=replace(first.evidence, anchors=anchors))
    (group, about), *others = matched([one, other, *rest], [held], window)
    assert about == held
    assert len(others) == len(rest), "the second group opened nothing"
    assert set(group.posts) == {*one.posts, *other.posts}
    assert len(group.posts) <= len(one.posts) + len(other.posts)
    assert group.sources.total() == len(group.posts)
    assert group.voices == len({window[place].voice for place in group.posts})
    leaders = clusters([sighting.own for sighting in window])
    assert len(group.distinct) == len({leaders[place] for place in group.posts})
    assert [a.key for a in group.anchors[:2]] == [one.anchors[0].key, other.anchors[0].key]


def test_a_second_group_on_an_accepted_one_proposes_nothing(rooms: Rooms) -> None:
    find_candidates(rooms)
    first, second, *_ = rooms.records.candidates.page()
    joined = replace(
        first.evidence, anchors=(*first.evidence.anchors[:6], *second.evidence.anchors[:6])
    )
    accepted = replace(first, state=CandidateState.ACCEPTED, case_id="x", evidence=joined)
    records = rooms.records.candidates
    assert records.put([accepted], [first]) == [accepted]
    with rooms.records.engine.begin() as connection:
        connection.execute(delete(CandidateRow).where(CandidateRow.id == second.id))
    assert find_candidates(rooms).opened == 0
    assert records.get(first.id) == accepted
    with pytest.raises(NotFound):
        records.get(second.id)


def test_what_was_decided_goes_with_the_posts_it_rests_on(rooms: Rooms) -> None:
    find_candidates(rooms)
    first, *others = rooms.records.candidates.page()
    rooms.records.candidates.refuse(first.id, "值班员甲", "不是案件")
    life = rooms.settings.post_life
    assert expire_records(rooms, END + life)["candidates"] == 0
    assert expire_records(rooms, END + life + timedelta(days=1))["candidates"] == 1
    assert rooms.records.candidates.page() == others


@pytest.mark.parametrize(
    ("kind", "own", "distinct"),
    [
        (PostKind.COMMENT, "说得清楚 判得太轻 等二审 看不懂 为什么不公开 谁来负责 支持 再看看", 8),
        (PostKind.REPOST, "转发微博 转发 转 转发微博 转发 转 转发微博 转发", 1),
    ],
)
def test_comments_under_one_post_are_no_copies_of_it(
    rooms: Rooms, kind: PostKind, own: str, distinct: int
) -> None:
    """The tail says what eight comments are about; whether they are one text, their own words do."""
    tail = "//@〔用户〕:云岫区法院今天公开宣判夜市伤人案，被告人被判处有期徒刑三年，庭审全程直播"
    posts = [
        Post(f"{n:032x}", "s", Platform.WEIBO, kind, words + tail, END - timedelta(minutes=n), END)
        for n, words in enumerate(own.split(), 1)
    ]
    seen = run._sightings(rooms, posts)
    assert all("夜市伤人案" in one.features.names for one in seen)
    assert len(set(clusters([one.own for one in seen]))) == distinct
    voiced = [replace(one, voice=f"v{place}") for place, one in enumerate(seen)]
    found = find(voiced, lambda _: 0, 5000)
    assert [len(one.distinct) for one in found] == ([8] if distinct == 8 else [])


@pytest.mark.parametrize("text", ["关注阿依古丽案", "#买买提·艾力案#", "呼格吉勒图诉云岫区法院案"])
def test_a_long_name_of_another_people_is_no_feature(text: str) -> None:
    features = FeatureReader(LogOddsTerms()).read(text)
    every = "".join((*features.names, *features.tags, *features.courts))
    assert not any(part in every for part in ("依古丽", "艾力", "格吉勒图"))


def test_paging_by_time_loses_nothing_at_equal_times(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More posts than a page at one instant, instants a microsecond apart, and a page's edge."""
    monkeypatch.setattr(run, "_PAGE", 7)
    begin = END - timedelta(hours=3)
    steps = [timedelta()] * 23 + [timedelta(microseconds=n) for n in range(1, 12)]
    steps += [timedelta(minutes=n // 3) for n in range(1, 60)]
    annotation = Annotation(Target.COURT, Sentiment.NEGATIVE, ("trial_delay",))
    rooms.store.upsert(
        [
            AnnotatedPost(
                Post(
                    f"{n:032x}", "s", Platform.WEIBO, PostKind.POST, "云岫区法院", begin + step, END
                ),
                annotation,
            )
            for n, step in enumerate(steps)
        ]
    )
    since = begin - timedelta(minutes=1)
    whole = rooms.store.search(
        Query(linked=False, relevant=True, since=since, until=END), limit=9999
    )
    posts, total = run._window(rooms, since, END)
    assert total == whole.total == len(whole.posts)
    assert len(posts) == total
    assert {post.id for post in posts} == {item.post.id for item in whole.posts}
    assert [post.published_at for post in posts] == sorted(post.published_at for post in posts)
