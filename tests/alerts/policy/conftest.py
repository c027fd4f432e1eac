"""Situations of the policy, made by hand. All places and cases are invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.policy.settings import default_policy
from alerts.policy.situation import Situation
from domain.alerts import Alert, AlertState, Level, Score, Share, Why
from domain.cases import Case

#: Monday noon in Asia/Shanghai.
NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
COURT = "云岫区人民法院"


def make_case(case_id: str = "liang", **changes: object) -> Case:
    return replace(Case(case_id, f"{case_id}案", COURT, NOW - timedelta(days=30)), **changes)


def make_alert(case_id: str = "liang", **changes: object) -> Alert:
    why = Why(
        NOW - HOUR, NOW, NOW, Score(7.25, 60, 38, 3.1), "all", 46, 31, 38, Share(15, 46),
        Share(11, 18), topics=(("sentencing_dispute", 30),),
    )  # fmt: skip
    made = Alert(
        case_id.ljust(32, "0"),
        case_id,
        AlertState.PROPOSED,
        Level.YELLOW,
        NOW - HOUR,
        NOW,
        NOW,
        why,
    )
    return replace(made, **changes)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def alert() -> Alert:
    return make_alert()


@pytest.fixture
def make() -> tuple[Callable[..., Alert], Callable[..., Case]]:
    return make_alert, make_case


@pytest.fixture
def situation(alert: Alert) -> Situation:
    return Situation(alert, make_case(), NOW, default_policy(), 5.0)
