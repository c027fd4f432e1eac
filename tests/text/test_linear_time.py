"""A hostile line of a megabyte costs time in proportion to its length."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from domain.errors import BadInput
from text import bigrams, case_numbers, dates, near_duplicates, normalise, numbers, urls
from text.redaction import redact

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LINE = 1_000_000
#: Seconds of processor time a megabyte may take; a quadratic pattern takes hours.
LIMIT = 60.0

PARTS = [
    "1", "一", "路", "和平路", "@", "a", "1 ", "*", "12号", "3幢2", "甲村第", "女童王", "小学", "地址：浙江省", "（2024）浙",
    "（2024）浙01民终1、", "(", "〔", "a@", "a.", "1-", "138 ", "13800001234,", "13800001234*", "339901199001011234", "6222 ",
    "浙A", "A1", "http://a.b/", "weibo.com/1", "x.com/a", ".aa/u/", "?uid=", "村1组", "小区1", "家住甲村", "QQ1", "电话0599", "三年级", "\n ", "0599-", "1📱3", "13 ", "1 3 ", "138、0000、", "3399 01", "护照E", "零五", "村甲", "我儿子冉", "9岁的", "女童宁宁", "QQ12 34 ", "86-", "1-1-", "苑1-1-101", "<div",
    "<a b=", "&", "&lt;", "之一", "[a", "“", '"',
    "幺五六 〇", "1O", "O549-5", "V我", "UID1", "0549-5100250、", "浙 A 1 ", "a [at] ", "a点", "a dot ", "甲社区乙", "甲天地3栋", "婚生女冉",
    "陆远刚满", "冉的母亲", "一子冉小", "139～0000～", "1.3.", "小红书 a", "冉小棠系未成年人",
]  # fmt: skip


def redact_or_refuse(text: str) -> None:
    try:
        redact(text, minors=True)
    except BadInput:
        return


def read_html(text: str) -> None:
    try:
        normalise.html_to_text(text)
    except BadInput:
        return


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "redact": redact_or_refuse,
    "case_numbers": case_numbers.find,
    "clean": normalise.clean,
    "html": read_html,
    "strip": normalise.strip_for_similarity,
    "terms": bigrams.index_terms,
    "query": bigrams.query_phrases,
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("part", PARTS)
def test_a_long_line_is_no_weapon(name: str, part: str) -> None:
    # 30,000 characters show a quadratic pattern as well: a second becomes a quarter of an hour.
    text = part * (LINE // 33 // len(part))
    start = time.process_time()
    FUNCTIONS[name](text)
    assert time.process_time() - start < LIMIT / 12


@pytest.mark.parametrize("part", ["江澜市中院今天开庭，电话13800001234，住和平路12号。", "1"])
def test_a_megabyte_of_redaction(part: str) -> None:
    start = time.process_time()
    redact_or_refuse(part * (LINE // len(part)))
    assert time.process_time() - start < LIMIT


def test_a_megabyte_elsewhere() -> None:
    text = "江澜市中院" * (LINE // 5)
    start = time.process_time()
    assert near_duplicates.similarity(text, text) == 1.0
    assert len(near_duplicates.signature(text)) == 512
    for parse in (numbers.parse_count, urls.canonical_url, case_numbers.normalise):
        with pytest.raises(BadInput):
            parse(text)
    with pytest.raises(BadInput):
        dates.parse_moment(text, NOW)
    assert time.process_time() - start < LIMIT
