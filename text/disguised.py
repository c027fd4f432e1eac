"""Finders of identifiers parted or written out so that programs pass them by.

Like those of :mod:`text.identifiers`: folded text in, spans out, bounded patterns. What is looser
here asks for more: a check digit, a label, or a word of telephoning close by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from text.identifiers import (
    ANY_CHARACTER,
    ANY_PHONE,
    NO_PHONE,
    SPELT,
    Span,
    real_day,
    valid_id,
)

# Emoji, arrows, dingbats, keycaps and what joins them; no punctuation of Chinese or Western prose.
_SIGN = "[\u2022\u20d0-\u20ff\u2190-\u27bf\u2900-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff]"
_ANY_SIGN = re.compile(rf"\d{_SIGN}", re.ASCII)
_MOBILE_SIGNED = re.compile(
    rf"(?<!\d)1{_SIGN}{{0,4}}[3-9](?:{_SIGN}{{0,4}}\d){{9}}(?!{_SIGN}{{0,4}}\d)[\ufe0f\u20e3]{{0,2}}",
    re.ASCII,
)
# 137 000 09 118: any grouping, if somebody is to call it; columns of a table look alike.
_ANY_PARTED = re.compile(r"\d[ ._·/-]{1,2}\d", re.ASCII)
_MOBILE_PARTED = re.compile(
    r"(?<![\d.*-])1[3-9]\d{0,5}(?:[ ._·-]{1,2}\d{1,5}){1,6}(?![\d*])(?! ?[元万亿件起人个户次份%])",
    re.ASCII,
)
_CALLING = re.compile(r"电话|手机|号码|联系|致电|拨打|来电|打我|同号|这个号|[Tt][Ee][Ll]|[Cc]all")
_NEAR = 12
# 15-2026-11-24-1: a day within a shelf mark or a list of days.
_DAY = re.compile(
    r"(?<!\d)(?:19|20)\d\d[ ._·-]{1,2}(?:1[0-2]|0?[1-9])[ ._·-]{1,2}(?:3[01]|[12]\d|0?[1-9])(?!\d)",
    re.ASCII,
)

_ID_PARTED = re.compile(
    r"(?<!\d)(?=([1-8]\d(?:[ ._·/-]{0,2}\d){15}[ ._·/-]{0,2}[\dXx])(?![\dA-Za-z]))", re.ASCII
)
_ANY_LONG = re.compile(rf"[{SPELT}\d]{{17}}", re.ASCII)
_ID_SPELT = re.compile(
    rf"(?<![{SPELT}\d])(?=\d{{0,17}}[{SPELT}])[{SPELT}\d]{{17}}[{SPELT}\dXx](?![{SPELT}\d])",
    re.ASCII,
)
_PARTS = re.compile("[ ._·/-]")
_REGION = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_TRAVEL = re.compile(
    r"(?:护照|通行证|回乡证|台胞证|旅行证|居留证)(?:证?号码?)?[是为: ]{0,3}"
    r"([A-Za-z]{1,2}\d{6,9}|\d{8,9})(?![\dA-Za-z])",
    re.ASCII,
)

_ANY_SPELT = re.compile(rf"[{SPELT}]{{7}}")
_LANDLINE_SPELT = re.compile(
    rf"(?<![{SPELT}\d])[零〇][一二三四五六七八九][{SPELT}]{{8,10}}(?![{SPELT}\d])", re.ASCII
)
_LANDLINE_SPELT_LABELLED = re.compile(
    rf"(?:电话|座机|固话|传真|总机|致电|拨打)(?:号码?)?[是为: ]{{0,3}}([{SPELT}]{{7,12}})(?![{SPELT}\d])",
    re.ASCII,
)

_ANY_GROUPED = re.compile(r"\d\d[ -]\d\d", re.ASCII)
# QQ numbers in groups: 扣扣 3300 9187 21; not the group's member count behind QQ群.
_ACCOUNT_GROUPED = re.compile(
    r"(?:[Qq]{2}|扣扣|企鹅)号?[是为: ]{0,3}(\d{2,5}(?:[ -]\d{2,5}){1,3})(?![\d元年月])", re.ASCII
)


def mobiles(text: str) -> Iterator[Span]:
    """Mobile numbers with emoji between their digits, or in any groups near a word of calling."""
    if not ANY_PHONE.search(text):
        return
    if _ANY_SIGN.search(text):
        for match in _MOBILE_SIGNED.finditer(text):
            if not match[0].isdigit():
                yield match.span()
    if not _ANY_PARTED.search(text):
        return
    for match in _MOBILE_PARTED.finditer(text):
        start, end = match.span()
        near = max(0, start - _NEAR)
        if sum(map(str.isdigit, match[0])) != 11 or _DAY.search(match[0]):
            continue
        if NO_PHONE.search(text, near, start):
            continue
        if _CALLING.search(text, near, start) or _CALLING.search(text, end, end + _NEAR):
            yield start, end


def id_cards(text: str) -> Iterator[Span]:
    """Identity numbers written out, or in any groups if the check digit holds; passports by label."""
    if ANY_CHARACTER.search(text) and _ANY_LONG.search(text):
        for match in _ID_SPELT.finditer(text):
            yield match.span()
    if "证" in text or "照" in text:
        for match in _TRAVEL.finditer(text):
            yield match.span(1)
    if not (ANY_PHONE.search(text) and _ANY_PARTED.search(text)):
        return
    for match in _ID_PARTED.finditer(text):
        digits = _PARTS.sub("", match[1])
        if _REGION.match(digits) and valid_id(digits) and real_day(digits[6:14]):
            yield match.span(1)


def landlines(text: str) -> Iterator[Span]:
    """Fixed lines written out: with an area code, or after 电话, 座机 …"""
    if not _ANY_SPELT.search(text):
        return
    for match in _LANDLINE_SPELT.finditer(text):
        yield match.span()
    for match in _LANDLINE_SPELT_LABELLED.finditer(text):
        yield match.span(1)


def accounts(text: str) -> Iterator[Span]:
    """QQ numbers in groups."""
    for match in _ACCOUNT_GROUPED.finditer(text) if _ANY_GROUPED.search(text) else ():
        yield match.span(1)
