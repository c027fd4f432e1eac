"""The catalogue of public concerns: `concern_topics.yaml`, read strictly.

Source of the topics and their articles: 法发〔2013〕9号. A new topic is one entry of the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from domain.annotation import IRRELEVANT, Topic
from domain.errors import ConfigurationError

#: The catalogue that ships.
CATALOGUE = Path(__file__).with_name("concern_topics.yaml")
#: Topic given when no other fits (guideline §1.4).
FALLBACK = "case_discussion"
#: Topics whose volume enters the ranking of concerns.
CONCERN = "concern"

#: Topic ids to topics, in the order of the file.
Catalogue = dict[str, Topic]

_FILE_KEYS = {"version", "source_document", "groups", "topics"}
_REQUIRED_KEYS = {"id", "zh", "group", "owner_dept", "articles"}
_TOPIC_KEYS = _REQUIRED_KEYS | {
    "en", "article_basis", "definition", "include", "exclude", "keywords", "negative_keywords",
    "examples",
}  # fmt: skip
_ID = re.compile(r"[a-z][a-z0-9_]{2,40}")
#: Every 庭 tries cases except the filing division, so no other may own a topic
#: (practice.md §6; 法发〔2013〕9号第5条: opinions are not handed to the trial division).
_TRIAL_DIVISION = re.compile(r"(?<!立案)庭|审判长|合议|承办法官")
#: Labels that would describe the person who speaks and not the concern (guideline, principle 2).
_SENSITIVE = re.compile(
    r"政治|立场|宗教|信仰|民族|种族|籍贯|地域|国籍|性别|性取向|疾病|身份标签|职业|党派|异见|维稳对象"
    r"|重点人员|缠访户|老户|politic|religio|ethnic|gender|dissident|troublemaker"
)


def load(path: Path | None = None) -> Catalogue:
    """Read the catalogue; ids to topics, in the order of the file.

    Raises:
        ConfigurationError: the file can't be read, has unknown or missing keys, repeats an id,
            lacks `irrelevant` or `case_discussion`, gives a topic to a trial division, or names
            a topic after a kind of person.
    """
    path = path or CATALOGUE
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(
            f"the topic catalogue can't be read: {type(error).__name__}",
            remedy="restore the file or correct its YAML",
            where=path.name,
        ) from error
    if not isinstance(data, dict) or not isinstance(data.get("topics"), list):
        raise _wrong(path, "it has no list of topics", "give it a key `topics` with a list")
    _refuse_unknown(path, "the file", data, _FILE_KEYS)
    topics: dict[str, Topic] = {}
    for entry in data["topics"]:
        topic = _topic(path, entry, set(data.get("groups") or {}))
        if topic.id in topics:
            raise _wrong(path, f"topic {topic.id} stands twice", "keep one of the two")
        topics[topic.id] = topic
    for needed in (IRRELEVANT, FALLBACK):
        if needed not in topics:
            raise _wrong(path, f"topic {needed} is missing", "the labelling rules need it")
    return topics


def concern_ids(topics: Catalogue) -> frozenset[str]:
    """Ids of the topics that count in the ranking of concerns."""
    return frozenset(topic.id for topic in topics.values() if topic.group == CONCERN)


def _topic(path: Path, entry: Any, groups: set[str]) -> Topic:
    if not isinstance(entry, dict) or not entry.keys() >= _REQUIRED_KEYS:
        raise _wrong(
            path, "a topic lacks a required key", f"give each one {sorted(_REQUIRED_KEYS)}"
        )
    identifier = str(entry["id"])
    _refuse_unknown(path, f"topic {identifier}", entry, _TOPIC_KEYS)
    if not _ID.fullmatch(identifier):
        raise _wrong(path, f"{identifier!r} is no topic id", "use lower-case latin words and _")
    if entry["group"] not in groups:
        raise _wrong(path, f"topic {identifier} is in no known group", f"use one of {groups}")
    owner = str(entry["owner_dept"])
    if _TRIAL_DIVISION.search(owner):
        raise _wrong(
            path,
            f"topic {identifier} is owned by a trial division",
            "public opinion is not handed to those who try the case (法发〔2013〕9号 Art. 5)",
        )
    if _SENSITIVE.search(f"{identifier} {entry['zh']} {entry.get('en', '')}".lower()):
        raise _wrong(
            path,
            f"topic {identifier} labels people, not a concern",
            "name what the court could do better",
        )
    return Topic(
        id=identifier,
        zh=str(entry["zh"]),
        group=str(entry["group"]),
        articles=_numbers(path, entry, "articles"),
        owner_dept=owner,
        keywords=_words(path, entry, "keywords"),
        negative_keywords=_words(path, entry, "negative_keywords"),
    )


def _items(path: Path, entry: Mapping[str, Any], key: str) -> list[Any]:
    value = entry.get(key) or []
    if not isinstance(value, list):
        raise _wrong(path, f"{key} of topic {entry['id']} is no list", "write it as [a, b]")
    return value


def _numbers(path: Path, entry: Mapping[str, Any], key: str) -> tuple[int, ...]:
    numbers = _items(path, entry, key)
    if not all(isinstance(number, int) for number in numbers):
        raise _wrong(path, f"{key} of topic {entry['id']} are no numbers", "write them as digits")
    return tuple(numbers)


def _words(path: Path, entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    # YAML reads the hotline's number 12368 as an integer; it is a word here.
    return tuple(str(word) for word in _items(path, entry, key))


def _refuse_unknown(path: Path, what: str, entry: Mapping[Any, Any], known: set[str]) -> None:
    if unknown := sorted(str(key) for key in entry.keys() - known):
        raise _wrong(path, f"{what} has unknown keys {unknown}", f"known are {sorted(known)}")


def _wrong(path: Path, problem: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(problem, remedy=remedy, where=path.name)
