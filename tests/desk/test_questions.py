"""Focus questions on the pages: counted on the case's, linked to exactly their posts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from urllib.parse import quote

from domain.alerts import Share, ToldNarrative
from domain.posts import PostKind

TEXTS = (
    "判决书为什么不公开？",
    "要求公开判决书<script>alert(1)</script>",
    "判决书什么时候公开",
    "今天下雨，记得带伞",
)


def _ask(desk: Any, seed: ModuleType) -> str:
    case_id = str(desk.services.records.cases.all()[0].id)
    desk.services.store.upsert(
        [
            seed.post(9000 + number, case_id, seed.NOW - timedelta(minutes=number + 1), text)
            for number, text in enumerate(TEXTS)
        ]
    )
    return case_id


def test_the_page_of_a_case_lists_what_people_ask(desk: Any, seed: ModuleType) -> None:
    case_id = _ask(desk, seed)
    page = desk.text(f"/cases/{case_id}")
    assert "焦点问题（24 小时）" in page
    assert f"/cases/{case_id}/question?wording=" in page
    assert "<script>alert" not in page


def test_behind_a_question_are_its_posts_and_no_others(desk: Any, seed: ModuleType) -> None:
    case_id = _ask(desk, seed)
    page = desk.text(f"/cases/{case_id}/question?wording={quote('判决书什么时候公开')}")
    assert "3 帖" in page
    assert "判决书为什么不公开？" in page
    assert "记得带伞" not in page
    assert "<script>alert" not in page


def test_a_question_nobody_asks_any_more_says_so(desk: Any) -> None:
    case_id = desk.services.records.cases.all()[0].id
    page = desk.text(f"/cases/{case_id}/question?wording={quote('<b>食堂停业了吗</b>')}")
    assert "没有两帖以上再提这个问题" in page
    assert "<b>食堂" not in page


def test_an_alert_shows_its_questions_and_the_words_behind_labels(desk: Any) -> None:
    records = desk.services.records
    alert = records.alerts.open()[0]
    why = replace(alert.why, questions=(("判决书为什么不公开？", 12),))
    records.alerts.refresh(replace(alert, why=why))
    page = desk.text(f"/alerts/{alert.id}")
    assert "判决书为什么不公开？" in page
    assert f"alert={alert.id}" in page
    assert "判为涉院负面的依据词" in page


def test_an_alert_shows_what_is_told_since_when_where_and_how_often_before(desk: Any) -> None:
    records = desk.services.records
    alert = records.alerts.open()[0]
    first = datetime(2026, 3, 16, 1, 5, tzinfo=UTC)
    told = (
        ToldNarrative("录像被人<b>覆盖</b>", Share(9, 40), 2, first, (("news", 6), ("x", 3))),
        ToldNarrative("合议庭三人来自同一支部", Share(4, 40), 0, first, (("news", 4),)),
    )
    records.alerts.refresh(replace(alert, why=replace(alert.why, narratives=told)))
    page = desk.text(f"/alerts/{alert.id}")
    assert "录像被人&lt;b&gt;覆盖&lt;/b&gt;" in page
    assert "<b>覆盖" not in page
    assert "9/40" in page
    assert "此前已有 2 帖" in page
    assert page.count("本次新出现") == 1
    assert "09:05" in page  # Shanghai
    assert "x 3" in page


def test_what_media_ask_is_no_focus_question_and_is_counted_apart(
    desk: Any, seed: ModuleType
) -> None:
    case_id = _ask(desk, seed)
    item = seed.post(9100, case_id, seed.NOW - timedelta(minutes=1), "记者问：伤情鉴定由谁作出？")
    asked = [
        replace(item, post=replace(item.post, id=f"{n:032x}", kind=PostKind.MEDIA_QUERY))
        for n in range(3)
    ]
    desk.services.store.upsert(asked)
    page = desk.text(f"/cases/{case_id}").split("焦点问题（24 小时）")[1].split("</section>")[0]
    assert "另有媒体问询 3 件，未公开，不计入下列帖数" in page
    assert "伤情鉴定" not in page
