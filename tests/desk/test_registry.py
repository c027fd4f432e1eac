"""The registry's pages: key dates, links, editing, families of causes, candidates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.candidates import Candidate, CandidateState, Evidence, Suggestion
from domain.cases import Case, MatchFormula
from domain.protocols import Query
from domain.registry import KeyDateKind
from records.key_dates import BY_HAND, Day


@pytest.fixture
def candidate(desk: Any, seed: Any) -> Candidate:
    """One about queues at a window, with the seed's unlinked posts as examples."""
    posts = desk.services.store.search(Query(linked=False), limit=3).posts
    evidence = Evidence(
        anchors=("pair:排队+窗口",), since=seed.NOW - timedelta(days=1), until=seed.NOW, posts=12,
        distinct=5, authors=9, sources={"weibo": 12}, past=3, expected=0.4, score=6.1,
        terms=("排队", "窗口"), post_ids=tuple(item.post.id for item in posts),
    )  # fmt: skip
    suggestion = Suggestion(
        "青崖县法院排队", "青崖县人民法院", ("（2026）浙9921民初5号",), ("青崖窗口排队",),
        MatchFormula(subjects=("青崖县法院",), events=("排队", "窗口")),
    )  # fmt: skip
    made = Candidate("k1", CandidateState.OPEN, suggestion, evidence, seed.NOW, seed.NOW)
    desk.services.records.candidates.put([made], [])
    return made


def test_a_hearing_is_proposed_accepted_and_taken_back(desk: Any) -> None:
    records, day = desk.services.records, date(2026, 12, 1)
    records.key_dates.propose([Day("liang", KeyDateKind.HEARING, day)], "庭审公开", "hearings")
    assert "1 个日期待确认" in desk.text("/cases")
    assert records.cases.get("liang").hearings == ()
    [one] = records.key_dates.of("liang")
    page = desk.text("/cases/liang")
    assert "庭审公开提出：2026-12-01 开庭" in page
    desk.send(f"/cases/filing/dates/{one.id}/accept", 404, by="值班员甲")
    desk.send(f"/cases/liang/dates/{one.id}/accept", 422)
    desk.send(f"/cases/liang/dates/{one.id}/accept", by="值班员甲")
    assert records.cases.get("liang").hearings == (day,)
    desk.send(f"/cases/liang/dates/{one.id}/refuse", 422, by="值班员甲", reason="")
    desk.send(f"/cases/liang/dates/{one.id}/refuse", by="值班员乙", reason="延期")
    assert records.cases.get("liang").hearings == ()
    assert "不采用的日期（1）" in desk.text("/cases/liang")
    again = records.key_dates.propose([Day("liang", KeyDateKind.HEARING, day)], "庭审公开", "h")
    assert again == []


def test_a_person_enters_a_day(desk: Any) -> None:
    desk.send("/cases/liang/dates", by="书记员甲", kind="宣判", day="2026-12-18", note="上午")
    page = desk.text("/cases/liang")
    assert "2026-12-18" in page
    assert "人工，书记员甲" in page
    desk.send("/cases/liang/dates", 422, by="书记员甲", kind="生日", day="2026-12-18")
    desk.send("/cases/liang/dates", 422, by="书记员甲", kind="宣判", day="明天")


def test_editing_a_case_asks_who_and_keeps_a_history(desk: Any) -> None:
    page = desk.text("/cases/liang/edit")
    assert "修改案件" in page
    fields = {
        "title": "梁某案", "court": "云岫区人民法院", "numbers": "（2026）浙0192刑初88号",
        "cause": "故意伤害罪", "stage": "二审", "aliases": "云岫夜市伤人案",
        "subjects": "云岫区法院、法院", "events": "夜市、伤人",
        "links": "https://wenshu.court.gov.cn/website/wenshu/181107ANFZ0BXSK4/index.html?docId=1",
    }  # fmt: skip
    desk.send("/cases/liang/edit", 422, **fields)
    desk.send("/cases/liang/edit", by="值班员甲", **fields)
    page = desk.text("/cases/liang")
    assert "一审 → 二审" in page
    assert "裁判文书" in page
    assert 'rel="noopener noreferrer nofollow"' in page
    for bad in ("https://wenshu.court.gov.cn.example.org/", "http://wenshu.court.gov.cn/",
                "https://me@wenshu.court.gov.cn/", "https://wenshu.court.gov.cn/?token=1"):  # fmt: skip
        answer = desk.send("/cases/liang/edit", 422, by="值班员甲", **{**fields, "links": bad})
        assert "链接" in answer.text


