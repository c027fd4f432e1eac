"""A file that waits in `imports/` brings no deleted post back, and doesn't outlive its import."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from courtpulse import drop_folder
from courtpulse.cli import app
from crawlers.imports import import_file
from crawlers.ingest import post_id
from demo.hotline import write_tickets
from domain.errors import BadInput
from domain.protocols import Query
from domain.sources import GapReason

WORD = "龘龖"
SOURCE = "hotline"
_spec = importlib.util.spec_from_file_location("traces", Path(__file__).with_name("traces.py"))
assert _spec
assert _spec.loader
_traces = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_traces)
files_with: Callable[[Path, str], set[str]] = _traces.files_with


def test_a_waiting_file_with_a_deleted_row_goes_with_its_import(
    court: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [
        replace(one, number=f"GD9{number}") for number, one in enumerate(court.world.tickets[:3])
    ]
    tickets[1] = replace(tickets[1], text=f"请问编号{WORD}的卷宗什么时候公开")
    gone = post_id(SOURCE, tickets[1].number)
    waiting = court.folder / "imports" / "hotline_12368_again.csv"
    with court.flow() as flow:
        write_tickets(tickets, waiting)
        flow.forget([gone], source=SOURCE)
        assert files_with(court.folder, WORD) == {"imports/hotline_12368_again.csv"}
    for name in ("DATA", "SOURCES"):
        place = court.folder / ("sources" if name == "SOURCES" else "")
        monkeypatch.setenv(f"COURTPULSE_{name}", str(place))
    said = CliRunner().invoke(app, ["deletions", "list"])
    assert said.exit_code == 0, said.output
    assert "1 files wait in imports/" in " ".join(said.stderr.split())
    structlog.reset_defaults()  # what was called prints into a stream that is closed by now
    with court.flow() as flow:
        before = flow.rooms.store.total(Query())
        assert flow.collect(SOURCE).new == 3
        assert not waiting.exists()
        assert not (waiting.parent / "done" / waiting.name).exists()
        report = [flow.annotate(batch) for batch in flow.batches()]
        assert [(one.created, one.refused) for one in report] == [(2, 1)]
        assert flow.rooms.store.total(Query()) == before + 2
        assert files_with(court.folder, WORD) == set()
        # A file without such a row is kept as before.
        kept = court.folder / "imports" / "hotline_12368_third.csv"
        write_tickets([replace(tickets[0], number="GD99")], kept)
        flow.collect(SOURCE)
        assert (kept.parent / "done" / kept.name).exists()
    assert "wait in imports/" not in CliRunner().invoke(app, ["deletions", "list"]).stderr


def test_a_file_that_is_written_to_while_it_is_read_stays_and_loses_no_row(
    court: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [
        replace(one, number=f"GD8{number}") for number, one in enumerate(court.world.tickets[:3])
    ]
    waiting = court.folder / "imports" / "hotline_12368_slow.csv"
    sound = import_file

    def slow(path: Path, **keys: Any) -> Any:
        report = sound(path, **keys)
        write_tickets(tickets, waiting)
        return report

    write_tickets(tickets[:2], waiting)
    with court.flow() as flow:
        with monkeypatch.context() as patch:
            patch.setattr(drop_folder, "import_file", slow)
            assert flow.collect(SOURCE).new == 2
        assert waiting.exists()
        assert flow.collect(SOURCE).new == 3
        assert not waiting.exists()
        [report] = [flow.annotate(batch) for batch in flow.batches()]
        assert report.created == 3


def test_what_a_broken_file_brought_does_not_pass_for_the_next_ones(
    court: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [
        replace(one, number=f"GD7{number}") for number, one in enumerate(court.world.tickets[:3])
    ]
    folder = court.folder / "imports"
    broken, sound = folder / "hotline_12368_a.csv", folder / "hotline_12368_b.csv"
    whole = import_file

    def breaks_off(path: Path, **keys: Any) -> Any:
        report = whole(path, **keys)
        if path == broken:
            raise BadInput("the sheet breaks off", where=path.name)
        return report

    with court.flow() as flow:
        flow.forget([post_id(SOURCE, tickets[0].number)], source=SOURCE)
        write_tickets(tickets[:2], broken)
        write_tickets(tickets[2:], sound)
        with monkeypatch.context() as patch:
            patch.setattr(drop_folder, "import_file", breaks_off)
            run = flow.collect(SOURCE)
        assert (run.gap, run.new) == (GapReason.BAD_BODY, 1)
        assert broken.exists()
        assert (folder / "done" / sound.name).exists(), "no deleted row is in this one"
        assert [flow.annotate(batch).created for batch in flow.batches()] == [1]
        assert flow.collect(SOURCE).gap is None
        assert not broken.exists()
        report = [flow.annotate(batch) for batch in flow.batches()]
        assert [(one.created, one.refused) for one in report] == [(1, 1)]
