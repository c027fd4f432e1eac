"""The routes file: what is understood, that nothing else is, and who is told when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.duty import Hours, Roster
from alerts.notices import Kind, Notice, sample
from alerts.open_routes import kinds, load_routes
from alerts.workdays import Workdays
from domain.alerts import Level
from domain.duty import Days, Person, Shift
from domain.errors import ConfigurationError
from domain.time import SHANGHAI

GOOD = """
channels:
  duty-room: {kind: webhook, url_env: HOOK, secret_env: HOOK_SECRET}
  chief-phone: {kind: webhook, url_env: OTHER_HOOK, window_minutes: 10}
people:
  duty-a: {name: 值班员甲, channels: [duty-room]}
  chief: {name: 主任, channels: [chief-phone, duty-room]}
shifts:
  - {name: day, people: [duty-a], from: 08:30, to: 18:00, days: working}
routes:
  - name: all
    to: [on-duty]
    escalate: [[chief]]
  - name: yunxiu
    courts: [云岫区人民法院]
    min_level: orange
    topics: [fairness_consistency]
    notices: [alert, news]
    hours: {from: 18:00, to: 08:30}
    to: [chief-phone]
otherwise: [chief-phone]
"""

#: Monday noon, Monday night, a Saturday noon, and the noon of a National Day on a Thursday.
MONDAY = datetime(2026, 3, 16, 12, tzinfo=SHANGHAI)
NIGHT = datetime(2026, 3, 16, 23, tzinfo=SHANGHAI)
SATURDAY = datetime(2026, 3, 21, 12, tzinfo=SHANGHAI)
HOLIDAY = datetime(2026, 10, 1, 12, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setenv("HOOK", "https://desk.example/hook")
    monkeypatch.setenv("OTHER_HOOK", "https://desk.example/other")
    monkeypatch.setenv("HOOK_SECRET", "geheim")


def load(tmp_path, text):
    path = tmp_path / "routes.yml"
    path.write_text(text, "utf-8")
    return load_routes(path)


def notice(level=Level.YELLOW, kind=Kind.ALERT, **fields):
    return Notice(kind, sample(level, MONDAY), **fields)


def told(routing, at, **fields):
    return routing.channels_for(notice(**fields), at)[0]


def test_whoever_is_on_duty_is_told(tmp_path):
    routing = load(tmp_path, GOOD)
    assert told(routing, MONDAY) == ["duty-room"]


@pytest.mark.parametrize("at", [NIGHT, SATURDAY, HOLIDAY])
def test_when_nobody_is_on_duty_others_are_told_and_the_trail_says_so(tmp_path, at):
    routing = load(tmp_path, GOOD)
    channels, lines = routing.channels_for(notice(), at)
    assert channels == ["chief-phone"]
    assert lines[0] == "all：无人值班，改送 chief-phone"


def test_a_make_up_saturday_is_a_working_day(tmp_path):
    routing = load(tmp_path, GOOD)
    assert told(routing, datetime(2026, 2, 28, 12, tzinfo=SHANGHAI)) == ["duty-room"]


def test_nobody_answered_so_the_next_are_told_and_the_last_again(tmp_path):
    routing = load(tmp_path, GOOD)
    assert told(routing, MONDAY, kind=Kind.ESCALATION, step=1) == ["chief-phone", "duty-room"]
    assert told(routing, MONDAY, kind=Kind.ESCALATION, step=7) == ["chief-phone", "duty-room"]


@pytest.mark.parametrize(
    ("fields", "at", "why"),
    [
        ({"court": "青崖县人民法院", "level": Level.RED}, NIGHT, "不是这些法院"),
        ({"court": "云岫区人民法院", "level": Level.YELLOW}, NIGHT, "级别不够"),
        ({"topics": ("trial_delay",), "level": Level.RED}, NIGHT, "不是这些话题"),
        ({"kind": Kind.CLOCK, "level": Level.RED}, NIGHT, "不收这类通知"),
        ({"level": Level.RED}, MONDAY, "不在时段内"),
        ({"level": Level.RED, "court": "云岫区人民法院"}, NIGHT, "chief-phone"),
        ({"level": Level.RED}, NIGHT, "chief-phone"),
    ],
)
def test_a_route_says_why_not(tmp_path, fields, at, why):
    lines = load(tmp_path, GOOD).channels_for(notice(**fields), at)[1]
    assert lines[1] == f"yunxiu：{why}"


LATE = GOOD.replace(
    "    to: [on-duty]\n", "    to: [duty-room]\n    hours: {from: 08:00, to: 20:00}\n"
)


def test_an_hour_no_route_covers_goes_to_the_others(tmp_path):
    routing = load(tmp_path, LATE)
    assert told(routing, MONDAY) == ["duty-room"]
    channels, lines = routing.channels_for(notice(court="青崖县人民法院"), NIGHT)
    assert channels == ["chief-phone"]
    assert lines[-1] == "此刻没有路由收它，改送 chief-phone"
    assert told(routing, NIGHT, kind=Kind.SILENCE) == []
    nobody = load(tmp_path, LATE.replace("otherwise: [chief-phone]", "otherwise: []").replace(
        "shifts:\n  - {name: day, people: [duty-a], from: 08:30, to: 18:00, days: working}\n", ""
    ))  # fmt: skip
    channels, lines = nobody.channels_for(notice(court="青崖县人民法院"), NIGHT)
    assert channels == []
    assert "无人" in lines[-1]


def test_a_level_no_route_asks_for_is_not_forced_on_the_others(tmp_path):
    grave = load(tmp_path, LATE.replace("  - name: all\n", "  - name: all\n    min_level: red\n"))
    assert told(grave, NIGHT, court="青崖县人民法院", level=Level.BLUE) == []


def test_hours_no_route_covers_are_found(tmp_path):
    routing = load(tmp_path, LATE)
    since = MONDAY.replace(hour=0)
    found = routing.uncovered(Level.YELLOW, "青崖县人民法院", since, days=1)
    assert [(start.hour, end.hour) for start, end in found] == [(0, 8), (20, 0)]
    assert routing.uncovered(Level.ORANGE, "云岫区人民法院", since, days=1) == []
    assert load(tmp_path, GOOD).uncovered(Level.BLUE, "", since) == []


def test_every_kind_is_a_module_with_its_options():
    assert kinds() == ("apprise", "dingtalk", "feishu", "webhook", "wecom")


def test_the_window_of_a_channel(tmp_path):
    channels = load(tmp_path, GOOD).channels
    assert channels["duty-room"].window == timedelta(minutes=5)
    assert channels["chief-phone"].window == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("routes: [", "line 1"),
        ("[]", "isn't a mapping"),
        ("routes: []\nextra: 1", "extra isn't a key we know"),
        ("routes: {a: b}", "routes isn't a list"),
        ("routes: [1]", "routes.0 isn't a mapping"),
        ("routes: [{to: [a]}]", "routes.0.name is missing"),
        (GOOD.replace("name: yunxiu", "name: all"), "the route all is used twice"),
        (GOOD.replace("duty-a: {", "duty-room: {"), "the name duty-room is used twice"),
        (GOOD.replace("duty-room: {", "值班室: {"), "isn't made of a–z"),
        (GOOD + "otherwise: [chief]\n", "key 'otherwise' stands twice"),
        (
            GOOD.replace("  chief-phone: {", "  duty-room: {"),
            "key 'duty-room' stands twice, first in line",
        ),
        (GOOD.replace("orange", "amber"), "routes.1.min_level"),
        (GOOD.replace("kind: webhook", "kind: pigeon", 1), "no kind 'pigeon'"),
        (GOOD.replace("secret_env: HOOK_SECRET", "secret: geheim"), "unknown key 'secret'"),
        (GOOD.replace("secret_env: HOOK_SECRET", "secret_env: ABSENT"), "ABSENT is empty"),
        (GOOD.replace("OTHER_HOOK", "HOOK"), "same address"),
        (GOOD.replace("to: [on-duty]", "to: [off-duty]"), "called off-duty"),
        (GOOD.replace("escalate: [[chief]]", "escalate: [[boss]]"), "called boss"),
        (GOOD.replace("people: [duty-a]", "people: [duty-b]"), "no person called duty-b"),
        (GOOD.replace("channels: [duty-room]", "channels: [pager]"), "no channel called pager"),
        (GOOD.replace("otherwise: [chief-phone]", ""), "otherwise is missing"),
        (GOOD.replace("otherwise: [chief-phone]", "otherwise: [day]"), "called day"),
        (GOOD.replace("days: working", "days: sometimes"), "shifts.0.days"),
        (GOOD.replace("from: 08:30, to", "from: 8 Uhr, to"), "shifts.0.from"),
        (GOOD.replace("window_minutes: 10", "window_minutes: 0"), "window_minutes"),
        (GOOD.replace("notices: [alert, news]", "notices: [gossip]"), "routes.1.notices.0"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path, text, word):
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert word in str(caught.value)
    assert "routes.yml" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_an_empty_list_of_routes_is_nobody_told(tmp_path):
    assert load(tmp_path, "routes: []").channels_for(notice(), MONDAY) == ([], [])


def test_a_missing_or_binary_file(tmp_path):
    with pytest.raises(ConfigurationError, match="can't be read"):
        load_routes(tmp_path / "absent.yml")
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="can't be read"):
        load_routes(tmp_path / "binary.yml")


def test_holes_of_a_roster_are_found():
    people = {"a": Person("a", "值班员甲", ("c",))}
    day = Shift(
        "day", ("a",), start=MONDAY.time().replace(hour=8), end=MONDAY.time().replace(hour=20)
    )
    night = Shift("night", ("a",), start=day.end, end=day.start)
    assert Roster(people, [day, night]).holes(MONDAY) == []
    holes = Roster(people, [day]).holes(MONDAY.replace(hour=0), days=1)
    assert [(start.hour, end.hour) for start, end in holes] == [(0, 8), (20, 0)]


def test_a_night_shift_belongs_to_the_day_it_begins():
    friday_night = Hours(
        MONDAY.time().replace(hour=18), MONDAY.time().replace(hour=8), weekdays=(4,)
    )
    workdays = Workdays()
    friday = datetime(2026, 3, 20, 23, tzinfo=SHANGHAI)
    assert friday_night.holds(friday, workdays)
    assert friday_night.holds(friday + timedelta(hours=8), workdays)
    assert not friday_night.holds(friday - timedelta(hours=16), workdays)


def test_a_roster_of_weeks():
    hours = Hours(first=date(2026, 3, 16), last=date(2026, 3, 22))
    assert hours.holds(MONDAY, Workdays())
    assert not hours.holds(MONDAY + timedelta(days=7), Workdays())


@given(st.timedeltas(timedelta(0), timedelta(days=2000)))
def test_a_moment_is_either_worked_or_free(later):
    at = datetime(2024, 1, 1, tzinfo=UTC) + later
    workdays = Workdays()
    assert Hours(days=Days.WORKING).holds(at, workdays) != Hours(days=Days.FREE).holds(at, workdays)


def test_a_year_without_a_table_is_counted_by_weekday_and_known_as_such():
    workdays = Workdays({date(2030, 1, 1): False})
    assert not workdays.works(date(2030, 1, 1))
    assert workdays.works(date(2030, 1, 2))
    assert workdays.known(date(2030, 1, 1))
    assert not workdays.known(date(2030, 1, 2))
    assert workdays.known(date(2026, 10, 1))
