"""Hourly: cases that unlinked posts are suddenly about, proposed for a person to decide on."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task


@dag(
    schedule=CronTriggerTimetable("17 * * * *", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=40),
    tags=["chain"],
)
def candidates() -> None:
    """Unlinked court posts of a day against the fortnight before."""

    @task(execution_timeout=timedelta(minutes=30), retries=2, retry_delay=timedelta(minutes=1))
    def propose() -> None:
        from courtpulse.flow import opened

        with opened() as flow:
            flow.candidates()

    propose()


candidates()
