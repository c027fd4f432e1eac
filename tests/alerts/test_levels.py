"""Every line of the level table, by itself and with another."""

from __future__ import annotations

import pytest

from alerts.levels import FACTS, Facts, propose
from domain.alerts import Fact, Flag, Level, Share


def facts(**given: object) -> Facts:
    base: dict[str, object] = {
        "posts": 10, "court_negative": Share(0, 0), "platforms": 1, "media": 0,
    }  # fmt: skip
    return Facts(**(base | given))


def star(fact: Fact, **known: object) -> Facts:
    return facts(flags={fact: Flag(fact, **known)})


CONFIRMED = {"confirmed": True}


@pytest.mark.parametrize(
    ("given", "level"),
    [
        (facts(), Level.BLUE),
        (facts(posts=200), Level.BLUE),
        (facts(posts=199, platforms=2), Level.BLUE),
        (facts(posts=200, platforms=2), Level.YELLOW),
        (facts(posts=200, court_negative=Share(40, 100)), Level.YELLOW),
        (facts(posts=200, court_negative=Share(39, 100)), Level.BLUE),
        (facts(posts=200, court_negative=Share(40, 49)), Level.BLUE),
        (facts(platforms=2, court_negative=Share(20, 50)), Level.YELLOW),
        (facts(posts=2000), Level.BLUE),
        (facts(posts=2000, media=3), Level.ORANGE),
        (facts(posts=1999, media=3), Level.BLUE),
        (facts(posts=20_000, media=2), Level.BLUE),
        (star(Fact.LOCAL_HOT, **CONFIRMED), Level.ORANGE),
        (star(Fact.MINOR, **CONFIRMED), Level.ORANGE),
        (star(Fact.DEATH, **CONFIRMED), Level.ORANGE),
        (star(Fact.NATIONAL_MEDIA, **CONFIRMED), Level.RED),
        (star(Fact.COURT_VIOLENCE, **CONFIRMED), Level.RED),
        (star(Fact.DEATH, carried=Share(10, 100)), Level.ORANGE),
        (star(Fact.DEATH, carried=Share(9, 20)), Level.BLUE),
        (star(Fact.DEATH, carried=Share(10, 101)), Level.BLUE),
        (star(Fact.DEATH, confirmed=False, carried=Share(90, 100)), Level.BLUE),
    ],
)
def test_the_table(given, level):
    assert propose(given).level is level


def test_lines_say_why_and_what_is_unknown():
    lines = propose(facts(posts=214, court_negative=Share(80, 131))).lines
    assert lines[0] == "讨论量突增"
    assert "较大：帖文 214 条（≥200）" in lines
    assert "较大：涉院负面 61%（n=131；≥40%，n≥50）" in lines
    assert lines[-1].startswith("未知：")
    assert FACTS[Fact.LOCAL_HOT] in lines[-1]


def test_what_somebody_looked_at_is_not_unknown():
    lines = propose(star(Fact.LOCAL_HOT, confirmed=False)).lines
    assert FACTS[Fact.LOCAL_HOT] not in lines[-1]
    assert FACTS[Fact.NATIONAL_HOT] in lines[-1]
