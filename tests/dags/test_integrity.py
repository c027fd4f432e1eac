"""Every DAG parses, has retries and limits, and imports nothing heavy before a task runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

_PARSE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag({folder!r})
heavy = [name for name in ("scrapy", "sklearn", "scipy", "torch", "transformers", "vl_convert",
                           "docx", "opensearchpy", "elasticsearch", "trafilatura", "rjieba")
         if name in sys.modules]
print("RESULT" + json.dumps({{
    "errors": bag.import_errors,
    "heavy": heavy,
    "dags": {{
        dag.dag_id: {{
            "catchup": dag.catchup,
            "max_active_runs": dag.max_active_runs,
            "timeout": dag.dagrun_timeout and dag.dagrun_timeout.total_seconds(),
            "tasks": [
                {{
                    "id": task.task_id,
                    "retries": task.retries,
                    "limit": task.execution_timeout and task.execution_timeout.total_seconds(),
                    "pool": task.pool,
                    "outlets": [asset.name for asset in task.outlets],
                }}
                for task in dag.tasks
            ],
        }}
        for dag in bag.dags.values()
    }},
}}))
"""


@pytest.fixture(scope="module")
def parsed(airflow_environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", _PARSE.format(folder=str(ROOT / "dags"))],
        env=airflow_environment,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert lines, done.stderr[-2000:]
    result: dict[str, Any] = json.loads(lines[0].removeprefix("RESULT"))
    return result


def test_every_file_parses(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}


def test_there_is_a_dag_for_every_source_and_step(parsed: dict[str, Any]) -> None:
    declared = {f"collect_{path.stem}" for path in (ROOT / "demo" / "sources").glob("*.yml")}
    assert declared
    steps = {
        "annotate",
        "candidates",
        "detect",
        "notify",
        "report_weekly",
        "housekeeping",
        "recheck",
    }
    assert set(parsed["dags"]) == declared | steps


def test_every_task_retries_and_ends(parsed: dict[str, Any]) -> None:
    for name, dag in parsed["dags"].items():
        assert dag["catchup"] is False, name
        assert dag["max_active_runs"] == 1, name
        assert dag["timeout"], name
        for task in dag["tasks"]:
            assert task["retries"] >= 1, (name, task["id"])
            assert 0 < task["limit"] < dag["timeout"], (name, task["id"])


def test_assets_carry_the_chain(parsed: dict[str, Any]) -> None:
    outlets = {
        uri for dag in parsed["dags"].values() for task in dag["tasks"] for uri in task["outlets"]
    }
    assert outlets == {"courtpulse://inbox", "courtpulse://index", "courtpulse://alerts"}


def test_sources_of_one_host_share_a_pool(parsed: dict[str, Any]) -> None:
    pools = {
        task["pool"]
        for name, dag in parsed["dags"].items()
        if name.startswith("collect_")
        for task in dag["tasks"]
    }
    assert "default_pool" not in pools


def test_nothing_heavy_is_imported_to_parse(parsed: dict[str, Any]) -> None:
    assert parsed["heavy"] == []


def test_the_folder_holds_nothing_else() -> None:
    names = {path.name for path in (ROOT / "dags").iterdir() if path.suffix == ".py"}
    assert names == {
        "__init__.py",
        "assets.py",
        "candidates.py",
        "chain.py",
        "collect.py",
        "reports.py",
    }
    assert not os.access(ROOT / "config", os.F_OK)
