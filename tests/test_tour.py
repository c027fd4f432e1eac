"""Every file and function docs/tour.md names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_PLACES = re.findall(
    r"`([\w/]+\.py)(?:::([\w.]+))?`", (ROOT / "docs" / "tour.md").read_text("utf-8")
)


@pytest.mark.parametrize(("file", "name"), _PLACES)
def test_the_place_exists(file: str, name: str) -> None:
    path = ROOT / file
    assert path.is_file(), f"docs/tour.md names {file}, which is gone"
    node: ast.AST = ast.parse(path.read_text("utf-8"))
    for part in filter(None, name.split(".")):
        inner = [
            child
            for child in ast.walk(node)
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and child.name == part
        ]
        assert inner, f"docs/tour.md names {name} in {file}, which is gone"
        node = inner[0]


def test_the_tour_visits_every_room() -> None:
    rooms = {file.split("/")[0] for file, _ in _PLACES}
    assert rooms >= {
        "dags", "courtpulse", "crawlers", "text", "nlp", "index", "records", "alerts", "desk", "reports",
    }  # fmt: skip
    assert len(_PLACES) > 30
