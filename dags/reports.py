"""The weekly report on Friday at 16:00; every night housekeeping and deletion sync, Asia/Shanghai.

Without a start date a fresh installation waits for the next slot instead of running the last one.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.exceptions import AirflowFailException
from airflow.sdk import CronTriggerTimetable, dag, task

_RETRY = {"retries": 2, "retry_delay": timedelta(minutes=5)}


@dag(
    schedule=CronTriggerTimetable("0 16 * * 5", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    tags=["report"],
)
def report_weekly() -> None:
    """How far the week's posts are from the model's; then HTML, DOCX and frozen aggregates."""

    @task(execution_timeout=timedelta(minutes=15), **_RETRY)
    def drift() -> None:
        from courtpulse.flow import opened

        with opened() as flow:
            flow.drift()

    @task(execution_timeout=timedelta(minutes=30), **_RETRY)
    def write() -> None:
        from courtpulse.flow import opened

        with opened() as flow:
            flow.report_weekly()

    drift() >> write()


@dag(
    schedule=CronTriggerTimetable("30 3 * * *", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    tags=["housekeeping"],
)
def housekeeping() -> None:
    """What has outlived its retention is deleted."""

    @task(execution_timeout=timedelta(hours=1), **_RETRY)
    def delete() -> None:
        from courtpulse.flow import opened

        with opened() as flow:
            flow.housekeep()

    delete()


@dag(
    schedule=CronTriggerTimetable("0 4 * * *", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=8),
    tags=["housekeeping"],
)
def recheck() -> None:
    """Posts that their authors deleted at the source are deleted here."""

    @task(execution_timeout=timedelta(hours=7), **_RETRY)
    def ask_sources() -> None:
        from courtpulse.flow import opened

        with opened() as flow:
            failed = flow.recheck().failed
        if failed:  # seen here too: the other sources are done, and asking again at once helps none
            raise AirflowFailException("; ".join(f"{name}: {why}" for name, why in failed.items()))

    ask_sources()


report_weekly()
housekeeping()
recheck()
