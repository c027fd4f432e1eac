"""One DAG per declared source: `collect_<source>`, from its YAML. A run with news touches the inbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from airflow.exceptions import AirflowSkipException
from airflow.sdk import dag, task
from airflow.timetables.trigger import CronTriggerTimetable

from courtpulse.settings import Settings
from courtpulse.sources import declared
from dags.assets import INBOX

for _source in declared(Settings.load().sources).values():

    @dag(
        dag_id=f"collect_{_source.source}",
        description=_source.title,
        schedule=_source.schedule.every
        or CronTriggerTimetable(str(_source.schedule.cron), timezone=ZoneInfo("Asia/Shanghai")),
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=_source.timeout + timedelta(minutes=5),
        tags=["collect", _source.platform],
    )
    def _collect(
        name: str = _source.source,
        limit: timedelta = _source.timeout,
        pool: str = _source.pool_name,
    ) -> None:
        # The spider has its own timeout; Airflow's is the net below it. A failed run is a gap
        # already, so one retry is enough: the next interval comes anyway.
        @task(
            outlets=[INBOX],
            retries=1,
            retry_delay=timedelta(seconds=10),
            pool=pool,
            execution_timeout=limit + timedelta(minutes=1),
        )
        def collect(source: str) -> None:
            from courtpulse.flow import opened

            with opened() as flow:
                if not flow.collect(source).new and not flow.rooms.inbox.pending():
                    raise AirflowSkipException("nothing new")

        collect(name)

    globals()[f"collect_{_source.source}"] = _collect()
