"""Finders of numbers and addresses respelt to pass a filter.

Letters for digits (l38OOOO6148), groups of characters (幺五六 〇〇〇〇 八八三二), a dot in words
(a [at] b [dot] org), gaps within a plate, the area code left to the reader. Like the finders of
:mod:`text.identifiers`: folded text in, spans out, bounded patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from text.identifiers import ANY_ACCOUNT, ANY_PHONE, PLATE_REGION, SPELT, Span, is_card

_PART = "[ .·_-]{0,2}"
_ANY_SPELT = re.compile(rf"(?:[{SPELT}]{_PART}){{8}}")
# As they are read out: 十三八 and 拾叁捌 begin a number as 一三八 does.
_MOBILE_SPELT = re.compile(
    rf"(?<![{SPELT}十拾\d])[一幺壹十拾]{_PART}[三四五六七八九叁肆伍陆柒捌玖](?:{_PART}[{SPELT}]){{9}}"
    rf"(?!{_PART}[{SPELT}十拾百千\d])(?! ?[万亿元])",
    re.ASCII,
)

# 139～0000～4412, 一三九 0000 四四一二, (139)00004412, 1.3.9.0.0.0.0.4.4.1.2.
_BETWEEN = "[ .·_/~。+*-]{1,2}"
_MOBILE_GROUPED = re.compile(
    rf"(?<![{SPELT}\d.*+-])[1一幺壹][3-9三四五六七八九叁肆伍陆柒捌玖][{SPELT}\d](?:{_BETWEEN}[{SPELT}\d]{{4}}){{2}}(?![{SPELT}\d])(?! ?[元万亿件起人个户次份条年%])"
    r"|(?<!\d)\(1[3-9]\d\) ?\d{4}[ -]?\d{4}(?!\d)"
    r"|(?<![\d.*~+_/])1([.*~+_/])[3-9](?:\1\d){9}(?![\d.*~+_/])",
    re.ASCII,
)
# Figures in plain groups are identifiers' own, which knows 第138-0000-5678号文件.
_UNUSUAL = re.compile(rf"[{SPELT}~。+*(]|^1\D")
_ANY_GROUPED = re.compile(rf"[{SPELT}\d]{_BETWEEN}[{SPELT}\d]|\(1[3-9]", re.ASCII)
_ANY_LETTERED = re.compile(r"[OoIl][\dOoIl-]|\d[OoIl]", re.ASCII)
_MOBILE_LETTERED = re.compile(
    r"(?<![\dA-Za-z])[1Il][3-9][\dOoIl](?:[ -]?[\dOoIl]{4}){2}(?![\dA-Za-z])", re.ASCII
)
_LANDLINE_LETTERED = re.compile(
    r"(?<![\dA-Za-z-])[0Oo][\dOoIl]{2,3}-[\dOoIl]{7,8}(?![\dA-Za-z])", re.ASCII
)
#: Figures that a number with letters in it still has.
_FEWEST_FIGURES = 4

_ANY_LONG = re.compile(rf"[{SPELT}\d]{{16}}", re.ASCII)
_CARD_SPELT = re.compile(
    rf"(?<![{SPELT}\d])(?=\d{{0,18}}[{SPELT}])[{SPELT}\d]{{16,19}}(?![{SPELT}\d])", re.ASCII
)
_FIGURES = str.maketrans(SPELT, "000" + "123456789" + "1" + "123456789")

_CALLING = re.compile(r"电话|座机|固话|手机|号码|联系|致电|拨|来电|打我|[Tt][Ee][Ll]")
_LINE_CALLED = re.compile(r"电话|座机|固话|总机|传真|拨")
_NEAR = 12
# 05495100219: the codes of GB are 010, 02x and 03xx to 09xx.
_LANDLINE_JOINED = re.compile(
    r"(?<![\d.*+-])0(?:10|2\d|[3-9]\d\d)[2-9]\d{6,7}(?![\d*])(?! ?[元万亿%])", re.ASCII
)
# 510-0288, no 2019-2023.
_LANDLINE_LOCAL = re.compile(
    r"(?<![\d.*+-])(?!20\d\d-)[2-9]\d{2,3}-\d{4}(?![\d*.-])(?! ?[元万亿%件年页])", re.ASCII
)
# Lines named beside another: 0549-5100250、5100251.
_LANDLINE_ROW = re.compile(
    r"(?<!\d)0\d{2,3}[)-] ?[2-9]\d{6,7}(?:[、,/或 ]{1,2}[2-9]\d{6,7}(?![\d*])){1,6}", re.ASCII
)
_LANDLINE_IN_ROW = re.compile(r"(?<=[、,/或 ])[2-9]\d{6,7}", re.ASCII)

_PLATE_PARTED = re.compile(
    rf"[{PLATE_REGION}] ?[A-HJ-NP-Za-hj-np-z](?: [A-HJ-NP-Za-hj-np-z\d]){{5,6}}(?! ?[\dA-Za-z])",
    re.ASCII,
)
_ANY_GAPS = re.compile(r"[A-Za-z\d] [A-Za-z\d] ", re.ASCII)

# Every dot in words; with a plain dot "look at a.com" would be one, and (at) is identifiers' own.
_EMAIL_WORDED = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63} ?(?:[\[(](?:at|@)[\])]|#|@|艾特| at ) ?"
    r"(?:[A-Za-z0-9][A-Za-z0-9.-]{0,62} ?(?:[\[(](?:dot|\.)[\])]| dot |点|。) ?){1,5}"
    r"(?:com|cn|net|org|edu|gov|me|io)(?![A-Za-z0-9-])",
    re.ASCII | re.IGNORECASE,
)
_ANY_WORDED = re.compile(
    r"[A-Za-z0-9.-] ?(?:点|。|[\[(](?:dot|\.)| dot ) ?[A-Za-z0-9\])]", re.ASCII | re.IGNORECASE
)

# V我, UID, 快手搜: the id must look like one.
_ACCOUNT_MORE = re.compile(
    r"(?:(?<![A-Za-z])[VvQq]我|加我[薇微威VvQq]信?|(?:抖音|快手|小红书|[Bb]站|微博)上?搜索?|(?:加?卫星|威信|微信|薇信)[”\"』」]"
    r"|(?<![A-Za-z])[Uu][Ii][Dd](?=[是为: ]{0,3}\d)|扣(?=\d{8,11}(?![\d元.万])))[是为: ]{0,3}"
    r"((?=[A-Za-z]{0,19}[\d_-])[A-Za-z\d][A-Za-z\d_-]{4,19})(?![A-Za-z\d])",
    re.ASCII,
)
# Behind a name of other use, letters and figures both, or seven figures: no 小红书 2024-01-05.
_ACCOUNT_NAMED = re.compile(
    r"(?:小红书|陌陌|探探|飞书|钉钉|电报|(?<![A-Za-z])(?:[Tt]elegram|TG|[Ww]hats[Aa]pp|[Ss]kype))(?:号|ID|id)?[是为: ]{1,3}"
    r"(?=[A-Za-z_]{1,19}[\d_-]|\d{7,11}(?!\d))([A-Za-z\d][A-Za-z\d_-]{4,19})(?![A-Za-z\d])",
    re.ASCII,
)
# A group's number is six figures and more; what its members are counted by stays.
_GROUP = re.compile(r"(?:[Qq]{2}|扣扣|企鹅)群号?[是为: ]{0,3}(\d{6,11})(?![\d人名个万])", re.ASCII)


def mobiles(text: str) -> Iterator[Span]:
    """Mobile numbers in groups of characters, or with letters for digits."""
    if _ANY_SPELT.search(text):
        for match in _MOBILE_SPELT.finditer(text):
            yield match.span()
    for match in _MOBILE_GROUPED.finditer(text) if _ANY_GROUPED.search(text) else ():
        if _UNUSUAL.search(match[0]):
            yield match.span()
    yield from _lettered(_MOBILE_LETTERED, text)


def landlines(text: str) -> Iterator[Span]:
    """Fixed lines with letters for digits, or near a word of calling without a gap or an area code."""
    yield from _lettered(_LANDLINE_LETTERED, text)
    if not ANY_PHONE.search(text):
        return
    for pattern, word in ((_LANDLINE_JOINED, _CALLING), (_LANDLINE_LOCAL, _LINE_CALLED)):
        for match in pattern.finditer(text):
            if word.search(text, max(0, match.start() - _NEAR), match.start()):
                yield match.span()
    for match in _LANDLINE_ROW.finditer(text):
        for line in _LANDLINE_IN_ROW.finditer(text, *match.span()):
            yield line.span()


def bank_cards(text: str) -> Iterator[Span]:
    """Card numbers written out, if the check digit holds."""
    for match in _CARD_SPELT.finditer(text) if _ANY_LONG.search(text) else ():
        if is_card(match[0].translate(_FIGURES)):
            yield match.span()


def plates(text: str) -> Iterator[Span]:
    """Plates with a blank behind every character."""
    for match in _PLATE_PARTED.finditer(text) if _ANY_GAPS.search(text) else ():
        if sum(map(str.isdigit, match[0])) > 1:
            yield match.span()


def emails(text: str) -> Iterator[Span]:
    """Addresses of electronic mail with the dot or the @ in words or brackets."""
    for match in _EMAIL_WORDED.finditer(text) if _ANY_WORDED.search(text) else ():
        yield match.span()


def accounts(text: str) -> Iterator[Span]:
    """Ids behind V我, UID, 快手搜 or a name in quotation marks, and numbers of groups."""
    if not ANY_ACCOUNT.search(text):
        return
    for pattern in (_ACCOUNT_MORE, _ACCOUNT_NAMED, _GROUP):
        for match in pattern.finditer(text):
            yield match.span(1)


def _lettered(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for match in pattern.finditer(text) if _ANY_LETTERED.search(text) else ():
        figures = sum(map(str.isdigit, match[0]))
        letters = sum(map(str.isalpha, match[0]))
        if letters and figures >= _FEWEST_FIGURES:
            yield match.span()
