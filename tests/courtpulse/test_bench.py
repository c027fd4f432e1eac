"""`courtpulse bench spikes` on files of its own making, and what its JSON promises."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from courtpulse.cli import app

DAY = 86_400


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Three quiet series, and one whose eighth day has a burst of 60 people in half an hour."""
    monkeypatch.setenv("COURTPULSE_DATA", str(tmp_path / "var"))
    monkeypatch.delenv("COURTPULSE_SHARED", raising=False)
    random = np.random.default_rng(4)
    events = ["neg,author,t,series"]
    for series in range(4):
        moments = random.uniform(0, 28 * DAY, 300)
        events += [f"0,{author},{at:.0f},s{series}" for author, at in enumerate(moments)]
    events += [f"1,b{n},{8 * DAY + 30 * n},s3" for n in range(60)]
    truth = ["series,scenario,start,burst_start,takeoff,burst_end"]
    truth += [f"s{series},quiet,0,,," for series in range(3)]
    truth.append(f"s3,warm,0,{8 * DAY},{8 * DAY},{8 * DAY + 1800}")
    paths = tmp_path / "events.csv", tmp_path / "truth.csv"
    for path, lines in zip(paths, (events, truth), strict=True):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ["bench", "spikes", "--events", str(paths[0]), "--truth", str(paths[1])]


def test_all_methods_are_compared_and_ours_is_in_time(files):
    done = CliRunner().invoke(app, [*files, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["schema"], found["calibration"]) == (1, "constants")
    assert (found["series"], found["quiet"], found["bursts"]) == (4, 3, 1)
    assert [method for method, _ in found["left_out"]] == ["random_cut_forest"]
    assert len(found["trials"]) == 14
    ours = next(t for t in found["trials"] if t["method"] == "surge_levelled" and not t["neg"])
    for at, nominal in zip(ours["at"], (1.0, 0.1), strict=True):
        assert at["nominal"] == nominal
        assert at["bursts"]["n"] == at["scenarios"]["warm"]["n"] == 1
        assert at["bursts"]["within_hour"] == 1
        assert 0 < at["bursts"]["median_minutes"] <= 15
        assert at["realised"] == 0
        assert at["few_authors"] == {"n": 0, "alerts": None}
        assert at["together"]["n"] == 6


def test_a_bad_file_is_one_line_and_not_a_traceback(files, tmp_path):
    (tmp_path / "events.csv").write_text("series,t,author\n", encoding="utf-8")
    done = CliRunner().invoke(app, files)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
