"""When a case's words don't mean the case: told apart, compared, offered, invented, a trifle.

Only links that rest on words are judged here, never those by number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Advertising, recruiting, drills, campaigns, advice and leisure: the words of an incident without one.
_LIGHT = re.compile(
    r"招生|招聘|招募|招商|招标|开业|促销|优惠|打折|抽奖|福利|上新|新品|出租|出售|转让|私聊|参观|演练|培训"
    r"|专项整治|专项行动|宣讲|讲座|科普|预防|防范|安全教育|主题班会|温馨提示|家访"
    r"|哈哈|打卡|点赞|喜报|圆满|幸福感|好吃|灯光秀|音乐|运动会|排位赛?|上分|开黑|团战|手游|网游"
)
#: Courts and their work, or people who suffered: then it may be the case after all.
_LAW = re.compile(
    r"法院|法庭|法官|官司|案(?!例分享)|判|诉|开庭|庭审|被告|原告|律师|索赔|赔偿|退赔|判赔|受害|家属|伤者|死者"
    r"|受审|审理|被控|指控|处罚|立案|执行|告了|告到|告上|民告官|(?<![广报公警])告[^\s，,。！!？?；;]{1,6}[赢输]|打赢|[一二再]审|检察|检方|公安|警方|刑|拘留|仲裁|鉴定|调解|合议庭|中院|高院|量刑|法拍|拍卖"
)
#: Courts and their work in words that mean nothing else, as 案 in 方案 or 诉 in 诉说 may.
_COURT_WORK = re.compile(
    r"法院|法庭|法官|中院|高院|官司|开庭|庭审|被告|原告|[起上公应胜败]诉|受审|审理|立案|旁听|合议庭"
    r"|判(?:决|刑|赔|缓|罚|处|了|[一二三四五六七八九十\d])|宣判|[一二再]审|案(?:件|子|款)|检方|检察|公诉"
    r"|量刑|罚金|退赔|被控|被诉|涉案|执行人|被执行"
)
#: Harm, wrong and grievance.
_HARM = re.compile(
    r"(?<![不没无未防反别])(?<!没有)(?:盗|诈|贿|被打|打人|(?<![堵卡锁累笑困忙羞馋])死|身亡|受伤|伤人|伤童|砸伤|撞伤|被撞|撞死|毒|塌|坠|咬|骗|贪|挪用|侵占|侵权|污染|排污|爆雷|诽谤"
    r"|跑路|烂尾|霸凌|欺凌|虐|猥亵|性侵|殴|砍|捅|杀|拖行|起火|爆炸|呕吐|送医|缝了|事故|出事|售假|假药|假货)"
    r"|说法|凭什么|凭啥|投诉|曝光|维权|举报|没人管|不作为|拖欠|追责|负责|责任|回应|通报|道歉|公道|真相|冤"
    r"|交房|兑付|困人|权益|不还|赖账|老赖"
    r"|(?<![得遭受])罪|非法|嫌疑|无期|坐牢|入狱|债权|清偿|破产|腾退|强拆"
    r"|欠(?:了|下|着|我|他|她|钱|款|薪|租|债|账|的(?:工资|钱|款|薪|租|债|账))"
    r"|到底|居然|竟|对不起|良心|寒心|心寒|气愤|离谱|无耻"
)
_UNRELATED = r"没(?:有)?(?:任何|半点|一点|什么|啥)?(?:关系|关联|牵连)|毫无(?:关系|关联|牵连)"
#: Teaching the law or warning, of which the teachers' offices are no sign of a case.
_LESSON = re.compile(
    r"法[治制](?:课|讲座|宣传|教育|副校长)|普法|宣讲|送法|开学第一课|严防"
    r"|(?:法院|法官|公安|警方|局|部门)(?:提醒|提示)[:：]"
)
_OFFICE = re.compile(r"(?:人民)?法院|法庭|法官|检察[院官]?|公安|警方|律师|[中高]院")
#: Said to tell two matters apart, or of an invented one, or of harm that was none.
_OTHER_MATTER = re.compile(
    rf"两回事|两码事|一回事|两件事|无关|无涉|{_UNRELATED}|不相干|不搭界|同名|重名|不同案|隔(?:着)?[一两几]?条(?:街|马?路|河)"
    r"|不是一个案|不是同一|并非同一"
    r"|法考|真题|考题|模拟题|化名|虚构|小说|短剧|电影|电视剧|剧本|假设|假如|设想|倘若"
    r"|没人受伤|无人受伤|没有伤|没伤着|未造成伤|虚惊"
)
#: Directly before a name: it is denied.
_DENIED = re.compile(
    r"(?:(?<![是要莫])不是|并非|绝非|[，,。;；：:\s]非)[^\s，,。！!？?；;：:案]{0,3}$"
)
#: Directly before a name: something else is compared with it.
_COMPARED = re.compile(
    r"(?:不像|(?<![好头图画偶录影肖])像|类似于?|好比|如同|堪比|不亚于|(?<![对相])比|比起|不同于|有别于"
    r"|区别于|赶得?上|媲美|抵得上|别拿|别把|少拿)[^\s，,。！!？?；;：:案]{0,3}$"
)
#: Directly before a name that stands for a kind of matter: 下一个X案, X案的翻版; nothing but the end
#: of the clause may follow, because 又一个X案受害人 is of the case.
_ANOTHER = re.compile(r"(?:下|又|另|第二|再[来出])一?个$|翻版$")
#: A sign of any of these, to leave most texts unread.
_COMPARES = re.compile(r"[不非像类好如堪比别区拿赶媲抵]|[下又另二来出]一?个|翻版")
_ENDS = re.compile(r"[了吗吧么啊呢嘛]{0,2}(?:[\s，,。！!？?；;…#]|$)")
#: After 不是X案: a rhetorical question, which means the case.
_RHETORICAL = re.compile(r"[^。！!，,；;\n]{0,8}[吗么吧]")
#: Before a name that is set beside another matter; with one of `_BESIDE` after it.
_WITH = re.compile(r"(?:与|和|跟|同|拿|把)[^\s，,。！!？?；;]{0,4}$")
_BESIDE = re.compile(
    rf"[^。！!？?；;\n]{{0,8}}?(?:两回事|两码事|两件事|无关|无涉|{_UNRELATED}|不相干|不搭界"
    r"|不是一|不是同|并非同|不同|相似|类似|相近|说事|相提并论|混为一谈|扯"
    r"|(?<![好图头画偶录影肖])像|一样|一模一样|如出一辙|翻版)"
)
_SAME_NAME = re.compile(r"同名|重名|不同案|另一个案|另一起案")
_SENTENCE = re.compile(r"[。！？!?；;\n]")
_LONGEST_CUE = 12


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence of `text` in which a stretch stands, as start and end."""
    begin = 0
    for mark in _SENTENCE.finditer(text, 0, start):
        begin = mark.end()
    after = _SENTENCE.search(text, end)
    return begin, after.start() if after else len(text)


