"""Terms for full-text search, the same for every backend.

Chinese has no blanks, so a run of n Chinese characters gives n−1 overlapping pairs and, as its end
mark, the last character alone: 法院判决 → 法院 院判 判决 决. Two consequences carry the search:
a phrase of pairs matches exactly the texts that hold the characters as they stand, and a single
character is found by prefix (决* meets both 决定 and the end mark 决).

Backends must store the terms as they are: split at blanks (FTS5: ``tokenize='ascii'``; OpenSearch
and Elasticsearch: the ``whitespace`` tokenizer), keep positions, fold nothing.
"""

from __future__ import annotations

import re
import unicodedata
from operator import add

_CHINESE = "々〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"([{_CHINESE}]+)|[^\\W_{_CHINESE}]+")
_SINGLE = re.compile(f"[{_CHINESE}]")
_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”|(\S+)')
# Lucene cuts terms at 255 characters and FTS5 doesn't: longer words are cut here, for all alike.
_LONGEST_WORD = 64


def index_terms(text: str) -> list[str]:
    """Return the terms of `text` in order: Chinese pairs with end marks, other words whole."""
    return _terms(text, closed=True)


def query_phrases(query: str) -> list[list[str]]:
    """Return the phrases of `query`, all of which a text must hold; [] when it has no word.

    Blanks part phrases, "quoted parts" (also “ ”) are one phrase. The terms of a phrase must stand
    at consecutive positions. When `is_open(phrase)`, its last term is to be matched as a prefix.
    """
    phrases = (
        _terms(quoted or curly or word, closed=False)
        for quoted, curly, word in _QUOTED.findall(query)
    )
    return [phrase for phrase in phrases if phrase]


def is_open(phrase: list[str]) -> bool:
    """Whether the last term of `phrase` is a single Chinese character, i.e. a prefix to match."""
    return bool(phrase) and _SINGLE.fullmatch(phrase[-1]) is not None


def _terms(text: str, *, closed: bool) -> list[str]:
    """Terms of all runs; unless `closed`, the last Chinese run has no end mark (it may go on)."""
    folded = unicodedata.normalize("NFKC", text).lower()
    runs = list(_RUN.finditer(folded))
    terms: list[str] = []
    for position, run in enumerate(runs):
        characters = run[0]
        if run[1] is None:
            terms += [
                characters[start : start + _LONGEST_WORD]
                for start in range(0, len(characters), _LONGEST_WORD)
            ]
            continue
        terms += map(add, characters, characters[1:])
        last = position == len(runs) - 1
        if closed or not last or len(characters) == 1:
            terms.append(characters[-1])
    return terms
