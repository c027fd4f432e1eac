"""annotate+index → detect → notify, each started by the asset the one before it touches.

Asset events merge while a run is active, so every run takes everything that is uncommitted.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from dags.assets import ALERTS, INBOX, INDEX

_RETRY = {"retries": 2, "retry_delay": timedelta(seconds=10)}


@dag(
    schedule=[INBOX],
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    tags=["chain"],
)
def annotate() -> None:
    """Pending segments, in at most 64 mapped batches, become posts in the index."""

    @task(execution_timeout=timedelta(minutes=5), **_RETRY)
    def batches() -> list[list[str]]:
        from courtpulse.flow import opened

        with opened() as flow:
            return flow.batches()

    @task(outlets=[INDEX], execution_timeout=timedelta(minutes=60), **_RETRY)
    def annotate_and_index(segments: list[str]) -> None:
        from courtpulse.flow import opened

        with opened() as flow:
            flow.annotate(segments)

    annotate_and_index.expand(segments=batches())


@dag(
    # Also every ten minutes: an episode ends, and a source falls silent, without any new post.
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/10 * * * *", timezone="UTC"), assets=[INDEX]
    ),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=30),
    tags=["chain"],
)
def detect() -> None:
    """Watched cases are scored; alerts are raised, extended, closed."""

    @task(outlets=[ALERTS], execution_timeout=timedelta(minutes=15), **_RETRY)
    def score_cases() -> None:
        from courtpulse.flow import opened

        with opened() as flow:
            flow.detect()

    score_cases()


@dag(
    # Also every two minutes: retries, escalations and clocks wait for nobody's detection, and an
    # index that is down is just what people must be told.
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/2 * * * *", timezone="UTC"), assets=[ALERTS]
    ),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=15),
    tags=["chain"],
)
def notify() -> None:
    """What open alerts owe to the routes is sent."""

    @task(execution_timeout=timedelta(minutes=10), **_RETRY)
    def send() -> None:
        from courtpulse.flow import opened

        with opened() as flow:
            flow.notify()

    send()


annotate()
detect()
notify()
