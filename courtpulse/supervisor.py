"""Runs child processes, restarts one that dies, and ends them all cleanly."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()

#: A child that dies this often within `_WITHIN` seconds is given up: restarting doesn't help it.
_MOST_RESTARTS = 5
_WITHIN = 300.0
#: Seconds a child has to end after SIGTERM. Airflow's scheduler waits for its running tasks.
_PATIENCE = 20.0
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A program to keep running; its output goes to a log file."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log_file: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST_RESTARTS))

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches only the supervisor."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as output:
            self.process = subprocess.Popen(
                list(self.command),
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    @property
    def dead(self) -> bool:
        """Whether it was started and has ended."""
        return self.process is not None and self.process.poll() is not None

    def tail(self, lines: int = 15) -> str:
        """The last lines of its log."""
        text = self.log_file.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def ask_to_end(self) -> None:
        """SIGTERM to the child alone: it knows best how to end what it started."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def kill_group(self) -> None:
        """SIGKILL to whatever is left of its process group; fine if that is gone."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return


class GivenUp(Exception):
    """A child died too often."""

    def __init__(self, child: Child) -> None:
        self.child = child
        super().__init__(f"{child.name} ended {_MOST_RESTARTS} times within five minutes")


class Supervisor:
    """Keeps its children running until told to stop."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def add(self, child: Child) -> None:
        """Start `child` and keep it running."""
        child.start()
        self.children.append(child)

    def check(self) -> None:
        """Restart what has died.

        Raises:
            GivenUp: a child has died too often.
        """
        for child in self.children:
            if not child.dead:
                continue
            now = time.monotonic()
            child.deaths.append(now)
            if len(child.deaths) == _MOST_RESTARTS and now - child.deaths[0] < _WITHIN:
                raise GivenUp(child)
            log.warning("restarting", child=child.name, log=str(child.log_file))
            time.sleep(min(2 ** len(child.deaths) / 2, 10))
            child.start()

    def restart(self, name: str) -> None:
        """End the child called `name` and start it again; this counts as no death of its own."""
        for child in self.children:
            if child.name == name:
                _end(child)
                child.start()

    def stop(self) -> list[str]:
        """End all children one by one, last started first; returns those that had to be killed.

        In order, because a part may need an earlier one to end well: Airflow's scheduler lets its
        tasks finish, and these report to the API server.
        """
        return [child.name for child in reversed(self.children) if not _end(child)]


def _end(child: Child) -> bool:
    """End a child and whatever is left of its group; whether it ended when asked."""
    if child.process is None:
        return True
    child.ask_to_end()
    ended = True
    try:
        child.process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        ended = False
    # Also after a clean end: a grandchild may have stayed behind in the group.
    child.kill_group()
    child.process.wait()
    return ended


def _die_with_parent() -> None:
    """In the child, before exec: end when the supervisor is killed, so no port stays taken."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
