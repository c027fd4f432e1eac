"""The registry's records: states with who and why, key dates, imports, candidates; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.candidates import Candidate, CandidateState, Evidence, Suggestion
from domain.cases import Case, CaseState
from domain.errors import BadInput, NotAllowed, NotFound
from domain.registry import CaseAct, KeyDateKind, Review
from records.archiving import archive_case
from records.cases import CaseFilter
from records.key_dates import BY_HAND, Day

DAY = timedelta(days=1)


@pytest.fixture
def case(records, clock):
    return records.cases.save(
        Case(
            "liang", "梁某案", "望川区人民法院", clock.now, ("（2026）浙9902刑初88号",), "危险驾驶"
        )
    )


def test_closing_counts_on_and_ends_by_itself(records, clock, case):
    closed = records.case_states.close("liang", "值班员甲", "判决生效", 14 * DAY)
    assert closed.state is CaseState.CLOSED
    assert [one.id for one in records.cases.all()] == ["liang"]
    assert records.case_states.expire() == []
    clock.now += 14 * DAY
    assert [one.state for one in records.case_states.expire()] == [CaseState.ARCHIVED]
    assert records.case_states.expire() == []
    assert records.cases.all() == []
    assert [(one.act, one.by) for one in records.cases.history("liang")] == [
        (CaseAct.CLOSED, "值班员甲"), (CaseAct.ARCHIVED, "courtpulse"),
    ]  # fmt: skip


def test_a_case_reopened_in_the_last_moment_is_not_archived(records, clock, case, monkeypatch):
    records.case_states.close("liang", "值班员甲", "判决生效", DAY)
    clock.now += DAY
    expire = type(records.case_states)._expire

    def reopened_first(self, case_id, now):
        self.reopen(case_id, "值班员乙", "有人上诉")
        return expire(self, case_id, now)

    monkeypatch.setattr(type(records.case_states), "_expire", reopened_first)
    assert records.case_states.expire() == []
    assert records.cases.get("liang").state is CaseState.WATCHED


def test_every_move_asks_who_and_why_and_knows_its_state(records, clock, case):
    states = records.case_states
    for act in (states.archive, states.reopen, states.resume):
        with pytest.raises((BadInput, NotAllowed)):
            act("liang", " ", "x")
        with pytest.raises(BadInput):
            act("liang", "值班员甲", " ")
    for act in (states.reopen, states.resume):
        with pytest.raises(NotAllowed):
            act("liang", "值班员甲", "x")
    with pytest.raises(NotFound):
        states.archive("nobody", "值班员甲", "x")
    assert records.cases.history("liang") == []
    archive_case(records, "liang", "值班员甲", "已了结")
    with pytest.raises(NotAllowed):
        archive_case(records, "liang", "值班员乙", "再一次")
    again = states.resume("liang", "值班员乙", "又有动静")
    assert again.state is CaseState.WATCHED
    assert [one.id for one in records.cases.to_relink()] == ["liang"]


def test_registered_cases_are_found_and_never_counted(records, clock, case):
    for n in range(3):
        records.cases.save(
            Case(f"r{n}", f"登记{n}", "青崖县人民法院", clock.now, (f"（2026）浙9921民初{n}号",),
                 "离婚纠纷", watched=False)
        )  # fmt: skip
    assert [one.id for one in records.cases.all(archived=True)] == ["liang"]
    found, total = records.cases.page(CaseFilter(states=(CaseState.REGISTERED,)), 2)
    assert ([one.id for one in found], total) == (["r0", "r1"], 3)
    assert records.cases.page(CaseFilter(words="民初2"))[1] == 1
    assert records.cases.page(CaseFilter(words="%"))[1] == 0
    assert records.cases.page(CaseFilter(causes=("离婚纠纷",)))[1] == 3
    assert records.cases.counts() == {
        (CaseState.WATCHED, "危险驾驶"): 1, (CaseState.REGISTERED, "离婚纠纷"): 3,
    }  # fmt: skip
    assert records.cases.by_numbers(["（2026）浙9921民初1号", "x"]) == {
        "（2026）浙9921民初1号": ["r1"]
    }
    records.cases.save(replace(records.cases.get("r1"), numbers=()))
    assert records.cases.by_numbers(["（2026）浙9921民初1号"]) == {}


def test_a_day_stands_once_and_a_hearing_reaches_the_case(records, case):
    hearing = Day("liang", KeyDateKind.HEARING, date(2026, 4, 1))
    [proposed] = records.key_dates.propose([hearing, hearing], "庭审公开", "hearings")
    assert records.cases.get("liang").hearings == ()
    assert records.key_dates.waiting() == [proposed]
    accepted = records.key_dates.accept(proposed.id, "值班员甲")
    assert (accepted.review, accepted.decided_by) == (Review.ACCEPTED, "值班员甲")
    assert records.cases.get("liang").hearings == (hearing.day,)
    with pytest.raises(NotAllowed):
        records.key_dates.accept(proposed.id, "值班员乙")
    with pytest.raises(BadInput):
        records.key_dates.refuse(proposed.id, "值班员乙", " ")
    records.key_dates.refuse(proposed.id, "值班员乙", "延期")
    assert records.cases.get("liang").hearings == ()
    assert records.key_dates.propose([hearing], "庭审公开", "hearings") == []
    assert records.key_dates.enter([hearing], "导入：法院", "导入：法院") == []
    [entered] = records.key_dates.enter([hearing], BY_HAND, "值班员甲")
    assert (entered.review, entered.source) == (Review.ACCEPTED, "庭审公开")
    with pytest.raises(NotFound):
        records.key_dates.enter([replace(hearing, case_id="nobody")], BY_HAND, "值班员甲")
    with pytest.raises(BadInput):
        records.key_dates.enter([hearing], BY_HAND, " ")


def _candidate(clock, posts=10, **changes):
    evidence = Evidence(
        anchors=("name:夜市伤人案",), since=clock.now - DAY, until=clock.now, posts=posts, distinct=5,
        authors=8, sources={"weibo": posts}, past=0, expected=0.3, score=6.0, terms=(), post_ids=(),
    )  # fmt: skip
    made = Candidate(
        "k1", CandidateState.OPEN, Suggestion("夜市伤人案"), evidence, clock.now, clock.now
    )
    return replace(made, **changes)


def test_a_candidate_is_decided_once(records, clock, case):
    made = _candidate(clock)
    assert records.candidates.put([made], []) == [made]
    with pytest.raises(NotFound):
        records.candidates.accept("k1", "nobody", "值班员甲")
    with pytest.raises(BadInput):
        records.candidates.refuse("k1", "值班员甲", "")
    refused = records.candidates.refuse("k1", "值班员甲", "旧事重提")
    assert (refused.state, refused.refused_at_posts) == (CandidateState.REFUSED, 10)
    with pytest.raises(NotAllowed):
        records.candidates.refuse("k1", "值班员乙", "同上")
    assert records.candidates.reopen("k1", "值班员乙").state is CandidateState.OPEN
    records.candidates.accept("k1", "liang", "值班员乙", merged=True)
    records.candidates.accept("k1", "liang", "值班员乙", merged=True)  # sent twice
    with pytest.raises(NotAllowed):
        records.candidates.accept("k1", "liang", "值班员丙")
    assert [one.id for one in records.candidates.page((CandidateState.MERGED,))] == ["k1"]


def test_a_run_never_overwrites_what_a_person_decided_meanwhile(records, clock, case):
    made = _candidate(clock)
    records.candidates.put([made], [])
    known = records.candidates.page()
    records.candidates.refuse("k1", "值班员甲", "旧事重提")
    assert records.candidates.put([_candidate(clock, 12)], known) == []
    assert records.candidates.get("k1").state is CandidateState.REFUSED


def test_a_run_knows_open_ones_and_those_that_share_an_anchor_or_its_id(records, clock, case):
    open_one, near, far, own = (
        replace(
            made := _candidate(clock), id=name,
            evidence=replace(made.evidence, anchors=(f"name:{anchor}",), score=score),
        )
        for name, anchor, score in (("a", "甲案", 1), ("b", "乙案", 9), ("c", "丙案", 5), ("d", "丁案", 3))
    )  # fmt: skip
    records.candidates.put([open_one, near, far, own], [])
    for number, one in enumerate((own, near, far)):
        clock.now += timedelta(seconds=number)
        records.candidates.refuse(one.id, "值班员甲", "旧事重提")
    known = records.candidates.known({"name:乙案"}, {"d"})
    assert [one.id for one in known] == ["a", "b", "d"]
    assert [one.id for one in records.candidates.decided(2)] == ["c", "b"]
    assert [one.id for one in records.candidates.page(limit=2, offset=1)] == ["c", "d"]
    assert records.candidates.count() == 4
    assert records.candidates.count((CandidateState.OPEN,)) == 1
