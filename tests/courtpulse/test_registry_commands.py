"""`courtpulse cases`: closing, reopening, resuming, and what a person makes of a candidate."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.candidate_world import DAY, END, world
from courtpulse.cli import app
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from domain.annotation import AnnotatedPost, Annotation, Sentiment, Target
from domain.candidates import Candidate, CandidateState
from domain.cases import Case, CaseState
from domain.posts import CollectedPost, Platform, Post, PostKind
from domain.protocols import Query
from domain.registry import CaseAct
from domain.time import system_clock

BUS, FALL = "青崖校车超载开庭", "锦棠里坠窗案"
COURT = "云岫区人民法院"


@dataclass
class Office:
    """A data folder, and `courtpulse cases` called upon it."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return Settings(data=self.folder, sources=(self.folder / "sources",))

    def rooms(self) -> Rooms:
        return Rooms(self.settings, system_clock)

    def call(self, *words: str) -> str:
        """What it says, on one line."""
        done = CliRunner().invoke(app, ["cases", *words], env=self._environment)
        assert done.exit_code == 0, (words, done.output, done.exception)
        return " ".join(done.output.split())

    def problem(self, *words: str) -> str:
        """What it says when it refuses: a problem and a remedy on standard error, nothing else."""
        done = CliRunner().invoke(app, ["cases", *words], env=self._environment)
        assert done.exit_code == 1, (words, done.output, done.exception)
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        problem, remedy = done.stderr.splitlines()
        assert problem.startswith("error ")
        assert remedy.strip(), "it says what to do"
        return " ".join(done.stderr.split())

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "COURTPULSE_DATA": str(self.folder),
            "COURTPULSE_SOURCES": str(self.folder / "sources"),
            "COURTPULSE_LOG_LEVEL": "ERROR",
            "COLUMNS": "240",
        }

    def case(self, case_id: str) -> Case:
        with closing(self.rooms()) as rooms:
            return rooms.records.cases.get(case_id)

    def history(self, case_id: str) -> list[tuple[CaseAct, str, str]]:
        with closing(self.rooms()) as rooms:
            return [(one.act, one.by, one.detail) for one in rooms.records.cases.history(case_id)]

    def linked(self, case_id: str) -> int:
        with closing(self.rooms()) as rooms:
            return rooms.store.total(Query(cases=(case_id,)))

    def candidates(self) -> dict[str, Candidate]:
        """Those on record, by title."""
        with closing(self.rooms()) as rooms:
            return {one.suggestion.title: one for one in rooms.records.candidates.page()}


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch) -> Office:
    """A fortnight of posts that belong to no watched case, its last day the one until now."""
    office = Office(tmp_path_factory.mktemp("heard"))
    (office.folder / "sources").mkdir()
    later = system_clock() - timedelta(minutes=1) - END
    with closing(office.rooms()) as rooms:
        said = world(7)
        posts = [
            Post(one.id.ljust(32, "x"), one.source, Platform.WEIBO, PostKind.POST, one.text,
                 one.at + later, one.at + later)
            for one in said
        ]  # fmt: skip
        label = Annotation(Target.COURT, Sentiment.NEGATIVE, ("judgment_reasoning",))
        rooms.store.upsert([AnnotatedPost(post, label) for post in posts])
        named = [
            CollectedPost(post, (one.voice,))
            for post, one in zip(posts, said, strict=True)
            if one.at >= END - DAY and not one.voice.startswith("source:")
        ]
        rooms.inbox.commit(rooms.inbox.write(named))
        since = system_clock() - timedelta(days=3)
        rooms.records.cases.save(Case("school", "校车案", COURT, since, aliases=("校车超载",)))
        rooms.records.cases.save(Case("fall", "坠窗案", COURT, since, aliases=(FALL,)))
    return office


@pytest.fixture
def office(heard: Office, tmp_path: Path) -> Office:
    """A copy of it to work on."""
    shutil.copytree(heard.folder, tmp_path / "office")
    return Office(tmp_path / "office")


