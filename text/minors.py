"""Finder of details that tell who a child is: school and class, village, names of child and kin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text.identifiers import Span

_HAN = "\u4e00-\u9fff"
_NAME = rf"(?:(?![在住于到至从的是往去被把将由向了我你他她们这那该市区县镇省乡旗及与或读])[{_HAN}]){{1,8}}?"
_SCHOOL = rf"{_NAME}(?:幼儿园|小学|中学|初中|高中|附中|附小|职高|技校|实验学校|外国语学校|希望学校|[一二三四五六七八九十](?:中|小(?=[ ,]?[一二三四五六]))|学校)"
_GRADE = r"(?:[小初高][一二三四五六123456]|[一二三四五六七八九\d]年级|[大中小]班)"
_CLASS = r"[ ,]?[((]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[))]? ?班"
_SCHOOL_CLASS = re.compile(rf"{_SCHOOL} ?(?:{_GRADE}|[一二三四五六])?{_CLASS}")
_CLASS_ALONE = re.compile(rf"{_GRADE}{_CLASS}")
_SCHOOL_ALONE = re.compile(_SCHOOL)
_VILLAGE_ALONE = re.compile(rf"{_NAME}(?:村|屯|寨|嘎查)(?![民委干长里支庄])")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范廖石贾夏韦"
    "付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_END = r"(?=[,，.。;；:：!！?？(（)）、\s\d]|被|在|今年|因|向|遭|和|与|的|于|[说称哭等案]|就读|年仅|失踪|遇[害难]|[死身]亡|表示|告诉|一家|受伤|$)"
_CALLED = re.compile(
    rf"(?:男童|女童|男孩|女孩|男婴|女婴|幼童|孩子|儿子|女儿|孙子|孙女|学生|未成年人|少年|少女|弟弟|妹妹)(?:名叫|叫做|叫|名为|姓名[是为:]?)"
    rf"([{_SURNAMES}][{_HAN}]{{1,2}}?){_END}"
)
_BESIDE = re.compile(
    rf"(?:男童|女童|男孩|女孩|男婴|女婴|幼童|被害儿童)([{_SURNAMES}][{_HAN}]{{1,2}}?){_END}"
)
# A name set off before an age: 与王小丽（8岁）同村; 一家来自江西，2岁孩子… is none.
_AGED = re.compile(
    rf"(?:^|(?<=[(,.。;；、!！:：\s的名生童孩叫和与]))([{_SURNAMES}](?!某)[{_HAN}]{{1,2}})[,(]"
    r"(?:[男女],)?(?:年仅|现年|今年|才)?(?:\d|1[0-7]) ?周?岁(?=[),.。;；、]|就读|$)"
)
_KIN = re.compile(
    rf"(?:父亲|母亲|爸爸|妈妈|爷爷|奶奶|外公|外婆|姥姥|姥爷|监护人|班主任)([{_SURNAMES}][{_HAN}]{{1,2}}?){_END}"
)
_CONCERNED = re.compile(
    r"未成年|男童|女童|男婴|女婴|幼童|儿童|幼儿|小学生|初中生|中学生|(?<!\d)(?:\d|1[0-7]) ?周?岁|[一二三四五六七八九] ?岁|十[一二三四五六七]?岁"
)
# Words that begin like a surname.
_NO_NAMES = frozenset(
    re.findall(
        "..", "高考高中高校马上方面方式周末周围于是金额安全时间成绩任何任务程度程序万一向来白天江湖"
    )
)


def concern_minor(text: str) -> bool:
    """Whether the text itself says that someone in it is under 18."""
    return _CONCERNED.search(text) is not None


def minor_details(text: str, *, whole: bool) -> Iterator[Span]:
    """Spans that identify a child in folded text.

    Args:
        whole: the post is known to concern a minor: take schools, villages and kin as well, not
            only school with class and the child's own name.
    """
    for pattern in (_SCHOOL_CLASS, _CLASS_ALONE):
        for match in pattern.finditer(text):
            yield match.span()
    patterns = (_CALLED, _BESIDE, _AGED, _KIN) if whole else (_CALLED, _BESIDE, _AGED)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if match[1] not in _NO_NAMES and not match[1].endswith(
                ("律师", "老师", "法官", "警官")
            ):
                yield match.span(1)
    if whole:
        for pattern in (_SCHOOL_ALONE, _VILLAGE_ALONE):
            for match in pattern.finditer(text):
                yield match.span()
