"""Finders of what identifies a person by digits and letters: cards, phones, plates, accounts.

A finder gets the text folded one character for one (:func:`fold`), so that its spans hold in the
original, and yields (start, end). All patterns are anchored and bounded: time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

Span = tuple[int, int]

_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    "ⒶⒷⒸⒹⒺⒻⒼⒽⒿⓀⓁⓂⓃⓅⓆⓇⓈⓉⓊⓋⓌⓍⓎⓏ❶❷❸❹❺❻❼❽❾⓪①②③④⑤⑥⑦⑧⑨–—―‐‑−×✕✖╳●○\u3000\xa0\t",
    "ABCDEFGHJKLMNPQRSTUVWXYZ1234567890123456789" + "-" * 6 + "*" * 6 + " " * 3,
)

# First two digits of an identity number: provinces, Taiwan, Hong Kong, Macau (GB/T 2260).
_REGION = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_BIRTH = r"(?:1[89]|20)\d\d[ -]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_BIRTH_SHORT = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_GAP = r"[ -]{0,2}"
# In a lookahead, so that every start is tried: a valid number may hide in a longer run of digits.
_ID_18 = re.compile(
    rf"(?={_REGION})(?=(\d{{6}}{_GAP}{_BIRTH}{_GAP}\d{{3}} ?[\dXx])(?P<more>[\dA-Za-z])?)", re.ASCII
)
_ID_15 = re.compile(rf"(?<!\d){_REGION}\d{{4}}{_BIRTH_SHORT}\d{{3}}(?!\d)", re.ASCII)
_ID_MASKED = re.compile(rf"(?<![\d*]){_REGION}[\d*Xx]{{13,16}}(?![\d*Xx])", re.ASCII)
_LABELLED_ID = re.compile(
    r"(?:身份证|证件)(?:号码?)?(?:[是为:] ?){0,2}([\d*Xx](?:[ -]?[\d*Xx]){5,17})(?![\d*])", re.ASCII
)
SPELT = "〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

_S = r"[ .·_-]{1,3}"
# No decimal point here: 1.13800001234 is more often the first of a list than a fraction.
_NOT_BEFORE = r"(?<![\d*¥$])"
_NOT_AFTER = r"(?![\d*])(?! ?(?:元|万元|亿元|美元|股|%))"
_MOBILE = re.compile(
    rf"{_NOT_BEFORE}(?:\(?(?:\+ ?|00)?86\)?[ -]?)?(?:1[3-9]\d{{9}}|1[3-9]\d[ .·_/-]{{1,3}}\d{{4}}[ .·_/-]{{1,3}}\d{{4}}"
    # With commas it may be three items of a list: 191、1535、1720件.
    rf"|(?<!\d[,、])(?<!\d[,、] )1[3-9]\d[ ,、]{{1,3}}\d{{4}}[ ,、]{{1,3}}\d{{4}}(?![,、] ?\d)(?! ?[件起人个户次名例份宗万亿元])"
    rf"|1[3-9]\d\d{_S}\d{{3}}{_S}\d{{4}}|1[3-9]\d{_S}\d{{3}}{_S}\d{{5}}|1[3-9]\d{_S}\d{{8}}"
    rf"|1[3-9]\d{{5}}{_S}\d{{4}}|1[3-9]\d{{3}}{_S}\d{{6}}|1[ -][3-9](?:[ -]\d){{9}}){_NOT_AFTER}",
    re.ASCII,
)
_MOBILE_MASKED = re.compile(r"(?<![\d*])1[3-9]\d[ -]?[*xX]{3,5}[ -]?\d{3,4}(?![\d*xX])", re.ASCII)
_MOBILE_SPELT = re.compile(
    r"(?:一|幺|壹)(?:[三四五六七八九叁肆伍陆柒捌玖])[〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]{9}"
)
# Digits and characters mixed, so that programs don't read it: 138零零零零5678.
_MOBILE_MIXED = re.compile(
    rf"(?<![{SPELT}\d*])(?=[{SPELT}]*\d)(?=\d*[{SPELT}])[1一幺壹][3-9三四五六七八九叁肆伍陆柒捌玖]"
    rf"[{SPELT}\d]{{9}}(?![{SPELT}\d*])",
    re.ASCII,
)
#: What stands before eleven digits that are no phone: 第…号, 货号, 案号, 9901执.
NO_PHONE = re.compile(
    r"(?:第|[货单编案型]号[: ]{0,2}|\d{2,4}[民刑行执][\u4e00-\u9fff]{0,2})$", re.ASCII
)
_LANDLINE = re.compile(
    r"(?:(?<![\d.+-])|(?=\+86))(?:\(0\d{2,3}\) ?|(?:\+?86-?)?0\d{2,3}[ -]{1,2}|\+86[ -]{1,2}\d{2,3}[ -]{1,2})[2-9](?:\d{6,7}|\d{2,3}[ -]\d{4})"
    r"(?: ?(?:-|转|分机|ext\.?|转分机){1,2} ?\d{1,6})?(?!\d)",
    re.ASCII,
)
_LANDLINE_LABELLED = re.compile(
    r"(?:电话|座机|固话|传真|总机|致电|拨打|[Tt][Ee][Ll])(?:号码)?[是为: ]{0,3}((?:0\d{2,3})?[2-9]\d{6,7})(?!\d)",
    re.ASCII,
)

_CARD = re.compile(r"(?<![\d*])\d{15,19}(?![\d*])", re.ASCII)
_CARD_GROUPED = re.compile(
    r"(?<![\d*])(?=(\d{4}([ .-])\d{4}\2\d{4}\2\d{4}(?:\2\d{1,3}(?!\d))?|\d{6}[ -]\d{10,13}(?!\d)))",
    re.ASCII,
)
_CARD_PREFIX = re.compile(r"62|60|4|5[1-5]|2[2-7]|35|3[47]|9558|81", re.ASCII)
_CARD_MASKED = re.compile(
    r"(?<![\d*])\d{4,6}[ -]?\*{4,9}(?:[ -]?\*{3,4})?[ -]?\d{3,4}(?![\d*])", re.ASCII
)
_CARD_LABELLED = re.compile(
    r"(?:卡号|账号|帐号|账户|帐户|银行卡|储蓄卡|信用卡|尾号)(?:号码)?(?:[是为: ]{0,3})(\d(?:[ .-]?[\d*]){9,29})(?![\d*])",
    re.ASCII,
)

PLATE_REGION = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{PLATE_REGION}][A-HJ-NP-Za-hj-np-z][ ·•.-]?"
    r"([A-HJ-NP-Za-hj-np-z\d*]{5}[A-HJ-NP-Za-hj-np-z\d*挂学警]?|[A-HJ-NP-Za-hj-np-z\d*]{4}[挂学警港澳领])(?![\dA-Za-z*])",
    re.ASCII,
)
# Of embassies and, shorter, of motorcycles and electric bicycles: only after a word for them.
_PLATE_LABELLED = re.compile(
    r"(?:车牌|牌照|使馆牌|领馆牌|摩托车|电动车|电瓶车|三轮车|车号)号?[是为: ]{0,2}"
    rf"([使领] ?\d{{6}}|\d{{6}} ?[使领]|[{PLATE_REGION}][A-HJ-NP-Za-hj-np-z][ ·•.-]?[A-HJ-NP-Z\d]?\d{{3,4}})(?![\dA-Za-z])",
    re.ASCII,
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+@-])[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![A-Za-z0-9-])",
    re.ASCII,
)
_EMAIL_SPELT = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63} ?(?:[\[(](?:at|@)[\])]|#|艾特) ?"
    r"(?:[A-Za-z0-9-]{1,63}\.){1,5}(?:com|cn|net|org|edu|gov|me|io)(?![A-Za-z0-9-])",
    re.ASCII | re.IGNORECASE,
)
# Before a handle that is replied to ends the one before it: @甲回复@乙.
_HANDLE = re.compile(
    r"@(?:(?!回复@)[\w·-]){1,30}(?:@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5})?"
)
# What a finder's patterns can't do without; most texts hold none of it and are passed over.
_ANY_DIGIT = re.compile(r"\d", re.ASCII)
_ANY_SPELT = re.compile(rf"[{SPELT}]{{11}}")
#: A telephone number has seven digits, six if half masked.
ANY_PHONE = re.compile(r"\d(?:\D{0,8}\d){5}", re.ASCII)
ANY_CHARACTER = re.compile(rf"[{SPELT}]")
_LOOK_BACK = 12
ANY_ACCOUNT = re.compile(r"[A-Za-z\d][A-Za-z\d_-]{4}", re.ASCII)
#: Keys of a link's query that name an account.
ACCOUNT_KEYS = (
    r"uid|u_?id|user_?id|user|un|username|screen_?name|author_?(?:id|name)?|nick(?:name)?"
    r"|sec_uid|openid"
)
_LINKED_ACCOUNTS = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        r"weibo\.(?:com|cn)/(?:u/|n/|p/)?(\d{5,12})(?![\dA-Z])",
        r"(?:\bx|twitter)\.com/(?!(?:i|home|search|hashtag)\b)(\w{1,15})(?!\w)",
        r"\bspace\.bilibili\.com/(\d{1,20})",
        r"\.[a-z]{2,12}(?::\d{1,5})?/(?:users?|u|people|profile|member|space)/([\w.%-]{2,80})",
        rf"[?&](?:{ACCOUNT_KEYS})=([^\s&#<>\"'〔〕，。；、）]{{2,80}})",
    )
)
# Accounts of institutions name no person, and tell whom a post is addressed to.
_INSTITUTION = re.compile(
    r"@[\u4e00-\u9fff\d]{2,20}(?:法院|法庭|检察院|公安局|警方|司法局|信访局|人民政府|发布|日报|晚报|新闻|电视台)"
    r"|@[\u4e00-\u9fff]{0,12}人民法院.{0,12}|@12368\w{0,8}"
)
_ACCOUNT = re.compile(
    r"(?:微信(?:号|搜索?|加)?|[Vv][Xx]|[Ww]e[Cc]hat|[Qq]{2}号?|扣扣|抖音号|快手号|支付宝账?号?|加[vV])(?:[是为: ]{1,3}|(?=[A-Za-z_-]{0,12}[\d_]))"
    r"([A-Za-z\d][A-Za-z\d_-]{4,19})(?![A-Za-z\d])",
    re.ASCII,
)
# As people write it so that programs don't: there the id must look like one.
_ACCOUNT_SLANG = re.compile(
    r"(?:[薇威徽]信|[Vv]信|绿泡泡|[➕+加][微薇威徽V]|加?卫星(?=[号:])|加卫星|[Ww][Xx]号?|企鹅号?|(?<![A-Za-z])[Qq](?=:)"
    r"|(?:小红书|快手|抖音|微博|知乎|[Bb]站|视频号|闲鱼|钉钉)(?:账?号|ID|Id|id))(?:号|[是为: ❤\ufe0f💗💚]){0,4}"
    r"((?=[A-Za-z]{0,19}[\d_-])[A-Za-z\d][A-Za-z\d_-]{4,19})(?![A-Za-z\d])",
    re.ASCII,
)


def fold(text: str) -> str:
    """Full-width forms, circled digits, dashes, blanks and masks as ASCII; same length."""
    return text.translate(_FOLD)


def id_cards(text: str) -> Iterator[Span]:
    """Identity numbers: 18 digits (whether or not the check digit holds), old 15, masked, labelled."""
    if not _ANY_DIGIT.search(text):
        return
    for match in _ID_18.finditer(text):
        digits = re.sub("[ -]", "", match[1])
        alone = not match["more"] and not text[max(0, match.start() - 1) : match.start()].isdigit()
        if real_day(digits[6:14]) and (alone or valid_id(digits)):
            yield match.span(1)
    for match in _ID_15.finditer(text):
        if real_day("19" + match[0][6:12]):
            yield match.span()
    for match in _ID_MASKED.finditer(text):
        if match[0].count("*") >= 3 and len(match[0]) in (15, 18):
            yield match.span()
    for match in _LABELLED_ID.finditer(text):
        if any(character.isdigit() for character in match[1]):
            yield match.span(1)


def valid_id(digits: str) -> bool:
    """Whether 18 characters carry the check digit of GB 11643-1999."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == digits[-1].upper()


