"""`courtpulse cases` on a case that is there already: nothing a person decided is undone unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from courtpulse.cli import app
from domain.candidates import Candidate, CandidateState, Evidence, Suggestion
from domain.cases import Case, CaseState, MatchFormula
from domain.registry import CaseAct, KeyDateKind
from records import Records
from records.key_dates import BY_HAND, Day

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
FILE = """
- id: liang
  title: 梁某案
  court: 云岫区人民法院
  aliases: [夜市持刀案]
  hearings: [2026-11-27]
"""
LINK = "https://splcgk.court.gov.cn/case/1"


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records.open(f"sqlite:///{tmp_path}/records.db", lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def call(tmp_path: Path, records: Records) -> Callable[..., Result]:
    environment = {
        "COURTPULSE_DATA": str(tmp_path),
        "COURTPULSE_RECORDS": f"sqlite:///{tmp_path}/records.db",
    }
    return lambda *words: CliRunner().invoke(app, ["cases", *words], env=environment)


def _file(folder: Path, text: str) -> str:
    path = folder / "cases.yml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_given_again_keeps_what_came_in_here(
    call: Any, records: Records, tmp_path: Path
) -> None:
    assert call("add", _file(tmp_path, FILE), "--by", "甲").exit_code == 0
    [first] = records.cases.history("liang")
    assert (first.act, first.by) == (CaseAct.WATCHED, "甲")
    heard, moved = date(2026, 12, 4), date(2026, 11, 27)
    records.key_dates.enter([Day("liang", KeyDateKind.HEARING, heard)], BY_HAND, "书记员甲")
    [wrong] = records.key_dates.propose([Day("liang", KeyDateKind.HEARING, moved)], "庭审公开", "h")
    records.key_dates.refuse(wrong.id, "书记员甲", "延期")
    records.case_states.close("liang", "甲", "已宣判", timedelta(days=14))
    assert (
        call("add", _file(tmp_path, FILE + f"  cause: 故意伤害\n  links: ['{LINK}']\n")).exit_code
        == 0
    )
    case = records.cases.get("liang")
    assert (case.cause, case.links, case.hearings) == ("故意伤害", (LINK,), (heard,))
    assert case.state is CaseState.CLOSED
    assert records.cases.history("liang")[-1].act is CaseAct.EDITED
    records.case_states.archive("liang", "甲", "办结")
    said = call("add", _file(tmp_path, FILE))
    assert "archived, not linked" in " ".join(said.output.split())
    assert records.cases.get("liang").state is CaseState.ARCHIVED
    assert records.cases.get("liang").links == (LINK,)


def test_a_file_s_link_is_the_court_s_own(call: Any, records: Records, tmp_path: Path) -> None:
    said = call("add", _file(tmp_path, FILE + "  links: ['javascript:alert(1)']\n"))
    assert said.exit_code != 0
    assert records.cases.all() == []


def test_a_title_too_long_stops_the_file_before_its_first_case(
    call: Any, records: Records, tmp_path: Path
) -> None:
    long = FILE.replace("liang", "long") + f"  cause: {'由' * 201}\n"
    said = call("add", _file(tmp_path, FILE + long))
    assert said.exit_code != 0
    assert "cause has 201 characters, 200 at most" in " ".join(said.output.split())
    assert records.cases.all() == []


def test_a_candidate_replaces_no_case_and_joins_only_a_counted_one(
    call: Any, records: Records
) -> None:
    case = Case("liang", "梁某案", "云岫区人民法院", NOW, aliases=("夜市持刀案",))
    records.cases.save(case)
    formula = MatchFormula(subjects=("法院",), events=("排队",))
    suggestion = Suggestion("青崖窗口排队", aliases=("青崖窗口排队",), formula=formula)
    evidence = Evidence(("pair:排队+窗口",), NOW, NOW, 12, 5, 9, {}, 3, 0.4, 6.1, (), ())
    one = Candidate("k1", CandidateState.OPEN, suggestion, evidence, NOW, NOW)
    records.candidates.put([one], [])
    assert "already" in call("candidates", "accept", "k1", "liang", "--by", "甲").output
    assert records.cases.get("liang") == case
    records.case_states.archive("liang", "甲", "办结")
    assert call("candidates", "merge", "k1", "liang", "--by", "甲").exit_code != 0
    assert records.candidates.get("k1").state is CandidateState.OPEN
    assert call("candidates", "accept", "k1", "queue", "--by", "甲").exit_code == 0
    assert records.candidates.get("k1").case_id == "queue"
    assert records.cases.get("liang").aliases == case.aliases