@pytest.fixture(scope="module")
def searched(heard: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The same without the case of the fall, looked through for candidates."""
    folder = tmp_path_factory.mktemp("searched") / "office"
    shutil.copytree(heard.folder, folder)
    office = Office(folder)
    with closing(office.rooms()) as rooms:
        rooms.records.case_states.archive("fall", "甲", "只为试验")
    said = office.call("candidates", "find")
    found = office.candidates()
    assert f"{len(found)} found, {len(found)} new, 0 back, 0 faded" in said
    assert " 0 not read" in said
    assert {BUS, FALL} <= set(found)
    return office


@pytest.fixture
def proposed(searched: Office, tmp_path: Path) -> Office:
    """A copy of it to decide in."""
    shutil.copytree(searched.folder, tmp_path / "proposed")
    return Office(tmp_path / "proposed")


def test_a_closed_case_still_counts_for_a_while_and_is_reopened(office: Office) -> None:
    office.call("close", "school", " 已宣判 ", "--by", "书记员甲")
    case = office.case("school")
    assert case.state is CaseState.CLOSED
    assert case.counted
    assert case.closed_at is not None
    assert case.counted_until is not None
    with closing(office.rooms()) as rooms:
        days = timedelta(days=rooms.policy_settings.relapse_days)
    assert case.counted_until - case.closed_at == days > timedelta()
    [(act, by, detail)] = office.history("school")
    assert (act, by) == (CaseAct.CLOSED, "书记员甲")
    assert detail.startswith("已宣判（")
    assert "已宣判" in office.call("history", "school")
    assert "不能这样操作" in office.problem("close", "school", "再结一次")

    office.call("reopen", "school", "当事人上诉", "--by", "书记员乙")
    case = office.case("school")
    assert (case.state, case.closed_at, case.counted_until) == (CaseState.WATCHED, None, None)
    assert office.history("school")[-1] == (CaseAct.REOPENED, "书记员乙", "当事人上诉")
    said = office.problem("reopen", "school", "没有结过")
    assert "courtpulse cases history school" in said
    assert len(office.history("school")) == 2


def test_who_acts_is_the_login_unless_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "shujiyuan")
    office.call("close", "school", "已宣判")
    assert office.history("school")[0][1] == "shujiyuan"


def test_without_a_login_a_name_is_asked_for(
    proposed: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container runs under a number that no name belongs to."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)
    one, before = proposed.candidates()[FALL], _records(proposed)
    assert "--by" in proposed.problem("close", "school", "已宣判")
    assert "--by" in proposed.problem("candidates", "accept", one.id, "window")
    assert "--by" in proposed.problem("candidates", "merge", one.id, "school")
    assert _records(proposed) == before
    proposed.call("close", "school", "已宣判", "--by", "书记员甲")


def test_an_archived_case_is_resumed_with_what_was_said_meanwhile(office: Office) -> None:
    office.call("archive", "fall", "办结", "--by", "甲")
    assert office.case("fall").state is CaseState.ARCHIVED
    with closing(office.rooms()) as rooms:  # another one waits to be linked, after a kill
        rooms.records.cases.save(rooms.records.cases.get("school"), relink=True)
    said = office.call("resume", "fall", "家属又发声", "--by", "乙")
    linked = office.linked("fall")
    assert linked > 10
    assert f"fall: {linked} earlier posts" in said
    assert f"school: {office.linked('school')} earlier posts" in said
    case = office.case("fall")
    assert (case.state, case.archived_at) == (CaseState.WATCHED, None)
    assert office.history("fall")[-1] == (CaseAct.RESUMED, "乙", "家属又发声")
    assert "不能这样操作" in office.problem("resume", "fall", "已在关注")


@pytest.mark.parametrize("act", ["close", "reopen", "resume"])
def test_no_case_or_no_reason_changes_nothing(office: Office, act: str) -> None:
    if act == "reopen":
        office.call("close", "school", "已宣判")
    elif act == "resume":
        office.call("archive", "school", "办结")
    before, history = office.case("school"), office.history("school")
    assert "no case 'shcool'" in office.problem(act, "shcool", "笔误")
    assert "没有写理由" in office.problem(act, "school", " ")
    left_out = CliRunner().invoke(app, ["cases", act, "school"], env=office._environment)
    assert left_out.exit_code == 2
    assert "REASON" in left_out.stderr.upper()
    assert (office.case("school"), office.history("school")) == (before, history)


def test_an_accepted_candidate_is_a_watched_case(proposed: Office) -> None:
    one = proposed.candidates()[FALL]
    said = proposed.call("candidates", "accept", one.id, "window", "--by", "书记员甲")
    linked = proposed.linked("window")
    assert linked >= one.evidence.distinct
    assert f"window: {linked} earlier posts" in said
    case, held = proposed.case("window"), proposed.candidates()[FALL]
    assert (case.title, case.aliases) == (FALL, one.suggestion.aliases)
    assert case.state is CaseState.WATCHED
    assert case.court
    assert (held.state, held.case_id, held.decided_by) == (
        CandidateState.ACCEPTED, "window", "书记员甲",
    )  # fmt: skip
    assert proposed.history("window")[0][:2] == (CaseAct.WATCHED, "书记员甲")
    proposed.call("candidates", "find")
    assert proposed.candidates()[FALL].state is CandidateState.ACCEPTED
    for decided in (
        ("merge", one.id, "school"),
        ("refuse", one.id, "不是"),
        ("accept", one.id, "w2"),
        ("merge", one.id, "window"),
    ):
        assert "已经有人处理过" in proposed.problem("candidates", *decided)
    assert one.id not in proposed.call("candidates", "list")
    assert one.id in proposed.call("candidates", "list", "--all")


def test_a_merged_candidate_s_words_join_the_case(proposed: Office) -> None:
    one, before = proposed.candidates()[BUS], proposed.case("school")
    said = proposed.call("candidates", "merge", one.id, "school", "--by", "甲")
    case, held = proposed.case("school"), proposed.candidates()[BUS]
    assert case.aliases[0] == "校车超载"
    assert set(one.suggestion.aliases) < set(case.aliases)
    assert (case.title, case.formula) == (before.title, before.formula)
    assert (held.state, held.case_id) == (CandidateState.MERGED, "school")
    assert f"school: {proposed.linked('school')} earlier posts" in said
    act, by, detail = proposed.history("school")[-1]
    assert (act, by) == (CaseAct.MERGED, "甲")
    assert BUS in detail


def test_a_refused_candidate_stays_away_with_its_reason(proposed: Office) -> None:
    one = proposed.candidates()[FALL]
    assert "没有写理由" in proposed.problem("candidates", "refuse", one.id, "  ")
    proposed.call("candidates", "refuse", one.id, "物业纠纷，不关注", "--by", "甲")
    held = proposed.candidates()[FALL]
    assert (held.state, held.reason, held.decided_by) == (
        CandidateState.REFUSED, "物业纠纷，不关注", "甲",
    )  # fmt: skip
    assert "0 new, 0 back" in proposed.call("candidates", "find")
    assert proposed.candidates()[FALL] == held
    listed = CliRunner().invoke(
        app, ["cases", "candidates", "list", "--json"], env=proposed._environment
    )
    assert one.id not in {found["id"] for found in json.loads(listed.stdout)}
    assert "已经有人处理过" in proposed.problem("candidates", "refuse", one.id, "再说一次")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("accept", "k0", "window"), "no candidate 'k0' courtpulse cases candidates list"),
        (("merge", "k0", "school"), "no candidate 'k0' courtpulse cases candidates list"),
        (("refuse", "k0", "不是"), "no candidate 'k0' courtpulse cases candidates list"),
        (("accept", FALL, "school"), "there is a case 'school' already"),
        (("accept", FALL, "坠窗/1"), "can't be a case's id"),
        (("accept", FALL, ""), "can't be a case's id"),
        (("accept", FALL, "w" * 65), "can't be a case's id"),
        (("merge", FALL, "shcool"), "no case 'shcool'"),
        (("merge", FALL, "fall"), "courtpulse cases resume fall"),
    ],
)
def test_what_can_t_be_decided_is_said_and_nothing_changes(
    searched: Office, words: tuple[str, ...], said: str
) -> None:
    held = _records(searched)
    known = {title: one.id for title, one in searched.candidates().items()}
    assert said in searched.problem("candidates", *(known.get(word, word) for word in words))
    assert _records(searched) == held


def _records(office: Office) -> tuple[list[Candidate], list[Case], int]:
    with closing(office.rooms()) as rooms:
        records = rooms.records
        every = records.cases.all(archived=True)
        events = sum(len(records.cases.history(case.id)) for case in every)
        return records.candidates.page(), every, events
