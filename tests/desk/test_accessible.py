"""Contrast, landmarks, labels, language: computed, not believed."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import lxml.html
import pytest

CSS = (Path(__file__).parents[2] / "desk" / "static" / "desk.css").read_text(encoding="utf-8")
PAGES = ("/", "/cases", "/cases/liang", "/watch?phrase=网上立案", "/posts", "/sources", "/operations", "/reports",
         "/about", "/nothing")  # fmt: skip


def _colour(name: str) -> str:
    found = re.search(rf"--{name}: (#[0-9a-f]{{3,6}});", CSS)
    assert found, name
    return found.group(1)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("blue", "card"),
        ("yellow", "yellow-ground"),
        ("yellow", "card"),
        ("orange", "card"),
        ("red", "card"),
        ("accent", "card"),
        ("accent", "page"),
        ("soft", "card"),
        ("soft", "page"),
        ("ink", "yellow-ground"),
    ],
)
def test_words_stand_out_from_their_ground(ink: str, ground: str) -> None:
    assert _contrast(_colour(ink), _colour(ground)) >= 4.5


def test_the_formula_of_contrast_is_the_one_of_wcag() -> None:
    assert _contrast("#000000", "#fff") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_levels_differ_without_colour(desk: Any) -> None:
    page = desk.text("/")
    for word, filled in (("橙</b> 重大", 3), ("黄</b> 较大", 2), ("蓝</b> 一般", 1)):
        sign = page.split(word)[0].rsplit('class="slots"', 1)[1]
        assert sign.count('class="on"') == filled


@pytest.fixture
def trees(desk: Any) -> dict[str, Any]:
    alert = desk.services.records.alerts.open()[0].id
    return {
        path: lxml.html.fromstring(desk.client.get(path).text)
        for path in (*PAGES, f"/alerts/{alert}")
    }


def test_every_page_has_language_title_landmarks_and_one_head(trees: dict[str, Any]) -> None:
    for path, tree in trees.items():
        assert tree.get("lang") == "zh-CN", path
        assert tree.findtext(".//title"), path
        for landmark in ("header", "nav", "main", "footer"):
            assert tree.findall(f".//{landmark}"), (path, landmark)
        heads = list(tree.iter("h1"))
        assert len(heads) == 1, path
        levels = [int(element.tag[1]) for element in tree.iter("h1", "h2", "h3")]
        assert all(after - before <= 1 for before, after in pairwise(levels)), path


def test_every_field_has_a_label_and_every_control_a_name(trees: dict[str, Any]) -> None:
    for path, tree in trees.items():
        labelled = {label.get("for") for label in tree.iter("label")}
        for field in tree.iter("input", "select", "textarea"):
            if field.get("type") == "hidden":
                continue
            inside = any(parent.tag == "label" for parent in field.iterancestors())
            assert inside or field.get("id") in labelled, (path, field.get("name"))
        for control in tree.iter("button", "a"):
            assert control.text_content().strip() or control.get("id") == "show-arrived", (
                path,
                lxml.html.tostring(control),
            )


def test_every_table_is_a_table(trees: dict[str, Any]) -> None:
    for path, tree in trees.items():
        for table in tree.iter("table"):
            assert table.find("caption") is not None, path
            assert all(head.get("scope") for head in table.iter("th")), path


def test_ids_are_unique_and_references_point_somewhere(trees: dict[str, Any]) -> None:
    for path, tree in trees.items():
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids)), path
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert set(tree.xpath(f"//@{name}")) <= set(ids), (path, name)