def has_comparison(text: str) -> bool:
    """Whether a text has any sign that `is_compared` could find."""
    return _COMPARES.search(text) is not None


def is_compared(text: str, start: int, end: int) -> bool:
    """Whether the words there are denied or only compared with: 不是X案, 类似X案, 比X法院强."""
    before = text[max(start - _LONGEST_CUE, 0) : start]
    if _COMPARED.search(before) or _is_another(text, before, end):
        return True
    return _is_denied(text, before, end)


def is_told_apart(text: str, start: int, end: int, *, beside_watched: bool) -> bool:
    """Whether a name is said only to tell another matter from it.

    Args:
        beside_watched: the sentence names another watched case; then two are compared, and both
            are talked of, unless one is denied.
    """
    before = text[max(start - _LONGEST_CUE, 0) : start]
    if _is_denied(text, before, end):
        return True
    if beside_watched:
        return False
    if _COMPARED.search(before) or _is_another(text, before, end):
        return True
    begin, stop = sentence_around(text, start, end)
    if _SAME_NAME.search(text, begin, stop):
        return True
    return _WITH.search(before) is not None and _BESIDE.match(text, end) is not None


def _is_another(text: str, before: str, end: int) -> bool:
    """Whether a name stands for a kind of matter, of which there may be another: 第二个石牙岭."""
    return _ANOTHER.search(before) is not None and _ENDS.match(text, end) is not None


def _is_denied(text: str, before: str, end: int) -> bool:
    """A denial before a name, if it is no rhetorical question: 这不是X案的法官吗 means X案."""
    return _DENIED.search(before) is not None and _RHETORICAL.match(text, end) is None


def is_matter(text: str) -> bool:
    """Whether any word of courts, harm or grievance stands in a text; denied harm is none."""
    return _LAW.search(text) is not None or _HARM.search(text) is not None


def speaks_of_law(text: str) -> bool:
    """Whether any word of courts and their work stands in a text."""
    return _LAW.search(text) is not None


def tells_of_a_court(text: str) -> bool:
    """Whether a word stands in a text that only courts and their work are told by."""
    return _COURT_WORK.search(text) is not None


def is_no_matter(text: str, words: Iterable[str]) -> bool:
    """Whether a text tells matters apart or invents one, or offers, recruits, instructs or idles.

    The latter count only where no word of courts stands beside them, `words` not reckoned: a court
    that recruits is no case, and 出租 in 出租屋 is no offer. Where the law is taught, courts and
    prosecutors are the teachers.
    """
    if _OTHER_MATTER.search(text):
        return True
    if _LIGHT.search(text) is None and _LESSON.search(text) is None:
        return False  # nor with the words taken out, which is slower
    for word in words:
        text = text.replace(word, " ")
    if _LESSON.search(text):
        return _LAW.search(_OFFICE.sub(" ", text)) is None
    return _LIGHT.search(text) is not None and _LAW.search(text) is None
