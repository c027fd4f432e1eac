"""An Airflow of its own for the tests: fresh home, demonstration sources, no network."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from courtpulse.airflow import environment, prepare
from courtpulse.settings import Settings
from courtpulse.sources import declared

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def airflow_environment(
    tmp_path_factory: pytest.TempPathFactory, require: Callable[[object, str], None]
) -> dict[str, str]:
    require(importlib.util.find_spec("airflow"), "Airflow is not installed: the airflow extra")
    settings = Settings(
        data=tmp_path_factory.mktemp("airflow"), sources=(ROOT / "demo" / "sources",)
    )
    base = {
        **os.environ,
        "COURTPULSE_SOURCES": str(ROOT / "demo" / "sources"),
        **DEMO_URLS,
    }
    os.environ.update(DEMO_URLS)
    prepare(settings, [source.pool_name for source in declared(settings.sources).values()])
    return environment(settings, base)


#: Addresses nobody listens at: parsing must not need the sources to answer.
DEMO_URLS: dict[str, str] = {}
