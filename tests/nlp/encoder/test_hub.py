"""A model named by its hub name: fetched when asked, never at loading."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from domain.errors import ConfigurationError
from nlp.encoder.hub import fetch, located
from nlp.encoder.serving import SHIPPED

ROOT = Path(__file__).parents[3]
NAME = "jianglan-court/pulse"


@pytest.fixture(scope="module")
def hub() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hub_server", Path(__file__).with_name("hub.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def served(hub: ModuleType) -> Iterator[tuple[str, list[str]]]:
    with hub.serving(NAME, SHIPPED) as found:
        yield found


def courtpulse(
    home: Path, endpoint: str, *arguments: str, model: str = ""
) -> subprocess.CompletedProcess[str]:
    # A process of its own: the hub's client reads these variables when it is imported.
    environment = {
        **os.environ, "HF_HOME": str(home), "HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1", "COURTPULSE_DATA": str(home / "var"),
        "COURTPULSE_MODEL": model,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "courtpulse", *arguments],
        capture_output=True, text=True, env=environment, cwd=ROOT, timeout=120, check=False,
    )  # fmt: skip


def test_a_fetched_model_labels_without_the_network(
    served: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = served
    texts = tmp_path / "texts.jsonl"
    texts.write_text(
        '{"text": "江澜市中院判得公道", "target": "court", "sentiment": "positive",'
        ' "topics": ["support_praise"], "demand": "none"}\n',
        encoding="utf-8",
    )
    fetched = courtpulse(tmp_path, address, "model", "fetch", NAME)
    assert fetched.returncode == 0, fetched.stderr
    assert (Path(fetched.stdout.strip()) / "about.json").is_file()
    before = len(asked)
    assert before > 0
    read = courtpulse(tmp_path, address, "evaluate", str(texts), "--json", model=NAME)
    assert read.returncode == 0, read.stderr
    assert '"court-v1"' in read.stdout
    assert len(asked) == before


def test_a_hub_name_never_fetched_is_refused_and_nothing_is_asked(
    served: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = served
    texts = tmp_path / "texts.jsonl"
    texts.write_text("{}\n", encoding="utf-8")
    refused = courtpulse(tmp_path, address, "evaluate", str(texts), model=NAME)
    assert refused.returncode == 1
    assert f"courtpulse model fetch {NAME}" in " ".join(refused.stderr.split())
    assert asked == []


def test_an_unknown_repository_is_an_error_in_one_line(
    served: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, _ = served
    refused = courtpulse(tmp_path, address, "model", "fetch", "jianglan-court/none")
    assert refused.returncode == 1
    assert "the hub answered 404" in " ".join(refused.stderr.split())
    assert "Traceback" not in refused.stderr


def test_a_repository_without_heads_is_refused(hub: ModuleType, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "config.json").write_text("{}", encoding="utf-8")
    with hub.serving("some/bert", plain) as (address, _):
        refused = courtpulse(tmp_path, address, "model", "fetch", "some/bert")
    assert refused.returncode == 1
    assert "courtpulse train --base some/bert" in " ".join(refused.stderr.split())


def test_a_hub_that_is_down_is_an_error_in_one_line(tmp_path: Path) -> None:
    refused = courtpulse(tmp_path, "http://127.0.0.1:9", "model", "fetch", NAME)
    assert refused.returncode == 1
    assert "can't be reached" in " ".join(refused.stderr.split())


def test_a_folder_goes_before_a_hub_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jianglan-court" / "pulse").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert located(Path(NAME)) == Path(NAME)
    assert located(None) == SHIPPED


@pytest.mark.parametrize("name", ["", "pulse", "a/b/c", "../x", "a b/c", "https://hub/x/y"])
def test_what_is_no_hub_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="no hub name"):
        fetch(name)
