"""`courtpulse sources crosscheck`: does an outside news index see what our news sources don't?"""

from __future__ import annotations

from courtpulse.cli.printing import Json, print_json, print_table
from courtpulse.flow import opened


def crosscheck(as_json: Json = False) -> None:
    """Compare the volume of our news with what outside indexes saw (numbers only, never posts)."""
    from desk.views.crosscheck import cross_check_lines

    with opened() as flow:
        checks = flow.rooms.records.cross_checks.all()
    if as_json:
        print_json(checks)
        return
    print_table(
        ("index", "at", "theirs", "ours", "expected", "chance", "verdict"),
        [
            (
                line.check.source, line.check.at, line.check.outside, line.check.ours,
                f"{line.check.expected:.1f}", f"{line.check.chance:.2g}", line.sentence,
            )
            for line in cross_check_lines(checks)
        ],
    )  # fmt: skip
