"""Redaction on the labelled fictional texts, beside Presidio.

    python -m bench.redaction [--errors]

Presidio has no Chinese model installed here, and no recognizer for Chinese identifiers of its own:
it runs with a blank `zh` pipeline (so without names), its e-mail, card and phone recognizers (the
latter for region CN), and pattern recognizers as its documentation would have one write them for
identity numbers, plates, messenger ids and @handles. Addresses and minors' details it leaves out.
A text that must lose a stretch counts as right when the stretch is covered by marks of any kind.
Names of litigants: `redact_names` on the marked texts of ``redaction_names.jsonl``; an occurrence
is right when its role stands where the name stood. Both sets are read beside the blind ones, which
other authors marked without sight of the rules (``redaction_blind.md``).
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.linking import share
from domain.cases import Litigant
from text.redaction import Mark, marks, redact_names

GOLD = Path(__file__).parent.parent / "tests" / "gold"
_MARKED = re.compile(r"⟦(\w+)\|([^⟧]+)⟧")
#: What is told from its form alone.
STRUCTURED = ("id_card", "mobile", "landline", "bank_card", "plate", "email", "account")
_PRESIDIO_PATTERNS = {
    "CN_ID": r"\d{17}[\dXx]",
    "CN_PLATE": r"[\u4e00-\u9fff][A-Z][·]?[A-Z0-9]{5,6}",
    "CN_ACCOUNT": r"(?:微信|QQ|vx)(?:号)?[:：是]?\s*[A-Za-z0-9_-]{5,20}",
    "HANDLE": r"@[\w-]{1,30}",
}

#: Every kind, in the order printed.
KINDS = (*STRUCTURED, "handle", "address", "minor")
#: By what they are printed as: texts with identifiers, and texts with litigants' names if any.
SETS: dict[str, tuple[str, str | None]] = {
    "by the author of the rules": ("redaction.jsonl", "redaction_names.jsonl"),
    "blind": ("redaction_blind.jsonl", "redaction_names_blind.jsonl"),
    "blind2": ("redaction_blind2.jsonl", None),
}
#: Characters beside an address or a child's detail that may go with it, e.g. a word before a road.
_SLACK = {"address": 4, "minor": 4}

#: (start, end) of what a method takes out.
Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and what must go of it: (start, end, kind)."""

    text: str
    expected: tuple[tuple[int, int, str], ...]
    minors: bool = False


def unmarked(marked: str) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    """A marked line without its marks, and the marks."""
    pieces, expected, position, length = [], [], 0, 0
    for match in _MARKED.finditer(marked):
        pieces += [marked[position : match.start()], match[2]]
        length += match.start() - position
        expected.append((length, length + len(match[2]), match[1]))
        length += len(match[2])
        position = match.end()
    return "".join([*pieces, marked[position:]]), tuple(expected)


def texts(name: str = "redaction.jsonl") -> list[Text]:
    """The labelled texts of a file of the gold."""
    rows = [json.loads(line) for line in (GOLD / name).read_text("utf-8").splitlines()]
    return [Text(*unmarked(row["text"]), row.get("minors", False)) for row in rows]


def ours(item: Text) -> Spans:
    """The program's marks."""
    return [(mark.start, mark.end) for mark in marks(item.text, minors=item.minors)]


def presidio() -> Callable[[Text], Spans]:
    """Presidio as the head of this file says."""
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import (
        CreditCardRecognizer,
        EmailRecognizer,
        PhoneRecognizer,
    )

    # Its mail recognizer would fetch the list of public suffixes; the one it brings will do.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())

    class Blank(SpacyNlpEngine):
        """A pipeline that only cuts words."""

        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": "zh", "model_name": "blank"}])
            self.nlp: dict[str, object] = {"zh": spacy.blank("zh")}  # type: ignore[assignment]

        def load(self) -> None:
            """Nothing is read from disk."""

    registry = RecognizerRegistry(supported_languages=["zh"])
    registry.add_recognizer(EmailRecognizer(supported_language="zh"))
    registry.add_recognizer(CreditCardRecognizer(supported_language="zh"))
    registry.add_recognizer(PhoneRecognizer(supported_language="zh", supported_regions=["CN"]))
    for name, pattern in _PRESIDIO_PATTERNS.items():
        registry.add_recognizer(
            PatternRecognizer(
                supported_entity=name,
                supported_language="zh",
                patterns=[Pattern(name, pattern, 0.6)],
            )
        )
    engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["zh"])

    def find(item: Text) -> Spans:
        found = engine.analyze(item.text, language="zh", score_threshold=0.4)
        return sorted((one.start, one.end) for one in found)

    return find


def tally(method: Callable[[Text], Spans], items: Sequence[Text]) -> dict[str, Counter[str]]:
    """By kind: right, missed; and under "marks": all, wrong (touching nothing that must go)."""
    scores: dict[str, Counter[str]] = {}
    for item in items:
        found = method(item)
        for start, end, kind in item.expected:
            covered = all(any(a <= at < b for a, b in found) for at in range(start, end))
            scores.setdefault(kind, Counter())["right" if covered else "missed"] += 1
        for start, end in found:
            touches = any(start < stop and begin < end for begin, stop, _ in item.expected)
            scores.setdefault("marks", Counter())["right" if touches else "wrong"] += 1
    return scores


