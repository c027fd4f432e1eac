"""Cases, runs and gaps, deliveries, marks, reports: what is put in comes out."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from domain.alerts import Level, Notification
from domain.cases import Case, Litigant, MatchFormula, Stage
from domain.errors import NotFound
from domain.sources import Gap, GapReason, Health, SourceRun
from records import Records
from records.reports import StoredReport
from records.runs import SourceInfo

HOUR = timedelta(hours=1)


@pytest.fixture
def case(clock) -> Case:
    return Case(
        id="liang",
        title="梁某案",
        court="江澜市中级人民法院",
        watched_since=clock.now,
        numbers=("（2026）江01刑初88号",),
        stage=Stage.FIRST_INSTANCE,
        aliases=("云岫区快递站案",),
        litigants=(Litigant("梁某甲", "被告人"),),
        formula=MatchFormula(subjects=("法院",), events=("快递站",)),
        hearings=(date(2026, 4, 1),),
    )


def test_a_case_comes_back_whole(records, case):
    assert records.cases.save(case) == case
    assert records.cases.get("liang") == case
    with pytest.raises(NotFound):
        records.cases.get("wang")


def test_an_archived_case_is_kept_out_of_the_way(records, case, clock):
    records.cases.save(case)
    records.case_states.archive("liang", "值班员甲", "已了结")
    assert records.cases.all() == []
    assert [one.id for one in records.cases.all(archived=True)] == ["liang"]


def run(clock, **fields) -> SourceRun:
    base = SourceRun(
        "weibo_search", clock.now - HOUR, clock.now, clock.now - 2 * HOUR, clock.now, seen=10, new=3
    )
    return replace(base, **fields)


def test_a_run_with_a_gap_covers_nothing(records, clock):
    assert records.runs.last_covered("weibo_search") is None
    records.runs.add_run(run(clock))
    later = clock.now + HOUR
    records.runs.add_run(run(clock, finished_at=later, window_end=later, gap=GapReason.DOWN))
    assert records.runs.last_covered("weibo_search") == clock.now
    assert [one.gap for one in records.runs.runs("weibo_search")] == [GapReason.DOWN, None]


def test_one_open_gap_a_source_and_its_start_stays(records, clock):
    records.runs.open_gap(Gap("weibo_search", clock.now, None, GapReason.DOWN))
    records.runs.open_gap(Gap("weibo_search", clock.now + HOUR, None, GapReason.CAPTCHA))
    (gap,) = records.runs.gaps(clock.now - HOUR, clock.now + 9 * HOUR)
    assert (gap.start, gap.end) == (clock.now, None)
    records.runs.close_gap("weibo_search", clock.now + 2 * HOUR)
    (gap,) = records.runs.gaps(clock.now - HOUR, clock.now + 9 * HOUR)
    assert gap.end == clock.now + 2 * HOUR
    records.runs.close_gap("weibo_search", clock.now + 5 * HOUR)
    assert records.runs.gaps(clock.now + 3 * HOUR, clock.now + 9 * HOUR) == []


def test_a_stretch_that_is_over_is_recorded_once(records, clock):
    gap = Gap("site", clock.now, clock.now + HOUR, GapReason.PAGE_CAP, "50 pages")
    records.runs.add_gap(gap)
    records.runs.add_gap(gap)
    assert records.runs.gaps(clock.now, clock.now + HOUR) == [gap]
    assert records.runs.gaps(clock.now + HOUR, clock.now + 2 * HOUR) == []


def test_the_state_of_every_declared_source(records, clock):
    every = timedelta(minutes=5)
    names = ("blind", "fine", "late", "never", "sampled")
    records.runs.register(
        [
            SourceInfo(name, name, "weibo", every, 0.1 if name == "sampled" else 1.0)
            for name in names
        ]
    )
    for name in ("blind", "fine", "sampled"):
        records.runs.add_run(run(clock, source=name))
    records.runs.add_run(run(clock, source="late", finished_at=clock.now - 2 * HOUR))
    records.runs.open_gap(Gap("blind", clock.now - HOUR, None, GapReason.LOGIN_PAGE))
    health = {status.source: status.health for status in records.runs.statuses()}
    assert health == {
        "blind": Health.BLIND,
        "fine": Health.OK,
        "late": Health.LATE,
        "never": Health.UNKNOWN,
        "sampled": Health.SAMPLED,
    }
    records.runs.register([SourceInfo("fine", "fine", "weibo", every)])
    assert [status.source for status in records.runs.statuses()] == ["fine"]


def test_a_delivery_is_queued_once_and_followed_to_its_end(records, clock):
    note = Notification("k", "t", Level.RED, "http://127.0.0.1/", clock.now, (("本轮", "9 帖"),))
    deliveries = records.deliveries
    assert deliveries.put(note, "duty", "alert")
    assert not deliveries.put(note, "duty", "alert")
    assert deliveries.put(note, "chief", "alert")
    assert {one.notification for one in deliveries.listed("waiting")} == {note}
    assert sorted(deliveries.channels_due()) == ["chief", "duty"]
    deliveries.failed("k", "duty", "HTTP 503", clock.now + HOUR)
    assert deliveries.channels_due() == ["chief"]
    clock.now += HOUR
    assert sorted(deliveries.channels_due()) == ["chief", "duty"]
    deliveries.failed("k", "duty", "gone", None)
    assert [(one.channel, one.error) for one in deliveries.listed("dead")] == [("duty", "gone")]
    deliveries.sent("k", "chief")
    assert deliveries.channels_due() == []


def test_two_at_once_queue_a_delivery_once(records, clock):
    notes = [Notification(f"k{n}", "t", Level.RED, "", clock.now, ()) for n in range(20)]
    with ThreadPoolExecutor(4) as threads:
        put = [threads.submit(records.deliveries.put, note, "duty", "alert") for note in notes * 4]
    assert sum(one.result() for one in put) == len(notes)
    assert len(records.deliveries.listed("waiting")) == len(notes)


def test_one_at_a_time_is_alone_at_a_task(records, url, clock):
    inside = []

    def work(name: str) -> None:
        with closing(Records.open(url, clock)) as own, own.alone("watch"):
            inside.append(name)
            time.sleep(0.05)
            inside.append(name)

    with records.alone("another task"), ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work, str(number)) for number in range(4)]:
            done.result()
    assert len(inside) == 8
    assert inside[::2] == inside[1::2], inside


def test_marks_and_what_was_seen(records, clock):
    assert records.marks.get("detect") is None
    for at in (clock.now, clock.now + HOUR):
        records.marks.set("detect", at)
        records.marks.see("desk", at)
    assert records.marks.get("detect") == clock.now + HOUR
    assert records.marks.seen("desk") == clock.now + HOUR
    assert records.marks.seen("someone") is None


def test_a_naive_time_is_refused(records):
    with pytest.raises(Exception, match="naive time"):
        records.marks.set("detect", datetime(2026, 3, 16))  # noqa: DTZ001


def test_a_report_made_again_keeps_its_place(records, clock):
    report = StoredReport(
        "weekly-2026-11", "weekly", clock.now - 7 * 24 * HOUR, clock.now, clock.now,
        {"posts": {"k": 3, "n": 10}}, {"html": "weekly.html"},
    )  # fmt: skip
    records.reports.save(report)
    records.reports.save(replace(report, aggregates={"posts": {"k": 4, "n": 10}}))
    (kept,) = records.reports.all()
    assert kept.aggregates == {"posts": {"k": 4, "n": 10}}
    assert records.reports.get(report.id) == kept
    with pytest.raises(NotFound):
        records.reports.get("none")