def real_day(digits: str) -> bool:
    """Whether eight digits are a day of the calendar, as year, month and day."""
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def mobiles(text: str) -> Iterator[Span]:
    """Mobile numbers: plain, grouped, with +86, half masked, or spelt out in characters."""
    digits = _ANY_DIGIT.search(text)
    patterns = [_MOBILE, _MOBILE_MASKED] if digits and ANY_PHONE.search(text) else []
    if digits and ANY_CHARACTER.search(text):
        patterns.append(_MOBILE_MIXED)
    if _ANY_SPELT.search(text):
        patterns.append(_MOBILE_SPELT)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if not NO_PHONE.search(text, max(0, match.start() - _LOOK_BACK), match.start()):
                yield match.span()


def landlines(text: str) -> Iterator[Span]:
    """Fixed lines with an area code set off, or any after 电话, 座机 …; no 12368, no 400."""
    if not ANY_PHONE.search(text):
        return
    for match in _LANDLINE.finditer(text):
        yield match.span()
    for match in _LANDLINE_LABELLED.finditer(text):
        yield match.span(1)


def bank_cards(text: str) -> Iterator[Span]:
    """Card numbers of 15–19 digits that pass the Luhn check, masked ones, and labelled accounts."""
    if not _ANY_DIGIT.search(text):
        return
    for match in _CARD.finditer(text):
        if is_card(match[0]):
            yield match.span()
    for match in _CARD_GROUPED.finditer(text):
        # The last group may be a number of its own: 6222 0200 1234 5678 12.
        for stop in (match.end(1), match.start(1) + 19):
            if is_card(re.sub("[ .-]", "", text[match.start() : stop])):
                yield match.start(), stop
                break
        else:
            # Four groups of a UnionPay number are a card even when a digit was mistyped.
            if match[2] and match[1].startswith("62"):
                yield match.span(1)
    for match in _CARD_MASKED.finditer(text):
        if 14 <= len(re.sub("[ -]", "", match[0])) <= 19:
            yield match.span()
    for match in _CARD_LABELLED.finditer(text):
        yield match.span(1)


