"""Every defect that is known to pass the import, or to break it, is caught before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.annotation import Demand, Sentiment, Target
from domain.errors import ConfigurationError
from domain.posts import Platform, VerifiedType
from index.dashboards import build, check
from index.dashboards.build import COMMITTED
from index.dashboards.source import OVERVIEW, load

ROOT = Path(__file__).parents[2]
Objects = list[dict[str, Any]]


def objects() -> Objects:
    return [json.loads(line) for line in build().splitlines()]


def the(found: Objects, end: str) -> dict[str, Any]:
    [one] = [about for about in found if about["id"].endswith(end)]
    return one


def defects(found: Objects) -> str:
    return "\n".join(check("\n".join(json.dumps(about) for about in found)))


def rewrite(about: dict[str, Any], attribute: str, change: Callable[[Any], None]) -> None:
    """Change JSON that an attribute keeps as text."""
    inner = json.loads(about["attributes"][attribute])
    change(inner)
    about["attributes"][attribute] = json.dumps(inner)


def test_the_committed_file_is_current_and_without_defects() -> None:
    text = COMMITTED.read_text(encoding="utf-8")
    assert text == build(), "run: python -m index.dashboards"
    assert check(text) == []


def test_every_number_says_that_it_is_of_what_came() -> None:
    """A panel can't scale a sample: that it doesn't is said where its number stands."""
    overview = load()
    assert "抽样来源按收到的计，不放大成全量" in overview.description
    for panel in overview.panels:
        if panel.chart in ("vega", "list"):
            continue
        state = json.loads(the(objects(), f"-{panel.id}")["attributes"]["visState"])
        labels = [
            agg["params"].get("customLabel") for agg in state["aggs"] if agg["schema"] == "metric"
        ]
        assert labels[0] in ("实收帖数", "发声者")
        assert labels[1:] == ["去重后（约）"] * panel.distinct


def test_different_texts_are_a_second_line_and_not_stacked() -> None:
    state = json.loads(the(objects(), "-texts")["attributes"]["visState"])
    drawn = state["params"]["seriesParams"]
    assert [(one["type"], one["mode"]) for one in drawn] == [("line", "normal")] * 2
    assert [one["data"]["label"] for one in drawn] == ["实收帖数", "去重后（约）"]


def test_another_prefix_changes_every_id_and_index() -> None:
    text = build("jianglan")
    assert "courtpulse" not in text
    assert check(text) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.pop("visState"), "no visState"),
        (lambda a: a.update(visState="{"), "no visState"),
        (lambda a: a.pop("kibanaSavedObjectMeta"), "no kibanaSavedObjectMeta"),
        (lambda a: a.pop("title"), "no title"),
        (lambda a: a.update(tags=[]), "forbids the attributes ['tags']"),
    ],
)
def test_attributes_of_a_panel(change: Callable[[Any], None], message: str) -> None:
    found = objects()
    change(the(found, "-volume")["attributes"])
    assert f"courtpulse-posts-volume: {message}" in defects(found).replace("Kibana ", "")


def set_field(name: str) -> Callable[[Any], None]:
    def change(state: Any) -> None:
        state["aggs"][-1]["params"]["field"] = name

    return change


def set_time_field(name: str) -> Callable[[Any], None]:
    def change(state: Any) -> None:
        state["aggs"][1]["params"]["field"] = name

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_field("text"), "terms on text: a text has no buckets"),
        (
            set_field("court_stance.keyword"),
            "terms on court_stance.keyword: no such field (court_stance is a keyword already)",
        ),
        (set_field("url"), "terms on url: a keyword has no buckets"),
        (set_field("invented"), "terms on invented: no such field"),
        (set_time_field("demand"), "date_histogram on demand: no date"),
        (lambda s: s["params"].pop("seriesParams"), "no seriesParams"),
        (lambda s: s["params"]["seriesParams"][0].update(mode="normal"), "don't stack"),
        (lambda s: s["params"]["seriesParams"][0]["data"].update(id="9"), "seriesParams draw"),
        (lambda s: s["params"]["seriesParams"][0].update(valueAxis="X"), "value axis"),
        (lambda s: s["aggs"][-1]["params"].update(orderBy="7"), "ordered by 7"),
        (lambda s: s["aggs"][-1].update(type="significant_terms"), "can't be checked"),
        (lambda s: s["aggs"][-1].update(id="1"), "two aggregations have one id"),
        (lambda s: s["aggs"].pop(0), "no metric"),
        (lambda s: s.update(type="lens"), "type lens isn't one both programs draw"),
    ],
)
def test_parts_of_a_panel(change: Callable[[Any], None], message: str) -> None:
    found = objects()
    rewrite(the(found, "-volume"), "visState", change)
    assert message in defects(found)


def test_a_filter_that_names_no_field() -> None:
    found = objects()
    meta = the(found, "-demands")["attributes"]["kibanaSavedObjectMeta"]
    meta["searchSourceJSON"] = meta["searchSourceJSON"].replace("demand:none", "demnad:none")
    rewrite(
        the(found, "-totals"),
        "visState",
        lambda s: s["aggs"][1]["params"]["filters"][1]["input"].update(query="relvant:true"),
    )
    text = defects(found)
    assert "demands: the query names demnad: no such field" in text
    assert "totals: the query names relvant: no such field" in text


def test_references_of_a_panel() -> None:
    found = objects()
    the(found, "-volume")["references"] = []
    the(found, "-topics")["references"][0]["id"] = "elsewhere"
    the(found, "-cases")["references"][0]["name"] = "other"
    text = defects(found)
    assert "volume: no reference to an index pattern is named" in text
    assert "topics: the index pattern elsewhere is missing" in text
    assert "cases: no reference to an index pattern is named" in text


def test_time_field_and_embedded_fields_of_the_pattern() -> None:
    found = objects()
    found[0]["attributes"]["timeFieldName"] = "created_at"
    assert "timeFieldName created_at is no date among the fields" in defects(found)
    found[0]["attributes"].pop("fields")
    assert "no fields embedded" in defects(found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p[0].pop("version"), "panel 1: no version, the whole dashboard crashes"),
        (lambda p: p[0].update(panelRefName="panel_99"), "no reference is named panel_99"),
        (lambda p: p[0].update(panelRefName="1:panel_1"), "1:panel_1 isn't named panel_N"),
        (lambda p: p[0].pop("panelRefName"), "isn't named panel_N"),
        (lambda p: p[0].pop("gridData"), "gridData is incomplete"),
        (lambda p: p[0]["gridData"].update(w=60), "leaves the 48 columns"),
        (lambda p: p[0]["gridData"].update(h=30), "panels 1 and 2 overlap"),
        (lambda p: p[0].update(panelIndex="2"), "two panels have one panelIndex"),
        (lambda p: p.clear(), "no panels"),
    ],
)
def test_panels_of_a_dashboard(change: Callable[[Any], None], message: str) -> None:
    found = objects()
    rewrite(found[-1], "panelsJSON", change)
    assert message in defects(found)


def test_a_dashboard_whose_panel_is_missing_or_whose_refresh_is_half() -> None:
    found = objects()
    found.remove(the(found, "-volume"))
    found[-1]["attributes"]["refreshInterval"] = {"pause": True}
    text = defects(found)
    assert "panel 2: visualization courtpulse-posts-volume is missing" in text
    assert "refreshInterval needs pause and value" in text


@pytest.mark.parametrize(
    ("end", "version"), [("-volume", "7.11.0"), ("-newest", "7.10.0"), ("-overview", "8.0.0")]
)
def test_a_version_above_the_limit(end: str, version: str) -> None:
    found = objects()
    about = the(found, end)
    about["migrationVersion"] = {about["type"]: version}
    assert f"version {version} is above" in defects(found)


def test_an_object_may_go_without_a_version() -> None:
    found = objects()
    for about in found:
        del about["migrationVersion"]
    assert defects(found) == ""


@pytest.mark.parametrize("kind", ["lens", "data-view", "tag"])
def test_a_type_only_kibana_knows(kind: str) -> None:
    found = objects()
    found.append({"type": kind, "id": "x", "attributes": {"title": "x"}, "references": []})
    assert f"{kind} x: OpenSearch Dashboards knows no such type" in defects(found)


def test_what_makes_an_import_refuse_the_file() -> None:
    text = build()
    assert check("\ufeff" + text) == ["file: begins with a byte order mark"]
    assert "stands in the file twice" in check(text + text.splitlines()[1])[0]
    assert "no JSON" in check(text + "{broken")[0]
    assert "no id" in check(text + '{"type": "search", "attributes": {"title": "x"}}')[0]
    half = json.loads(text.splitlines()[1]) | {"coreMigrationVersion": "8.8.0", "id": "y"}
    assert "unknown keys ['coreMigrationVersion']" in check(text + json.dumps(half))[0]
    assert check(text + '{"exportedCount": 12}') == []


def change_vega(change: Callable[[Any], None]) -> str:
    found = objects()

    def within(state: Any) -> None:
        spec = json.loads(state["params"]["spec"])
        change(spec["data"]["url"])
        state["params"]["spec"] = json.dumps(spec)

    rewrite(the(found, "-negative_rate"), "visState", within)
    return defects(found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda u: u.update(index="elsewhere"), "Vega reads elsewhere"),
        (lambda u: u["body"].update(query={"match_all": {}}), "beside %context%"),
        (lambda u: u.update({"%timefield%": "created_at"}), "%timefield% is no date"),
        (
            lambda u: u["body"]["aggs"].update(x={"terms": {"field": "platform.keyword"}}),
            "Vega names platform.keyword: no such field",
        ),
        (lambda u: u.clear(), "can't be read"),
    ],
)
def test_a_vega_panel(change: Callable[[Any], None], message: str) -> None:
    assert message in change_vega(change)


def test_a_list_without_columns_or_with_unknown_ones() -> None:
    found = objects()
    attributes = the(found, "-newest")["attributes"]
    attributes.update(columns=["source", "invented"], sort=[["text", "desc"]])
    text = defects(found)
    assert "column invented: no such field" in text
    assert "can't sort by text" in text
    attributes["columns"] = []
    assert "newest: no columns" in defects(found)


def test_every_label_people_see_is_translated() -> None:
    labels = load().labels
    for field, words in {
        "target": Target,
        "sentiment": Sentiment,
        "demand": Demand,
        "platform": Platform,
        "verified_type": VerifiedType,
    }.items():
        assert set(labels[field]) == {str(word) for word in words}
    catalogue = yaml.safe_load((ROOT / "nlp" / "concern_topics.yaml").read_text(encoding="utf-8"))
    assert labels["topics"] == {topic["id"]: topic["zh"] for topic in catalogue["topics"]}


def test_an_unknown_key_in_the_source_is_refused(tmp_path: Path) -> None:
    text = OVERVIEW.read_text(encoding="utf-8")
    wrong = tmp_path / "overview.yml"
    wrong.write_text(text.replace("chart: area", "chart: area\n    colour: red"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="colour"):
        load(wrong)
