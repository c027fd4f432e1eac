"""Finder of details that tell who a child is: school and class, village, names of child and kin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text.identifiers import Span

_HAN = "\u4e00-\u9fff"
_NAME = rf"(?:(?![在住于到至从的是往去被把将由向了我你他她们这那该市区县镇省乡旗及与或读])[{_HAN}]){{1,8}}?"
_SCHOOL = rf"{_NAME}(?:幼儿园|小学|中学|初中|高中|附中|附小|职高|技校|实验学校|外国语学校|希望学校|[一二三四五六七八九十](?:中(?!学(?!生))|小(?=[ ,]?[一二三四五六]))|学校)"
_GRADE = r"(?:[小初高][一二三四五六123456]|[一二三四五六七八九\d]年级|[大中小]班)"
_CLASS = r"[ ,]?[((]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[))]? ?班"
_SCHOOL_CLASS = re.compile(rf"{_SCHOOL} ?(?:{_GRADE}|[一二三四五六大中小])?{_CLASS}")
_CLASS_ALONE = re.compile(rf"{_GRADE}{_CLASS}")
_SCHOOL_ALONE = re.compile(_SCHOOL)
_VILLAGE_ALONE = re.compile(
    rf"{_NAME}(?:村|屯|寨|嘎查)(?<![全本同各邻农乡外回进出][村屯寨])(?![民委干长里支庄])"
)
# Surnames that hardly ever begin a word: behind 男孩 and the like they begin a name.
_PLAIN_SURNAMES = (
    "李刘陈杨赵吴徐朱郭罗郑梁宋唐韩冯邓曹彭肖袁潘蒋蔡魏苏吕丁沈姚卢姜崔谭陆汪廖贾邹孟秦邱尹薛闫侯陶黎贺顾郝龚邵覃"
    "祁褚柏冉仇苗佟宓缪鹿裴戚胥娄阮蓝蒙牟喻倪翁聂靳卞岑晏甄麦冼梅庞舒纪柯卓詹祝骆虞滕阎柳鲁殷霍隋艾柴瞿巫冷蒲郦鄢乜"
    "栾屈臧岳芦鲍湛闵樊齐戎邢荆濮扈冀郏浦尚农晁勾敖訾阚蔚夔厍匡殳沃蔺庾郗郜逄逯酆茅阙缑亓佘奚昝楚池乔佴莘翟"
)
# The rest also begin words, as 王 in 王者: what follows must end a name.
_SURNAMES = (
    f"{_PLAIN_SURNAMES}王张黄周孙马胡何林高谢许曾田于叶程任钟石夏韦付方白熊江段雷龙史毛万钱严武戴莫孔向汤"
    "卫童皮甘饶郎廉余杜董范焦辛宫房桑桂牛寿边迟兰那能利温季章俞康伍金宁包华涂安乐傅项路卜葛米宗仰谷沙"
)
_DOUBLE_SURNAMES = (
    "欧阳|司马|上官|诸葛|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|夏侯|端木|独孤|南宫|西门|东方"
)
_NAMED = rf"(?:(?:{_DOUBLE_SURNAMES})(?!某)[{_HAN}]{{1,2}}?|[{_SURNAMES}](?!某)[{_HAN}]{{1,2}}?)"
_END = (
    r"(?=[,，.。;；:：!！?？(（)）、“”\"'\s\d〔]|被|在|今年|因|向|遭|和|与|的|于|[说称哭等案其及均才站坐走跑跟把给让对从就已却也都还又是有到去来独当带目不没刚正]"
    r"|[起上申反]诉|(?<![起上申反告控公胜败])诉|就读|年仅|失踪|遇[害难]|[死身]亡|表示|告诉|一家|受伤|$)"
)
# What a judgment calls them: 婚生女, 未成年被害人.
_IN_JUDGMENTS = r"婚生(?:长|次|小|独生?)?[子女]儿?|非婚生[子女]|未成年(?:人|[子女]儿?|学生|当事人|被告人|被害人|受害人|原告|被告)"
_CHILD = (
    rf"(?:{_IN_JUDGMENTS}|[男女]童|[男女]孩儿?|[男女]婴|幼童|[男女]生|被害儿童|[一二三四五六七八九]年级(?:小?学生|同学)|小学生|初中生|高中生|中学生"
    r"|[初高][一二三](?:学生|[男女]生)|岁的?少[年女]|(?<!\d)(?:\d|1[0-7]) ?周?岁的|[一二三四五六七八九十] ?岁的|十[一二三四五六七]岁的)"
)
_OWN = r"(?:(?:我|咱|他|她|其|的|大|小|这)(?:[的家们])?(?:儿子|女儿|闺女|孙子|孙女|外孙女?|侄子|侄女|外甥女?|弟弟?|妹妹?|娃))"
_CALLED = re.compile(
    rf"(?:[男女]童|[男女]孩|[男女]婴|幼童|孩子|娃娃?|儿子|女儿|闺女|孙子|孙女|侄子|侄女|学生|未成年人|少年|少女|弟弟|妹妹)(?:大名|小名)?"
    rf"(?:名叫|叫做|叫|名为|姓名[是为:]?)({_NAMED}){_END}"
)
_BESIDE = re.compile(rf"{_CHILD}[“\"']?({_NAMED}){_END}")
# A plain surname behind 男孩 names the child whatever verb follows: at most a word too much goes.
_BESIDE_PLAIN = re.compile(
    rf"{_CHILD}[“\"']?([{_PLAIN_SURNAMES}](?![某家姓氏])[{_HAN}]{{2}})(?<!同学)(?<!老师)"
)
# 我儿子冉亦舟, 女婴宁宁: next to one's own child a name has to end; a doubled character is a pet name.
_OWN_CHILD = re.compile(rf"{_OWN}[“\"']?({_NAMED}){_END}")
_PET_NAME = re.compile(
    rf"(?:[男女]童|小?[男女]孩儿?|[男女]婴|幼童|儿子|女儿|闺女|外?孙[子女]|外孙|侄[子女]|外甥女?|弟弟|妹妹)(?:名叫|叫做|小名|叫)?[“\"']?((?![爸妈爷奶哥姐弟妹叔姑舅姨婶公婆伯宝太"
    rf"常天慢渐刚仅偷默人个往时好早紧一多明轻远乖悄白稍纷频屡久狠死活恰偏哭笑看想说问试等谢某×*])([{_HAN}])\2){_END}"
)
# A name set off before an age: 与王小丽（8岁）同村; 一家来自江西，2岁孩子… is none.
_AGED = re.compile(
    rf"(?:^|(?<=[(,.。;；、!！:：\s的名生童孩叫和与]))([{_SURNAMES}](?!某)[{_HAN}]{{1,2}})[,(]"
    r"(?:[男女],)?(?:年仅|现年|今年|才)?(?:\d|1[0-7]|十[一二三四五六七]?|[一二两三四五六七八九]) ?周?岁(?=[),.。;；、]|就读|$)"
)
_YEARS = r"(?:\d|1[0-7]|十[一二三四五六七]?|[一二两三四五六七八九]) ?周?岁"
# 其中段小北只有13岁, 我弟陆远航刚满15: the name ends where the age begins.
_BEFORE_AGE = re.compile(
    rf"(?:^|(?<=[(,.。;；、!！:：\s的名生童孩叫和与中是弟妹子女儿娃人]))([{_SURNAMES}](?!某)[{_HAN}]{{1,2}}?)"
    r"(?:(?:犯罪|作案|案发|事发|遇害|被害|受害|当)时,?)?"
    rf"(?:(?:今年|现年|年仅|只有|刚满|未满|不满|不到|才|刚|仅|满) ?){{1,2}}(?:{_YEARS}|18 ?周岁|(?:\d|1[0-7])(?=[,，。.;；!！]|$))"
)
_CHILD_AGED = re.compile(
    rf"(?<=[子女弟妹童孩儿娃])([{_SURNAMES}](?!某)[{_HAN}]{{1,2}}?)(?={_YEARS})"
)
# 冉小棠(2015年3月生), 冉小棠系未成年人. Whoever was born in 2010 comes of age in 2028.
_SAID_MINOR = re.compile(
    rf"(?:(?<![{_HAN}])|(?<=[告子女弟妹童孩儿娃系人]))([{_SURNAMES}](?!某)[{_HAN}]{{1,2}}?)"
    r"(?:[(,](?:[男女],)?20[1-9]\d年(?:\d{1,2}月)?(?:\d{1,2}日)?出?生|[系是]未成年|[(]系?未成年)"
)
# 育有一子冉小棠, 长女冉小棠, 中班的冉可可.
_BORN_TO = re.compile(
    rf"(?:[育生]有?[一1]?[名个]?[子女男]孩?|[长次幼继养][子女]|(?:[大中小]班|年级|[)\d]班|小学|中学|幼儿园)的)(?:取名|名叫|叫)?({_NAMED}){_END}"
)
# 打人的初中生就是骆一鸣.
_IS_CALLED = re.compile(
    rf"{_CHILD}(?:就是|正是|是)([{_PLAIN_SURNAMES}](?![某家姓氏])[{_HAN}]{{1,2}}?){_END}"
)
# Known to concern a minor, the victim and whoever has parents there is the child.
_WHOSE = re.compile(
    rf"(?:(?:被害|受害)[人者](?![能应那任何])({_NAMED}){_END}"
    rf"|(?<![{_HAN}])({_NAMED})(?=的(?:母亲|父亲|妈妈|爸爸|家长|父母|监护人|法定代理人)))"
)
_KIN = re.compile(
    rf"(?:父亲|母亲|爸爸|妈妈|爷爷|奶奶|外公|外婆|姥姥|姥爷|继父|继母|养父|养母|叔叔|伯父|姑姑|舅舅|姨妈|监护人|班主任)((?:{_DOUBLE_SURNAMES}|[{_SURNAMES}])[{_HAN}]{{1,2}}?){_END}"
)
_CONCERNED = re.compile(
    r"未成年|婚生[长次小独]?[子女]|20[1-9]\d年(?:\d{1,2}月)?(?:\d{1,2}日)?出?生(?!效)|幼儿园|[男女][童婴]|幼[童儿]|儿童|年级|抚养权|校园[欺霸]凌|(?:小学|初中|中学)生|[初高][一二三](?=学|班|[男女(])"
)
_AGE = re.compile(
    r"(?<!\d)(?:\d|1[0-7]) ?周?岁|[一二两三四五六七八九] ?周?岁|十[一二三四五六七]?周?岁|[刚才未不]满 ?(?:\d|1[0-8])(?= ?[,，。.;；!！]|$)"
)
# Words that begin like a surname.
_NO_NAMES = frozenset(
    re.findall(
        "..",
        "尚未尚在尚小尚幼能够能否双手双方双双双亲边走边哭迟迟迟到房间房里齐心齐全牛奶利用利益农村农民那天那年那时那个那些那么兰花隆重"
        "卫生童年童话皮肤甘肃甘心廉价廉洁冷静冷冷焦虑苏醒舒服祝福祝愿鲁莽辛苦池塘阴影苍白蒙受蒙骗融入余下余生唐突董事范围杨树李子柳树陈述陈列杜绝罗列贺卡顾不顾及"
        "高兴高度高烧高三高二高一方才方便马路周边孙子孙女谢谢许多许久曾经曾在田里任由任性何时何况何必何在"
        "成年成为成功成长成了单独单身单亲应该应当解释解决解除明明明天明显查出宣判公开公司公诉文化商场水平车祸车里路上路过"
        "金钱安静安排安慰时候时常乐观乐意常年常常左右左手包括康复温暖宁可宁愿项目山上山里支持支付王者王子张开张口毛病白白石头夏天向法方法"
        "周岁牟利严重严格严肃严厉胡说莫名左腿右腿江边江里林里于心于次"
        "高考高中高校马上方面方式周末周围于是金额安全时间成绩任何任务程度程序万一向来白天江湖",
    )
)


#: Shorter ones are words elsewhere.
_WHOLE_NAME = 3
_MOST_NAMES = 8
_TITLES = ("律师", "老师", "法官", "警官", "同学", "家长")
_NAMES = (
    _CALLED,
    _BESIDE,
    _OWN_CHILD,
    _AGED,
    _BEFORE_AGE,
    _CHILD_AGED,
    _SAID_MINOR,
    _BORN_TO,
    _IS_CALLED,
    _PET_NAME,
    _BESIDE_PLAIN,
)


def concern_minor(text: str) -> bool:
    """Whether the text itself says that someone in it is under 18."""
    return _CONCERNED.search(text) is not None or (
        ("岁" in text or "满" in text) and _AGE.search(text) is not None
    )


def minor_details(text: str, *, whole: bool) -> Iterator[Span]:
    """Spans that identify a child in folded text.

    Args:
        whole: the post is known to concern a minor: take schools, villages and kin as well, not
            only school with class and the child's own name.
    """
    for pattern in (_SCHOOL_CLASS, _CLASS_ALONE):
        for match in pattern.finditer(text):
            yield match.span()
    named: dict[str, None] = {}
    for pattern in (*_NAMES, _KIN) if whole else _NAMES:
        for match in pattern.finditer(text):
            if match[1][:2] not in _NO_NAMES and not match[1].endswith(_TITLES):
                named[match[1]] = None
                yield match.span(1)
    yield from _elsewhere(
        text, [name for name in named if len(name) == _WHOLE_NAME and "某" not in name]
    )
    if whole:
        for match in _WHOSE.finditer(text):
            name = match.lastindex or 1
            if match[name][:2] not in _NO_NAMES:
                yield match.span(name)
        for pattern in (_SCHOOL_ALONE, _VILLAGE_ALONE):
            for match in pattern.finditer(text):
                yield match.span()


def _elsewhere(text: str, names: list[str]) -> Iterator[Span]:
    """Where else a child's name stands; of the first few only, so that time stays linear."""
    if names:
        for match in re.finditer("|".join(map(re.escape, names[:_MOST_NAMES])), text):
            yield match.span()
