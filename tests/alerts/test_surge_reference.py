"""SURGE agrees with the reference trace of the method's authors."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from alerts.surge import Surge
from alerts.tuning import REFERENCE
from domain.time import bucket_index

#: A Monday 00:00 in Asia/Shanghai, where the trace counts its buckets from.
MONDAY = bucket_index(datetime(2026, 3, 1, 16, tzinfo=UTC))


def trace() -> Path:
    folder = os.environ.get("COURTPULSE_SHARED")
    root = Path(folder) if folder else Path(__file__).parents[3] / "shared"
    return root / "data" / "spikes" / "surge_reference_trace.jsonl"


def series() -> list[dict[str, object]]:
    if not trace().exists():
        return []
    return [json.loads(line) for line in trace().read_text("utf-8").splitlines()]


@pytest.mark.parametrize("position", range(6))
def test_scores_agree_to_one_in_a_hundred_thousand(position, require):
    require(trace().exists(), "the reference trace isn't beside the checkout (COURTPULSE_SHARED)")
    row = series()[position]
    counts = {int(bucket): n for bucket, n in row["counts"].items()}
    expected = {int(bucket): score for bucket, score in row["score"].items()}
    first, last = int(row["start_bucket"]), max(*counts, *expected, 8063)
    surge = Surge(REFERENCE)
    surge.watch("case", MONDAY + first)
    observed = np.array([[float(counts.get(bucket, 0))] for bucket in range(first, last + 1)])
    scores = surge.replay(MONDAY + first, observed).value[:, 0]
    for bucket, score in enumerate(scores, start=first):
        if bucket in expected:
            assert score == pytest.approx(expected[bucket], abs=1e-5), bucket
        else:
            assert score <= 0.0500001, bucket
