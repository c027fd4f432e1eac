"""A few kills on every run of the tests; `python -m bench.kills` does fifty."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.kills import measure


@pytest.mark.timeout(600)
def test_killed_runs_lose_and_double_nothing(tmp_path: Path) -> None:
    calm, rough, instants = measure(tmp_path, kills=3, seed=7)
    assert len(instants) >= 3
    assert len(calm.posts) > 800
    assert calm.alerts
    for result in rough:
        assert result.posts == calm.posts
        assert result.counts == calm.counts
        assert result.alerts == calm.alerts
