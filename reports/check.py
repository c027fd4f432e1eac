"""What a report must keep to before it leaves: fails closed (practice.md §5 and §6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import NotAllowed
from reports.model import Heading, Paragraph, Picture, Table, WeeklyModel
from reports.words import BANNED, NOT_EVERYBODY, UNCHECKED
from text.redaction import redact

#: Sections every weekly has, in this order.
REQUIRED = ("本周要情", "总体态势", "关切话题榜", "重点舆情", "数据说明")
_PERCENTAGE = re.compile(r"\d+(?:\.\d+)?\s*[%％]")
_WITH_N = re.compile(r"\s*（n\s*[=≤≥]\s*[\d<]")
#: The volume of a week or of an event, which never stands without its different texts.
_RAW = re.compile(r"(?:相关信息|:\d\d共) (?:[\d,]+|<\d+) 帖")
_DISTINCT = re.compile("去重后|去除内容高度相似")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that is broken, and the place: never more of the text than a few characters."""

    rule: str
    detail: str


def texts(model: WeeklyModel) -> list[str]:
    """Every text a reader sees, one entry per paragraph, cell or caption; charts by their words."""
    masthead = model.masthead
    found = [masthead.name, masthead.issuer, model.title]
    found += [names for _, names in masthead.tail]
    for section in model.sections:
        found.append(section.heading)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                found.append(block.shown)
            elif isinstance(block, Heading):
                found.append(block.text)
            elif isinstance(block, Picture):
                found += [block.alt, *_title(block)]
            elif isinstance(block, Table):
                found += [block.caption, *(column.head for column in block.columns)]
                found += [cell for row in block.rows for cell in row]
    return found


def check(rendered: Sequence[str]) -> list[Problem]:
    """All problems of a rendered report, given as its texts in reading order."""
    problems = []
    for text in rendered:
        problems += _bare_percentages(text)
        problems += _raw_alone(text)
        problems += _banned(text)
        problems += _identifiers(text)
    return problems + _missing(rendered)


def enforce(rendered: Sequence[str]) -> None:
    """Refuse a report with problems.

    Raises:
        NotAllowed: the first problems, by rule.
    """
    if problems := check(rendered):
        listed = "; ".join(f"{problem.rule}: {problem.detail}" for problem in problems[:5])
        raise NotAllowed(
            f"the report breaks {len(problems)} rule(s): {listed}",
            remedy="correct the case title, term or figure it names, then make the report again",
        )


def _bare_percentages(text: str) -> list[Problem]:
    return [
        Problem("percentage without n", text[max(0, found.start() - 8) : found.end()])
        for found in _PERCENTAGE.finditer(text)
        if not _WITH_N.match(text, found.end())
    ]


def _raw_alone(text: str) -> list[Problem]:
    found = _RAW.search(text)
    if found is None or _DISTINCT.search(text):
        return []
    return [Problem("raw count without deduplicated count", found.group())]


def _banned(text: str) -> list[Problem]:
    bare = _BLANKS.sub("", text)
    return [Problem("banned wording", word) for word in BANNED if _BLANKS.sub("", word) in bare]


def _identifiers(text: str) -> list[Problem]:
    return [Problem("identifier", f"{n} × {kind}") for kind, n in redact(text).counts.items()]


def _missing(rendered: Sequence[str]) -> list[Problem]:
    problems, place = [], 0
    for heading in REQUIRED:
        later = [i for i, text in enumerate(rendered[place:], place) if text.endswith(heading)]
        if later:
            place = later[0]
        else:
            problems.append(Problem("section missing or out of order", heading))
    whole = "".join(rendered)
    problems += [
        Problem("sentence missing", words)
        for words in (NOT_EVERYBODY, UNCHECKED)
        if words not in whole
    ]
    return problems


def _title(picture: Picture) -> list[str]:
    title = picture.spec.get("title", {})
    return (
        [title.get("text", ""), title.get("subtitle", "")] if isinstance(title, dict) else [title]
    )