def test_the_list_is_filtered_by_family_of_cause_and_by_words(desk: Any, seed: Any) -> None:
    registered = [
        Case(
            f"r{n}",
            f"登记案件{n:03}",
            "望川区人民法院",
            seed.NOW,
            cause="民间借贷纠纷",
            watched=False,
        )
        for n in range(60)
    ]
    for case in registered:
        desk.services.records.cases.save(case)
    page = desk.text("/cases")
    assert "只作登记（60）" in page
    assert "民事·合同、准合同纠纷（61）" in page
    assert "第 1 页，共 2 页" in page
    page = desk.text("/cases?family=刑事·侵犯公民人身权利、民主权利罪")
    assert "梁某案" in page
    assert "登记案件" not in page
    assert "登记案件007" in desk.text("/cases?words=件007")
    assert "梁某案" in desk.text("/cases?words=刑初88")
    assert "只作登记" in desk.text("/cases/r1")
    assert {case.id for case in desk.services.records.cases.all(archived=True)}.isdisjoint({"r1"})


def test_what_the_court_s_system_says_otherwise_is_shown(desk: Any, seed: Any) -> None:
    from records.case_imports import ImportedCase

    desk.services.records.case_imports.write(
        "court", "管理员甲", seed.NOW,
        [ImportedCase("liang", None, None, "k", {"cause": "寻衅滋事罪"}, "")],
    )  # fmt: skip
    page = desk.text("/cases/liang")
    assert "法院系统（court）为“寻衅滋事罪”" in page
    imports = desk.services.records.case_imports
    told = {"litigants": imports.digest("被告人：邬启崧"), "people": "被告人：邬某"}
    imports.write("court", "管理员甲", seed.NOW, [ImportedCase("liang", None, None, "k", told, "")])
    assert "法院系统（court）为“被告人：邬某”" in desk.text("/cases/liang")
    before = {"litigants": told["litigants"]}  # a row from before names were masked
    imports.write(
        "court", "管理员甲", seed.NOW, [ImportedCase("liang", None, None, "k", before, "")]
    )
    assert "姓名不在导入记录中留存" in desk.text("/cases/liang")
    here = "；".join(
        f"{one.role}：{one.name}" for one in desk.services.records.cases.get("liang").litigants
    )
    same = {"litigants": imports.digest(here)}
    imports.write("court", "管理员甲", seed.NOW, [ImportedCase("liang", None, None, "k", same, "")])
    assert "法院系统（court）" not in desk.text("/cases/liang")


def test_a_candidate_becomes_a_case_through_the_form(desk: Any, candidate: Candidate) -> None:
    assert "待确认案件 1" in desk.text("/cases")
    page = desk.text("/candidates")
    assert "青崖县法院排队" in page
    assert "12 帖（去重 5，9 人）" in page
    page = desk.text("/watch?candidate=k1")
    assert 'value="青崖县法院排队"' in page
    fields = {"title": "青崖县法院排队", "court": "青崖县人民法院", "subjects": "青崖县法院",
              "events": "排队、窗口", "candidate": "k1"}  # fmt: skip
    desk.send("/watch", 422, **fields)
    answer = desk.send("/watch", by="值班员甲", **fields)
    case_id = answer.headers["location"].removeprefix("/cases/")
    decided = desk.services.records.candidates.get("k1")
    assert (decided.state, decided.case_id) == (CandidateState.ACCEPTED, case_id)
    assert desk.send("/watch", by="值班员甲", **fields).headers["location"].endswith(case_id)
    assert "建为" in desk.text("/candidates")
    desk.send("/candidates/k1/refuse", 409, by="值班员乙", reason="晚了")


def test_the_fifty_strongest_are_shown_and_how_many_are_not(desk: Any, candidate: Any) -> None:
    many = [
        replace(
            candidate, id=f"m{number}",
            suggestion=replace(candidate.suggestion, title=f"第{number}案"),
            evidence=replace(candidate.evidence, score=100.0 + number),
        )
        for number in range(52)
    ]  # fmt: skip
    desk.services.records.candidates.put(many, [])
    page = desk.text("/candidates")
    shown = [number for number in range(52) if f">第{number}案" in page]
    assert shown == list(range(2, 52))
    assert "另有 3 条较弱的没有列出" in page
    assert page.index(">第51案") < page.index(">第2案")
    desk.send("/candidates/m51/refuse", by="值班员甲", reason="旧闻")
    page = desk.text("/candidates")
    assert ">第1案" in page
    assert "另有 2 条较弱的没有列出" in page


