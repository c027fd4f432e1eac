"""The page that says how intake stands, what was deleted and what is to be recalled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from starlette.testclient import TestClient

from desk import create_app
from desk.services import Rejects
from domain.deletion import DeletionReason, ExportKind
from domain.intake import IntakeState
from domain.sources import GapReason


class Intake:
    """A state to show."""

    def __init__(self, state: IntakeState, rejects: tuple[Rejects, ...] = ()) -> None:
        self._state, self._rejects = state, rejects

    def state(self) -> IntakeState:
        return self._state

    def rejects(self) -> tuple[Rejects, ...]:
        return self._rejects


def page(desk: Any, state: IntakeState, *rejects: Rejects) -> str:
    app = create_app(replace(desk.services, intake=Intake(state, rejects)))
    answer = TestClient(app, base_url="http://127.0.0.1").get("/operations")
    assert answer.status_code == 200
    return answer.text


def state(desk: Any, **changes: Any) -> IntakeState:
    now = desk.services.clock()
    usual = IntakeState(now, 9_000 << 20, 2_048 << 20, 0, 0, None)
    return replace(usual, **changes)


def test_an_open_intake_and_an_unknown_one_are_told_apart(desk: Any) -> None:
    assert "采集状态未知" in desk.text("/operations")
    calm = page(desk, state(desk))
    assert "采集正常" in calm
    assert "没有等待入库的内容" in calm
    assert "9,000 MB" in calm


def test_how_far_behind_in_posts_and_minutes(desk: Any) -> None:
    now = desk.services.clock()
    late = state(
        desk, segments=5_000, posts=81_234, oldest_at=now - timedelta(minutes=83), slowed=True
    )
    text = page(desk, late)
    assert "隔次采集" in text
    assert "5,000 批，约 81,234 帖" in text
    assert "83 分钟" in text
    full = page(desk, state(desk, free=100 << 20, paused=GapReason.DISK_FULL))
    assert "已暂停采集：磁盘将满" in full
    assert "不按 0 计" in full


def test_rejects_are_counted_and_what_was_not_kept_is_said(desk: Any) -> None:
    text = page(desk, state(desk), Rejects("news", "<b>the item has no time</b>", 1_000, 999_000))
    assert "1,000" in text
    assert "999,000 条（数量过多，只留样本）" in text
    assert "<b>the item" not in text


def test_deletions_are_counted_and_papers_recalled(desk: Any) -> None:
    records, clock = desk.services.records, desk.services.clock
    assert "还没有删除过帖文" in desk.text("/operations")
    records.exports.enter(ExportKind.REPORT, "weekly-2026-11-16.docx", "0123456789abcdef", ["p1"])
    clock.now += timedelta(minutes=1)
    number = records.deletions.ask(["p1", "p2"], DeletionReason.PUSHED, "news", held=["p1"])
    text = desk.text("/operations")
    assert "weekly-2026-11-16.docx" in text
    assert "尚未完成，自动继续" in text
    assert "2 帖（来源推送了删除通知）" in text
    records.deletions.cleared(number, "index", 1)
    records.deletions.finish(number)
    assert "索引 1" in desk.text("/operations")
    [export] = records.exports.to_recall()
    clock.now += timedelta(minutes=1)
    desk.send(f"/operations/exports/{export.id}/settle", by="值班员甲")
    assert "没有须撤回或更换的材料" in desk.text("/operations")
    assert records.exports.recent()[0].settled_by == "值班员甲"
    desk.send("/operations/exports/999/settle", status=404, by="值班员甲")


def test_a_served_feed_is_entered_once_a_day(desk: Any) -> None:
    for _ in range(2):
        assert desk.client.get("/alerts.atom").status_code == 200
    [entered] = desk.services.records.exports.recent()
    assert (entered.kind, entered.name) == (ExportKind.FEED, "/alerts.atom")
    alerts = desk.services.records.alerts.recent()
    assert entered.posts == len({one.post_id for alert in alerts for one in alert.why.evidence})
