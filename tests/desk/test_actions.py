"""What a person does, and who may ask for it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from domain.alerts import AlertState, Fact, Level


@pytest.fixture
def alert(desk: Any) -> Any:
    return next(one for one in desk.services.records.alerts.open() if one.case_id == "liang")


def _now(desk: Any, alert: Any) -> Any:
    return desk.services.records.alerts.get(alert.id)


def test_a_proposed_level_is_confirmed_without_a_reason(desk: Any, alert: Any) -> None:
    desk.send(f"/alerts/{alert.id}/confirm", by="值班员甲", level="orange")
    assert _now(desk, alert).confirmed_level is Level.ORANGE
    page = desk.text(f"/alerts/{alert.id}")
    assert "确认级别：橙重大" in page
    assert "已确认" in page


def test_another_level_needs_a_reason(desk: Any, alert: Any) -> None:
    answer = desk.send(f"/alerts/{alert.id}/confirm", 422, by="值班员甲", level="red")
    assert "说明理由" in answer.text
    assert _now(desk, alert).confirmed_level is None
    desk.send(f"/alerts/{alert.id}/confirm", by="值班员甲", level="red", reason="已有中央媒体来电")
    assert _now(desk, alert).confirmed_level is Level.RED
    assert "确认级别：红特别重大：已有中央媒体来电" in desk.text(f"/alerts/{alert.id}")
    desk.send(f"/alerts/{alert.id}/confirm", 422, by="值班员甲", level="purple")


def test_every_act_asks_for_a_name_and_keeps_it(desk: Any, alert: Any) -> None:
    answer = desk.send(f"/alerts/{alert.id}/acknowledge", 422)
    assert "没有写姓名" in answer.text
    assert _now(desk, alert).acknowledged_at is None
    desk.send(f"/alerts/{alert.id}/confirm", level="orange", by="值班员甲")
    assert _now(desk, alert).confirmed_by == "值班员甲"
    page = desk.text(f"/alerts/{alert.id}")
    assert "确认级别：橙重大（值班员甲）" in page
    assert 'autocomplete="name" value="值班员甲"' in page


def test_a_fact_is_confirmed_denied_and_withdrawn(desk: Any, alert: Any) -> None:
    path = f"/alerts/{alert.id}"
    desk.send(f"{path}/flag", fact="death", says="yes", reason="公安通报", by="值班员甲")
    assert desk.services.records.flags.said(alert.id) == {Fact.DEATH: True}
    assert "涉人员死亡，是：公安通报（值班员甲）" in desk.text(path)
    desk.send(f"{path}/flag", fact="death", says="withdraw", by="值班员乙")
    assert desk.services.records.flags.said(alert.id) == {}
    desk.send(f"{path}/flag", 422, fact="death", says="perhaps", by="值班员乙")
    desk.send(f"{path}/flag", 422, fact="weather", says="yes", by="值班员乙")


def test_clocks_run_from_confirmation_and_acts_stop_them(
    desk: Any, alert: Any, seed: ModuleType
) -> None:
    path = f"/alerts/{alert.id}"
    assert "确认后起算" in desk.text(path)
    desk.send(f"{path}/confirm", level="orange", by="值班员甲")
    assert "余 2 小时" in desk.text(path)
    assert "报告领导 ● 余 2 小时" in desk.text("/")
    desk.services.clock.now += 100 * seed.MINUTE
    assert "将到，余 20 分钟" in desk.text(path)
    desk.send(f"{path}/acts", kind="reported", note="电话报告", by="值班员甲")
    page = desk.text(path)
    assert "按时完成" in page
    assert "报告领导：电话报告（值班员甲）" in page
    [act] = desk.services.records.acts.of(alert.id)
    desk.services.clock.now += 60 * seed.MINUTE
    desk.send(f"{path}/acts/{act.id}/withdraw", by="值班员乙")
    assert "已超 40 分钟" in desk.text(path)
    desk.send(f"{path}/acts", 422, kind="reported", at="2030-01-01T10:00", by="值班员甲")


def test_a_silence_is_made_shown_on_what_it_mutes_and_ended(desk: Any, alert: Any) -> None:
    court = "云岫区人民法院"
    desk.send("/silences", 422, scope="court", value="没有的法院", hours="4", reason="x", by="甲")
    desk.send("/silences", 422, scope="court", value=court, hours="4", reason="", by="甲")
    desk.send("/silences", scope="court", value=court, hours="4", reason="专人跟进", by="甲")
    [silence] = desk.services.records.silences.active()
    assert (silence.made_by, silence.reason) == ("甲", "专人跟进")
    assert "不通知：静默" in desk.text("/")
    assert "专人跟进" in desk.text(f"/alerts/{alert.id}")
    assert "梁某案" in desk.text("/silences")
    desk.send(f"/silences/{silence.id}/end", by="乙")
    assert desk.services.records.silences.active() == []
    assert "乙 提前结束" in desk.text("/silences")
    assert "不通知：静默" not in desk.text("/")


def test_a_threshold_step_is_listed_and_undone(desk: Any, alert: Any) -> None:
    desk.services.records.steps.add("云岫区人民法院", alert.id, "dismissed", 0.5, "值班员甲")
    page = desk.text("/settings/budget")
    assert "+0.50" in page
    assert "梁某案</a>" in page
    [step] = desk.services.records.steps.all()
    desk.send(f"/settings/budget/{step.id}/undo", by="值班员乙")
    assert desk.services.records.steps.all()[0].undone_by == "值班员乙"
    desk.send(f"/settings/budget/{step.id}/undo", 409, by="值班员乙")


def test_settings_say_what_is_wrong_with_their_file(desk: Any, tmp_path: Path) -> None:
    assert "值班员甲" in desk.text("/settings/routes")
    assert "今后 7 天每个时段都有人" in desk.text("/settings/routes")
    assert "国办发〔2016〕80号" in desk.text("/settings")
    wrong = desk.services.reports_folder.parent / "routes.yml"
    wrong.write_text("routes: 3", encoding="utf-8")
    page = desk.text("/settings/routes")
    assert "设置不能用" in page
    assert "routes.yml" in page


def test_claiming(desk: Any, alert: Any) -> None:
    desk.send(f"/alerts/{alert.id}/acknowledge", by="值班员甲")
    assert _now(desk, alert).acknowledged_at is not None
    assert "已认领" in desk.text("/")


def test_dismissing_asks_for_a_reason_and_can_be_undone(desk: Any, alert: Any) -> None:
    desk.send(f"/alerts/{alert.id}/dismiss", 422, by="值班员甲", reason="  ")
    desk.send(f"/alerts/{alert.id}/dismiss", by="值班员甲", reason="同名，与本院无关")
    assert _now(desk, alert).state is AlertState.DISMISSED
    page = desk.text(f"/alerts/{alert.id}")
    assert "同名，与本院无关" in page
    assert f"/alerts/{alert.id}/confirm" not in page
    assert desk.text("/").index("梁某案</a>") > desk.text("/").index("7 天内关闭或驳回")
    desk.send(f"/alerts/{alert.id}/reopen", 422, by="值班员甲", reason="")
    desk.send(f"/alerts/{alert.id}/reopen", by="值班员甲", reason="核实后确系本院案件")
    assert _now(desk, alert).state in {AlertState.PROPOSED, AlertState.CONFIRMED}


def test_an_act_its_state_forbids_is_refused_in_words(desk: Any, alert: Any) -> None:
    desk.send(f"/alerts/{alert.id}/dismiss", by="值班员甲", reason="同名")
    answer = desk.send(f"/alerts/{alert.id}/confirm", 409, by="值班员甲", level="orange")
    assert "现在不能这样操作" in answer.text
    assert "可以这样做" in answer.text


def test_closing(desk: Any, alert: Any) -> None:
    desk.send(f"/alerts/{alert.id}/confirm", by="值班员甲", level="orange")
    assert f"/alerts/{alert.id}/close" in desk.text(f"/alerts/{alert.id}")
    desk.send(f"/alerts/{alert.id}/close", by="值班员甲", reason="已经回应，热度回落")
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


def test_a_case_can_be_left_and_taken_up_again(desk: Any, alert: Any) -> None:
    desk.send("/cases/liang/archive", 422, by="值班员甲", reason=" ")
    desk.send("/cases/liang/archive", 422, reason="已了结")
    desk.send("/cases/liang/archive", by="值班员甲", reason="已了结")
    page = desk.text("/cases/liang")
    assert "已停止关注" in page
    assert "已停止关注（1）" in desk.text("/cases")
    ended = desk.services.records.alerts.get(alert.id)
    assert ended.closed_at is not None
    assert "已了结" in desk.services.records.alerts.history(alert.id)[-1].detail
    desk.send("/cases/liang/archive", 409, by="值班员乙", reason="再一次")
    desk.send("/cases/liang/resume", by="值班员乙", reason="又有动静")
    assert desk.services.records.cases.get("liang").archived_at is None


def test_a_closed_case_counts_on_until_its_days_are_over(desk: Any) -> None:
    desk.send("/cases/filing/close", by="值班员甲", reason="系统已恢复")
    assert "前仍归入和计数" in desk.text("/cases/filing")
    assert "filing" in {case.id for case in desk.services.records.cases.all()}
    desk.send("/cases/filing/reopen", by="值班员甲", reason="按错了")
    assert desk.services.records.cases.get("filing").state == "watched"


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
