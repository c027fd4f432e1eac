"""Streams and truth as files, in the forms they come in."""

from __future__ import annotations

import gzip
import lzma

import pytest

from alerts.trials.panel import BUCKETS, DAY, read_panel
from domain.errors import BadInput

EVENTS = "series,t,author,neg,src\n0,299,a,1,bg\n0,301,a,0,bg\n0,900,b,0,bg\n7,90000,a,1,burst\n"
TRUTH = (
    "series,split,scenario,start,burst_start,takeoff,burst_end\n"
    "0,dev,quiet,0,,,\n7,dev,cold,86400,89000,90000,95000\n"
)


@pytest.fixture
def files(tmp_path):
    def write(events=EVENTS, truth=TRUTH, name="events.csv", packed=None):
        path, other = tmp_path / name, tmp_path / "truth.csv"
        data = events.encode()
        path.write_bytes(packed(data) if packed else data)
        other.write_text(truth, encoding="utf-8")
        return path, other

    return write


def test_an_author_counts_once_in_a_rolling_day(files):
    again = f"0,{299 + DAY},a,0,bg\n0,{298 + DAY},a,1,bg\n"
    panel = read_panel(*files(EVENTS + again))
    assert panel.counts.shape == (BUCKETS, 2)
    assert (panel.counts[0, 0], panel.counts[1, 0], panel.counts[3, 0]) == (1, 0, 1)
    assert panel.counts[:, 0].sum() == 3
    assert panel.negative[:, 0].sum() == 1
    assert panel.counts[300, 1] == panel.negative[300, 1] == 1


@pytest.mark.parametrize(
    ("name", "pack"), [("e.csv.xz", lzma.compress), ("e.csv.gz", gzip.compress)]
)
def test_packed_files_and_any_order_of_columns(files, name, pack):
    plain = read_panel(*files())
    rows = [line.split(",")[:4] for line in EVENTS.splitlines()]
    turned = "\n".join(",".join(reversed(row)) for row in rows)
    packed = read_panel(*files(turned, name=name, packed=pack))
    assert (packed.counts == plain.counts).all()
    assert (packed.negative == plain.negative).all()


def test_what_came_before_watching_is_not_counted(files):
    panel = read_panel(*files(EVENTS + "7,80000,z,0,bg\n"))
    assert panel.start.tolist() == [0, 288]
    assert panel.counts[:288, 1].sum() == 0
    assert (panel.quiet.tolist(), panel.bursts.tolist()) == ([0], [1])
    assert panel.quiet_months == 1


@pytest.mark.parametrize(
    ("events", "truth", "said"),
    [
        ("series,t,author\n", TRUTH, "no column neg"),
        (EVENTS + "9,1,a,0,bg\n", TRUTH, "'9' is not in the truth"),
        (EVENTS + "0,soon,a,0,bg\n", TRUTH, "line 6: t is not a number"),
        (EVENTS + "0,-1,a,0,bg\n", TRUTH, "not a second of the stream"),
        (EVENTS + "0,1640995200000,a,0,bg\n", TRUTH, "not a second of the stream"),
        (EVENTS + "0,1,a,maybe,bg\n", TRUTH, "neg is neither"),
        (EVENTS + "0,1,a\n", TRUTH, "line 6 has 3 cells"),
        ("", TRUTH, "no column series"),
        (EVENTS, TRUTH + "0,dev,quiet,0,,,\n", "two rows"),
        (EVENTS, TRUTH.splitlines()[0] + "\n", "no rows"),
        (EVENTS, TRUTH.replace("90000", "nan"), "takeoff is not a number"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(files, events, truth, said):
    with pytest.raises(BadInput, match=said):
        read_panel(*files(events, truth))


def test_a_torn_archive_and_no_file_at_all(files, tmp_path):
    torn = files(name="e.csv.xz", packed=lambda data: lzma.compress(data)[:-9])
    with pytest.raises(BadInput, match="can't be read"):
        read_panel(*torn)
    with pytest.raises(BadInput, match="no such file"):
        read_panel(tmp_path / "none.csv", torn[1])
