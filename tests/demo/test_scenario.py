"""The fictional city: deterministic, as large and as varied as promised, and redactable."""

from __future__ import annotations

import csv
import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers.declarations import load_all
from crawlers.imports import import_file, load_mapping
from crawlers.inbox import Inbox
from crawlers.ingest import Ingest
from crawlers.quarantine import Quarantine
from crawlers.tokens import TokenKeys
from demo.cast import COURTS
from demo.declare import write_hotline, write_sources
from demo.model import WeiboPost
from demo.scenario import World
from demo.wording import read_bank, read_sentences
from domain.time import SHANGHAI
from text import case_numbers
from text.near_duplicates import clusters, similarity
from text.redaction import redact
from text.weibo_ids import bid_to_mid, mid_time

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WORLD = World(T0)
ALL = WORLD.posts(WORLD.end)
BANKS = ("filing", "liang", "fee", "wages", "retrial", "chatter", "noise")


def scene(name: str) -> list[WeiboPost]:
    return [post for post in ALL if post.scene == name]


def test_the_same_seed_is_the_same_world_and_another_is_not() -> None:
    again = World(T0)
    assert again.posts(again.end) == ALL
    assert again.articles(again.end) == WORLD.articles(WORLD.end)
    assert again.notices(again.end) == WORLD.notices(WORLD.end)
    assert again.tickets == WORLD.tickets
    assert World(T0, seed=2).posts(T0) != WORLD.posts(T0)


def test_a_shifted_t0_shifts_the_bursts() -> None:
    later = World(T0 + timedelta(hours=7))
    first = [post.moment - later.t0 for post in later.posts(later.end) if post.scene == "filing"]
    assert first[:12] == [post.moment - T0 for post in scene("filing")[:12]]


def test_posts_become_visible_when_their_time_comes() -> None:
    for until in (T0 - timedelta(days=20), T0, T0 + timedelta(minutes=2), WORLD.end):
        visible = WORLD.posts(until)
        assert list(visible) == [post for post in ALL if post.moment <= until]
    assert [post.moment for post in ALL] == sorted(post.moment for post in ALL)


def test_ids_are_unique_and_hold_their_time() -> None:
    assert len({post.mid for post in ALL}) == len(ALL)
    for post in ALL[::37]:
        assert mid_time(post.mid) == post.moment
        assert bid_to_mid(post.bid) == post.mid


