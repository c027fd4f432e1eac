"""`courtpulse evaluate` and `courtpulse drift` as they are typed, and the flow's weekly step."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from courtpulse.cli import app
from courtpulse.flow import opened
from domain.annotation import AnnotatedPost
from domain.posts import Platform, Post, PostKind
from domain.protocols import Query, Reading
from nlp import corpus

GOLD = Path(__file__).parents[1] / "gold" / "annotation.jsonl"
MONDAY = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The program over an empty folder."""
    monkeypatch.setenv("COURTPULSE_DATA", str(tmp_path / "data"))
    return CliRunner()


def test_evaluate_prints_figures_and_intervals(run: CliRunner, tmp_path: Path) -> None:
    lines = GOLD.read_text(encoding="utf-8").splitlines()[:30]
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    result = run.invoke(app, ["evaluate", str(path), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["n"] == 30
    low, high = found["intervals"]["joint_accuracy"]
    assert low <= found["joint_accuracy"] <= high
    assert found["bad_lines"] == []


def test_evaluate_names_a_bad_line_and_measures_the_rest(run: CliRunner, tmp_path: Path) -> None:
    good = GOLD.read_text(encoding="utf-8").splitlines()[0]
    path = tmp_path / "texts.jsonl"
    half = json.dumps(json.loads(good) | {"text": "云岫区法院\ud83d"})  # of an emoji
    path.write_text(f"{good}\n{{\n{half}\n", encoding="utf-8")
    result = run.invoke(app, ["evaluate", str(path), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["n"] == 2
    assert "texts.jsonl:2" in result.stderr


def test_evaluate_fails_only_when_nothing_was_measured(run: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text('{"text": "开庭"}\n', encoding="utf-8")
    result = run.invoke(app, ["evaluate", str(path), "--json"])
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["n"], found["joint_accuracy"]) == (0, None)
    assert found["bad_lines"][0]["where"] == "texts.jsonl:1"


def test_evaluate_needs_and_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "read only"
    folder.mkdir()
    path = tmp_path / "texts.jsonl"
    path.write_text(GOLD.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    monkeypatch.delenv("COURTPULSE_DATA", raising=False)
    monkeypatch.chdir(folder)
    folder.chmod(0o500)
    try:
        result = CliRunner().invoke(app, ["evaluate", str(path), "--json"])
    finally:
        folder.chmod(0o700)
    assert result.exit_code == 0, result.output
    assert list(folder.iterdir()) == []


def test_evaluate_emotion(run: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "felt.jsonl"
    rows = [("气死我了，简直混账！", "angry"), ("太开心啦，终于等到了！", "happy")]
    path.write_text("\n".join(json.dumps({"text": text, "label": label}) for text, label in rows))
    result = run.invoke(app, ["evaluate", "--task", "emotion", str(path), "--json"])
    assert result.exit_code == 0, result.output
    assert {"accuracy", "macro_f1"} <= set(json.loads(result.stdout))


def test_the_week_is_compared_kept_and_said_in_the_weekly(run: CliRunner) -> None:
    texts = [one.text for one in corpus.read(GOLD)]
    with opened() as flow:
        labels = flow.rooms.annotator.annotate([Reading(text, Platform.WEIBO) for text in texts])
        flow.rooms.store.upsert(
            [
                AnnotatedPost(
                    Post(
                        f"{number:032x}", "s", Platform.WEIBO, PostKind.POST, text,
                        MONDAY + timedelta(minutes=number), MONDAY + timedelta(days=1),
                    ),
                    label,
                )
                for number, (text, label) in enumerate(zip(texts, labels, strict=True))
            ]
        )  # fmt: skip
        [held] = flow.rooms.store.search(Query(), limit=1).posts
        other = replace(held.post, id="f" * 32)
        flow.rooms.store.upsert(
            [replace(held, post=other, annotation=replace(held.annotation, model="old"))]
        )
    result = run.invoke(app, ["drift", "--first-day", "2026-11-06", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["posts"], found["other_models"]) == (len(texts), 1)
    changes = {one["field"]: one["change"] for one in found["moved"]}
    assert changes["stance"] == "much"  # the gold texts are hard on purpose
    with opened() as flow:
        [kept] = flow.rooms.records.reports.all(kind="drift")
        assert kept.aggregates == found
        report = flow.report_weekly(datetime(2026, 11, 6, tzinfo=UTC).date())
        page = Path(report.files["html"]).read_text(encoding="utf-8")
        assert flow.rooms.records.reports.all() == [report]
    assert "模型提示：本周帖文与模型训练时相比，对象与态度" in page
    assert "与训练时的差异：抽取本周 161 帖" in page
    assert "把握与态度不明" in page


def test_learning_a_reference_needs_texts(run: CliRunner, tmp_path: Path) -> None:
    path, out = tmp_path / "texts.jsonl", tmp_path / "drift.json"
    path.write_text('{"text": "开庭"}\n', encoding="utf-8")
    few = run.invoke(app, ["drift", "--learn", str(path), "--out", str(out)])
    assert (few.exit_code, out.exists()) == (1, False)
    path.write_text('{"text": "开庭"}\n' * 60, encoding="utf-8")
    done = run.invoke(app, ["drift", "--learn", str(path), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert json.loads(out.read_text(encoding="utf-8"))["texts"] == 60
