"""`courtpulse label` and `courtpulse explain`, used as programs are: a process, a keyboard, files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TEXTS = (
    ("a1", "云岫区法院窗口推诿，材料退了三次，太黑了！"),
    ("b2", "今天天气真好，去公园走走"),
    ("c3", "请问白榆县法院立案要带什么材料？"),
    ("d4", "这个人渣必须严惩！"),
)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    file = tmp_path / "texts.jsonl"
    rows = [{"id": name, "text": text, "kind": "post"} for name, text in TEXTS]
    file.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return file


def _run(folder: Path, *arguments: str, keys: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "courtpulse", *arguments],
        input=keys, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "COURTPULSE_DATA": str(folder / "data"), "COLUMNS": "200"},
    )  # fmt: skip


def _rows(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_session_stops_goes_on_and_keeps_no_text(tmp_path: Path, texts: Path) -> None:
    out = tmp_path / "labels.jsonl"
    first = _run(
        tmp_path, "label", str(texts), "--out", str(out), keys="nonsense\nc- 1,2 d2 i\nq\n"
    )
    assert first.returncode == 0, first.stderr
    assert "is no answer" in first.stdout + first.stderr
    [row] = _rows(out)
    assert set(row) == {
        "id", "target", "sentiment", "topics", "demand", "irony", "unsure", "annotators", "round",
    }  # fmt: skip
    assert (row["target"], row["sentiment"], row["irony"]) == ("court", "negative", True)
    # A kill in mid-line: the rest of the line is dropped, its text asked again.
    with out.open("ab") as file:
        file.write(b'{"id": "half')
    second = _run(tmp_path, "label", str(texts), "--out", str(out), keys="x0\nx0 u\nx0\n")
    assert second.returncode == 0, second.stderr
    assert sorted(str(row["id"]) for row in _rows(out)) == ["a1", "b2", "c3", "d4"]
    written = out.read_text(encoding="utf-8")
    assert not any(text[:4] in written for _, text in TEXTS)


def test_blind_shows_the_guess_only_after_the_answer(tmp_path: Path, texts: Path) -> None:
    blind = _run(tmp_path, "label", str(texts), "--out", str(tmp_path / "1"), keys="q\n")
    assert "模型：" not in blind.stdout
    after = _run(tmp_path, "label", str(texts), "--out", str(tmp_path / "2"), keys="x0\nq\n")
    assert "模型：" in after.stdout
    shown = _run(
        tmp_path, "label", str(texts), "--out", str(tmp_path / "3"), "--show-guess", keys="\nq\n"
    )
    assert shown.stdout.index("模型：") < shown.stdout.index("> ")
    assert len(_rows(tmp_path / "3")) == 1


def test_two_passes_and_their_agreement(tmp_path: Path, texts: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    keys = "c- 1\nx0\ne0 2\np- 3\n"
    assert _run(tmp_path, "label", str(texts), "--out", str(one), keys=keys).returncode == 0
    second = _run(
        tmp_path, "label", str(texts), "--out", str(two), "--again", str(one), "--round", "2",
        keys=keys.replace("e0 2", "c0 2"),
    )  # fmt: skip
    assert second.returncode == 0, second.stderr
    assert {row["round"] for row in _rows(two)} == {2}
    found = _run(tmp_path, "label", "--agreement", str(one), str(two), "--json")
    by_field = {row["field"]: row for row in json.loads(found.stdout)}
    assert by_field["target"]["same"] == 0.75
    # po = .75; pe = (1·2 + 1·1 + 1·0 + 1·1)/16 = .25; κ = .5/.75
    assert by_field["target"]["kappa"] == pytest.approx(2 / 3)
    assert by_field["sentiment"]["kappa"] == 1
    assert by_field["target"]["low"] <= by_field["target"]["kappa"] <= by_field["target"]["high"]


def test_wrong_files_are_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "a"}\n', encoding="utf-8")
    found = _run(tmp_path, "label", str(bad))
    assert found.returncode == 1
    assert "bad.jsonl:1" in found.stdout + found.stderr


def test_explain_prints_labels_scores_and_words(tmp_path: Path) -> None:
    text = "云岫区法院窗口推诿，材料退了三次，太黑了！"
    found = _run(tmp_path, "explain", text, "--json")
    assert found.returncode == 0, found.stderr
    fields = {row["field"]: row for row in json.loads(found.stdout)}
    assert set(fields) == {"stance", "topics", "demand", "irony"}
    assert fields["stance"]["threshold"] == 0.5
    assert all(word in text for _, word, _ in fields["stance"]["words"])
    table = _run(tmp_path, "explain", text)
    assert "stance" in table.stdout
    missing = _run(tmp_path, "explain", "0" * 32)
    assert missing.returncode == 1
