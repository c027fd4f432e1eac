"""Airflow on one machine: its environment, its first set-up, its three processes."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from courtpulse.settings import ROOT, Settings
from domain.errors import ConfigurationError

#: Tasks at once. Two cores gain nothing from more, and every task is a process.
_PARALLELISM = 4
API_SERVER, SCHEDULER = "api-server", "scheduler"
#: Of Airflow's parts these run, in this order; nothing of ours defers, so no triggerer.
PROCESSES = ("dag-processor", API_SERVER, SCHEDULER)
#: The scheduler would serve its logs on every interface of the machine.
_ARGUMENTS = {SCHEDULER: ("--skip-serve-logs",)}


def environment(settings: Settings, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of every Airflow process; settings a user made are kept."""
    home = settings.folder / "airflow"
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(_PARALLELISM),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        # Bound to the loopback, as the pages are, until accounts exist.
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": (
            f"http://127.0.0.1:{settings.airflow_port}/execution/"
        ),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(settings.airflow_port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": _secret(home),
        # A task whose process was killed is noticed after these many seconds (default 300), and what
        # a killed scheduler had in hand as well: a source must not be silent so long.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "90",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "60",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        # The files change only with a new version of the program.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
    }
    ours = {name: value for name, value in own.items() if name not in base}
    return {**base, **ours, "COURTPULSE_DATA": str(settings.folder)}


def pools(names: Iterable[str]) -> str:
    """Pools, one slot each, in the form `airflow pools import` reads: one request a host at a time."""
    return json.dumps(
        {
            name: {
                "slots": 1,
                "description": "one source of this host at a time",
                "include_deferred": False,
            }
            for name in sorted(set(names))
        },
        indent=2,
    )


def prepare(settings: Settings, pool_names: Iterable[str]) -> None:
    """Create or migrate Airflow's database and its pools.

    Raises:
        ConfigurationError: Airflow isn't installed, or refuses; its last words are in the error.
    """
    home = settings.folder / "airflow"
    home.mkdir(parents=True, exist_ok=True)
    listing = home / "pools.json"
    listing.write_text(pools(pool_names), encoding="utf-8")
    for arguments in (("db", "migrate"), ("pools", "import", str(listing))):
        done = subprocess.run(
            command(*arguments), env=environment(settings), capture_output=True, check=False
        )
        if done.returncode != 0:
            raise ConfigurationError(
                f"airflow {' '.join(arguments[:2])} failed: {_last_words(done.stderr)}",
                remedy="is the airflow extra installed? courtpulse doctor says",
                where=str(home),
            )


def process(name: str) -> list[str]:
    """How to start one of `PROCESSES`."""
    return command(name, *_ARGUMENTS.get(name, ()))


def command(*arguments: str) -> list[str]:
    """How to call Airflow from the environment this program runs in."""
    return [str(Path(sys.executable).with_name("airflow")), *arguments]


def _secret(home: Path) -> str:
    """The key Airflow's processes sign their tokens with, made once."""
    file = home / "jwt_secret"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(f".{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_urlsafe(64), encoding="ascii")
        temporary.replace(file)
    return file.read_text(encoding="ascii")


def _last_words(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no output"