def strict(items: Sequence[Text]) -> tuple[dict[str, Counter[str]], list[str]]:
    """By kind, for us: right, missed, wrong; and the texts that came out otherwise.

    Right is a mark of the same kind that covers what must go, and hardly more.
    """
    scores = {kind: Counter[str]() for kind in KINDS}
    otherwise = []
    for item in items:
        found = marks(item.text, minors=item.minors)
        missed = [gold for gold in item.expected if not any(_same(gold, mark) for mark in found)]
        wrong = [mark for mark in found if not any(_same(gold, mark) for gold in item.expected)]
        for _, _, kind in item.expected:
            scores[kind]["right"] += 1
        for start, end, kind in missed:
            scores[kind]["right"] -= 1
            scores[kind]["missed"] += 1
            otherwise.append(f"missed {kind} {item.text[start:end]!r} in {item.text}")
        for mark in wrong:
            scores[mark.kind]["wrong"] += 1
            said = item.text[mark.start : mark.end]
            otherwise.append(f"wrong {mark.kind} {said!r} in {item.text}")
    return scores, otherwise


def _same(gold: tuple[int, int, str], mark: Mark) -> bool:
    start, end, kind = gold
    longer = (mark.end - mark.start) - (end - start)
    return (
        kind == mark.kind
        and mark.start <= start
        and mark.end >= end
        and longer <= _SLACK.get(kind, 0)
    )


def names(name: str = "redaction_names.jsonl") -> tuple[Counter[str], list[str]]:
    """Names of litigants: right, wrong, missed; and the texts that came out otherwise."""
    counts: Counter[str] = Counter()
    otherwise = []
    for line in (GOLD / name).read_text("utf-8").splitlines():
        row = json.loads(line)
        people = [Litigant(name, role, minor) for name, role, minor in row["litigants"]]
        plain, expected = unmarked(row["text"])
        wanted = Counter(role for _, _, role in expected)
        roles = {one.role for one in people}
        said = redact_names(plain, people)
        # A role before its own name is not written twice, and one said of nobody was there before.
        right = re.sub("|".join(f"(?:{role})+" for role in roles), lambda m: m[0][:2], said)
        ideal = _MARKED.sub(lambda match: match[1], row["text"])
        ideal = re.sub("|".join(f"(?:{role})+" for role in roles), lambda m: m[0][:2], ideal)
        if re.sub(r"\s", "", right) == re.sub(r"\s", "", ideal):
            counts["right"] += sum(wanted.values())
            continue
        otherwise.append(f"{row['text']} → {said}")
        written = sum(said.count(role) - plain.count(role) for role in roles)
        counts["right"] += min(written, sum(wanted.values()))
        counts["missed"] += max(sum(wanted.values()) - written, 0)
        counts["wrong"] += max(written - sum(wanted.values()), 0)
    return counts, otherwise


def line(name: str, scores: dict[str, Counter[str]], kinds: Sequence[str]) -> None:
    """Print recall over `kinds`."""
    right = sum(scores.get(kind, Counter())["right"] for kind in kinds)
    missed = sum(scores.get(kind, Counter())["missed"] for kind in kinds)
    print(f"    {name:26} recall {share(right, right + missed)}")


def table(
    title: str, name: str, names_name: str | None, methods: dict[str, Callable[[Text], Spans]]
) -> None:
    """Print recall by kind and precision of marks of one set, for each method; then ours by kind."""
    items = texts(name)
    bare = sum(not item.expected for item in items)
    print(f"{title}: {len(items)} texts, {bare} of them with nothing to go")
    for name, method in methods.items():
        scores = tally(method, items)
        of = scores["marks"]
        print(f"  {name}: precision of marks {share(of['right'], of['right'] + of['wrong'])}")
        line("structured identifiers", scores, STRUCTURED)
        for kind in KINDS:
            line(kind, scores, (kind,))
    print("  ours, of the right kind and with the right ends:")
    for kind, of in strict(items)[0].items():
        print(
            f"    {kind:26} precision {share(of['right'], of['right'] + of['wrong'])}"
            f"  recall {share(of['right'], of['right'] + of['missed'])}"
        )
    if names_name is None:
        return
    counts, _ = names(names_name)
    print(
        f"  names of litigants: precision {share(counts['right'], counts['right'] + counts['wrong'])}"
        f"  recall {share(counts['right'], counts['right'] + counts['missed'])}"
    )


def main() -> None:
    """Print the table of every set, for us and for Presidio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--errors", action="store_true", help="print what came out otherwise")
    asked = parser.parse_args()
    methods = {"ours": ours, "Presidio, blank zh": presidio()}
    for title, files in SETS.items():
        table(title, *files, methods)
        if asked.errors:
            print("\n".join(strict(texts(files[0]))[1]))
            print("\n".join(names(files[1])[1] if files[1] else []))


if __name__ == "__main__":
    main()
