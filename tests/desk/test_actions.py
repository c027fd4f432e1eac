"""What a person does, and who may ask for it."""

from __future__ import annotations

from typing import Any

import pytest

from domain.alerts import AlertState, Level


@pytest.fixture
def alert(desk: Any) -> Any:
    return next(one for one in desk.services.records.alerts.open() if one.case_id == "liang")


def _now(desk: Any, alert: Any) -> Any:
    return desk.services.records.alerts.get(alert.id)


def test_a_proposed_level_is_confirmed_without_a_reason(desk: Any, alert: Any) -> None:
    desk.send(f"/alerts/{alert.id}/confirm", level="orange")
    assert _now(desk, alert).confirmed_level is Level.ORANGE
    page = desk.text(f"/alerts/{alert.id}")
    assert "确认级别：橙重大" in page
    assert "已确认" in page


def test_another_level_needs_a_reason(desk: Any, alert: Any) -> None:
    answer = desk.send(f"/alerts/{alert.id}/confirm", 422, level="red")
    assert "说明理由" in answer.text
    assert _now(desk, alert).confirmed_level is None
    desk.send(f"/alerts/{alert.id}/confirm", level="red", reason="已有中央媒体来电")
    assert _now(desk, alert).confirmed_level is Level.RED
    assert "确认级别：红特别重大：已有中央媒体来电" in desk.text(f"/alerts/{alert.id}")
    desk.send(f"/alerts/{alert.id}/confirm", 422, level="purple")


def test_claiming(desk: Any, alert: Any) -> None:
    desk.send(f"/alerts/{alert.id}/acknowledge")
    assert _now(desk, alert).acknowledged_at is not None
    assert "已认领" in desk.text("/")


def test_dismissing_asks_for_a_reason_and_can_be_undone(desk: Any, alert: Any) -> None:
    desk.send(f"/alerts/{alert.id}/dismiss", 422, reason="  ")
    desk.send(f"/alerts/{alert.id}/dismiss", reason="同名，与本院无关")
    assert _now(desk, alert).state is AlertState.DISMISSED
    page = desk.text(f"/alerts/{alert.id}")
    assert "同名，与本院无关" in page
    assert f"/alerts/{alert.id}/confirm" not in page
    assert desk.text("/").index("梁某案</a>") > desk.text("/").index("7 天内关闭或驳回")
    desk.send(f"/alerts/{alert.id}/reopen", 422, reason="")
    desk.send(f"/alerts/{alert.id}/reopen", reason="核实后确系本院案件")
    assert _now(desk, alert).state in {AlertState.PROPOSED, AlertState.CONFIRMED}


def test_an_act_its_state_forbids_is_refused_in_words(desk: Any, alert: Any) -> None:
    desk.send(f"/alerts/{alert.id}/dismiss", reason="同名")
    answer = desk.send(f"/alerts/{alert.id}/confirm", 409, level="orange")
    assert "现在不能这样操作" in answer.text
    assert "可以这样做" in answer.text


def test_closing(desk: Any, alert: Any) -> None:
    desk.send(f"/alerts/{alert.id}/confirm", level="orange")
    assert f"/alerts/{alert.id}/close" in desk.text(f"/alerts/{alert.id}")
    desk.send(f"/alerts/{alert.id}/close", reason="已经回应，热度回落")
    assert _now(desk, alert).closed_at is not None


def test_from_a_phrase_to_a_case_with_its_past(desk: Any) -> None:
    page = desk.text("/watch?phrase=青崖县法院 排队")
    assert 'value="青崖县法院"' in page
    answer = desk.send(
        "/watch", title="窗口排队", court="青崖县法院", subjects="青崖县法院", events="排队、窗口"
    )
    page = desk.text(answer.headers["location"])
    assert "共 25 帖" in page
    assert "11月20日 14:12 之前仅按非姓名词回溯" in page
    assert "data-chart" in page
    desk.send(
        "/watch", title="窗口排队", court="青崖县法院", subjects="青崖县法院", events="排队、窗口"
    )
    assert sum(case.title == "窗口排队" for case in desk.services.records.cases.all()) == 1
    assert "已有相近的案件" in desk.text("/watch?phrase=窗口排队")


def test_a_refused_case_comes_back_as_it_was_typed(desk: Any) -> None:
    answer = desk.send("/watch", 422, title="排队", numbers="12号", litigants="梁某 原告")
    assert "梁某 原告" in answer.text
    assert "案号“12号”无法识别" in answer.text
    answer = desk.send("/watch", 422, title="排队", events="排队")
    assert "至少填两组词" in answer.text
    assert 'value="排队"' in answer.text


def test_a_case_can_be_left_and_taken_up_again(desk: Any) -> None:
    desk.send("/cases/filing/archive")
    assert "已停止关注" in desk.text("/cases/filing")
    assert "已停止关注（1）" in desk.text("/cases")
    desk.send("/cases/filing/resume")
    assert desk.services.records.cases.get("filing").archived_at is None


_FORMS = ("/seen", "/watch", "/cases/liang/archive", "/cases/liang/resume")


@pytest.mark.parametrize("path", _FORMS)
def test_a_form_without_our_token_does_nothing(desk: Any, path: str) -> None:
    desk.text("/")
    for fields in ({"at": "x"}, {"form_token": "0" * 64}, {"form_token": "未"}):
        assert desk.client.post(path, data=fields).status_code == 403
    assert desk.services.records.cases.get("liang").archived_at is None


def test_a_token_of_another_browser_is_stale(desk: Any) -> None:
    token = desk.text("/watch").split('name="form_token" value="')[1].split('"')[0]
    desk.client.cookies.clear()
    answer = desk.client.post("/cases/liang/archive", data={"form_token": token})
    assert answer.status_code == 403
    assert "页面已过期" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "", "referer": "https://evil.example/127.0.0.1"},
        {"origin": ""},
    ],
)
def test_a_form_of_another_page_is_refused(desk: Any, headers: dict[str, str]) -> None:
    token = desk.text("/watch").split('name="form_token" value="')[1].split('"')[0]
    answer = desk.client.post("/cases/liang/archive", data={"form_token": token}, headers=headers)
    assert answer.status_code == 403
    assert desk.services.records.cases.get("liang").archived_at is None


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1"])
def test_a_foreign_host_name_is_refused(desk: Any, host: str) -> None:
    assert desk.client.get("/", headers={"host": host}).status_code in {400, 421}


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "[::1]:8000", "127.0.0.1"])
def test_loopback_by_any_of_its_names_is_served(desk: Any, host: str) -> None:
    assert desk.client.get("/about", headers={"host": host}).status_code == 200


def test_an_odd_or_huge_body_is_refused(desk: Any) -> None:
    assert desk.client.post("/seen", json={"at": "x"}).status_code == 422
    assert desk.client.post("/seen", data={"at": "x" * 70_000}).status_code == 413
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert desk.client.post("/seen", content=b"at=%ff%fe", headers=kind).status_code == 422


def test_answers_carry_a_strict_policy(desk: Any) -> None:
    for path in ("/", "/posts", "/nothing", "/health"):
        headers = desk.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    cookie = desk.client.get("/", headers={"cookie": ""}).headers.get("set-cookie", "")
    assert not cookie or ("HttpOnly" in cookie and "samesite=strict" in cookie.lower())