def test_a_candidate_is_merged_into_a_case(desk: Any, candidate: Candidate) -> None:
    desk.send("/candidates/k1/merge", 422, by="值班员甲", case="")
    desk.send("/candidates/k1/merge", by="值班员甲", case="filing", words="1")
    case = desk.services.records.cases.get("filing")
    assert "（2026）浙9921民初5号" in case.numbers
    assert "青崖窗口排队" in case.aliases
    assert {"排队", "窗口"} <= set(case.formula.events)
    assert case.formula.regions == ()
    assert "并入待确认案件" in desk.text("/cases/filing")


def test_a_candidate_joins_no_case_that_nobody_counts_and_only_one(
    desk: Any, candidate: Candidate
) -> None:
    records = desk.services.records
    records.case_states.archive("filing", "值班员甲", "办结")
    before = records.cases.get("filing")
    desk.send("/candidates/k1/merge", 409, by="值班员甲", case="filing")
    desk.send("/candidates/k1/merge", by="值班员甲", case="liang")
    records.case_states.resume("filing", "值班员甲", "又起")
    desk.send("/candidates/k1/merge", 409, by="值班员乙", case="filing")
    assert records.cases.get("filing").numbers == before.numbers
    held = records.cases.all()
    desk.send("/watch", 409, by="值班员乙", title="又一件", aliases="青崖窗口排队", candidate="k1")
    assert records.cases.all() == held


def test_sending_the_form_again_undoes_nothing(desk: Any) -> None:
    fields = {"title": "窗口排队", "subjects": "青崖县法院", "events": "排队、窗口"}
    case_id = desk.send("/watch", **fields).headers["location"].removeprefix("/cases/")
    records = desk.services.records
    records.key_dates.enter([Day(case_id, KeyDateKind.HEARING, date(2026, 12, 1))], BY_HAND, "甲")
    records.cases.save(replace(records.cases.get(case_id), court="青崖县人民法院"))
    desk.send("/watch", **fields)
    case = records.cases.get(case_id)
    assert (case.court, case.hearings) == ("青崖县人民法院", (date(2026, 12, 1),))
    records.case_states.archive(case_id, "值班员甲", "办结")
    assert "现在没有关注" in desk.send("/watch", 422, **fields).text
    assert records.cases.get(case_id).archived_at is not None


def test_two_who_edit_a_case_at_once_see_each_other(desk: Any) -> None:
    page = desk.text("/cases/filing/edit")
    base = page.split('name="base" value="')[1].split('"')[0]
    fields = {"title": "立案难", "subjects": "法院、法官", "events": "立案、网上立案"}
    desk.send("/cases/filing/edit", by="值班员甲", base=base, **fields)
    page = desk.send(
        "/cases/filing/edit", 422, by="值班员乙", base=base, **fields | {"cause": "执行"}
    ).text
    assert "别人改过这个案件" in page
    assert desk.services.records.cases.get("filing").cause == ""
    newer = page.split('name="base" value="')[1].split('"')[0]
    desk.send("/cases/filing/edit", by="值班员乙", base=newer, **fields | {"cause": "执行"})
    assert desk.services.records.cases.get("filing").cause == "执行"


def test_a_candidate_is_refused_for_a_reason_and_that_can_be_undone(
    desk: Any, candidate: Candidate
) -> None:
    desk.send("/candidates/k1/refuse", 422, by="值班员甲", reason=" ")
    desk.send("/candidates/k1/refuse", by="值班员甲", reason="日常排队，不是案件")
    page = desk.text("/candidates")
    assert "日常排队，不是案件" in page
    assert "目前没有待确认的案件" in page
    desk.send("/candidates/k1/reopen", by="值班员乙")
    assert desk.services.records.candidates.get("k1").state is CandidateState.OPEN


def test_a_hostile_candidate_is_shown_as_text(desk: Any, candidate: Candidate) -> None:
    bad = replace(candidate, suggestion=replace(candidate.suggestion, title="<script>x</script>"))
    desk.services.records.candidates.put([bad], [candidate])
    assert "<script>x" not in desk.text("/candidates")