def is_card(digits: str) -> bool:
    """Whether digits have the prefix, the length and the check digit of a bank card."""
    shortest = 15 if digits.startswith(("34", "37")) else 16
    # What was cut to a card's length may end in the text behind it.
    fits = shortest <= len(digits) <= 19 and digits.isdecimal()
    return _CARD_PREFIX.match(digits) is not None and fits and valid_luhn(digits)


def valid_luhn(digits: str) -> bool:
    """Whether the digits pass ISO/IEC 7812's check."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def plates(text: str) -> Iterator[Span]:
    """Plates of seven characters and new-energy plates of eight, with or without a dot."""
    if not _ANY_DIGIT.search(text):
        return
    for match in _PLATE.finditer(text):
        body = match[1]
        digits = sum(character.isdigit() for character in body)
        letters = sum(character.isascii() and character.isalpha() for character in body)
        if digits >= 2 and letters <= 3:
            yield match.span()
    for match in _PLATE_LABELLED.finditer(text) if "牌" in text or "车" in text else ():
        yield match.span(1)


def emails(text: str) -> Iterator[Span]:
    """Addresses of electronic mail."""
    for match in _EMAIL.finditer(text) if "@" in text else ():
        yield match.span()
    for match in _EMAIL_SPELT.finditer(text) if "." in text else ():
        yield match.span()


def handles(text: str) -> Iterator[Span]:
    """@names of accounts, also @name@host and in links; those of courts, offices, papers stay."""
    for match in _HANDLE.finditer(text) if "@" in text else ():
        if not _INSTITUTION.fullmatch(match[0]):
            yield match.span()
    if "." not in text and "=" not in text:
        return
    for pattern in _LINKED_ACCOUNTS:
        for match in pattern.finditer(text):
            yield match.span(1)


def accounts(text: str) -> Iterator[Span]:
    """Ids of messengers after their name: 微信, QQ, 抖音号 …"""
    if not ANY_ACCOUNT.search(text):
        return
    for pattern in (_ACCOUNT, _ACCOUNT_SLANG):
        for match in pattern.finditer(text):
            yield match.span(1)
