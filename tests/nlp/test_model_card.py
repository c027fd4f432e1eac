"""The card's table can be read back: the weekly report prints it."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import ConfigurationError
from nlp.model_card import read_metrics


def test_the_shipped_card_states_its_quality() -> None:
    metrics = read_metrics()
    assert 0.5 < metrics["joint_accuracy"] < 1
    assert 0.4 < metrics["court_negative_f1"] < 1


def test_a_card_without_figures_is_refused(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text("| metric | value |", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="court_negative_f1"):
        read_metrics(card)
