"""The policy file: the defaults are those of practice.md §2, and a mistake names its place."""

from __future__ import annotations

import pytest

from alerts.levels import Facts, propose
from alerts.policy.settings import default_policy, load_policy
from domain.alerts import Fact, Flag, Level, Share
from domain.errors import ConfigurationError


def test_what_a_file_says_replaces_the_default_and_nothing_else(tmp_path):
    path = tmp_path / "policy.yml"
    path.write_text(
        "levels: {lines_needed: 1, star: {percent: 20}}\n"
        "escalation: {yellow: 15}\n"
        "calendar: {holidays: [2027-01-01]}\n",
        encoding="utf-8",
    )
    found, usual = load_policy(path), default_policy()
    assert found.levels.lines_needed == 1
    assert (found.levels.star.percent, found.levels.star.least) == (20, 10)
    assert found.levels.red == usual.levels.red
    assert (found.escalation.yellow, found.escalation.red) == (15, usual.escalation.red)
    assert not found.workdays().works(found.calendar.holidays[0])


def test_each_line_of_the_level_table_can_be_set(tmp_path):
    path = tmp_path / "policy.yml"
    path.write_text(
        "levels:\n"
        "  yellow: [{line: posts, least: 5}, {line: media, least: 1}]\n"
        "  orange: [{star: national_media}]\n"
        "  red: []\n",
        encoding="utf-8",
    )
    table = load_policy(path).levels
    facts = Facts(posts=5, court_negative=Share(0, 0), platforms=1, media=1)
    assert propose(facts, table).level is Level.YELLOW
    national = Flag(Fact.NATIONAL_MEDIA, carried=Share(10, 40))
    starred = Facts(5, Share(0, 0), 1, 0, {Fact.NATIONAL_MEDIA: national})
    assert propose(starred, table).level is Level.ORANGE
    assert propose(facts, table).lines[-1] == "未知：全国性媒体"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("levels: {yellow: [{line: posts, least: many}]}", r"levels\.yellow\.0"),
        ("levels: {yellow: [{line: hearts, least: 3}]}", r"levels\.yellow\.0"),
        ("levels: {star: {percent: 0}}", r"levels\.star\.percent"),
        ("escalations: {yellow: 3}", "escalations"),
        ("mute: {court_event: {cases: 1}}", r"mute\.court_event\.cases"),
        ("clocks: [{id: a, zh: 甲, warn_minutes: 1, met_by: [reported], source: x}]", "clocks"),
        (
            "clocks: [{id: a, zh: 甲, hours: 2, working_days: 1, warn_minutes: 1, "
            "met_by: [reported], source: x}]",
            "clocks",
        ),
        (
            "clocks: [{id: a, zh: 甲, hours: 2, warn_minutes: 1, met_by: [sung], source: x}]",
            "met_by",
        ),
        ("calendar: {holidays: [2027-01-01], working_days: [2027-01-01]}", "2027-01-01"),
        ("feedback: {most: -3}", r"feedback\.most"),
        ("[1, 2]", "not a mapping"),
        ("levels: [", "line 1"),
        ("feedback: {most: 3}\nfeedback: {most: 9}\n", "line 2: key 'feedback' stands twice"),
    ],
)
def test_a_mistake_names_its_place(tmp_path, text, place):
    path = tmp_path / "policy.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=place) as caught:
        load_policy(path)
    assert caught.value.where == "policy.yml"
    assert caught.value.remedy


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"nothing\.yml"):
        load_policy(tmp_path / "nothing.yml")


def test_an_empty_file_is_the_defaults(tmp_path):
    path = tmp_path / "policy.yml"
    path.write_text("", encoding="utf-8")
    assert load_policy(path) == default_policy()
