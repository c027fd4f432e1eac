"""A case replayed with other settings, over a real index."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.simulation import Setting, simulate
from alerts.tuning import REFERENCE
from domain.annotation import Sentiment, Target

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def case(bench):
    """Two weeks of quiet with a loud burst four days ago and a small one yesterday."""
    case, now = bench.watch(), bench.clock.now
    bench.store.upsert(bench.background("liang", now - 14 * 24 * HOUR, now, 0.5, 1))
    bench.store.upsert(bench.burst("liang", now - 96 * HOUR, 60, 60, 1))
    bench.store.upsert(bench.burst("liang", now - 24 * HOUR, 60, 14, 2))
    return case


def replayed(bench, case, now, other):
    found = simulate(bench.store, bench.records, case, now, other, bench.clock)
    return [(change.verdict, change.minutes) for change in found.changes], found.changes


def test_the_same_settings_change_nothing(bench, case):
    verdicts, _ = replayed(bench, case, Setting(4.0), Setting(4.0))
    assert verdicts == [("same", 0), ("same", 0)]


def test_a_higher_threshold_loses_the_small_one_and_is_later_on_the_loud_one(bench, case):
    verdicts, changes = replayed(bench, case, Setting(4.0), Setting(20.0))
    assert [verdict for verdict, _ in verdicts] == ["later", "lost"]
    assert verdicts[0][1] > 0
    assert changes[0].other.raised_at - changes[0].now.raised_at == verdicts[0][1] * MINUTE
    assert changes[1].other is None
    back, _ = replayed(bench, case, Setting(20.0), Setting(4.0))
    assert [verdict for verdict, _ in back] == ["earlier", "gained"]


def test_without_the_court_negative_stream_what_only_it_heard_is_lost(bench):
    case, now = bench.watch(), bench.clock.now
    angry = {"target": Target.COURT, "sentiment": Sentiment.NEGATIVE}
    bench.store.upsert(bench.background("liang", now - 14 * 24 * HOUR, now, 30, 1))
    bench.store.upsert(bench.burst("liang", now - 24 * HOUR, 29, 14, **angry))
    _, changes = replayed(bench, case, Setting(5.0), Setting(5.0, negative=False))
    lost = [change for change in changes if change.verdict == "lost"]
    assert [change.now.stream for change in lost] == ["court_negative"]


def test_another_tuning_and_no_trace_in_the_records(bench, case):
    _, changes = replayed(bench, case, Setting(5.0), Setting(5.0, tuning=REFERENCE))
    assert changes[0].now.score != changes[0].other.score
    assert bench.records.alerts.recent() == []