def test_the_concern_about_the_court_begins_within_two_minutes() -> None:
    burst = scene("filing")
    early = [post for post in burst if post.moment <= T0 + timedelta(minutes=2)]
    assert timedelta(seconds=60) <= early[0].moment - T0 <= timedelta(seconds=90)
    assert len({post.author.uid for post in early}) >= 10
    hours = Counter((post.moment - T0) // timedelta(hours=1) for post in burst)
    assert 45 <= hours[0] <= 90
    assert hours[0] > hours[4] > hours[10]


def test_the_anger_is_at_the_defendant_two_days_before() -> None:
    burst = scene("anger")
    middle = statistics.median(post.moment.timestamp() for post in burst)
    assert timedelta(hours=36) < T0 - datetime.fromtimestamp(middle, UTC) < timedelta(hours=52)
    stances = Counter(post.stance for post in burst)
    assert len(burst) == 420
    assert stances["party_negative"] + stances["punish"] > 0.75 * len(burst)
    assert stances["court_negative"] < 0.08 * len(burst)


def test_the_campaign_is_copied_and_the_other_bursts_are_not() -> None:
    burst = scene("campaign")
    assert 30 <= len(burst) <= 60
    ages = [T0 - post.moment for post in burst]
    assert timedelta(hours=4) < min(ages) <= max(ages) <= timedelta(hours=5, minutes=5)
    accounts = Counter(post.author.uid for post in burst)
    assert len(accounts) >= 30
    assert max(accounts.values()) >= 2
    shares = {}
    for name in ("campaign", "anger", "filing"):
        texts = [post.text for post in scene(name)]
        shares[name] = 1 - len(set(clusters(texts))) / len(texts)
    assert shares["campaign"] > 0.85
    assert shares["anger"] < 0.2
    assert shares["filing"] < 0.2


@pytest.mark.parametrize("case_id", ["filing", "liang", "fee", "wages", "retrial"])
def test_each_case_has_a_background_with_the_rhythm_of_the_day(case_id: str) -> None:
    posts = [post for post in scene("background") if post.case_id == case_id]
    assert 0.5 <= len(posts) / (21 * 24) <= 3
    hours = Counter(post.moment.astimezone(SHANGHAI).hour for post in posts)
    assert sum(hours[hour] for hour in range(2, 6)) < sum(hours[hour] for hour in range(20, 24))


def test_posts_about_a_case_name_it() -> None:
    words = {
        case.id: [*case.aliases, *case.formula.subjects, *case.formula.persons]
        for case in WORLD.cases
    }
    for post in ALL:
        if post.case_id:
            assert any(word in post.text for word in words[post.case_id]), post.text
        else:
            assert not any(alias in post.text for case in WORLD.cases for alias in case.aliases)


def test_cases_are_well_formed() -> None:
    assert len(WORLD.cases) == 5
    for case in WORLD.cases:
        assert case.court in COURTS
        assert len(case.formula.groups) >= 2
        assert case.watched_since == T0 - timedelta(days=14)
        for number in case.numbers:
            assert [hit.normal for hit in case_numbers.find(number)] == [number]


def test_sentences_are_many_distinct_and_combined() -> None:
    sentences = [
        sentence for name in BANKS for bank in read_bank(name).stances.values() for sentence in bank
    ]
    assert len(sentences) == len(set(sentences)) >= 300
    assert len({post.text for post in ALL}) > 0.85 * len(ALL)
    lengths = sorted(len(post.text) for post in ALL)
    assert lengths[len(lengths) // 20] < 30 < 75 < lengths[-len(lengths) // 20]


def test_all_slots_are_filled() -> None:
    texts = [post.text for post in ALL] + [ticket.text for ticket in WORLD.tickets]
    texts += [
        text
        for article in WORLD.articles(WORLD.end)
        for text in (article.title, *article.paragraphs)
    ]
    texts += [text for notice in WORLD.notices(WORLD.end) for text in (notice.title, notice.body)]
    assert not [text for text in texts if "{" in text or "}" in text]


def test_some_posts_hold_what_redaction_must_remove() -> None:
    counts: Counter[str] = Counter()
    for post in ALL:
        counts.update(redact(post.text).counts)
    assert counts.keys() >= {"mobile", "id_card", "plate", "bank_card", "handle"}
    assert min(counts[kind] for kind in ("mobile", "id_card", "plate", "bank_card")) >= 3
    assert sum(counts.values()) < 0.1 * len(ALL)


def test_some_posts_forward_an_earlier_one_of_their_case() -> None:
    by_mid = {post.mid: post for post in ALL}
    reposts = [post for post in ALL if post.original]
    assert 0.03 * len(ALL) < len(reposts) < 0.1 * len(ALL)
    for post in reposts:
        original = by_mid[post.original]
        assert original.moment <= post.moment
        assert (original.case_id, original.original) == (post.case_id, 0)


def test_authors_are_about_two_thousand_and_some_write_much() -> None:
    posts = Counter(post.author.uid for post in ALL)
    assert 1500 <= len(posts) <= 2000
    assert posts.most_common(1)[0][1] >= 20
    assert statistics.median(posts.values()) <= 4
    assert {post.author.verified_type for post in ALL} == {-1, 1, 3}


def test_news_and_notices_are_steady_and_partly_about_cases() -> None:
    articles = WORLD.articles(T0)
    assert {article.site for article in articles} == {"utf8", "gbk"}
    assert 40 <= len(articles) <= 110
    assert len({article.number for article in articles}) == len(articles)
    assert {article.case_id for article in articles} >= {
        "filing",
        "liang",
        "fee",
        "wages",
        "retrial",
        "",
    }
    assert min(sum(map(len, article.paragraphs)) for article in articles) > 150
    assert len(WORLD.notices(T0)) >= 10


def test_two_hundred_tickets_enter_through_the_shipped_mapping(tmp_path: Path) -> None:
    tickets = WORLD.tickets
    assert len(tickets) == len({ticket.number for ticket in tickets}) == 200
    moods = Counter(ticket.mood for ticket in tickets)
    assert min(moods.values()) >= 10
    path = write_hotline(tmp_path, WORLD)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 200
    inbox = Inbox(str(tmp_path / "inbox"))
    quarantine = Quarantine(tmp_path / "quarantine", lambda: T0)
    ingest = Ingest(inbox, TokenKeys(tmp_path / "keys", lambda: T0), quarantine, lambda: T0)
    report = import_file(path, load_mapping("hotline_12368"), ingest, lambda: T0, source="hotline")
    assert (report.new, report.rejected) == (200, 0)
    assert report.last == tickets[-1].moment
    posts = [post for name in ingest.commit() for post in inbox.read(name)]
    callers = {post.author_tokens for post in posts}
    assert 100 < len(callers) < 200, "some people call again"
    assert not any(ticket.phone in post.post.full_text for post in posts for ticket in tickets[:20])


def test_the_declarations_are_valid_once_the_ports_are_known(tmp_path: Path) -> None:
    urls = {
        name: f"http://127.0.0.1:{port}"
        for port, name in enumerate(("weibo", "feed", "news_utf8", "news_gbk"), 9001)
    }
    write_sources(tmp_path, urls)
    declared = {source.source: source for source in load_all(tmp_path)}
    assert set(declared) == {"weibo_search", "court_feed", "news_online", "news_evening", "hotline"}
    assert {kind.kind for kind in declared.values()} == {"weibo_api", "feed", "site", "import"}
    queries = declared["weibo_search"].queries  # type: ignore[union-attr]
    missed = [
        post
        for post in ALL
        if post.scene != "noise" and not any(query in post.text for query in queries)
    ]
    assert missed == []


def test_templates_of_the_campaign_differ_from_each_other() -> None:
    first, second, third = (text.replace("{times}", "326") for text in read_bank("fee").campaign)
    assert max(similarity(first, second), similarity(second, third), similarity(first, third)) < 0.4


def test_every_sentence_file_is_used() -> None:
    from demo.wording import SENTENCES

    used = {*BANKS, "shared", "news", "tickets"}
    assert {path.stem for path in SENTENCES.glob("*.yml")} == used
    assert all(read_sentences(name) for name in used)
