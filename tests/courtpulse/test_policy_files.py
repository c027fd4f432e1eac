"""The policy and routes files: read anew each round, and a mistake stops `up` before it starts."""

from __future__ import annotations

import pytest

from courtpulse.flow import opened
from courtpulse.rules import PolicyRules
from courtpulse.settings import Settings
from courtpulse.supervisor import Supervisor
from courtpulse.up import _Start
from domain.alerts import Alert, AlertState, Level, Score, Share, Why
from domain.errors import ConfigurationError

ROUTES = "people: {}\nroutes: []\n"


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "policy.yml").write_text("escalation: {yellow: 15}\n", "utf-8")
    (tmp_path / "routes.yml").write_text(ROUTES, "utf-8")
    return Settings(
        data=tmp_path / "var",
        sources=(tmp_path / "sources",),
        policy=tmp_path / "policy.yml",
        routes=tmp_path / "routes.yml",
    )


def test_a_round_goes_by_the_files_as_they_are_now(settings):
    with opened(settings) as flow:
        flow.run_once([])
        assert flow.rooms.policy_settings.escalation.yellow == 15
        settings.policy.write_text(
            "escalation: {yellow: 25}\ncalendar: {holidays: [2027-01-04]}\n", "utf-8"
        )
        flow.run_once([])
        assert flow.rooms.policy_settings.escalation.yellow == 25
        (day,) = flow.rooms.policy_settings.calendar.holidays
        assert not flow.rooms.routing.roster.workdays.works(day)
        settings.policy.write_text("escalation: {yellow: soon}\n", "utf-8")
        with pytest.raises(ConfigurationError, match=r"escalation\.yellow"):
            flow.run_once([])


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("policy", "escalations: {}\n", "escalations"),
        ("routes", "routes: [{name: all, to: [nobody]}]\n", "called nobody"),
    ],
)
def test_up_stops_at_a_wrong_file(settings, name, text, said):
    start = _Start(settings, Supervisor(), demo=False, airflow=False)
    start._check_rules()
    getattr(settings, name).write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=said):
        start._check_rules()


def test_a_line_of_a_page_reads_its_own_clocks_and_no_case(settings, monkeypatch):
    with opened(settings) as flow:
        rules, records = PolicyRules(flow.rooms), flow.rooms.records
        monkeypatch.setattr(records.cases, "all", lambda **_: pytest.fail("all cases were read"))
        assert rules.clocks(_alert(flow.rooms.clock()))


def _alert(now):
    why = Why(now, now, now, Score(5.0), "all", 9, 9, 9, Share(0, 9), Share(0, 0))
    return Alert("a" * 32, "liang", AlertState.PROPOSED, Level.YELLOW, now, now, now, why)
