"""The model of the settings: the shipped one, a folder, a damaged folder; commands that refuse."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from courtpulse.cli import app
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from domain.errors import ConfigurationError
from nlp.encoder.serving import SHIPPED


def rooms(monkeypatch: pytest.MonkeyPatch, folder: Path, model: Path | None) -> Rooms:
    monkeypatch.setenv("COURTPULSE_DATA", str(folder / "var"))
    if model is not None:
        monkeypatch.setenv("COURTPULSE_MODEL", str(model))
    return Rooms(Settings.load())


def test_without_a_setting_the_shipped_model_labels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert rooms(monkeypatch, tmp_path, None).annotator.name == "court-v1"


def test_the_setting_names_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "mine")
    assert rooms(monkeypatch, tmp_path, tmp_path / "mine").annotator.name == "court-v1"


def test_a_damaged_folder_is_an_error_that_names_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(SHIPPED, tmp_path / "mine")
    encoder = tmp_path / "mine" / "encoder.onnx"
    encoder.write_bytes(encoder.read_bytes()[:-1])
    with pytest.raises(ConfigurationError, match=r"mine/encoder\.onnx"):
        _ = rooms(monkeypatch, tmp_path, tmp_path / "mine").annotator


def test_exporting_what_is_exported_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("COURTPULSE_DATA", str(tmp_path / "var"))
    done = CliRunner().invoke(app, ["model", "export", str(SHIPPED), "--out", str(tmp_path / "x")])
    assert done.exit_code == 1
    assert "model.safetensors" in done.output
    assert "Traceback" not in done.output
