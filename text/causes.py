"""Causes of action and charges (案由): the Supreme People's Court's catalogues, versioned, as data.

`causes.yml` says of each catalogue which rule it is, from when it holds and how much of it is
there. A cause that isn't there is kept as it was written: the catalogues are not complete.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from domain.errors import ConfigurationError

_FILE = Path(__file__).with_name("causes.yml")
#: Likeness from which a name is offered as “perhaps meant” (Ratcliff/Obershelp).
_NEAR = 0.6
_TAIL = re.compile(r"(?:一案|案件|案)$")
_BRACKETS = str.maketrans({"(": "（", ")": "）", ",": "、", "，": "、"})
#: Family of what no catalogue holds.
UNKNOWN = "未归类"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One rule in one version; `valid_until` None: still in force."""

    id: str
    title: str
    rule: str
    valid_from: date
    valid_until: date | None
    successor: str
    coverage: str


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause of one catalogue.

    Attributes:
        code: the ordinal printed in the rule, "" where it isn't recorded here.
        parent: name of the level above, "" at the top.
        family: name of the topmost level, after the catalogue: "民事·合同、准合同纠纷".
    """

    name: str
    code: str
    parent: str
    family: str
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class Found:
    """What a written cause is.

    Attributes:
        cause: None when no catalogue that is here holds it.
        renamed: it was written under an older name; `cause` is what it is called now.
        nearest: a like name, for a person to judge; "" when none is near or one was found.
    """

    written: str
    cause: Cause | None
    renamed: bool = False
    nearest: str = ""

    @property
    def family(self) -> str:
        """The family, `UNKNOWN` for a cause that isn't in the catalogues, "" for none at all."""
        if not self.written:
            return ""
        return self.cause.family if self.cause else UNKNOWN


def find(written: str) -> Found:
    """Look a cause up as people write it: 危险驾驶 is 危险驾驶罪, 某某纠纷一案 is 某某纠纷.

    Of several causes joined by 、 the first that is known decides.
    """
    return _find(written.strip())


def kind_of_case(words: str) -> bool:
    """Whether `words` are a cause, or the end of one: 诈骗, 意杀人 (of 故意杀人) name no single case."""
    return words in _ends()


@cache
def _ends() -> frozenset[str]:
    written = (*_names(), *_renamed())
    stems = {
        form
        for name in written
        for form in (name, name.removesuffix("罪"), name.removesuffix("纠纷"))
    }
    return frozenset(stem[start:] for stem in stems for start in range(len(stem) - 1))


def families() -> list[str]:
    """All families, in the catalogues' order."""
    return list(dict.fromkeys(cause.family for cause in _names().values()))


def members(family: str) -> tuple[str, ...]:
    """Names of a family's causes, as the catalogue has them."""
    return tuple(cause.name for cause in _names().values() if cause.family == family)


def catalogues() -> list[Catalogue]:
    """The catalogues that are here."""
    return list({cause.catalogue.id: cause.catalogue for cause in _names().values()}.values())


@cache
def _find(written: str) -> Found:
    if not written:
        return Found("", None)
    for form in _forms(written):
        if form in _names():
            return Found(written, _names()[form])
        if form in _renamed():
            return Found(written, _names()[_renamed()[form]], renamed=True)
    parts = [part for part in re.split("[、；;]", written) if part]
    for part in parts if len(parts) > 1 else ():
        found = _find(part.strip())
        if found.cause is not None:
            return Found(written, found.cause, found.renamed)
    near = get_close_matches(next(_forms(written)), _names(), 1, _NEAR)
    return Found(written, None, nearest=near[0] if near else "")


def _forms(written: str) -> Iterator[str]:
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", written)).translate(_BRACKETS)
    short = _TAIL.sub("", plain)
    yield from (plain, short, short + "罪", short + "纠纷", short + "案件")


@cache
def _names() -> dict[str, Cause]:
    """Cause by name; a name that stands twice belongs to the place where it stands first."""
    found: dict[str, Cause] = {}
    for entry in _entries():
        for cause in _read(entry):
            found.setdefault(cause.name, cause)
    return found


@cache
def _renamed() -> dict[str, str]:
    renamed = {old: new for entry in _entries() for old, new in entry["renamed"].items()}
    if lost := sorted(set(renamed.values()) - _names().keys()):
        raise ConfigurationError(f"renamed to a cause that isn't there: {lost}", where=str(_FILE))
    return renamed


@cache
def _entries() -> tuple[dict[str, Any], ...]:
    return tuple(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def _read(entry: dict[str, Any]) -> Iterator[Cause]:
    catalogue = Catalogue(
        id=entry["id"], title=entry["title"], rule=entry["rule"],
        valid_from=entry["valid_from"], valid_until=entry["valid_until"],
        successor=entry["successor"], coverage=entry["coverage"],
    )  # fmt: skip
    for top, groups in entry["causes"].items():
        code, name = _split(top)
        family = f"{catalogue.title}·{name}"
        yield Cause(name, code, "", family, catalogue)
        for head, leaves in groups.items():
            parent = name
            if head is not None:
                ordinal, parent = _split(head)
                yield Cause(parent, ordinal, name, family, catalogue)
            for leaf in leaves:
                yield Cause(leaf, "", parent, family, catalogue)


def _split(written: str) -> tuple[str, str]:
    """“第四部分 合同、准合同纠纷” → ordinal and name; no ordinal in catalogues that print none."""
    code, blank, name = written.partition(" ")
    return (code, name) if blank else ("", written)
