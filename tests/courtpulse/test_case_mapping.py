"""What a mapping of a court's columns may say, and what a case number says of the stage."""

from __future__ import annotations

from pathlib import Path

import pytest

from courtpulse.case_import import load_mapping
from courtpulse.case_import.incoming import stage_of
from domain.errors import ConfigurationError


@pytest.mark.parametrize(
    ("number", "stage"),
    [("（2026）浙9902民诉前调1号", "诉前调解"), ("（2026）浙99民申1号", "再审审查"),
     ("（2026）浙99破1号", "破产"), ("（2026）浙99行赔初1号", "国家赔偿"),
     ("（2026）浙99刑再1号", "再审"), ("（2026）浙9902执恢1号", "执行")],
)  # fmt: skip
def test_the_stage_follows_from_the_number(number: str, stage: str) -> None:
    assert stage_of(number) == stage


def test_a_wrong_mapping_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.yml"
    for text in (
        "3",
        "system: x\ncolumns: {colour: a}",
        "columns: {}",
        "system: x\ndates: {a: 生日}",
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError):
            load_mapping(path)
    with pytest.raises(ConfigurationError, match="no such mapping"):
        load_mapping("nowhere")
