"""Episodes: opening, merging, keys, and which alert they belong to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts.episodes import MERGE, Hot, covers, find
from domain.alerts import Alert, AlertState, Level, Score, Share, Why
from domain.time import bucket_start

BASE = 5_900_000


def hot(*buckets: int, value: float = 6.0) -> list[Hot]:
    return [Hot(BASE + bucket, Score(value, 15, 9, 0.5), "all") for bucket in buckets]


def alert(begun: int, last: int) -> Alert:
    why = Why(
        bucket_start(BASE + begun), bucket_start(BASE + last + 1), bucket_start(BASE + last),
        Score(6.0), "all", 9, 9, 9, Share(0, 9), Share(0, 0),
    )  # fmt: skip
    now = datetime(2026, 3, 16, tzinfo=UTC)
    return Alert(
        "a", "liang", AlertState.PROPOSED, Level.BLUE, now, now, bucket_start(BASE + last), why
    )


@pytest.mark.parametrize(("gap", "episodes"), [(1, 1), (MERGE, 1), (MERGE + 1, 2)])
def test_it_merges_what_recurs_within_six_hours(gap, episodes):
    assert len(find("liang", hot(0, gap))) == episodes


def test_blind_buckets_do_not_count_toward_the_six_hours():
    assert len(find("liang", hot(0, 200), elapsed=lambda earlier, later: 3)) == 1


def test_it_knows_its_window_and_its_peak():
    buckets = [*hot(0, 1), Hot(BASE + 2, Score(9.0, 60, 30, 2.0), "court_negative"), *hot(3)]
    (episode,) = find("liang", buckets)
    assert episode.window == (bucket_start(BASE - 2), bucket_start(BASE + 4))
    assert (episode.peak, episode.stream) == (BASE + 2, "court_negative")


def test_the_key_is_of_case_and_first_bucket():
    (one,), (longer,) = find("liang", hot(0)), find("liang", hot(0, 5, value=9))
    (other,), (later,) = find("wang", hot(0)), find("liang", hot(1))
    assert one.key == longer.key
    assert len({one.key, other.key, later.key}) == 3
    assert len(one.key) == 32


@pytest.mark.parametrize(
    ("begun", "last", "same"),
    [(0, 5, True), (-40, -20, True), (-200, 10 - MERGE, True), (-200, 9 - MERGE, False),
     (14, 30, True), (16, 30, False)],
)  # fmt: skip
def test_an_alert_covers_what_it_overlaps_or_leads_into(begun, last, same):
    (episode,) = find("liang", hot(10, 15))
    assert covers(alert(begun, last), episode) is same


def test_no_hot_bucket_no_episode():
    assert find("liang", []) == []
