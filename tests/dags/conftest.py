"""An Airflow of its own for the tests: fresh home, demonstration sources, no network."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable

import pytest

from courtpulse.airflow import environment, prepare
from courtpulse.settings import Settings
from courtpulse.sources import declared
from demo.declare import write_sources
from demo.servers import SERVERS


@pytest.fixture(scope="module")
def airflow_environment(
    tmp_path_factory: pytest.TempPathFactory, require: Callable[[object, str], None]
) -> dict[str, str]:
    require(importlib.util.find_spec("airflow"), "Airflow is not installed: the airflow extra")
    folder = tmp_path_factory.mktemp("airflow")
    # Nobody listens there: parsing must not need the sources to answer.
    write_sources(folder / "sources", dict.fromkeys(SERVERS, "http://127.0.0.1:9"))
    settings = Settings(data=folder, sources=(folder / "sources",))
    prepare(settings, [source.pool_name for source in declared(settings.sources).values()])
    return environment(settings, {**os.environ, "COURTPULSE_SOURCES": str(folder / "sources")})
