"""A court's own export becomes the registry: every form, every kind of bad row, twice, and edited."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from courtpulse.case_import import ImportResult, import_cases, load_mapping
from domain.cases import Case, CaseState, Litigant, MatchFormula, Stage
from domain.errors import BadInput
from domain.registry import CaseAct, KeyDateKind, Review
from records import Records
from records.cases import CaseFilter
from records.key_dates import BY_HAND, Day

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HEAD = ["案号", "案由", "承办法院", "立案日期", "开庭日期", "当事人"]
ROWS = [
    ["(2026)浙9902刑初88号", "危险驾驶", "望川区人民法院", "2026-10-08", "2026年11月27日", "被告人：梁砚岚"],
    ["（2026）浙99民终901号", "物业服务合同纠纷", "江澜市中级人民法院", "20261012", "2026/12/1 9:30",
     "上诉人：澜栖物业有限公司；被上诉人：邬启崧、贺砚秋"],
    ["（2026）浙9921执1207号、1208号", "追索劳动报酬", "青崖县人民法院", "2026.9.3", "", "邬启崧诉鼎峤置业有限公司"],
]  # fmt: skip
Run = Callable[..., ImportResult]
_ANY = CaseFilter()


@pytest.fixture
def records(tmp_path: Path) -> Any:
    opened = Records.open(f"sqlite:///{tmp_path}/records.db", lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def run(records: Records, tmp_path: Path) -> Run:
    def run(rows: Any, head: list[str] = HEAD, **options: Any) -> ImportResult:
        path = rows if isinstance(rows, Path) else _csv(tmp_path / "cases.csv", head, rows)
        mapping = load_mapping("court_system")
        return import_cases(records, path, mapping, lambda: NOW, "管理员甲", **options)

    return run


def _csv(path: Path, head: list[str], rows: list[list[str]], encoding: str = "utf-8-sig") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def _xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD)
    for row in ROWS:
        sheet.append(row)
    sheet["D2"] = datetime(2026, 10, 8)  # noqa: DTZ001 - as Excel keeps it
    book.save(path)
    return path


def _yaml(path: Path) -> Path:
    lines = []
    for row in ROWS:
        cells = [f'{name}: "{value}"' for name, value in zip(HEAD, row, strict=True)]
        lines.append("- " + "\n  ".join(cells))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _all(records: Records) -> dict[str, Case]:
    return {case.numbers[0]: case for case in records.cases.page(_ANY, 1000)[0]}


def _said(case: Case) -> tuple[object, ...]:
    return (
        case.title,
        case.court,
        case.cause,
        case.stage,
        case.numbers,
        case.litigants,
        case.hearings,
    )


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "gb18030", "xlsx", "yaml"])
def test_every_form_gives_the_same_cases(
    records: Records, run: Run, tmp_path: Path, form: str
) -> None:
    if form == "xlsx":
        path = _xlsx(tmp_path / "a.xlsx")
    elif form == "yaml":
        path = _yaml(tmp_path / "a.yml")
    else:
        path = _csv(tmp_path / "a.csv", HEAD, ROWS, form)
    assert run(path).counts == {"added": 3}
    cases = _all(records)
    liang = cases["（2026）浙9902刑初88号"]
    assert _said(liang) == (
        "梁某危险驾驶案", "望川区人民法院", "危险驾驶", Stage.FIRST_INSTANCE,
        ("（2026）浙9902刑初88号",), (Litigant("梁砚岚", "被告人"),), (date(2026, 11, 27),),
    )  # fmt: skip
    assert liang.state is CaseState.REGISTERED
    assert {(day.kind, day.day) for day in records.key_dates.of(liang.id)} == {
        (KeyDateKind.FILED, date(2026, 10, 8)), (KeyDateKind.HEARING, date(2026, 11, 27)),
    }  # fmt: skip
    fee = cases["（2026）浙99民终901号"]
    assert [(one.name, one.role) for one in fee.litigants] == [
        ("澜栖物业有限公司", "上诉人"), ("邬启崧", "被上诉人"), ("贺砚秋", "被上诉人"),
    ]  # fmt: skip
    wages = cases["（2026）浙9921执1207号"]
    assert wages.numbers == ("（2026）浙9921执1207号", "（2026）浙9921执1208号")
    assert (wages.stage, wages.litigants[1]) == (
        Stage.ENFORCEMENT, Litigant("鼎峤置业有限公司", "被告"),
    )  # fmt: skip


def test_the_same_file_twice_changes_nothing(records: Records, run: Run) -> None:
    run(ROWS)
    cases = _all(records)
    history = {case.id: records.cases.history(case.id) for case in cases.values()}
    again = run(ROWS)
    assert (again.counts, again.outcomes, again.days, again.moved) == ({"unchanged": 3}, (), 0, 0)
    assert _all(records) == cases
    assert {case.id: records.cases.history(case.id) for case in cases.values()} == history


def test_a_dry_run_says_the_same_and_does_nothing(records: Records, run: Run) -> None:
    said = run(ROWS, dry_run=True)
    assert records.cases.page(_ANY)[1] == 0
    done = run(ROWS)
    assert (said.counts, said.outcomes, said.days) == (done.counts, done.outcomes, done.days)


def test_bad_rows_are_told_with_number_and_remedy_and_the_others_go_on(
    records: Records, run: Run
) -> None:
    bad = [
        ["一二三", "盗窃", "", "", "", ""],
        ["（2026）浙9902刑初×××号", "盗窃", "", "", "", ""],
        ["（2026）浙9902刑初90号", "盗窃", "", "2026-13-45", "", ""],
        ["（2026）浙9902刑初91号", "=HYPERLINK(1)", "", "", "", ""],
        ["（2026）浙9902刑初92号", "盗窃"],
    ]
    result = run([*bad, ROWS[0]])
    assert result.counts == {"refused": 5, "added": 1}
    refused = {one.rows[0]: one for one in result.outcomes if one.action == "refused"}
    assert sorted(refused) == [2, 3, 4, 5, 6]
    assert all(one.problem and one.remedy for one in refused.values())
    assert "遮盖" in refused[3].problem
    assert "公式" in refused[5].problem


@pytest.mark.parametrize(
    ("column", "said"),
    [("案件名称", "名称有 201 字"), ("承办法院", "法院有 201 字"), ("案由", "案由有 201 字")],
)
def test_a_text_too_long_for_the_registry_is_told_by_its_row(
    records: Records, run: Run, tmp_path: Path, column: str, said: str
) -> None:
    """SQLite would take it and PostgreSQL break off the whole file."""
    path = tmp_path / "cases.yml"
    path.write_text(
        f"- 案号: （2026）浙9902刑初90号\n  {column}: {'长' * 201}\n- 案号: （2026）浙9902刑初91号\n",
        encoding="utf-8",
    )
    result = run(path)
    assert result.counts == {"refused": 1, "added": 1}
    [bad] = [one for one in result.outcomes if one.action == "refused"]
    assert bad.rows == (1,)
    assert said in bad.problem
    assert "写短" in bad.remedy
    assert set(_all(records)) == {"（2026）浙9902刑初91号"}


def test_an_xlsx_formula_is_never_evaluated(run: Run, tmp_path: Path) -> None:
    path = _xlsx(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["B2"] = '=CONCATENATE("盗","窃")'
    book.save(path)
    [first, *_] = run(path).outcomes
    assert "盗窃" not in str(first)
    assert first.title == "梁某案"


def test_a_file_that_names_no_case_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="没有一列能认出案件"):
        run([["x"]], ["备注"])
    twice = _csv(tmp_path / "b.csv", ["案号", "案号"], [["a", "b"]])
    with pytest.raises(BadInput, match="列名重复"):
        run(twice)
    (tmp_path / "c.csv").write_bytes("案号\n".encode("utf-16"))
    with pytest.raises(BadInput):
        run(tmp_path / "c.csv")


def test_columns_nobody_reads_are_named(run: Run) -> None:
    assert run([[*ROWS[0], "王法官"]], [*HEAD, "承办人"]).unread == ("承办人",)


def test_what_the_court_changed_comes_in_and_what_a_person_changed_stays(
    records: Records, run: Run
) -> None:
    run(ROWS)
    case = _all(records)["（2026）浙9902刑初88号"]
    records.cases.save(replace(case, title="望川酒驾案", aliases=("望川酒驾案",)))
    named = [*HEAD, "案件名称"]
    first = run([[*ROWS[0], "梁砚岚危险驾驶一案"]], named)
    assert [(one.name, one.here) for one in first.outcomes[0].kept] == [("title", "望川酒驾案")]
    row = [ROWS[0][0], "交通肇事罪", *ROWS[0][2:], "梁砚岚危险驾驶一案"]
    second = run([row], named)
    assert second.counts == {"changed": 1}
    assert [one.name for one in second.outcomes[0].changed] == ["cause"]
    now = records.cases.get(case.id)
    assert (now.title, now.cause, now.aliases) == ("望川酒驾案", "交通肇事罪", ("望川酒驾案",))
    [imported] = records.case_imports.of(case.id)
    assert imported.fields["title"] == "梁某危险驾驶一案"


def test_of_litigants_an_import_keeps_a_digest_and_the_surname(
    records: Records, run: Run, tmp_path: Path
) -> None:
    run(ROWS)
    with sqlite3.connect(tmp_path / "records.db") as base:
        kept = [json.loads(text) for (text,) in base.execute("SELECT fields FROM case_imports")]
    said = json.dumps(kept, ensure_ascii=False)
    assert not [name for name in ("砚岚", "启崧", "砚秋") if name in said]
    assert {one["people"] for one in kept} == {
        "被告人：梁某", "上诉人：澜栖物业有限公司；被上诉人：邬某；被上诉人：贺某",
        "原告：邬某；被告：鼎峤置业有限公司",
    }  # fmt: skip
    # The court corrects a given name, which the surname alone wouldn't show.
    corrected = [*ROWS[0][:5], "被告人：梁砚风"]
    assert run([corrected]).counts == {"changed": 1}
    case = _all(records)["（2026）浙9902刑初88号"]
    assert case.litigants == (Litigant("梁砚风", "被告人"),)
    # A person's word stays, as for every field.
    records.cases.save(replace(case, litigants=(Litigant("梁某风", "被告人"),)))
    [outcome] = run([[*ROWS[0][:5], "被告人：梁砚岚"]]).outcomes
    assert [one.name for one in outcome.kept] == ["litigants"]
    assert run([[*ROWS[0][:5], "被告人：梁砚岚"]]).counts == {"unchanged": 1}


def test_a_blank_cell_deletes_nothing(records: Records, run: Run) -> None:
    run(ROWS)
    run([[ROWS[0][0], "", "", "", "", ""]])
    assert _all(records)["（2026）浙9902刑初88号"].cause == "危险驾驶"


def test_a_case_that_moves_up_keeps_its_numbers_and_its_stages(records: Records, run: Run) -> None:
    run(ROWS[:1], watch=True)
    head = ["案号", "原审案号", "案由"]
    row = ["（2027）浙99刑终5号", "（2026）浙9902刑初88号", "危险驾驶"]
    assert run([row], head).counts == {"changed": 1}
    [case] = records.cases.all()
    assert case.numbers == ("（2027）浙99刑终5号", "（2026）浙9902刑初88号")
    assert case.stage is Stage.SECOND_INSTANCE
    assert [one.detail for one in records.cases.history(case.id, CaseAct.STAGE)] == [
        "一审", "一审 → 二审",
    ]  # fmt: skip
    assert [one.id for one in records.cases.to_relink()] == [case.id]
    assert run([row], head).counts == {"unchanged": 1}
    assert run(ROWS[:1]).counts == {"unchanged": 1}


def test_a_number_of_two_cases_is_refused(records: Records, run: Run) -> None:
    run(ROWS)
    [outcome] = run([[f"{ROWS[0][0]}、{ROWS[1][0]}", *ROWS[0][1:]]], HEAD).outcomes
    # The first number is this row's key, and that case is known: the second joins two.
    assert outcome.action in {"changed", "refused"}
    head = ["案件标识", "案号"]
    [outcome] = run([["77", f"{ROWS[1][0]}、{ROWS[2][0]}"]], head).outcomes
    assert outcome.action == "refused"
    assert "分属" in outcome.problem


def test_rows_on_one_case_are_joined(records: Records, run: Run) -> None:
    rows = [
        ["（2026）浙9902民初7号", "离婚纠纷", "望川区人民法院", "", "2026-12-01", "原告：邬启崧"],
        ["（2026）浙9902民初7号", "离婚纠纷", "望川区人民法院", "", "2026-12-08", "被告：贺砚秋"],
    ]
    result = run(rows)
    assert result.outcomes[0].rows == (2, 3)
    [case] = _all(records).values()
    assert len(case.litigants) == 2
    assert case.hearings == (date(2026, 12, 1), date(2026, 12, 8))


def test_a_hearing_put_off_is_moved_and_may_come_back(records: Records, run: Run) -> None:
    run(ROWS[:1])
    moved = run([[*ROWS[0][:4], "2026-12-20", ROWS[0][5]]])
    assert (moved.days, moved.moved) == (1, 1)
    [case] = _all(records).values()
    assert case.hearings == (date(2026, 12, 20),)
    run(ROWS[:1])
    assert _all(records)[case.numbers[0]].hearings == (date(2026, 11, 27),)


def test_a_day_a_person_refused_does_not_come_back_by_an_import(records: Records, run: Run) -> None:
    run(ROWS[:1])
    [case] = _all(records).values()
    [hearing] = [d for d in records.key_dates.of(case.id) if d.kind is KeyDateKind.HEARING]
    records.key_dates.refuse(hearing.id, "书记员甲", "改为书面审理")
    assert run(ROWS[:1]).days == 0
    assert records.cases.get(case.id).hearings == ()
    records.key_dates.enter([Day(case.id, KeyDateKind.HEARING, hearing.day)], BY_HAND, "书记员甲")
    assert records.cases.get(case.id).hearings == (hearing.day,)
    assert records.key_dates.of(case.id)[-1].review is Review.ACCEPTED


def test_watching_is_asked_for_by_the_file_or_the_person(records: Records, run: Run) -> None:
    rows = [[*ROWS[0], "是"], [*ROWS[1], "否"], [*ROWS[2], ""]]
    result = run(rows, [*HEAD, "关注"], watch=True)
    assert result.watched == 1
    [case] = records.cases.all()
    assert case.numbers[0] == "（2026）浙9902刑初88号"
    assert [one.id for one in records.cases.to_relink()] == [case.id]
    # Once watched, a later file without a word on it leaves it so.
    run(ROWS[:1])
    assert [one.id for one in records.cases.all()] == [case.id]


def test_a_known_case_is_met_by_its_number(records: Records, run: Run) -> None:
    mine = Case(
        "liang", "梁某案", "望川区人民法院", NOW, ("（2026）浙9902刑初88号",),
        formula=MatchFormula(subjects=("法院",), events=("酒驾",)),
    )  # fmt: skip
    records.cases.save(mine)
    [outcome] = run(ROWS[:1]).outcomes
    assert (outcome.action, outcome.case_id) == ("changed", "liang")
    now = records.cases.get("liang")
    assert (now.title, now.cause, now.state) == ("梁某案", "危险驾驶", CaseState.WATCHED)
    assert [one.id for one in records.cases.to_relink()] == ["liang"]  # its litigant came in


def test_what_a_person_writes_while_a_file_is_imported_stays(
    records: Records, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run([[*ROWS[0][:4], "", ""]])
    [case] = _all(records).values()
    write = type(records.case_imports).write

    def meanwhile(self: Any, *given: Any) -> None:
        mine = replace(
            records.cases.get(case.id), court="望川区人民法院（西区）", aliases=("望川酒驾案",)
        )
        records.cases.save(mine)
        write(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(type(records.case_imports), "write", meanwhile)
        run([[ROWS[0][0], "故意伤害", "江澜市中级人民法院", "", "", "被告人：梁砚岚"]])
    now = records.cases.get(case.id)
    assert (now.court, now.aliases) == ("望川区人民法院（西区）", ("望川酒驾案",))
    assert (now.cause, now.litigants) == ("故意伤害", (Litigant("梁砚岚", "被告人"),))


def test_an_unknown_cause_is_kept_and_told_with_the_nearest(records: Records, run: Run) -> None:
    [outcome] = run([[ROWS[0][0], "民间借代纠纷", "", "", "", ""]]).outcomes
    assert "民间借贷纠纷" in outcome.warnings[0]
    assert _all(records)["（2026）浙9902刑初88号"].cause == "民间借代纠纷"


def test_a_link_that_is_not_the_court_s_is_refused(run: Run) -> None:
    [outcome] = run([[ROWS[0][0], "https://example.org/1"]], ["案号", "公开链接"]).outcomes
    assert "不是法院自己的网站" in outcome.problem


@pytest.mark.parametrize(
    ("written", "title"),
    [("梁砚岚诉邬启崧离婚纠纷一案", "梁某诉邬某离婚纠纷一案"),
     ("原告梁砚岚诉被告澜栖物业有限公司物业服务合同纠纷", "原告梁某诉被告澜栖物业有限公司物业服务合同纠纷"),
     ("邬启崧、梁砚岚等三人抢劫一案", "邬某、梁某等三人抢劫一案"),
     ("被告人邬启崧犯危险驾驶罪一审刑事案件", "被告人邬某犯危险驾驶罪一审刑事案件"),
     ("买买提·岚申请执行邬启崧借款合同纠纷执行案", "买某申请执行邬某借款合同纠纷执行案"),
     ("梁砚岚案", "梁某案"), ("梁某案", "梁某案"), ("夜市持刀伤人案", "夜市持刀伤人案"),
     ("青崖窗口排队", "青崖窗口排队"), ("梁砚岚诉青崖县人民政府行政赔偿", "梁某诉青崖县人民政府行政赔偿")],
)  # fmt: skip
def test_a_title_names_nobody_whether_or_not_the_file_says_who_the_parties_are(
    records: Records, run: Run, written: str, title: str
) -> None:
    run([[ROWS[0][0], written]], ["案号", "案件名称"])
    [case] = _all(records).values()
    assert case.title == title
    assert [one.fields["title"] for one in records.case_imports.of(case.id)] == [title]
