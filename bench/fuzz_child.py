"""One target of `bench.fuzz` in a process of its own: ``python -m bench.fuzz_child NAME RUNS FOLDER``.

libFuzzer never returns, so what was learned is written down as it goes: RESULT holds inputs, the
longest one in CPU seconds, and how much memory the process grew after its first thousand inputs.
"""

from __future__ import annotations

import json
import logging
import resource
import signal
import sys
import time
from pathlib import Path

import atheris

from domain.errors import BadInput, ConfigurationError

with atheris.instrument_imports(
    include=["crawlers", "text", "courtpulse.case_files", "nlp.linking"]
):
    from bench.fuzz_targets import TARGETS

#: Address space of a target; a parser that wants more ends in MemoryError, which is a find.
ADDRESS_SPACE = 6 * 2**30
#: Seconds one input may take before libFuzzer calls it a hang.
LIMIT = 10
#: Memory counts as growth from here on: imports, caches and compiled patterns are made by then.
_WARM_AFTER = 1_000
_NOTE_EVERY = 500


class Runner:
    """Runs a target and keeps its figures."""

    def __init__(self, name: str, runs: int, result: Path) -> None:
        self._target = TARGETS[name]
        self._runs = runs
        self._result = result
        self.inputs = 0
        self.refused = 0
        self.longest = 0.0
        self.warm_kib = 0

    def __call__(self, data: bytes) -> None:
        """One input; everything but a refusal in our own words is a find."""
        self.inputs += 1
        started = time.thread_time()
        try:
            self._target.run(data)
        except (BadInput, ConfigurationError):
            self.refused += 1
        except BaseException:
            self.note()
            raise
        self.longest = max(self.longest, time.thread_time() - started)
        if self.inputs == _WARM_AFTER:
            self.warm_kib = _peak_kib()
        if self.inputs % _NOTE_EVERY == 0:
            self.note()
        if self.inputs >= self._runs:
            self.note()
            # libFuzzer's clock would ring while Python ends, when nobody answers it any more.
            signal.setitimer(signal.ITIMER_REAL, 0)

    def note(self) -> None:
        """Write the figures down."""
        grown = _peak_kib() - self.warm_kib if self.warm_kib else 0
        figures = {
            "inputs": self.inputs, "refused": self.refused, "longest": self.longest,
            "grown_mib": grown / 1024, "peak_mib": _peak_kib() / 1024,
        }  # fmt: skip
        self._result.write_text(json.dumps(figures), encoding="ascii")


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(name: str, runs: int, folder: Path) -> None:
    """Fuzz one target; ends the process."""
    logging.disable()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    corpus = folder / f"{name}.corpus"
    corpus.mkdir()
    for number, seed in enumerate(TARGETS[name].seeds):
        (corpus / str(number)).write_bytes(b"\0" + seed)
    runner = Runner(name, runs, folder / f"{name}.json")
    runner.note()
    arguments = [
        sys.argv[0], f"-atheris_runs={runs}", f"-timeout={LIMIT}", "-rss_limit_mb=2048",
        "-max_len=4096", "-seed=137", "-print_final_stats=0", "-verbosity=0",
        f"-artifact_prefix={folder}/{name}.", str(corpus),
    ]  # fmt: skip
    atheris.Setup(arguments, runner)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
