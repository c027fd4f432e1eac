"""信息源台账 and a source's page: footing, verdicts, hours; and the sheet for the file."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from desk.views import ledger as views
from domain.ledger import LedgerEntry
from domain.protocols import Query


def test_the_list_says_on_what_footing_each_source_is_read(ledger: Any) -> None:
    page = ledger.text("/sources")
    for said in ("微博开放平台商业接口授权", "江合〔2026〕17号", "将到期", "宣传处", "保存 90 天", "抽样 10%",
                 "不允许：/rss", "凭书面授权，不问", "不适用（文件导入）", "○ 未启用"):  # fmt: skip
        assert said in page, said
    assert page.index("公众号公开文章") < page.index("本院自有工单"), "the blind one first"
    assert page.count('role="img"') == 5
    assert "失联 6.0 小时，其中 6.0 小时已补采" in page


def test_the_newest_posts_of_all_sources_are_one_question(
    ledger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, asked = type(ledger.services.store), list[str]()
    for name in ("search", "counts", "total", "newest"):

        def told(
            self: Any, *given: Any, _as: str = name, _real: Any = getattr(store, name), **more: Any
        ) -> Any:
            asked.append(_as)
            return _real(self, *given, **more)

        monkeypatch.setattr(store, name, told)
    shown = views.lines(ledger.services)
    assert asked == ["newest"]
    for line in shown:
        page = ledger.services.store.search(Query(sources=(line.entry.source,)), limit=1)
        newest = page.posts[0].post.published_at if page.posts and line.status else None
        assert line.newest == newest
    assert sum(line.newest is not None for line in shown) > 1


def test_a_sources_page_has_hours_reasons_history_and_no_secret(
    ledger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIBO_TOKEN", "very-secret-value")
    page = ledger.text("/sources/weibo_search")
    assert "环境变量 WEIBO_TOKEN" in page
    assert "very-secret-value" not in page
    assert "失联后已补采：" in page
    assert "往周同时段" in page
    assert "11月21日 17:00–23:00" in page
    assert page.count("weibo_search.yml") == 3, "declared in, and two versions by that file"
    assert "研究室" in page, "who answered for it before"
    push = ledger.text("/sources/weibo_push")
    assert "全量为推算值" in push
    assert "尚无预期（历史 1 周，需 3 周）" not in push
    assert "不允许采集" in ledger.text("/sources/wechat")


def test_a_source_taken_away_keeps_its_page_and_an_unknown_one_has_none(ledger: Any) -> None:
    records = ledger.services.records
    records.ledger.register(
        [one for one in records.ledger.entries() if one.source != "weibo_search"]
    )
    assert "撤下" in ledger.text("/sources/weibo_search")
    assert "weibo_search" not in ledger.text("/sources").split("7 天内的缺口")[0]
    assert "可以这样做" in ledger.text("/sources/nobody", 404)


def test_the_sheet_is_whole_and_holds_no_formula(ledger: Any) -> None:
    entry = ledger.services.records.ledger.entries()[0]
    hostile: LedgerEntry = replace(
        entry, source="zz", basis='=HYPERLINK("http://x.example")', owner="@SUM(1)\n第二行"
    )
    ledger.services.records.ledger.note(hostile)
    answer = ledger.client.get("/sources.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 7
    by_name = {row["信息源"]: row for row in rows}
    assert by_name["zz"]["采集依据"].startswith("'=")
    assert by_name["zz"]["责任人"] == "'@SUM(1) 第二行"
    assert by_name["wechat"]["robots 结论"] == "不允许"
    assert by_name["weibo_search"]["凭据变量"] == "access_token=WEIBO_TOKEN"
