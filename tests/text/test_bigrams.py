"""Search terms: what is in a text is found, what isn't is not, in a real FTS5 table."""

from __future__ import annotations

import sqlite3
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from text.bigrams import index_terms, is_open, query_phrases

chinese = st.text(alphabet="法院判决开庭一二立案难的了", min_size=1, max_size=12)
mixed = st.text(alphabet='法院判决难a1ｂ，。 \n"“”*OR()', max_size=16)


def found(text: str, query: str) -> bool:
    """Whether FTS5, fed as the module says, finds `query` in `text`."""
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE VIRTUAL TABLE t USING fts5(terms, tokenize='ascii')")
        database.execute("INSERT INTO t VALUES (?)", (" ".join(index_terms(text)),))
        phrases = query_phrases(query)
        assert phrases
        match = " AND ".join(
            '"' + " ".join(phrase).replace('"', '""') + '"' + (" *" if is_open(phrase) else "")
            for phrase in phrases
        )
        (hits,) = database.execute("SELECT count(*) FROM t WHERE t MATCH ?", (match,)).fetchone()
        return bool(hits)


def test_the_shape_of_terms() -> None:
    assert index_terms("法院判决") == ["法院", "院判", "判决", "决"]
    assert index_terms("法") == ["法"]
    assert index_terms("ＡＢ立案，iPhone15难") == ["ab", "立案", "案", "iphone15", "难"]
    assert index_terms("") == index_terms("，。！😀") == []
    assert query_phrases("法院判决") == [["法院", "院判", "判决"]]
    assert query_phrases("法院 判") == [["法院"], ["判"]]
    assert query_phrases('"法院 判决" a') == [["法院", "院", "判决"], ["a"]]
    assert query_phrases("“立案难” 诉前") == [["立案", "案难"], ["诉前"]]
    assert query_phrases('"" ，') == []
    assert is_open(["判"])
    assert is_open(["a", "判"])
    assert not is_open(["判决"])
    assert not is_open([])


@given(chinese, chinese, chinese)
def test_any_chinese_substring_is_found(before: str, word: str, after: str) -> None:
    assert found(before + word + after, word)


@given(chinese, chinese)
def test_what_does_not_stand_in_the_text_is_not_found(text: str, word: str) -> None:
    assert found(text, word) == (word in text)


@given(mixed, mixed)
def test_chinese_beside_other_characters(text: str, word: str) -> None:
    quoted = word.translate(str.maketrans('"“”', "   "))
    assume(query_phrases(f'"{quoted}"'))
    assert found(f"{text} {quoted} {text}", f'"{quoted}"')


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("江澜市中院开庭", "中院", True),
        ("江澜市中院开庭", "院", True),
        ("江澜市中院开庭", "江澜 开庭", True),
        ("江澜市中院开庭", "江澜 宣判", False),
        ("法院，判决", "院判", False),
        ("法院，判决", "法院判决", False),
        ("用iPhone拍的", "iphone", True),
        ("用iPhone拍的", "phone", False),
        ("用iPhone拍的", "iphone拍", True),
        ("他判决a案", "决a", True),
        ("（2024）浙01民终1234号", "浙01民终1234号", True),
        ("𠮷某案", "𠮷某", True),
        ("x" * 500, "x" * 500, True),
    ],
)
def test_hits(text: str, query: str, expected: bool) -> None:
    assert found(text, query) == expected


@given(st.text(max_size=60))
def test_terms_are_safe_to_join_by_blanks(text: str) -> None:
    terms = index_terms(text)
    assert " ".join(terms).split() == terms
    assert all(term and len(term) <= 64 for term in terms)
    unsafe = {"Zs", "Zl", "Zp", "Cc", "Cs"}
    assert not any(unicodedata.category(c) in unsafe for term in terms for c in term)
