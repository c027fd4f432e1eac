"""A person's name as a ruling that is made public gives it: surname and 某 (法释〔2016〕19号 art. 8)."""

from __future__ import annotations

import re

_DOUBLE = frozenset(
    re.findall(
        "..", "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐宇文长孙司徒夏侯端木独孤南宫西门轩辕闻人申屠"
    )
)
#: Usual surnames of one character, as a character class; 夜 and 望 are none.
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟"
    "汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛"
    "温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查"
    "劳蔺冷屠蒙池郁胥闻莘党贡姬宰雍桑濮寿扈燕冀浦尚农晏瞿慕连茹习艾古戈衡满匡寇欧沃隆师巩晁敖饶沙鞠丰巢荆竺权"
    "屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜邬"
)
_HAN = re.compile("[一-鿿]{2,4}")
#: What stands between the parts of 买买提·艾力, as people type it.
DOTS = "·•・．.‧∙⋅･﹒"
#: Names of other peoples and countries keep their first character (art. 8, 2 and 3).
_DOTTED = re.compile(f"[一-鿿]+(?:[{DOTS}][一-鿿]+)+")
#: Characters that write the sounds of Uyghur, Kazakh, Mongol, Tibetan and Yi names [D]. Of the 118,736
#: words of jieba's dictionary that are no noun 18 have four or more of these and no other: idioms.
TRANSCRIBING = (
    "丁万不且东丹丽乃义乌买云亚仁仓仙代伊伍佐依先克兰其兹再凯列则刚利别力加努勒匝华卓卜卡卫却古史叶司合吉吐吾呷呼和哈哥嘉嘎噶"
    "图土坎坚坤埃培堂堆塔增夏外多太夫央奇奴如姆威娃娄娅娜子孔孙孜孟宗宝尔尤尼居山左巴布希帕帖干平年庆库康德恩惹戈戴才扎托拉拜"
    "排措提撒敏敖散敦斯日旦早旺明晋普曲更曼朗朝木朵杜来杰松林果查根格桑梅森次欧比毕毛汗汝江沙法泽洛洪海满热然牙牛特玉玛珊珍珠"
    "班琳琴琼瓦甘生甫登白皮益盖祖科穆米素索约纳绒维罕罗美群肉肯胡色艾苏若英茹荣荪莎菲萨薇蜜衣西让诺谢贝贡赛赞赤赫辛边达迪逊通"
    "道那都里金钢钦铁铜门阿雅青音顺顿额马高鲁麦齐龙坦强"
)
#: 阿依古丽, 呼格吉勒图, 扎西次仁: from four characters on; shorter ones pass for names anyway.
_TRANSCRIBED = re.compile(f"[{TRANSCRIBING}]{{4,16}}")
#: What in running text is written like such a name; with a dot its parts may be short.
TRANSCRIBED = (
    f"[{TRANSCRIBING}]{{2,12}}(?:[{DOTS}][{TRANSCRIBING}]{{1,12}})+|[{TRANSCRIBING}]{{4,16}}"
)
_LATIN = re.compile(r"[A-Za-z][a-z'’-]*\.?(?: [A-Za-z][a-z'’-]*\.?){1,3}")
_COMPANY = re.compile(r"(?i)\b(?:co|ltd|limited|inc|llc|gmbh|corp|company|group|bank|fund)\b")
#: 梁砚岚等12人; 梁砚岚（曾用名邬启崧）.
_OTHERS = re.compile(r"等(?:\d+|[两一二三四五六七八九十百]+)?[人名]?$")
_ASIDE = re.compile(r"[（(][^（）()]*[)）]")
#: Blanks within a name: 梁 砚岚, 买买提 · 艾力.
_BLANK = re.compile(rf"(?<=[一-鿿{DOTS}])\s+(?=[一-鿿{DOTS}])")
#: Ends of what is named like a person and is none.
_NOT_A_PERSON = re.compile(
    "(?:公司|银行|医院|学校|大学|中学|小学|法院|政府|厂|店|局|社|村|会|院|所|队)$"
)
#: … and of what is too long for a Han name; 李云州 is a person, 乌兰江县 none.
_PLACE = re.compile("(?:集团|中心|物业|市场|平台|[行部省县市区旗州盟镇乡河湖山])$")


def mask_person(name: str) -> str:
    """梁砚岚 → 梁某, 买买提·艾力 → 买某; a company's or an office's name stays, as does a masked one.

    A name as long as a company's is a person's where all of it writes sounds (阿依古丽 → 阿某). So a
    company or place without 公司 or 市 that does (a foreign one) is masked, too: the lesser harm.
    What tells of a person in brackets (a former name) goes with the name; 等12人 stays.
    """
    name = name.strip()
    plain = _BLANK.sub("", _ASIDE.sub("", name)).strip()
    others = _OTHERS.search(plain)
    plain, more = (plain[: others.start()], others[0]) if others else (plain, "")
    masked = _masked(plain)
    return name if masked == plain else masked + more


def _masked(name: str) -> str:
    if _LATIN.fullmatch(name) and not _COMPANY.search(name):
        return f"{name[:1]}某"
    if _NOT_A_PERSON.search(name):
        return name
    if _DOTTED.fullmatch(name) or _TRANSCRIBED.fullmatch(name):
        return name if _PLACE.search(name) else f"{name[:1]}某"
    surname = name[:2] if name[:2] in _DOUBLE and len(name) > 2 else name[:1]
    longest = 4 if len(surname) == 2 else 3
    if not _HAN.fullmatch(name) or len(name) > longest:
        return name
    return name if "某" in name else f"{surname}某"
