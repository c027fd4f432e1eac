"""The demonstration keeps its promise in the product: posts link, bursts alert, calm does not."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from alerts.surge import Surge
from demo.scenario import World
from domain.time import bucket_index
from nlp.linking import Linker

#: A threshold with one false alarm per case and half a year (detection.md).
THRESHOLD = 5.0
SIX_HOURS = 72


@pytest.mark.parametrize("seed", [1, 2])
def test_every_text_links_to_its_case_and_to_no_other(seed: int) -> None:
    world = World(datetime(2026, 11, 23, 8, tzinfo=UTC), seed)
    linker = Linker(world.cases)
    texts = [(post.text, post.case_id) for post in world.posts(world.end)]
    texts += [
        (f"{article.title}\n{' '.join(article.paragraphs)}", article.case_id)
        for article in world.articles(world.end)
    ]
    texts += [
        (f"{notice.title}\n{notice.body}", notice.case_id) for notice in world.notices(world.end)
    ]
    texts += [
        (f"{ticket.court} · {ticket.category}\n{ticket.title}\n{ticket.text}", ticket.case_id)
        for ticket in world.tickets
    ]
    wrong = [
        text for text, case_id in texts
        if {link.case_id for link in linker.link(text)} != ({case_id} if case_id else set())
    ]  # fmt: skip
    assert wrong == []


def episodes(world: World, until: datetime) -> list[tuple[str, timedelta]]:
    """Case and distance from T0 of each episode's first bucket's end, as the press office sees it."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    newest: dict[tuple[str, int], datetime] = {}
    for post in world.posts(until):
        key = (post.case_id, post.author.uid)
        if post.case_id and post.moment - newest.get(
            key, world.start - timedelta(days=2)
        ) >= timedelta(days=1):
            newest[key] = post.moment
            counts[bucket_index(post.moment)][post.case_id] += 1
    surge, first = Surge(), bucket_index(world.start)
    for case in world.cases:
        surge.watch(case.id, first)
    found: list[tuple[str, timedelta]] = []
    last: dict[str, int] = {}
    for bucket in range(first, bucket_index(until) + 1):
        for case_id, score in surge.step(bucket, counts[bucket]).items():
            if score.value >= THRESHOLD:
                if bucket - last.get(case_id, bucket - SIX_HOURS - 1) > SIX_HOURS:
                    moment = datetime.fromtimestamp(bucket * 300, UTC)
                    found.append((case_id, moment - world.t0))
                last[case_id] = bucket
    return found


@pytest.mark.parametrize("hour", [3, 20])
def test_three_bursts_alert_and_nothing_else_does(hour: int) -> None:
    world = World(datetime(2026, 11, 23, hour, 2, 10, tzinfo=UTC))
    found = episodes(world, world.t0 + timedelta(hours=12))
    assert [case_id for case_id, _ in found] == ["liang", "fee", "filing"]
    anger, campaign, filing = (distance for _, distance in found)
    assert timedelta(hours=-51) < anger < timedelta(hours=-48)
    assert timedelta(hours=-5, minutes=-5) < campaign < timedelta(hours=-4, minutes=-30)
    assert filing < timedelta(minutes=2)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_alert_can_be_raised_two_minutes_after_t0(seed: int) -> None:
    world = World(datetime(2026, 11, 23, 8, tzinfo=UTC), seed)
    found = episodes(world, world.t0 + timedelta(minutes=2))
    assert found[-1][0] == "filing"
