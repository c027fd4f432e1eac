"""Labels kept apart from their texts: `labels/*.jsonl` name a text by its id and hold no text.

Texts of the pool are real posts and stay outside the project; whoever has the pool can join both.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from domain.errors import BadInput
from nlp import corpus
from nlp.corpus import LabelledText

#: Label files that ship: corrections and new labels of several rounds.
LABELS = Path(__file__).with_name("labels")


def collected(labelled: Path, pool: Path, folder: Path = LABELS) -> list[LabelledText]:
    """Labelled texts of `labelled`, corrected and joined by the label files of `folder`.

    A later round overrides an earlier one; within a round the file that comes later by name.

    Raises:
        BadInput: a label names no text of the pool, or a line can't be read.
    """
    rows = {str(row["id"]): row for row in _objects(labelled)}
    given = sorted(_labels(folder), key=lambda row: int(row.get("round", 0)))
    texts = _pool_texts(pool, {str(row["id"]) for row in given} - rows.keys()) if given else {}
    for row in given:
        key = str(row["id"])
        known = rows.get(key) or texts.get(key)
        if known is None:
            raise BadInput(f"a label names no text of the pool: {key}", where=pool.name)
        rows[key] = {**known, **row}
    return [_read(row) for row in rows.values()]


def _read(row: Mapping[str, Any]) -> LabelledText:
    try:
        return corpus.labelled(row)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"this is no label: {type(error).__name__} {error}",
            remedy="labels are those of nlp/annotation_guideline.md §0",
            where=str(row.get("id", "")),
        ) from error


def _labels(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.jsonl")):
        yield from _objects(file)


def _pool_texts(pool: Path, wanted: Iterable[str]) -> dict[str, dict[str, Any]]:
    names = set(wanted)
    return {str(row["id"]): row for row in _objects(pool) if str(row["id"]) in names}


def _objects(file: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(file, "rb") if file.suffix == ".xz" else file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if not isinstance(row, dict) or "id" not in row:
                    raise ValueError("no id")
            except ValueError as error:
                raise BadInput(
                    f"this is no labelled row: {error}", where=f"{file.name}:{number}"
                ) from error
            yield row
