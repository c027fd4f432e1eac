"""The linear annotator, peer of the one that ships, keeps its contract."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.annotation import IRRELEVANT, Annotation, Demand, Target
from domain.errors import ConfigurationError
from domain.posts import Platform
from domain.protocols import Reading
from nlp import corpus, topics
from nlp.linear import SHIPPED, LinearAnnotator
from nlp.training import read_examples

GOLD = Path(__file__).parents[1] / "gold"
ANNOTATOR = LinearAnnotator.load()
readings = st.builds(
    Reading,
    text=st.one_of(
        st.text(max_size=120),
        st.text(alphabet="法院官判死刑执行难立案轻不公谢好？！🙂#@[]12 ", max_size=80),
    ),
    platform=st.sampled_from(Platform),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(readings, max_size=12))
def test_a_batch_gives_what_one_by_one_gives(batch: list[Reading]) -> None:
    together = ANNOTATOR.annotate(batch)
    assert together == [ANNOTATOR.annotate([reading])[0] for reading in batch]
    assert together == ANNOTATOR.annotate(batch)[::1]


@settings(max_examples=100, deadline=None)
@given(readings)
def test_every_annotation_follows_the_guideline(reading: Reading) -> None:
    (said,) = ANNOTATOR.annotate([reading])
    known = topics.load()
    assert 1 <= len(said.topics) <= 3
    assert set(said.topics) <= set(known)
    assert len(set(said.topics)) == len(said.topics)
    assert all(topic not in said.topics[1:] for topic in (IRRELEVANT, "case_discussion"))
    if not said.relevant:
        assert (said.target, said.demand, said.irony) == (Target.OTHER, Demand.NONE, False)
    assert set(said.scores) == {"stance", "target", "sentiment", "topics", "demand", "irony"}
    assert all(0 <= score <= 1 for score in said.scores.values())
    assert said.model == ANNOTATOR.name == "linear-v1"


def test_gold_examples_are_not_in_training() -> None:
    trained = {example.text for example in read_examples()}
    assert not trained & {text.text for text in corpus.read(GOLD / "annotation.jsonl")}


def test_the_file_is_small_and_loads_fast() -> None:
    assert SHIPPED.stat().st_size <= 5_000_000

    def seconds() -> float:
        started = time.perf_counter()
        LinearAnnotator.load()
        return time.perf_counter() - started

    assert min(seconds() for _ in range(3)) <= 0.5


def test_the_file_holds_numbers_only() -> None:
    with np.load(SHIPPED, allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        assert all(arrays[name].dtype.kind in "iuf" for name in arrays.files)
    # The only words are labels and our own keyword lists.
    assert set(about) == {
        "format", "name", "topics", "stances", "demands", "keywords", "thresholds",
    }  # fmt: skip


def test_load_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert LinearAnnotator.load().annotate([Reading("法院判得好", Platform.WEIBO)])


def test_serving_loads_no_training_library() -> None:
    code = "import sys, nlp.linear; print([m for m in ('torch', 'sklearn.linear_model', 'pandas') if m in sys.modules])"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=dict(os.environ), capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"x" * 100])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    damaged = tmp_path / "model.npz"
    damaged.write_bytes(content)
    with pytest.raises(ConfigurationError, match="can't be read"):
        LinearAnnotator.load(damaged)
    with pytest.raises(ConfigurationError, match="can't be read"):
        LinearAnnotator.load(tmp_path / "none.npz")


def test_nothing_in_nothing_out() -> None:
    assert ANNOTATOR.annotate([]) == []


def said(text: str, platform: Platform = Platform.WEIBO) -> Annotation:
    return ANNOTATOR.annotate([Reading(text, platform)])[0]


def test_plain_cases_are_read_as_the_guideline_says() -> None:
    assert said("法官收了钱吧，这判决太黑了，枉法裁判！", Platform.VIDEO_COMMENT).court_negative
    assert not said("法院路今天又堵车了").relevant
    assert said("请问离婚起诉需要带什么材料？", Platform.HOTLINE).demand is Demand.CONSULT
    party = said("这个畜生必须判死刑！", Platform.VIDEO_COMMENT)
    assert (party.target, party.demand) == (Target.PARTY, Demand.PUNISH)
