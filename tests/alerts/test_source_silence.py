"""A source's change of state is told once, and its end once; one that comes and goes is no spam."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from alerts.source_notices import of_change
from alerts.source_silence import CALM, GRACE, mark, notice
from domain.hours import Basis, SourceHour
from domain.ledger import LedgerEntry, RobotsReading, RobotsVerdict
from domain.sources import Gap, GapReason, SourceRun
from records.runs import SourceInfo
from records.source_changes import Subject

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NAME = "weibo_search"


@pytest.fixture
def runs(bench):
    runs = bench.records.runs
    runs.register([SourceInfo(NAME, "微博搜索", "weibo", 5 * MINUTE)])
    run(bench, bench.clock.now)
    return runs


def run(bench, at):
    bench.records.runs.add_run(SourceRun(NAME, at, at, at - 5 * MINUTE, at))


def told(bench):
    """What is told now, as the flow does it: notice, queue, remember."""
    found = notice(bench.records, bench.clock.now)
    mark(bench.records, found, bench.clock.now)
    return [(change.subject, change.bad, change.began, change.at) for change in found]


def pass_by(bench, length, *, every=10 * MINUTE):
    """Let a healthy source run through `length`; everything told on the way."""
    said = []
    until = bench.clock.now + length
    while bench.clock.now < until:
        bench.clock.now += every
        run(bench, bench.clock.now)
        said += told(bench)
    return said


def test_once_when_it_begins_and_once_when_it_is_over(bench, runs):
    start = bench.clock.now
    runs.open_gap(Gap(NAME, start, None, GapReason.DOWN))
    bench.clock.now = start + GRACE
    assert told(bench) == [(Subject.SILENCE, True, start, start)]
    bench.clock.now += 8 * HOUR
    assert told(bench) == []
    back = bench.clock.now
    runs.close_gap(NAME, back)
    run(bench, back)
    assert told(bench) == [], "it may go again"
    assert pass_by(bench, 2 * HOUR) == [(Subject.SILENCE, False, start, back)]


def test_one_failed_request_wakes_nobody(bench, runs):
    start = bench.clock.now
    runs.open_gap(Gap(NAME, start, None, GapReason.TIMEOUT))
    bench.clock.now = start + GRACE - MINUTE
    assert told(bench) == []
    runs.close_gap(NAME, bench.clock.now)
    assert pass_by(bench, 2 * HOUR) == []


def test_a_source_that_comes_and_goes_is_told_once(bench, runs):
    """Twenty minutes away, ten back, for a night: one message, and one when it holds."""
    start = bench.clock.now
    said = []
    for _ in range(16):
        runs.open_gap(Gap(NAME, bench.clock.now, None, GapReason.DOWN))
        bench.clock.now += 20 * MINUTE
        said += told(bench)
        runs.close_gap(NAME, bench.clock.now)
        said += pass_by(bench, 10 * MINUTE)
    assert said == [(Subject.SILENCE, True, start, start)]
    said = pass_by(bench, 2 * HOUR)
    assert [(subject, bad, began) for subject, bad, began, _ in said] == [
        (Subject.SILENCE, False, start)
    ]
    assert bench.clock.now - said[0][3] >= CALM


def test_late_and_then_refused_is_one_silence(bench, runs):
    start = bench.clock.now
    bench.clock.now = start + 30 * MINUTE
    ((_, _, since, _),) = told(bench)
    assert since == start
    runs.open_gap(Gap(NAME, start + 30 * MINUTE, None, GapReason.LOGIN_PAGE))
    bench.clock.now += HOUR
    assert told(bench) == []


def test_the_next_silence_is_told_again(bench, runs):
    for _ in range(2):
        start = bench.clock.now
        runs.open_gap(Gap(NAME, start, None, GapReason.DOWN))
        bench.clock.now = start + GRACE
        assert len(told(bench)) == 1
        runs.close_gap(NAME, bench.clock.now)
        run(bench, bench.clock.now)
        assert len(told(bench) + pass_by(bench, HOUR)) == 1
    assert len(bench.records.source_changes.between(start - 9 * HOUR, bench.clock.now)) == 4


def test_killed_between_noticing_queueing_and_marking_it_is_the_same_news(bench, runs):
    """Also when the reason has changed meanwhile: the key stays, so the outbox takes it once."""
    start = bench.clock.now
    bench.clock.now = start + 20 * MINUTE  # late
    (first,) = notice(bench.records, bench.clock.now)
    runs.open_gap(Gap(NAME, start + 20 * MINUTE, None, GapReason.LOGIN_PAGE))
    bench.clock.now += 5 * MINUTE
    (again,) = notice(bench.records, bench.clock.now)
    assert again == first
    assert of_change(again, "微博搜索", "http://x") == of_change(first, "微博搜索", "http://x")
    mark(bench.records, [again], bench.clock.now)
    assert notice(bench.records, bench.clock.now) == []


def test_a_source_that_never_ran_is_not_silent(bench):
    bench.records.runs.register([SourceInfo("new", "新来源", "news", 5 * MINUTE)])
    assert told(bench) == []


def hour(bench, ago, posts, **fields):
    start = bench.clock.now.replace(minute=0, second=0, microsecond=0) - ago * HOUR
    base = SourceHour(NAME, start, posts, covered=1.0, expected=60.0, low=20.0,
                      basis=Basis.PAST, history=8)  # fmt: skip
    return replace(base, **fields)


def test_two_thin_hours_are_told_and_two_usual_ones_end_it(bench, runs):
    def come(posts, **fields):
        bench.clock.now += HOUR
        run(bench, bench.clock.now)
        bench.records.hours.save([hour(bench, 1, posts, **fields)])
        return [(subject, bad) for subject, bad, _, _ in told(bench)]

    bench.records.hours.save([hour(bench, 2, 55), hour(bench, 1, 58)])
    assert come(3) == [], "one may be chance"
    assert come(57) == []
    assert come(4) == []
    assert come(2) == [(Subject.VOLUME, True)]
    assert come(60) == [], "one is no recovery"
    assert come(1) == []
    assert come(0, covered=0.0, reason=GapReason.DOWN) == [], "blind hours say nothing of volume"
    assert come(61) == []
    assert come(59) == [(Subject.VOLUME, False)]
    (begun, _) = bench.records.source_changes.between(
        bench.clock.now - 24 * HOUR, bench.clock.now + HOUR
    )
    assert "6 帖" in begun.detail
    assert "120 帖" in begun.detail


def test_without_an_expectation_nobody_is_told_of_volume(bench, runs):
    bench.records.hours.save(
        [hour(bench, ago, 0, expected=None, low=None, basis=Basis.NONE) for ago in (1, 2, 3)]
    )
    assert told(bench) == []


def test_a_licence_is_told_when_it_nears_its_end_and_when_it_ends(bench, runs):
    today = bench.clock.now.date()
    entry = LedgerEntry(NAME, "微博搜索", "weibo", "weibo_api", "接口授权", "新闻办", "江合〔2026〕3号",
                        license_until=today + timedelta(days=31))  # fmt: skip
    bench.records.ledger.register([entry])
    said = []
    for _ in range(33):
        run(bench, bench.clock.now)
        if bench.records.ledger.at(NAME, bench.clock.now):
            said += told(bench)
        bench.clock.now += timedelta(days=1)
        run(bench, bench.clock.now)
    assert [(subject, bad) for subject, bad, _, _ in said] == [
        (Subject.NOTICE, True), (Subject.LICENCE, True)
    ]  # fmt: skip
    runs.open_gap(Gap(NAME, bench.clock.now - HOUR, None, GapReason.LICENCE_EXPIRED, "到期"))
    assert told(bench) == [], "the stop that follows is the same news"
    bench.records.ledger.register([replace(entry, license_until=date(2036, 1, 1))])
    runs.close_gap(NAME, bench.clock.now)
    assert [(subject, bad) for subject, bad, _, _ in told(bench)] == [(Subject.LICENCE, False)]


def test_a_changed_verdict_of_robots_txt_is_told_and_an_outage_is_none(bench, runs):
    def read(verdict, paths=()):
        reading = RobotsReading("https://news.example/robots.txt", verdict, bench.clock.now, 200,
                                paths)  # fmt: skip
        bench.records.robots.add(NAME, [reading])
        return [(subject, bad) for subject, bad, _, _ in told(bench)]

    assert read(RobotsVerdict.ALLOWED) == []
    bench.clock.now += 5 * MINUTE
    assert read(RobotsVerdict.DISALLOWED, ("/rss",)) == []
    runs.open_gap(Gap(NAME, bench.clock.now, None, GapReason.ROBOTS))
    bench.clock.now += GRACE
    assert read(RobotsVerdict.DISALLOWED, ("/rss",)) == [(Subject.ROBOTS, True)]
    bench.clock.now += HOUR
    assert read(RobotsVerdict.UNREACHABLE) == []
    bench.clock.now += 5 * MINUTE
    assert read(RobotsVerdict.NO_FILE) == []
    runs.close_gap(NAME, bench.clock.now)
    assert [one[:2] for one in pass_by(bench, HOUR)] == [(Subject.ROBOTS, False)]
