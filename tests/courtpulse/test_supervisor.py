"""Children are kept running, given up in time, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from courtpulse import supervisor
from courtpulse.supervisor import Child, GivenUp, Supervisor

ROOT = Path(__file__).resolve().parents[2]


def until(condition: Callable[[], object], what: str, limit: float = 20) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether it runs; a zombie nobody has waited for doesn't."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@pytest.fixture
def running() -> Iterator[Supervisor]:
    found = Supervisor()
    yield found
    found.stop()


def program(tmp_path: Path, name: str, code: str) -> Child:
    return Child(name, [sys.executable, "-c", code], dict(os.environ), tmp_path / f"{name}.log")


def pid_of(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


def test_a_child_that_dies_is_started_again(running: Supervisor, tmp_path: Path) -> None:
    child = program(tmp_path, "pages", "print('up', flush=True); import time; time.sleep(60)")
    running.add(child)
    until(child.tail, "it doesn't start")
    running.check()
    first = pid_of(child)
    os.kill(first, signal.SIGKILL)
    until(lambda: child.dead, "the child survives SIGKILL")
    running.check()
    assert pid_of(child) != first
    until(lambda: child.tail().count("up") == 2, "the second start says nothing")
    assert alive(pid_of(child))


def test_one_that_always_dies_is_given_up_with_its_last_words(
    running: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(supervisor, "time", _Time(waits))
    child = program(tmp_path, "loop", "import sys; sys.exit('no such column: 原因')")
    running.add(child)

    def check_until_given_up() -> None:
        while True:
            until(lambda: child.dead, "it doesn't end")
            running.check()

    with pytest.raises(GivenUp, match="loop ended 5 times") as caught:
        check_until_given_up()
    assert caught.value.child.tail().count("no such column: 原因") == 5
    assert waits == sorted(waits)
    assert len(waits) == 4
    assert max(waits) <= 10


class _Time:
    """The clock as it is, sleep only written down."""

    def __init__(self, waits: list[float]) -> None:
        self.sleep = waits.append
        self.monotonic = time.monotonic


def test_stopping_leaves_nobody_behind(running: Supervisor, tmp_path: Path) -> None:
    grandchild = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    children = [program(tmp_path, name, grandchild) for name in ("pages", "demonstration")]
    for child in children:
        running.add(child)
    until(lambda: all(child.tail() for child in children), "no grandchild")
    pids = [pid_of(child) for child in children] + [int(child.tail()) for child in children]
    assert all(map(alive, pids))
    assert running.stop() == []
    until(lambda: not any(map(alive, pids)), f"left behind: {[pid for pid in pids if alive(pid)]}")
    assert running.stop() == [], "stopping twice is fine"


def test_one_that_ignores_its_end_is_killed_and_named(
    running: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_PATIENCE", 0.5)
    deaf = program(
        tmp_path, "deaf",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('deaf', flush=True); time.sleep(60)",
    )  # fmt: skip
    polite = program(tmp_path, "polite", "print('up', flush=True); import time; time.sleep(60)")
    running.add(deaf)
    running.add(polite)
    until(lambda: deaf.tail() and polite.tail(), "they don't start")
    assert running.stop() == ["deaf"]
    assert not alive(pid_of(deaf))
    assert not alive(pid_of(polite))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_supervisor_takes_its_children_along(tmp_path: Path) -> None:
    code = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from courtpulse.supervisor import Child, Supervisor\n"
        "child = Child('c', [sys.executable, '-c', 'import time; time.sleep(60)'],\n"
        "              dict(os.environ), Path(sys.argv[1]))\n"
        "Supervisor().add(child)\n"
        "print(child.process.pid, flush=True)\n"
        "time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "log")], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.communicate()
    until(lambda: not alive(child), "the child outlives its supervisor")
