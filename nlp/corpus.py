"""Labelled texts: the training data, the fictional examples, the gold files; one reader for all."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.annotation import IRRELEVANT, Demand, Sentiment, Target
from domain.errors import BadInput
from domain.posts import Platform
from domain.protocols import Reading

#: `kind` of the data files to the platform it stands for (guideline §0).
PLATFORM_OF_KIND = {
    "post": Platform.WEIBO,
    "comment": Platform.VIDEO_COMMENT,
    "title": Platform.NEWS,
    "hot_title": Platform.WEIBO,
    "hot_question": Platform.FORUM,
    "consultation": Platform.HOTLINE,
    "message": Platform.MAILBOX,
}


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text with the labels a reader gave it.

    Attributes:
        unsure: the reader could not decide; not scored (guideline §0), low weight in training.
        fictional: written for this project, not collected.
    """

    text: str
    platform: Platform
    target: Target
    sentiment: Sentiment
    topics: tuple[str, ...]
    demand: Demand
    irony: bool = False
    unsure: bool = False
    fictional: bool = False

    @property
    def reading(self) -> Reading:
        """What an annotator gets to see of it."""
        return Reading(self.text, self.platform)

    @property
    def relevant(self) -> bool:
        """Whether the text concerns a Chinese court or a case before one."""
        return IRRELEVANT not in self.topics

    @property
    def court_negative(self) -> bool:
        """Relevant, about the court, negative."""
        return (
            self.relevant and self.target is Target.COURT and self.sentiment is Sentiment.NEGATIVE
        )


def read(path: Path, *, fictional: bool = False) -> list[LabelledText]:
    """Read labelled texts from JSONL, plain or xz.

    Fields: text, target, sentiment, topics, demand, optionally irony, unsure, and source_type or
    kind (absent: weibo).

    Raises:
        BadInput: a line is no object of that shape; the error names file and line, not the text.
    """
    texts = []
    for number, line in enumerate(_lines(path), start=1):
        if line.strip():
            try:
                texts.append(labelled(json.loads(line), fictional=fictional))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadInput(
                    f"this is no labelled text: {type(error).__name__} {error}",
                    remedy="labels are those of nlp/annotation_guideline.md §0",
                    where=f"{path.name}:{number}",
                ) from error
    return texts


def _lines(path: Path) -> Iterator[str]:
    packed = path.suffix == ".xz"
    with lzma.open(path, "rb") if packed else path.open("rb") as file:
        for line in file:
            yield line.decode("utf-8")


def labelled(row: Mapping[str, Any], *, fictional: bool = False) -> LabelledText:
    """One row's text and labels.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: the row is of another shape.
    """
    topics = tuple(str(topic) for topic in row["topics"])
    if not 1 <= len(topics) <= 3 or (IRRELEVANT in topics and len(topics) > 1):
        raise ValueError("topics must be one to three, and irrelevant stands alone")
    return LabelledText(
        text=str(row["text"]),
        platform=_platform(row),
        target=Target(row["target"]),
        sentiment=Sentiment(row["sentiment"]),
        topics=topics,
        demand=Demand(row["demand"]),
        irony=bool(row.get("irony", False)),
        unsure=bool(row.get("unsure", False)),
        fictional=fictional,
    )


def _platform(row: Mapping[str, Any]) -> Platform:
    if "source_type" in row:
        return Platform(row["source_type"])
    return PLATFORM_OF_KIND[row["kind"]] if "kind" in row else Platform.WEIBO
