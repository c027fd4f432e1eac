"""Labelled texts: the training data, the fictional examples, the gold files; one reader for all."""

from __future__ import annotations

import codecs
import json
import lzma
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from domain.annotation import IRRELEVANT, Demand, Emotion, Sentiment, Target
from domain.errors import BadInput
from domain.posts import Platform
from domain.protocols import Reading

_Text = TypeVar("_Text")
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
_PLATFORMS = {**PLATFORM_OF_KIND, **{one.value: one for one in Platform}}


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


@dataclass(frozen=True, slots=True)
class FeltText:
    """A text with the emotion a person read in it."""

    text: str
    emotion: Emotion

    @property
    def reading(self) -> Reading:
        """What an annotator gets to see of it; the public emotion data are Weibo posts."""
        return Reading(self.text, Platform.WEIBO)


def read(path: Path, *, fictional: bool = False) -> list[LabelledText]:
    """Read labelled texts from JSONL, plain or xz.

    Fields: text, target, sentiment, topics, demand, optionally irony, unsure, and source_type or
    kind (absent: weibo).

    Raises:
        BadInput: a line is no object of that shape; the error names file and line, not the text.
    """
    return _all(sift(path, lambda row: labelled(row, fictional=fictional)))


def read_emotions(path: Path) -> list[FeltText]:
    """Read texts with emotions from JSONL, plain or xz; fields text and label.

    Raises:
        BadInput: a line is no object of that shape; the error names file and line, not the text.
    """
    return _all(sift(path, felt))


def read_texts(path: Path) -> list[Reading]:
    """Read texts without labels from JSONL, plain or xz; fields text, and source_type or kind.

    Raises:
        BadInput: a line is no object with a text; the error names file and line.
    """
    return _all(sift(path, lambda row: Reading(_text(row), _platform(row))))


def sift(path: Path, make: Callable[[Any], _Text]) -> Iterator[_Text | BadInput]:
    """What `make` makes of each line, or the error that names the line and says what is wrong.

    Raises:
        BadInput: the file as a whole can't be read.
    """
    for number, line in enumerate(_lines(path), start=1):
        try:
            if line.strip():
                yield make(json.loads(line.decode("utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            # What was read stays out: an error is shown and logged, a post is not.
            told = "" if isinstance(error, UnicodeError) else f" {str(error)[:80]}"
            yield BadInput(
                f"this is no labelled text: {type(error).__name__}{told}",
                remedy=f"labels are those of nlp/annotation_guideline.md §0; "
                f"emotions are {', '.join(Emotion)}",
                where=f"{path.name}:{number}",
            )


def felt(row: Mapping[str, Any]) -> FeltText:
    """One row's text and emotion.

    Raises:
        ValueError, KeyError, TypeError: the row is of another shape.
    """
    return FeltText(_text(row), Emotion(row["label"]))


def _all(sifted: Iterable[_Text | BadInput]) -> list[_Text]:
    texts = []
    for item in sifted:
        if isinstance(item, BadInput):
            raise item
        texts.append(item)
    return texts


def _lines(path: Path) -> Iterator[bytes]:
    """Lines of the file, without the byte order mark that some editors put before the first."""
    try:
        with lzma.open(path, "rb") if path.suffix == ".xz" else path.open("rb") as file:
            yield file.readline().removeprefix(codecs.BOM_UTF8)
            yield from file
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise BadInput(
            f"the file can't be read: {type(error).__name__}",
            remedy="give a JSONL file, plain or packed with xz",
            where=str(path),
        ) from error


def _text(row: Mapping[str, Any]) -> str:
    if not isinstance(row["text"], str):
        raise TypeError("text must be a string")
    return row["text"]


def labelled(row: Mapping[str, Any], *, fictional: bool = False) -> LabelledText:
    """One row's text and labels, as training needs them.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: the row is of another shape.
    """
    made = _labelled(row, _platform(row), fictional=fictional)
    alone = IRRELEVANT not in made.topics or len(made.topics) == 1
    if row["topics"] is None or not 1 <= len(made.topics) <= 3 or not alone:
        raise ValueError("topics must be one to three, and irrelevant stands alone")
    return made


def scored(row: Mapping[str, Any]) -> tuple[LabelledText, bool]:
    """One row's text and labels, as measuring needs them, and whether its kind is known.

    Whoever labelled a file for measuring need not know our kinds of source nor our bounds: any
    number of topics counts, null is none, and a text of unknown kind is read as a Weibo post.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: the row is of another shape.
    """
    platform = platform_named(row)
    return _labelled(row, platform or Platform.WEIBO), platform is not None


def platform_named(row: Mapping[str, Any]) -> Platform | None:
    """The platform that source_type or kind names; weibo without either, None when unknown."""
    said = [row[name] for name in ("source_type", "kind") if name in row]
    named = [_PLATFORMS[one] for one in said if isinstance(one, str) and one in _PLATFORMS]
    return Platform.WEIBO if not said else next(iter(named), None)


def _labelled(
    row: Mapping[str, Any], platform: Platform, *, fictional: bool = False
) -> LabelledText:
    topics = [] if row["topics"] is None else row["topics"]
    if not isinstance(topics, list):
        raise TypeError("topics must be a list")
    return LabelledText(
        text=_text(row),
        platform=platform,
        target=Target(row["target"]),
        sentiment=Sentiment(row["sentiment"]),
        topics=tuple(str(topic) for topic in topics),
        demand=Demand(row["demand"]),
        irony=bool(row.get("irony", False)),
        unsure=bool(row.get("unsure", False)),
        fictional=fictional,
    )


def _platform(row: Mapping[str, Any]) -> Platform:
    if "source_type" in row:
        return Platform(row["source_type"])
    return PLATFORM_OF_KIND[row["kind"]] if "kind" in row else Platform.WEIBO
