"""Answers of a labeller: one line each, ids and labels, never a text; safe to kill at any time."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from domain.annotation import IRRELEVANT, Demand, Sentiment, Target
from domain.errors import BadInput

#: At most so many topics (guideline §1.4).
_MOST_TOPICS = 3


@dataclass(frozen=True, slots=True)
class Label:
    """One answer, with the fields of the label files in nlp/labels."""

    id: str
    target: str
    sentiment: str
    topics: tuple[str, ...]
    demand: str
    irony: bool
    unsure: bool
    annotators: int
    round: int

    def check(self, topic_ids: frozenset[str]) -> None:
        """Refuse what the guideline doesn't allow.

        Raises:
            BadInput: an unknown value, no topic, too many, or irrelevant beside others.
        """
        wrong = ""
        if self.target not in set(Target) or self.sentiment not in set(Sentiment):
            wrong = "an unknown target or sentiment"
        elif self.demand not in set(Demand):
            wrong = "an unknown demand"
        elif not 1 <= len(set(self.topics)) <= _MOST_TOPICS or len(set(self.topics)) < len(
            self.topics
        ):
            wrong = "one to three different topics are needed"
        elif unknown := set(self.topics) - topic_ids - {IRRELEVANT}:
            wrong = f"unknown topics: {', '.join(sorted(unknown))}"
        elif IRRELEVANT in self.topics and (
            len(self.topics) > 1 or self.target != Target.OTHER or self.demand != Demand.NONE
        ):
            wrong = "irrelevant stands alone, with target other and no demand"
        if wrong:
            raise BadInput(wrong, remedy="see the guideline §0 and §1", where=self.id)


def read_labels(file: Path) -> dict[str, Label]:
    """Answers by id; a later one replaces an earlier one. A line cut off by a kill is dropped.

    Raises:
        BadInput: another line can't be read.
    """
    if not file.exists():
        return {}
    lines = file.read_bytes().split(b"\n")
    found: dict[str, Label] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            names = Label.__dataclass_fields__
            label = Label(**{name: row[name] for name in names})
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):
                continue
            raise BadInput(f"this is no label: {error}", where=f"{file.name}:{number}") from error
        found[label.id] = Label(**{**asdict(label), "topics": tuple(label.topics)})
    return found


def add_label(file: Path, label: Label) -> None:
    """Append one answer and have it on the disk before returning."""
    file.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(label), ensure_ascii=False).encode() + b"\n"
    whole = file.read_bytes().rfind(b"\n") + 1 if file.exists() else 0
    with file.open("r+b" if file.exists() else "wb") as out:
        # What follows the last line end was cut off by a kill; that text is asked again.
        out.truncate(whole)
        out.seek(whole)
        out.write(line)
        out.flush()
        os.fsync(out.fileno())
