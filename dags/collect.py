"""One DAG per declared source: `collect_<source>`, from its YAML. A run with news touches the inbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.exceptions import AirflowSkipException
from airflow.sdk import DAG, CronTriggerTimetable, dag, task

from courtpulse.settings import Settings
from courtpulse.sources import declared
from dags.assets import INBOX

if TYPE_CHECKING:
    from crawlers.declarations import Declaration


def collector(source: Declaration) -> DAG:
    """The DAG of one source: one task, in the pool of its host."""

    @dag(
        dag_id=f"collect_{source.source}",
        description=source.title,
        schedule=source.schedule.every
        or CronTriggerTimetable(str(source.schedule.cron), timezone="Asia/Shanghai"),
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=source.timeout + timedelta(minutes=5),
        tags=["collect", source.platform],
    )
    def chain() -> None:
        # The spider has its own timeout; Airflow's is the net below it. A failed run is a gap
        # already, so one retry is enough: the next interval comes anyway.
        @task(
            outlets=[INBOX],
            retries=1,
            retry_delay=timedelta(seconds=10),
            execution_timeout=source.timeout + timedelta(minutes=1),
            pool=source.pool_name,
        )
        def collect(name: str) -> None:
            from courtpulse.flow import opened

            with opened() as flow:
                if not flow.collect(name).new and not flow.rooms.inbox.pending():
                    raise AirflowSkipException("nothing new")

        collect(source.source)

    made: DAG = chain()
    return made


for _source in declared(Settings.load().sources).values():
    globals()[f"collect_{_source.source}"] = collector(_source)
