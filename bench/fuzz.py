"""Every parser that reads outside bytes, fuzzed by atheris (libFuzzer); prints a table.

Run: ``python -m bench.fuzz [inputs] [target …]`` (default 1,000,000 over all targets). A find is
any exception but `BadInput` and `ConfigurationError`, an input that takes more than ten seconds, or
a process that outgrows its memory; its input is kept in the folder printed, and the run fails.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.fuzz_targets import TARGETS

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Result:
    """What a target's process wrote down, and how it ended."""

    name: str
    inputs: int
    refused: int
    longest: float
    grown_mib: float
    peak_mib: float
    find: str


def fuzz(name: str, runs: int, folder: Path) -> Result:
    """Run one target."""
    command = [sys.executable, "-P", "-m", "bench.fuzz_child", name, str(runs), str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(folder), capture_output=True, check=False, text=True,
        errors="replace",
    )  # fmt: skip
    figures = folder / f"{name}.json"
    if not figures.exists():
        raise SystemExit(f"{name} did not start:\n{done.stderr[-3000:]}")
    known = json.loads(figures.read_text(encoding="ascii"))
    find = "" if done.returncode == 0 else _find(done.stderr, done.stdout, done.returncode)
    return Result(name, find=find, **known)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours; temporary files go where the caller clears up."""
    return {
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder),
    }


def _find(errors: str, output: str, code: int) -> str:
    text = f"{output}\n{errors}"
    kept = [line for line in text.splitlines() if line.strip() and not line.startswith("INFO")]
    return f"exit {code}\n" + "\n".join(kept[-40:])


def shares(total: int, names: list[str]) -> dict[str, int]:
    """How many inputs each target gets of `total`: by weight, which follows its speed."""
    weight = sum(TARGETS[name].weight for name in names)
    return {name: int(total * TARGETS[name].weight / weight) + 1 for name in names}


def main(total: int, names: list[str]) -> int:
    """Fuzz, print the table, and say 1 when anything was found."""
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="courtpulse-fuzz-"))
    table = Table("parser", "inputs", "refused", "longest, CPU s", "grown, MiB", "find")
    for column in table.columns[1:5]:
        column.justify = "right"
    results = []
    for name, runs in shares(total, names).items():
        result = fuzz(name, runs, folder)
        results.append(result)
        table.add_row(
            name, f"{result.inputs:,}", f"{result.refused / max(result.inputs, 1):.0%}",
            f"{result.longest:.3f}", f"{result.grown_mib:.0f}", "FOUND" if result.find else "–",
        )  # fmt: skip
        console.print(f"{name}: {result.inputs:,}", style="dim", highlight=False)
        if result.find:
            console.print(f"[red]{name}[/red]")
            console.print(result.find, markup=False, highlight=False)
    console.print(table)
    kept = f"; inputs of finds in {folder}" if any(result.find for result in results) else ""
    console.print(
        f"{sum(result.inputs for result in results):,} inputs; longest "
        f"{max(result.longest for result in results):.3f} CPU s; most memory "
        f"{max(result.peak_mib for result in results):.0f} MiB{kept}"
    )
    found = any(result.find for result in results)
    if not found:
        shutil.rmtree(folder)
    return int(found)


if __name__ == "__main__":
    asked = sys.argv[1:]
    count = int(asked.pop(0)) if asked and asked[0].isdigit() else 1_000_000
    sys.exit(main(count, asked or list(TARGETS)))
