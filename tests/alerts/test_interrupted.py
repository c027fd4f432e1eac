"""Detection killed at every write it makes, and run again: the alerts are as if nothing happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from records import Records
from records.alerts import AlertRecords

HOUR = timedelta(hours=1)
WRITES = ("add", "refresh", "expire", "resume")


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it runs."""


def story(bench):
    """Four runs: a burst, its growth, a past burst of a second case, the end of both."""
    start = bench.clock.now
    for case in ("liang", "wang"):
        bench.watch(case, days=9)
        since = start - timedelta(days=9)
        bench.store.upsert(bench.background(case, since, start + 20 * HOUR, 0.5, 1))
    yield bench.store.upsert(bench.burst("liang", start - timedelta(minutes=14), 14, 24))
    yield bench.store.upsert(bench.burst("liang", start - timedelta(minutes=10), 10, 300, 4))
    yield bench.store.upsert(bench.burst("wang", start - 72 * HOUR, 14, 24))
    bench.clock.now = start + 20 * HOUR
    yield None


def outcome(records):
    alerts = sorted(records.alerts.recent(), key=lambda alert: alert.id)
    return alerts, [(one.alert_id, one.kind, one.detail) for one in records.alerts.events_after(0)]


def run(bench, records):
    return replace(bench, records=records).detection().run()


@pytest.mark.parametrize("before", [True, False], ids=["before the write", "after the write"])
def test_killed_at_each_write_and_run_again(bench, tmp_path, monkeypatch, before):
    calm = Records.open(f"sqlite:///{tmp_path}/calm.db", bench.clock)
    writes = 0
    for _ in story(bench):
        for case in bench.records.cases.all():
            calm.cases.save(case)
        run(bench, calm)
        for name in WRITES:
            _kill_once(monkeypatch, name, before)
        try:
            run(bench, bench.records)
        except Killed:
            writes += 1
        monkeypatch.undo()
        run(bench, bench.records)
        assert outcome(bench.records) == outcome(calm)
    assert writes >= 3
    calm.close()


def _kill_once(monkeypatch, name, before):
    real = getattr(AlertRecords, name)

    def killed(self, *arguments, **named):
        if not before:
            real(self, *arguments, **named)
        raise Killed

    monkeypatch.setattr(AlertRecords, name, killed)
