"""Every chart drawn against a fixture: marks, labels and honesty of the axis, then the picture."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
import vl_convert

import charts

Rows = list[dict[str, Any]]
_SVG = "{http://www.w3.org/2000/svg}"


def eight_weeks() -> Rows:
    """Week 0 was before collection, week 3 had a gap, week 5 too few negatives to show."""
    rows: Rows = []
    for order in range(8):
        posts, negative = 300 + 50 * order, 40 + 13 * order
        rows.append(
            {
                "order": order,
                "week": f"10-{order + 2:02d} 至10-{order + 8:02d}",
                "posts": None if order == 0 else posts,
                "distinct": None if order == 0 else posts - 90,
                "court_negative": None if order in (0, 5) else negative,
                "complete": order != 3,
                "note": {0: "未采集", 3: "失联 20 小时"}.get(order, ""),
            }
        )
    return rows


def topics_by_stance() -> Rows:
    parts = (
        ("立案与受理", (("对法院负面", 80), ("对法院中性或正面", 20), ("不针对法院", 30))),
        ("执行", (("对法院负面", 60), ("对法院中性或正面", 12), ("未分列", 25))),
        ("裁判公正与尺度统一", (("对法院负面", 31), ("未分列", 20))),
    )
    return [
        {"order": order, "topic": topic, "stance": stance, "posts": posts}
        for order, (topic, cells) in enumerate(parts)
        for stance, posts in cells
    ]


def case_hours() -> Rows:
    """Three days; blind for six hours, a tenth seen for three; the court spoke on the third."""
    start = datetime.fromisoformat("2026-11-20T00:00")
    rows: Rows = []
    for hour in range(72):
        peak = 40 if 50 <= hour < 54 else 0
        rows.append(
            {
                "kind": "hour",
                "start": (start + timedelta(hours=hour)).isoformat(timespec="minutes"),
                "posts": 2 * (4 + peak),
                "distinct": 3 + peak // 2,
                "authors": 4 + peak + (hour == 51),
                "expected": 4.0,
                "low": 1.0,
                "high": 8.0,
                "covered": 0 if 20 <= hour < 26 else 0.1 if 26 <= hour < 29 else 1,
            }
        )
    act = {"kind": "act", "start": "2026-11-22T10:30", "label": "发布通报", "side": "right"}
    rows.append(act)
    return rows


FIXTURES: dict[str, Callable[[], Rows]] = {
    "case_hours": case_hours,
    "eight_weeks": eight_weeks,
    "topics_by_stance": topics_by_stance,
}
#: Charts of the reports; the others are tested by the room that draws them.
NAMES = sorted(FIXTURES)


def spec(name: str) -> dict[str, Any]:
    return charts.with_values(
        charts.load(name), FIXTURES[name](), title="答案在标题", subtitle="n=379"
    )


def svg(name: str) -> ElementTree.Element:
    drawn = vl_convert.vegalite_to_svg(
        spec(name), vl_version=charts.VEGA_LITE, allowed_base_urls=[]
    )
    return ElementTree.fromstring(drawn)


def texts(drawn: ElementTree.Element) -> list[str]:
    return ["".join(node.itertext()) for node in drawn.iter(f"{_SVG}text")]


def marks(drawn: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """The drawn items of the layer `name`."""
    found = [
        group
        for group in drawn.iter(f"{_SVG}g")
        if f"{name}_marks" in group.get("class", "").split()
    ]
    assert found, f"no layer {name}"
    return [item for group in found for item in group if item.get("d") or item.get("transform")]


@pytest.mark.parametrize("name", NAMES)
def test_fixture_has_the_fields_the_chart_asks_for(name: str) -> None:
    asked = set(charts.load(name)["usermeta"]["fields"])
    assert {key for row in FIXTURES[name]() for key in row} == asked


@pytest.mark.parametrize("name", NAMES)
def test_chart_says_its_answer_in_chinese_type(name: str) -> None:
    drawn = svg(name)
    assert {"答案在标题", "n=379"} <= set(texts(drawn))
    fonts = {node.get("font-family", "") for node in drawn.iter(f"{_SVG}text")}
    assert all(font.startswith("Noto Sans CJK SC") for font in fonts)


@pytest.mark.parametrize("name", NAMES)
def test_quantities_start_at_zero(name: str) -> None:
    assert "0" in texts(svg(name))


@pytest.mark.parametrize("name", NAMES)
def test_png_at_200_dpi(name: str) -> None:
    png = vl_convert.vegalite_to_png(spec(name), vl_version=charts.VEGA_LITE, ppi=200)
    width, height = struct.unpack(">II", png[16:24])
    assert width > 1400
    assert height > 400


def test_eight_weeks_draws_no_zero_for_the_unknown() -> None:
    drawn = svg("eight_weeks")
    assert len(marks(drawn, "volume")) == len(marks(drawn, "distinct")) == 7
    dashed = [bar for bar in marks(drawn, "volume") if bar.get("stroke-dasharray") == "4,3"]
    assert len(dashed) == 1
    said = texts(drawn)
    assert {"未采集", "失联 20 小时", "650", "涉院负面", "131 帖", "去重后560 帖"} <= {
        part for text in said for part in (text, *re.split(r"(?<=面)", text))
    }
    assert "0 帖" not in said


def test_topics_keep_the_order_of_the_ranking() -> None:
    drawn = svg("topics_by_stance")
    assert len(marks(drawn, "segments")) == 8
    said = texts(drawn)
    assert [text for text in said if text in ("立案与受理", "执行", "裁判公正与尺度统一")] == [
        "立案与受理", "执行", "裁判公正与尺度统一",
    ]  # fmt: skip
    assert {"80", "60", "31", "130", "97", "51"} <= set(said)


def test_case_hours_draws_different_texts_quietly_and_not_where_it_is_blind() -> None:
    drawn = svg("case_hours")
    [line], [observed] = marks(drawn, "distinct"), marks(drawn, "observed")
    assert float(line.get("stroke-width", "0")) < float(observed.get("stroke-width", "0"))
    assert line.get("d", "").count("M") == observed.get("d", "").count("M") == 2, "a gap is no zero"
    assert "细线：去重后，最多 23 帖" in texts(drawn)


@pytest.mark.parametrize(("loudest", "side"), [(2, "early"), (60, "late")])
def test_case_hours_labels_stay_inside(loudest: int, side: str) -> None:
    rows = [row for row in case_hours() if row["kind"] == "hour"]
    rows[loudest]["authors"] = 90
    chart = charts.with_values(charts.load("case_hours"), rows, title="题", subtitle="n=1")
    drawn = ElementTree.fromstring(
        vl_convert.vegalite_to_svg(chart, vl_version=charts.VEGA_LITE, allowed_base_urls=[])
    )
    [peak] = marks(drawn, "observed_label")
    [different] = marks(drawn, "distinct_label")
    anchors = peak.get("text-anchor"), different.get("text-anchor")
    assert anchors == (("start", "end") if side == "early" else ("end", "start"))
    x = [float(re.findall(r"[-.\d]+", one.get("transform", ""))[0]) for one in (peak, different)]
    assert (x[0] < x[1]) is (side == "early"), "the one stands where the other isn't"


def test_case_hours_hatches_gaps_and_marks_the_act() -> None:
    drawn = svg("case_hours")
    assert len(marks(drawn, "blind")) == 9
    assert len(marks(drawn, "hatch")) == 9 * 22
    assert len(marks(drawn, "act")) == 1
    assert {"发布通报", "观测峰值 45 人", "斜线：数据缺口", "灰带：平日 95% 范围"} <= set(
        texts(drawn)
    )


def test_greys_of_the_stances_differ() -> None:
    colours = charts.load("topics_by_stance")["layer"][0]["encoding"]["color"]["scale"]["range"]
    greys = [
        0.299 * int(c[1:3], 16) + 0.587 * int(c[3:5], 16) + 0.114 * int(c[5:7], 16) for c in colours
    ]
    assert all(later - earlier > 30 for earlier, later in pairwise(greys))


def test_values_leave_the_loaded_chart_alone() -> None:
    bare = charts.load("eight_weeks")
    charts.with_values(bare, eight_weeks(), title="甲")
    assert "values" not in bare["data"]
    assert "title" not in bare
    assert charts.load("eight_weeks") == bare


def test_parameters_are_named() -> None:
    bare = charts.load("case_hours")
    changed = charts.with_values(bare, [], parameters={"bucket_minutes": 5})
    assert changed["params"] == [{"name": "bucket_minutes", "value": 5}]
    with pytest.raises(KeyError):
        charts.with_values(bare, [], parameters={"width_of_moon": 1})


def test_hostile_words_are_text() -> None:
    rows = eight_weeks()
    rows[0]["note"] = "<script>alert(1)</script>"
    drawn = vl_convert.vegalite_to_svg(
        charts.with_values(charts.load("eight_weeks"), rows, title="<img src=x onerror=alert(1)>"),
        vl_version=charts.VEGA_LITE,
    )
    tags = {node.tag for node in ElementTree.fromstring(drawn).iter()}
    assert f"{_SVG}script" not in tags
    assert f"{_SVG}img" not in tags


def test_every_chart_is_listed_and_themed() -> None:
    assert set(NAMES) <= set(charts.names())
    assert "theme" not in charts.names()
    for name in charts.names():
        chart = charts.load(name)
        assert chart["config"]["font"].startswith("Noto Sans CJK SC")
