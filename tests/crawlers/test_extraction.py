"""Article extraction against its floors, and what is taken out before the extractor looks."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import fmean

import pytest

from bench.extraction import Scored, f1, hard, saved
from crawlers.clutter import without_clutter, without_stray_lines

FLOORS = json.loads(
    (Path(__file__).parent.parent / "gold" / "floors.json").read_text(encoding="utf-8")
)["extraction"]


@pytest.mark.parametrize("pages", ["saved", "hard", "held_out"])
def test_extraction_keeps_its_floor_and_beats_the_extractor_alone(pages: str) -> None:
    scored: list[Scored] = list(saved() if pages == "saved" else hard(held=pages == "held_out"))
    ours = fmean(one.ours for one in scored)
    assert len(scored) >= 5
    assert ours >= FLOORS[pages]
    assert ours >= fmean(one.alone for one in scored)


def test_f1_is_of_bags_of_tokens() -> None:
    assert f1("开庭 2026", "2026开庭") == 1
    assert f1("", "开庭") == 0
    assert f1("开庭审理", "开庭") == pytest.approx(2 * 2 / 6)


@pytest.mark.parametrize(
    ("html", "gone", "kept"),
    [
        ("<div class='comment-list'><p>网友说的话</p></div>尾", "网友", "尾"),
        ("<p>正文在此</p><div style='display: none'>藏着的</div>", "藏着", "正文"),
        (
            "<ul><li><a>一一</a><li><a>二二</a><li><a>三三</a><li><a>四四</a></ul>正文",
            "一一",
            "正文",
        ),
        ("<div class='gg_con'>公告正文</div><div class='pinglun'>评论</div>", "评论", "公告正文"),
        ("<div class='side'>" + "整页都在这里" * 20 + "</div>", "没有", "整页都在这里"),
        ("<div class='commentary'>评论员文章</div><p>x</p>", "没有", "评论员文章"),
        ("", "没有", ""),
    ],
)
def test_what_a_page_calls_by_such_names_goes(html: str, gone: str, kept: str) -> None:
    left = without_clutter(
        f"<html><body><p>{'正文' * 20}</p>{html}</body></html>" if html else html
    )
    assert gone not in left
    assert kept in left


def test_lines_of_the_page_go_and_lines_of_the_story_stay() -> None:
    text = (
        "云岫区法院网上立案系统恢复运行\n2026年11月20日 09:10 来源：云岫日报\n11月18日，系统故障。\n"
        "责任编辑：某\n版权所有：江澜法治网\n责任编辑制度将于明年改革，法院将公布细则，并征求社会各界的意见，届时请关注。"
        "征求意见为期三十日，所有意见都会逐条答复，并附上采纳与否的理由，以便社会监督和查阅，详见公告全文。"
    )
    left = without_stray_lines(text, "云岫区法院网上立案系统恢复运行_江澜法治网")
    assert left.splitlines()[0] == "11月18日，系统故障。"
    assert left.splitlines()[-1].startswith("责任编辑制度")
    assert len(left.splitlines()) == 2
