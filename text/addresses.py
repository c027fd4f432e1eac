"""Finder of precise addresses: road and number, building and room, village and group.

Region, county, town and court names stay, because cases are linked by them. Only what leads to a
door is taken, so a road alone, a court alone or a street office alone is no address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from text.identifiers import Span

_HAN = "\u4e00-\u9fff"
_NUMERALS = "一二三四五六七八九十百〇零两壹贰叁肆伍陆柒捌玖拾佰"
# A name's characters: without words that end what stands before a name, so that 我住在和平路 gives
# 和平路. At most five, so that a search costs the same at every position.
_CHARACTER = (
    rf"(?:(?![在住于到至从的是往去被把将由向了我你他她们这那该某市区县镇省乡旗及与或号])[{_HAN}])"
)
_NAME = rf"{_CHARACTER}{{1,5}}"
# Before 路 and 街 such a word may begin a name all the same: 向阳路, 红旗街, 镇海路.
_ROAD_NAME = (
    rf"(?:(?:{_CHARACTER}{{0,2}}(?:向[阳前荣日东南西北上]|红旗|至[善诚德]|自由|将军)|[市县区镇]府|[市县]前|市民|镇[海江]){_CHARACTER}{{0,2}}"
    rf"|{_CHARACTER}{{1,4}})"
)
_NUMBER = rf"(?:[甲乙丙]?\d{{1,5}}(?:-\d{{1,4}}){{0,3}}|[A-Za-z]\d{{0,3}}|[{_NUMERALS}]{{1,6}})"
_UNIT = r"(?:[号號#][楼樓]|号院|[号號]|#(?=\d|[东西幢栋])|幢|[栋棟]|座|[单單]元|弄|室)"
_INNER_UNIT = (
    r"(?:[号號#][楼樓]|[号號]|#(?=\d|[东西幢栋])|幢|[栋棟]|座|[单單]元|室|[层層]|[楼樓]|户|门)"
)
_COMPOUNDS = (
    r"(?:小区|花园|公寓|家园|大厦|苑|新村|广场|中心|大楼|商城|名邸|嘉园|山庄|花城|庭院|宿舍|家属院)"
)
# Names of compounds that are words elsewhere, too: only before a building and what is in it.
_LOOSE_COMPOUNDS = r"(?:天地|雅居|雅轩|雅园|公馆|名城|名苑|名居|豪庭|御园|华府|国际|世家|世纪城|新城|花苑|水岸|半岛|上院|府|城|里|庭|湾|郡|轩|阁|墅|居|园|邸|台|岸|都)"
# After a road only these make 12号 no door; 上街12号, 马路12号 … are no roads.
_NOT_ROAD = r"(?<![上逛走过马公铁一半思出线道后退同顺])"
_NOT_HOUSE = r"(?!线|文件|令|公告|台风|开庭|宣判|法庭|窗口|调解)"
# After a compound or village 12号 may be a date as well: 小区12号停水, 村12号开会.
_NOT_DOOR = (
    r"(?!线|文|令|案|公告|公报|指导|规定|通知|检察|判|裁|决|民|刑|执|开庭|宣判|下午|上午|晚|早|凌晨|前|后|之前|之后|起|到|至|去|见|"
    r"出|发|会|要|停|召|通|我|他|她|就|才|又|还|那|的时候|的庭|的案|选手|台风|种子|电池|病|球|法庭|审判|窗口|调解|仲裁|诉讼)"
)
_DOOR = rf"第? ?{_NUMBER} ?{_UNIT}"
_TAIL = (
    rf"(?:[ ,、]?(?:第? ?{_NUMBER} ?{_INNER_UNIT}|{_NAME}{_COMPOUNDS}(?:[东南西北A-Za-z][区區]|[一二三四五六七八九\d]{{1,2}}期)? ?(?={_NUMBER})|{_NAME}{_LOOSE_COMPOUNDS}(?:[一二三四五六七八九\d]{{1,2}}期)? ?(?={_NUMBER} ?(?:号楼|#|幢|栋|座))"
    r"|[东南西北中]{1,2}户|[A-Za-z]?\d{3,4}(?![\d年元人名万号])|(?<=单元)[一二三四五六七八九十百〇零]{3,4}(?![一二三四五六七八九年月元人名万])))"
)
_ROAD = re.compile(
    rf"(?:{_ROAD_NAME}(?:大道|大街|{_NOT_ROAD}[路街巷弄]|胡同)|{_CHARACTER}{{2,4}}(?<!高速)公路)(?:[东南西北中]段)? ?{_DOOR}{_NOT_HOUSE}{_TAIL}{{0,6}}"
)
# Rooms may be bare figures: 家园23-2-501.
_COMPOUND = re.compile(
    rf"{_NAME}(?:小区|花园|公寓|家园|大厦|苑|新村|嘉园|名邸|山庄|宿舍|家属院|府|城|里|庭|湾|郡|社区)"
    rf"(?:[东南西北A-Za-z]?(?:别墅|別墅|洋房)?[区區]|[一二三四五六七八九\d]{{1,2}}期)?"
    rf" ?(?:\d{{1,3}}-\d{{1,2}}-\d{{3,4}}(?![\d-])|{_DOOR}{_NOT_DOOR}){_TAIL}{{0,6}}"
)
_LOOSE_COMPOUND = re.compile(
    rf"{_NAME}{_LOOSE_COMPOUNDS}(?:[一二三四五六七八九\d]{{1,2}}期)? ?{_NUMBER} ?(?:[号號][楼樓]|#|幢|[栋棟]){_TAIL}{{1,6}}"
)
_VILLAGE = re.compile(
    rf"{_NAME}(?:村|屯|庄|寨|嘎查|社区)第? ?{_NUMBER} ?(?:[号號#][楼樓]|[号號]|组|队|社){_NOT_DOOR}{_TAIL}{{0,4}}"
)
# A group of a village by its name: 竹坞村后山组; a 工作组 or 调解组 lives nowhere.
_GROUP = re.compile(
    rf"{_NAME}(?:村|屯|寨)(?!民|干|支|里|级|两委)(?:委会)?{_CHARACTER}{{1,3}}(?<!工作)(?<!调查)(?<!专案)(?<!帮扶)(?<!领导)(?<!调解)(?<!巡查)(?<!核查)"
    r"(?<!宣讲)(?<!互助)(?<!审判)(?<!党)(?<!党小)(?<!巡回)(?<!督导)(?<!检查)(?<!排查)(?<!服务)(?<!志愿)(?<!普法)(?<!民小)(?<!执行)"
    r"(?<!联合)(?<!重)(?<!改)(?<!小)组(?![织建成长员团合装])"
)
# Building and room without a name: 3幢2单元501; 一座五十米 is a measure.
_ROOMS = re.compile(
    rf"(?<![{_NUMERALS}\dA-Za-z])(?:\d{{1,3}}|[A-Za-z]|[{_NUMERALS}]{{1,3}}(?!座)) ?(?:号楼|幢|栋|座|单元)"
    rf"(?:[ ,]?{_NUMBER} ?(?:单元|号楼|层|楼)){{0,2}}[ ,]?"
    rf"(?:(?:\d{{1,5}}|[{_NUMERALS}]{{1,5}}) ?[室户房]|\d{{3,4}}(?![\d年月万元个名层米吨岁平千克人座号%.]))"
)
# The name of a compound may begin within the road it lies on: 解放路老粮站宿舍3栋.
_ON_ROAD = re.compile(r"[^路街巷]{0,3}[路街巷]")
#: The community a road lies in; its street office stays.
_COMMUNITY = re.compile(rf"(?:(?![处道]){_CHARACTER}){{1,5}}社区$")
_ROAD_HEAD = re.compile(rf"{_CHARACTER}{{1,3}}$")
_PUBLIC = re.compile(r"(?:法院|法庭|检察院|中心|机关|派出所|政府|大楼|大厅)(?:内|里|的|一|位于)?$")
_LABELLED = re.compile(
    r"(?:家庭住址|家庭地址|户籍所在地|户籍地址?|户籍地|现住址|住址|现住|家住|收货地址|居住地|居住在|租住在|租住于|住所地|详细地址|住在|地址)[是为:在于 ]{0,3}"
    rf"((?:[{_HAN}]{{1,6}}?(?:省|自治区|市|州|盟|区|县|旗)){{0,4}}(?:[{_HAN}]{{1,6}}?(?:镇|乡|街道))?)"
    rf"((?:(?![在是有被的])[{_HAN}A-Za-z\d#-]){{2,30}})"
)
_VAGUE = re.compile(
    r"(?:[某该本各同这那]|整个)(?:小区|村|公寓)|^(?:农村|乡村|山村|城中村|小区|家园)"
)
_LABELLED_DETAIL = re.compile(
    rf"^.{{1,14}}(?:小区|花园|公寓|家园|新村|嘉园|家属院|宿舍|苑|(?:村|屯|寨|庄)(?![镇乡街市区县])|[路街巷弄] ?\d{{1,5}}(?:号楼|号)?)(?:{_DOOR}){{0,4}}"
)


# Every pattern of a door needs a number before its unit, the labelled one a label: most texts hold
# neither, and the patterns begin with a name, which is tried at every position.
_ANY_DOOR = re.compile(
    rf"[\dA-Za-z{_NUMERALS}] ?(?:[号號#幢栋棟座弄室组队社]|[单單]元)|\d-\d{{1,2}}-\d"
)
_ANY_VILLAGE = re.compile("[村屯寨]")
_ANY_LABEL = re.compile("[址籍住]")


def addresses(text: str) -> Iterator[Span]:
    """Spans of the precise part of addresses in folded text."""
    if _ANY_DOOR.search(text):
        for match in _ROAD.finditer(text):
            community = _COMMUNITY.search(text, max(0, match.start() - 7), match.start())
            yield (community or match).start(), match.end()
        for match in _VILLAGE.finditer(text):
            yield match.span()
        for match in _COMPOUND.finditer(text):
            start, end = match.span()
            if _ON_ROAD.match(text, start, end):
                head = _ROAD_HEAD.search(text, max(0, start - 3), start)
                start = head.start() if head else start
            yield start, end
        for match in _LOOSE_COMPOUND.finditer(text):
            yield match.span()
        for match in _ROOMS.finditer(text):
            if not _PUBLIC.search(text, max(0, match.start() - 6), match.start()):
                yield match.span()
    for match in _GROUP.finditer(text) if "组" in text and _ANY_VILLAGE.search(text) else ():
        yield match.span()
    for match in _LABELLED.finditer(text) if _ANY_LABEL.search(text) else ():
        detail = _LABELLED_DETAIL.match(match[2])
        if detail and not _VAGUE.search(detail[0]):
            yield match.start(2), match.start(2) + detail.end()
