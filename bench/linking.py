"""Case linking on the labelled fictional posts, beside plain Aho-Corasick on names.

    python -m bench.linking

Plain: every alias, title and number of a case as it is written, and the words of its formula that
name persons or subjects, in one automaton; a post is linked to every case of which one occurs.
Aliases alone are its other form. Intervals: Wilson, 95 %. The three blind sets have a registry each
(tests/gold/linking_blind.md); they are printed apart and not counted into "all".
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import sqrt
from pathlib import Path

from ahocorasick_rs import AhoCorasick

from domain.cases import Case, Litigant, MatchFormula
from nlp.linking import Linker

GOLD = Path(__file__).parent.parent / "tests" / "gold"
FILES = ("linking.jsonl", "linking_unseen.jsonl")
#: Printed name → stem of the posts' file and of its registry.
BLIND = {"blind": "linking_blind", "blind2": "linking_blind2", "blind3": "linking_blind3"}
_Z = 1.96

#: Text → ids of cases.
Method = Callable[[str], set[str]]


def gold_cases(name: str = "linking_cases.json") -> list[Case]:
    """The registry the posts are labelled by."""
    cases = []
    for row in json.loads((GOLD / name).read_text(encoding="utf-8")):
        formula = {key: tuple(words) for key, words in row.get("formula", {}).items()}
        archived = row.get("archived_at")
        cases.append(
            Case(
                id=row["id"],
                title=row["title"],
                court=row["court"],
                watched_since=datetime(2026, 1, 1, tzinfo=UTC),
                numbers=tuple(row.get("numbers", ())),
                aliases=tuple(row.get("aliases", ())),
                litigants=tuple(Litigant(**one) for one in row.get("litigants", ())),
                formula=MatchFormula(**formula),
                archived_at=datetime.fromisoformat(archived) if archived else None,
            )
        )
    return cases


def posts(name: str) -> list[tuple[str, set[str]]]:
    """Texts and the cases they are about."""
    lines = (GOLD / name).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(row["text"], set(row["cases"])) for row in rows]


def ours(cases: Sequence[Case]) -> Method:
    """The program's linker."""
    linker = Linker(cases)
    return lambda text: {link.case_id for link in linker.link(text)}


def plain(cases: Sequence[Case], *, formula: bool) -> Method:
    """Any name of a case as it is written."""
    owners: dict[str, set[str]] = {}
    for case in cases:
        if case.archived_at is not None:
            continue
        words = [*case.aliases, *case.numbers, case.title]
        if formula:
            words += [*case.formula.persons, *case.formula.subjects]
        for word in words:
            owners.setdefault(word, set()).add(case.id)
    names = sorted(owners)
    automaton = AhoCorasick(names)

    def link(text: str) -> set[str]:
        found = automaton.find_matches_as_indexes(text, overlapping=True)
        return {case for word, _, _ in found for case in owners[names[word]]}

    return link


def tally(method: Method, labelled: Sequence[tuple[str, set[str]]]) -> tuple[int, int, int]:
    """Links that are right, wrong, missed."""
    right = wrong = missed = 0
    for text, true in labelled:
        said = method(text)
        right, wrong = right + len(said & true), wrong + len(said - true)
        missed += len(true - said)
    return right, wrong, missed


def share(hits: int, of: int) -> str:
    """Share with its Wilson interval."""
    if not of:
        return "–"
    rate, z2 = hits / of, _Z**2
    middle = (rate + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * sqrt(rate * (1 - rate) / of + z2 / (4 * of**2)) / (1 + z2 / of)
    return f"{rate:.3f} ({middle - half:.3f}–{middle + half:.3f}, n={of})"


def all_methods(cases: Sequence[Case]) -> dict[str, Method]:
    """The methods compared, by what they are printed as."""
    return {
        "ours": ours(cases),
        "plain, names and numbers": plain(cases, formula=False),
        "plain, and persons, subjects": plain(cases, formula=True),
    }


def show(name: str, labelled: Sequence[tuple[str, set[str]]], methods: dict[str, Method]) -> None:
    """Print precision and recall of each method."""
    print(f"{name}: {len(labelled)} posts")
    for words, method in methods.items():
        right, wrong, missed = tally(method, labelled)
        print(
            f"  {words:30} precision {share(right, right + wrong)}  "
            f"recall {share(right, right + missed)}"
        )


def show_errors(name: str, method: Method) -> None:
    """Print what a method gets wrong: true cases, linked cases, kind, text."""
    for line in (GOLD / name).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        said = method(row["text"])
        if said != set(row["cases"]):
            print(sorted(row["cases"]), sorted(said), row["note"], row["text"])


def main() -> None:
    """Print precision and recall of each method on each file and on all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--errors", action="store_true", help="print what ours gets wrong")
    errors = parser.parse_args().errors
    methods = all_methods(gold_cases())
    blind = {stem: all_methods(gold_cases(f"{stem}_cases.json")) for stem in BLIND.values()}
    sets = {name: posts(name) for name in FILES}
    sets["all"] = [post for labelled in sets.values() for post in labelled]
    for name, labelled in sets.items():
        show(name, labelled, methods)
    for name, stem in BLIND.items():
        show(name, posts(f"{stem}.jsonl"), blind[stem])
    if errors:
        show_errors(FILES[0], methods["ours"])
        for stem in BLIND.values():
            show_errors(f"{stem}.jsonl", blind[stem]["ours"])


if __name__ == "__main__":
    main()
