"""`airflow dags test` runs the real steps, one after the other, against real local sources."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from courtpulse.airflow import command, environment, prepare
from courtpulse.flow import opened
from courtpulse.settings import Settings
from courtpulse.sources import declared
from demo.declare import TOKEN_VARIABLE, write_sources
from demo.scenario import World
from demo.servers import ACCESS_TOKEN, start
from domain.protocols import Query


@pytest.mark.timeout(400)
def test_the_chain_runs_task_by_task(tmp_path: Path, airflow_environment: dict[str, str]) -> None:
    now = datetime.now(UTC)
    world = World(now - timedelta(hours=1))
    settings = Settings(data=tmp_path, sources=(tmp_path / "sources",), log_level="ERROR")
    with start(world, clock=lambda: now) as servers:
        write_sources(tmp_path / "sources", servers.urls)
        pools = [source.pool_name for source in declared(settings.sources).values()]
        prepare(settings, pools)
        # `environment` keeps what is set already, so the other tests' Airflow must go first.
        base = {
            name: value
            for name, value in airflow_environment.items()
            if not name.startswith(("AIRFLOW", "COURTPULSE"))
        }
        own = {
            **environment(settings, base),
            "COURTPULSE_SOURCES": str(tmp_path / "sources"),
            TOKEN_VARIABLE: ACCESS_TOKEN,
        }
        with opened(settings) as flow:
            for case in world.cases:
                flow.rooms.records.cases.save(case)
        for dag in ("collect_weibo_search", "annotate", "detect", "notify"):
            done = subprocess.run(
                command("dags", "test", dag), env=own, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{dag}: {done.stdout[-1500:]} {done.stderr[-1500:]}"
    with opened(settings) as flow:
        assert flow.rooms.inbox.pending() == []
        queries = declared(settings.sources)["weibo_search"].queries  # type: ignore[union-attr]
        # The source looks back 14 days from when it runs, the world begins a little earlier.
        since = now - timedelta(days=13)
        shown = [
            post
            for post in world.posts(now)
            if post.moment >= since and any(word in post.text for word in queries)
        ]
        assert flow.rooms.store.total(Query(since=since)) >= len(shown) > 3000
        assert {alert.case_id for alert in flow.rooms.records.alerts.open()} >= {"filing", "fee"}
