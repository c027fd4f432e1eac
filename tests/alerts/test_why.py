"""Every figure an alert carries, against posts that can be counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

import alerts.why
from alerts.episodes import Episode
from alerts.why import Reasons
from domain.alerts import Fact, Score, Share, ToldNarrative, Why
from domain.annotation import Family, Sentiment, Target
from domain.cases import Litigant
from domain.posts import Platform, Post, VerifiedType
from domain.questions import FocusQuestion, Narrative, QuestionKind
from domain.sources import Gap, GapReason
from domain.time import bucket_index
from records.codec import from_json, to_json

MINUTE = timedelta(minutes=1)


@pytest.fixture
def since(bench):
    return bench.clock.now - timedelta(hours=1)


@pytest.fixture
def episode(bench, since):
    last = bucket_index(bench.clock.now) - 1
    begin = bucket_index(since)
    score = Score(12.0, 60, 20, 1.5)
    return Episode("liang", begin + 2, last, begin, last, score, "all")


def find(bench, episode, **fields):
    case = bench.watch(**fields)
    return Reasons(bench.store, bench.records, bench.terms).find(case, episode)


def test_copies_are_counted_raw_and_once(bench, since, episode):
    text = "江澜市中级人民法院对这起案件的判决结果令人难以理解请公开理由"
    copies = [bench.post(f"copy-{n}", since + n * MINUTE, text=text) for n in range(6)]
    copies = [replace(one, family=Family(copies[0].post.id, "t")) for one in copies]
    other = bench.post("other", since + 9 * MINUTE)
    bench.store.upsert([*copies, other])
    why = find(bench, episode).why
    assert (why.posts, why.distinct, why.similar) == (7, 2, Share(5, 7))
    assert why.evidence[0].post_id == copies[0].post.id
    assert [evidence.copies for evidence in why.evidence] == [6, 1]


def test_the_court_s_share_has_its_own_denominator(bench, since, episode):
    court = {"target": Target.COURT}
    posts = [
        bench.post("1", since, sentiment=Sentiment.NEGATIVE, **court),
        bench.post("2", since, sentiment=Sentiment.POSITIVE, **court),
        bench.post("3", since, sentiment=Sentiment.NEGATIVE, target=Target.PARTY),
        bench.post("4", since, sentiment=Sentiment.NEGATIVE, topics=("irrelevant",), **court),
    ]
    bench.store.upsert(posts)
    why = find(bench, episode).why
    assert why.court_negative == Share(1, 2)
    assert why.attitudes[0] == ("court", "negative", 2)
    assert sum(posts for _, _, posts in why.attitudes) == why.posts == 4


def test_unsure_and_mixed_posts_are_in_neither_number(bench, since, episode):
    court = {"target": Target.COURT, "sentiment": Sentiment.NEGATIVE}
    posts = [
        bench.post("1", since, **court),
        bench.post("2", since, unsure=("stance",), **court),
        bench.post("3", since, mixed=True, **court),
        bench.post("4", since, unsure=("topics",), **court),
        bench.post("5", since, unsure=("stance",), target=Target.EVENT),
    ]
    bench.store.upsert(posts)
    why = find(bench, episode).why
    assert (why.court_negative, why.court_unsure) == (Share(2, 2), 2)
    assert (why.unsure, why.mixed) == (2, 1)
    assert why.attitudes == (("court", "negative", 2),)


def test_criticism_of_the_court_comes_first_in_the_evidence(bench, since, episode):
    bench.store.upsert([bench.post(f"n{n}", since + n * MINUTE) for n in range(12)])
    critical = [
        bench.post(f"c{n}", since + (30 + n) * MINUTE, target=Target.COURT,
                   sentiment=Sentiment.NEGATIVE)
        for n in range(7)
    ]  # fmt: skip
    bench.store.upsert(critical)
    evidence = [one.post_id for one in find(bench, episode).why.evidence]
    assert evidence[:5] == [post.post.id for post in critical[:5]]
    assert len(evidence) == alerts.why.EVIDENCE
    assert len(set(evidence)) == len(evidence)


def test_sources_platforms_and_media(bench, since, episode):
    posts = [
        bench.post("1", since),
        bench.post("2", since + MINUTE, verified=VerifiedType.MEDIA),
        bench.post("3", since + MINUTE, verified=VerifiedType.MEDIA, counts=False),
        bench.post("4", since, source="jianglan_daily", platform=Platform.NEWS),
        bench.post("5", since, source="jianglan_daily", platform=Platform.NEWS),
        bench.post("6", since, source="yunxiu_news", platform=Platform.NEWS),
    ]
    bench.store.upsert(posts)
    findings = find(bench, episode)
    assert findings.why.sources == (
        ("weibo_search", 3), ("jianglan_daily", 2), ("yunxiu_news", 1),
    )  # fmt: skip
    assert findings.why.media == 3
    assert findings.facts.platforms == 2
    assert findings.why.authors == 5


def test_terms_stand_out_against_the_case_s_own_past(bench, since, episode):
    bench.store.upsert(
        [
            bench.post("past", since - timedelta(days=2), text="开庭直播"),
            bench.post("too-old", since - timedelta(days=20), text="量刑"),
            bench.post("now", since, text="直播量刑"),
        ]
    )
    assert [word for word, _ in find(bench, episode).why.terms] == ["播量", "量刑"]


def test_only_the_episode_of_this_case_is_counted(bench, since, episode):
    bench.store.upsert(
        [
            bench.post("in", since),
            bench.post("before", since - MINUTE),
            bench.post("after", bench.clock.now + MINUTE),
            bench.post("other-case", since, "wang"),
        ]
    )
    findings = find(bench, episode)
    assert findings.why.posts == 1
    assert findings.first_published_at == since


def test_more_texts_than_the_cap_are_counted_but_not_all_read(bench, since, episode, monkeypatch):
    monkeypatch.setattr(alerts.why, "TEXTS", 5)
    bench.store.upsert([bench.post(str(n), since + n * MINUTE) for n in range(12)])
    findings = find(bench, episode)
    assert (findings.why.posts, findings.why.similar.n) == (12, 5)
    assert findings.first_published_at == since


def test_gaps_and_what_the_registry_knows(bench, since, episode):
    gap = Gap("weibo_push", since, None, GapReason.RATE_LIMITED, "429")
    bench.records.runs.open_gap(gap)
    bench.store.upsert([bench.post("1", since)])
    findings = find(bench, episode, litigants=(Litigant("小梁", "被害人", minor=True),))
    assert findings.why.gaps == (gap,)
    assert findings.facts.flags[Fact.MINOR].confirmed


def test_an_episode_whose_posts_are_gone_says_nothing_false(bench, since, episode):
    findings = find(bench, episode)
    assert (findings.why.posts, findings.why.similar, findings.why.evidence) == (0, Share(0, 0), ())
    assert findings.first_published_at == since


class PlainNarratives:
    """Whole texts told by three posts: what a narrative is can be counted by hand."""

    def narratives(
        self, posts: Sequence[Post], past: Sequence[Post], limit: int = 5
    ) -> list[Narrative]:
        told: dict[str, list[Post]] = {}
        for post in posts:
            told.setdefault(post.text, []).append(post)
        return [
            Narrative(
                text, Share(len(group), len(posts)), 1, sum(post.text == text for post in past),
                group[0].published_at, group[0].published_at, (), ((group[0].source, len(group)),),
            )
            for text, group in told.items()
            if len(group) >= 3
        ]  # fmt: skip


def test_narratives_are_told_with_share_past_start_and_sources(bench, since, episode):
    text = "听说青崖县法院的录像在开庭前一晚被人覆盖"
    bench.store.upsert(
        [
            bench.post("long-ago", since - timedelta(days=20), text=text),
            bench.post("past", since - timedelta(days=2), text=text),
            *(bench.post(f"told-{n}", since + n * MINUTE, text=text) for n in range(3)),
            bench.post("other", since),
        ]
    )
    case = bench.watch()
    reasons = Reasons(bench.store, bench.records, bench.terms, narratives=PlainNarratives())
    why = reasons.find(case, episode).why
    told = ToldNarrative(text, Share(3, 4), 1, since, (("weibo_search", 3),), distinct=1)
    assert why.narratives == (told,)
    assert from_json(Why, to_json(why)) == why
    stored = to_json(why)
    del stored["narratives"][0]["distinct"]  # as it was before different texts were kept
    assert from_json(Why, stored).narratives == (replace(told, distinct=None),)
    del stored["narratives"]  # as alerts were stored before there were any
    assert from_json(Why, stored).narratives == ()
    assert find(bench, episode).why.narratives == ()


class PlainQuestions:
    """One question, raised by every post."""

    def questions(self, posts: Sequence[Post], limit: int = 7) -> list[FocusQuestion]:
        at, kind = posts[0].published_at, QuestionKind.QUESTION
        texts = len({post.text for post in posts})
        return [FocusQuestion("q", "为什么延期", kind, len(posts), texts, at, at)]


def test_questions_keep_their_different_texts_beside_their_posts(bench, since, episode):
    said = [bench.post(str(n), since + n * MINUTE, text=f"为什么延期{n % 2}") for n in range(5)]
    bench.store.upsert(said)
    case = bench.watch()
    reasons = Reasons(bench.store, bench.records, bench.terms, questions=PlainQuestions())
    why = reasons.find(case, episode).why
    assert why.questions == (("为什么延期", 5),)
    assert why.asked == (("为什么延期", 5, 2),)
    assert from_json(Why, to_json(why)) == why
    stored = to_json(why)
    del stored["question_texts"]  # as alerts were stored before
    assert from_json(Why, stored).asked == (("为什么延期", 5, None),)
