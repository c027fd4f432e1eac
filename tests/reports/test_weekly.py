"""The weekly's numbers, order and words, over a real SQLite index."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.alerts import AlertState, Level
from domain.completeness import Capture, Looks
from domain.deletion import DeletionReason
from domain.errors import BadInput
from domain.hours import HOUR, SourceHour
from domain.posts import Platform, PostKind
from domain.protocols import Query
from domain.sources import Gap, GapReason
from records.deletions import DeletionRecords
from records.runs import SourceInfo
from reports.aggregates import Issue, ModelCard, collect, keep, recompute
from reports.check import check, texts
from reports.figures import read
from reports.model import Heading, Paragraph, Picture, Table, WeeklyModel
from reports.period import Week
from reports.weekly import build_weekly, model_of


@pytest.fixture
def model(world: Any, topics: Any, clock: Any, issue: Issue, card: ModelCard) -> WeeklyModel:
    return build_weekly(world.store, world.records, topics, clock, issue, card=card)


def words(model: WeeklyModel, heading: str) -> str:
    section = next(part for part in model.sections if part.heading == heading)
    return "\n".join(
        block.shown if isinstance(block, Paragraph) else block.text
        for block in section.blocks
        if isinstance(block, Paragraph | Heading)
    )


def table(model: WeeklyModel, heading: str) -> Table:
    section = next(part for part in model.sections if part.heading == heading)
    return next(block for block in section.blocks if isinstance(block, Table))


def test_sections_in_the_order_of_practice(model: WeeklyModel) -> None:
    assert [section.title for section in model.sections] == [
        "一、本周要情", "二、总体态势", "三、关切话题榜", "四、重点舆情", "五、12368·信箱",
        "六、上周处置效果", "七、数据说明",
    ]  # fmt: skip
    assert check(texts(model)) == []


def test_known_top_three_in_order(model: WeeklyModel) -> None:
    listed = [row[1].split("（")[0] for row in table(model, "关切话题榜").rows]
    assert listed[:3] == ["立案与受理", "执行", "司法作风与诉讼服务"]
    scores = [topic.score for topic in read(model.aggregates).concerns]
    assert scores[:3] == pytest.approx([61.25, 41.14, 21.43], abs=0.01)


def test_ranking_row_shows_rate_articles_and_owner(model: WeeklyModel) -> None:
    first = table(model, "关切话题榜").rows[0]
    assert first[2] == "70"
    assert first[3] == "+59%（n=44→70）"
    # eight neutral posts are hidden: 56 of at most 65, so at least 86 %
    assert first[4] == "56／不低于 86%（n≤65）"
    assert first[5:] == ("加快办理（56 帖）", "13、22、\n25、26", "立案庭（诉讼服务中心）")
    third = table(model, "关切话题榜").rows[2]
    assert third[4] == "20／50%（n=40）"


def test_small_topics_are_counted_but_not_named(model: WeeklyModel) -> None:
    rows = table(model, "关切话题榜").rows
    assert not any("审判效率" in row[1] for row in rows)
    assert "另有 1 个话题不足 10 帖" in words(model, "关切话题榜")


def test_findings_begin_with_the_level_and_are_marked(model: WeeklyModel) -> None:
    lines = words(model, "本周要情").split("\n")
    assert len(lines) == 5
    assert all(line.endswith("〔待核〕") for line in lines)
    assert lines[0].startswith("本周有预警 1 起，其中 1 起仍在发展；最高为橙色（重大）：“梁某案”")
    assert "待人工确认" in lines[0]
    assert "379 帖" in lines[1]
    assert "立案与受理（70 帖）、执行（48 帖）、司法作风与诉讼服务（60 帖）" in lines[2]
    assert lines[3].startswith("请领导定：“梁某案”等 1 起")
    assert "失联 31 小时" in lines[4]


def test_anger_at_a_defendant_is_not_court_negative(model: WeeklyModel) -> None:
    stance = read(model.aggregates).now.stance
    assert (stance.negative, stance.court, stance.posts) == (140, 243, 379)


def test_copies_are_counted_once_beside_the_raw_number(model: WeeklyModel) -> None:
    figures = read(model.aggregates)
    assert 0 < figures.distinct < figures.now.stance.posts
    assert f"去除内容高度相似的转发、复制后 {figures.distinct} 帖" in words(model, "总体态势")


def test_eight_weeks_mark_the_one_with_a_gap(model: WeeklyModel) -> None:
    picture = next(block for block in model.blocks() if isinstance(block, Picture))
    rows = picture.spec["data"]["values"]
    assert [row["posts"] for row in rows][-1] == 379
    assert [row["note"] for row in rows] == [""] * 4 + ["失联 20 小时", "", "", "失联 31 小时"]
    assert "近 8 周最高" in picture.spec["title"]["text"]


def test_event_tells_what_is_known_and_what_is_not(model: WeeklyModel) -> None:
    told = words(model, "重点舆情")
    assert "梁某案：橙色（重大），级别待确认" in told
    assert "（2026）江0102刑初88号" in told
    assert "187 人发帖，平日同时段 4.2 人" in told
    assert "占 61%（n=131）" in told
    assert "异常同步传播提示：存在高度相似内容集中出现现象，占比 68%（n=60），不代表" in told
    assert "原始 60 帖，去重后 24 帖" in told
    assert "突出用词：量刑、宣判" in told  # a banned word is no finding
    assert "不代表其反映的问题不真实" in told
    assert "微博推送自11月17日 05:00至11月17日 05:35（被限流）" in told
    assert "须由承办部门核实" in told
    assert "另有 1 起系统预警经人工核对后驳回" in told
    assert "梁阿水" not in json.dumps(model.aggregates, ensure_ascii=False)


def test_notes_name_blind_sources_from_to_and_the_model(model: WeeklyModel) -> None:
    rows = {row[0]: row for row in table(model, "数据说明").rows}
    assert rows["微博推送"][3] == "每百条取 10 条"
    assert rows["微博推送"][6] == "11月15日 02:00—11月16日 09:00（被限流），本周共 31 小时"
    assert rows["微博推送"][2] == "<10"
    assert "未列" in [row[2] for row in rows.values()]
    assert rows["微博推送"][4] == rows["微博搜索"][4] == "—", "no estimate of a hidden cell"
    notes = words(model, "数据说明")
    assert "“推算全量”按声明的采样比例放大" in notes
    assert "公开信息抽样，不代表全体民意" in notes
    assert "linear-1（379 帖）" in notes
    assert "涉院负面 F1 0.81" in notes


def test_alert_precision_with_its_n_and_interval(
    world: Any, make_alert: Any, week: Week, topics: Any, clock: Any, issue: Issue
) -> None:
    confirmed = replace(
        make_alert("wages", Level.BLUE, week),
        state=AlertState.CONFIRMED,
        confirmed_level=Level.BLUE,
    )
    world.records.alerts.save(confirmed, "confirmed", "blue")
    model = build_weekly(world.store, world.records, topics, clock, issue, week=week)
    section = next(part for part in model.sections if part.heading == "上周处置效果")
    [words] = [block.shown for block in section.blocks if isinstance(block, Paragraph)]
    assert "经人判断 2 条，确认 1 条，预警准确率 50%（n=2），0.95 置信区间 0.09 至 0.91" in words
    assert "另有 1 条未判断，不计入" in words
    assert check(texts(model)) == []


def test_hotline_section(model: WeeklyModel) -> None:
    told = words(model, "12368·信箱")
    assert "12368：60 件，环比 +54%（n=39→60）" in told
    assert "咨询 60 件" in told


def test_empty_week_says_so(make_world: Any, topics: Any, clock: Any, issue: Issue) -> None:
    world = make_world(posts=False)
    model = build_weekly(world.store, world.records, topics, clock, issue)
    assert check(texts(model)) == []
    assert "没有达到预警条件" in words(model, "本周要情")
    assert "未见涉院信息（n=0）" in words(model, "本周要情")
    assert "12368·信箱" not in [section.heading for section in model.sections]


def test_blind_week_is_not_a_quiet_week(
    make_world: Any, topics: Any, clock: Any, issue: Issue
) -> None:
    world = make_world(posts=False, blind=True)
    model = build_weekly(world.store, world.records, topics, clock, issue)
    assert check(texts(model)) == []
    told = words(model, "本周要情")
    assert "不能据此判断没有舆情" in told
    assert "没有达到预警条件" not in told
    assert "n=0" not in told
    assert "请协调尽快恢复信息源" in told
    picture = next(block for block in model.blocks() if isinstance(block, Picture))
    assert picture.spec["data"]["values"][-1]["posts"] is None


def test_without_any_source_nothing_is_claimed(
    make_world: Any, topics: Any, clock: Any, issue: Issue
) -> None:
    world = make_world(posts=False, sources=False)
    model = build_weekly(world.store, world.records, topics, clock, issue)
    assert "没有登记任何信息源" in words(model, "数据说明")
    assert "没有登记任何信息源" in words(model, "本周要情")


def test_a_source_that_never_ran_is_blind(
    make_world: Any, topics: Any, clock: Any, issue: Issue
) -> None:
    world = make_world(sources=False)
    world.records.runs.register(
        [SourceInfo("weibo_search", "微博搜索", "weibo", timedelta(minutes=5))]
    )
    model = build_weekly(world.store, world.records, topics, clock, issue)
    row = next(row for row in table(model, "数据说明").rows if row[0] == "微博搜索")
    assert "未运行" in row[6]
    assert "本周声量未知" in words(model, "本周要情")


def test_counts_of_a_sample_stand_beside_their_estimate(
    make_world: Any, topics: Any, clock: Any, issue: Issue
) -> None:
    world = make_world(sources=False)
    world.records.runs.register(
        [SourceInfo("weibo_search", "微博搜索", "weibo", timedelta(minutes=5), 0.1)]
    )
    model = build_weekly(world.store, world.records, topics, clock, issue)
    row = next(row for row in table(model, "数据说明").rows if row[0] == "微博搜索")
    posts = int(row[2].replace(",", ""))
    assert row[4] == f"约 {posts * 10:,}" or posts >= 100
    assert int(row[4].removeprefix("约 ").replace(",", "")) in range(posts * 9, posts * 11)
    assert "为实收数" not in words(model, "总体态势")


def test_a_gap_last_week_qualifies_the_change(
    world: Any, topics: Any, clock: Any, issue: Issue, week: Week
) -> None:
    old = week.earlier(1).since
    gap = Gap("news", old, old + timedelta(hours=9), GapReason.DOWN)
    world.records.runs.add_gap(gap)
    model = build_weekly(world.store, world.records, topics, clock, issue)
    assert "上周信息源累计失联 9 小时，环比仅供参考" in words(model, "数据说明")


def test_every_number_can_be_asked_again(world: Any, model: WeeklyModel) -> None:
    stored = keep(world.records, model.aggregates, {"html": "weekly.html"})
    again = world.records.reports.get(stored.id).aggregates
    assert recompute(world.store, again) == []


def test_tampered_aggregates_are_found(world: Any, model: WeeklyModel) -> None:
    for name, found in (("demands", {"digest", "demands"}), ("distinct", {"digest", "distinct"})):
        forged = copy.deepcopy(model.aggregates)
        answer = next(entry for entry in forged["answers"] if entry["name"] == name)
        answer["cells"][0][-1] += 1
        assert {difference.query for difference in recompute(world.store, forged)} == found


def test_a_deleted_post_shows_as_a_difference(world: Any, model: WeeklyModel, clock: Any) -> None:
    figures = read(model.aggregates)
    page = world.store.search(Query(since=figures.week.since, relevant=True), limit=1)
    world.store.tombstone([page.posts[0].post.id], clock())
    names = {difference.query for difference in recompute(world.store, model.aggregates)}
    assert "week:0" in names
    assert "digest" not in names


def test_report_is_the_same_without_the_posts(world: Any, model: WeeklyModel, clock: Any) -> None:
    frozen = json.loads(json.dumps(model.aggregates, ensure_ascii=False))
    world.store.delete_before(clock() + timedelta(days=400))
    again = model_of(frozen)
    assert texts(again) == texts(model)
    assert len(recompute(world.store, frozen)) > 10


def test_aggregates_hold_no_text_of_a_post(model: WeeklyModel) -> None:
    assert "等了" not in json.dumps(model.aggregates, ensure_ascii=False)


def test_aggregates_of_another_schema_are_refused(model: WeeklyModel) -> None:
    with pytest.raises(BadInput, match="not of a weekly"):
        model_of({**model.aggregates, "schema": 99})


def test_posts_are_read_in_slices_of_time(
    world: Any, topics: Any, clock: Any, week: Week, issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = collect(world.store, world.records, topics, clock, week, issue)
    monkeypatch.setattr("reports.queries._PAGE", 7)
    sliced = collect(world.store, world.records, topics, clock, week, issue)
    models = next(answer for answer in sliced["answers"] if answer["name"] == "models")
    assert models == next(answer for answer in whole["answers"] if answer["name"] == "models")


def test_alert_levels_lead(
    world: Any, make_alert: Callable[..., Any], week: Week, topics: Any, clock: Any, issue: Issue
) -> None:
    world.records.alerts.save(make_alert("unknown", Level.RED, week), "raised")
    told = words(build_weekly(world.store, world.records, topics, clock, issue), "本周要情")
    assert "最高为红色（特别重大）：“案件 unknown”" in told


def test_deletions_of_the_week_are_counted_in_the_notes(
    world: Any, topics: Any, clock: Any, issue: Issue, card: ModelCard, model: WeeklyModel
) -> None:
    assert "删除" not in words(model, "数据说明")
    week = Week.last_complete(clock())
    ids = [f"{number:032x}" for number in range(30)]
    then = DeletionRecords(world.records.sessions, lambda: week.since + timedelta(days=1))
    then.ask(ids, DeletionReason.GONE, "weibo")
    told = build_weekly(world.store, world.records, topics, clock, issue, card=card)
    assert told.aggregates["deleted"] == 30
    assert "本周有 30 帖因作者在来源处删除" in words(told, "数据说明")
    assert check(texts(told)) == []


def test_the_sources_table_says_what_was_seen_hour_by_hour(
    world: Any, week: Week, topics: Any, clock: Any, issue: Issue
) -> None:
    hours = [
        SourceHour("weibo_search", week.since + number * HOUR, 5, covered=1.0)
        for number in range(160)
    ]
    hours += [
        SourceHour(
            "weibo_search", week.since + number * HOUR, 0, covered=0.75, blind=1.0,
            reason=GapReason.RATE_LIMITED,
        )
        for number in range(160, 168)
    ]  # fmt: skip
    world.records.hours.save(hours)
    model = build_weekly(world.store, world.records, topics, clock, issue, week=week)
    told = "\n".join(texts(model))
    assert "166 / 168 小时" in told
    assert "失联或未采 被限流 8 小时，已补采 6 小时" in told
    assert "168 个小时中 0 个已有预期" in told
    assert check(texts(model)) == []


def test_what_was_missed_is_estimated_beside_its_caveat(
    world: Any, topics: Any, clock: Any, issue: Issue, week: Week
) -> None:
    hour = week.since + 5 * HOUR
    world.records.captures.add(
        [
            Capture("weibo_search", hour, Looks.WINDOWS, 60, 50, 40),
            Capture("weibo_search", hour + HOUR, Looks.WINDOWS, 30, 20, 15),
            Capture("weibo_search", week.until, Looks.WINDOWS, 500, 500, 10),
            Capture("news", hour, Looks.QUERIES, 9, 8, 3),
        ]
    )
    model = build_weekly(world.store, world.records, topics, clock, issue, week=week)
    told = "\n".join(texts(model))
    assert "采到 105 条，估计还漏" in told, "of this week's hours alone"
    assert "百分之九十五区间" in told
    assert "2 个发布小时：n₁=90，n₂=70，两次都有 55" in told
    assert "接口一直不给的帖文两次都看不到，不在估计之内" in told
    assert "不可估计：两次都采到的只有 3 条" in told
    assert check(texts(model)) == []
    del model.aggregates["overlap"]  # a report from before
    assert "遗漏估计" not in "\n".join(texts(model_of(model.aggregates)))


def test_media_queries_come_by_mail_and_are_counted_apart(
    world: Any, topics: Any, clock: Any, issue: Issue, week: Week
) -> None:
    def build() -> WeeklyModel:
        return build_weekly(world.store, world.records, topics, clock, issue, week=week)

    (before,) = [
        sum(cell[-1] for cell in one["cells"])
        for one in build().aggregates["answers"]
        if one["name"] == "letters"
    ]
    page = world.store.search(Query(since=week.since, until=week.until, relevant=True), limit=12)
    world.store.upsert(
        [
            replace(
                item,
                post=replace(
                    item.post, id=f"{number:032x}", source="media_queries",
                    platform=Platform.MAILBOX, kind=PostKind.MEDIA_QUERY,
                ),
            )
            for number, item in enumerate(page.posts)
        ]
    )  # fmt: skip
    model = build()
    told = words(model, "12368·信箱")
    assert "媒体问询 12 件，单列，不计入信箱" in told
    answers = {one["name"]: one["cells"] for one in model.aggregates["answers"]}
    assert sum(cell[-1] for cell in answers["letters"]) == before
    assert answers["letters:media"] == [["media_queries", 12]]
    assert recompute(world.store, model.aggregates) == []
    assert check(texts(model)) == []
