"""Case numbers after 法〔2015〕137号 and its 字第 predecessors, as documents and the public write them.

Found: （2024）浙01民终1234号, masked （2024）浙01民终×××号, 号之一, numbers joined by 、 of which only
the first is written out, ranges, brackets of any kind, around the year or around the whole, none
at all. Not found: document numbers such as 法发〔2013〕9号, whose year follows their letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.errors import BadInput

_PROVINCES = "京津冀晋内辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔云藏陕甘青宁新军兵"
# Every character of the type codes of 法〔2015〕137号 and 法〔2018〕335号, and nothing else, so that
# the sentence after a year in brackets isn't taken for a code.
_CODE = "管辖刑民行商知海破清强赔法委司救执财保惩罚认台港澳外请送取调移赃协引初终核监申抗再更备医复止没撤特催督审他提令异恢诉前书确转仲立预算环互恢"
_MATTER = re.compile("[刑民行知破清赔委司执财保惩认外督催引调特请申强]")
_OLD_CODE = re.compile(
    "(?:[刑民行商知经海少赔执破立调督催委法审破涉外一二三四五六港澳台]{1,8}"
    "[初终再申监提抗撤特督催辖复核执医赔异恢协保裁破重预审更他]|[执破赔督辖催])$"
)
_OLD_FOREIGN = re.compile("[证检仲税认房劳社环]")
_MASK = "×xX*✕✖╳某_"

# One character for one, so that positions in the folded text hold in the original.
_FOLD = str.maketrans(
    "（〔［【｛〈《{[）〕］】｝〉》}]０１２３４５６７８９Ｘｘ＊－–—―~～，,\u3000\xa0\t",
    "(((((((((" + ")))))))))" + "0123456789Xx*" + "------" + ",," + "   ",
)
_CODE_DIGITS = rf"[\d{_MASK}]"
# At most one digit after 十, so that 号之一一案 is 之一 and 一案.
_ORDER = r"(?:[二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九]|\d{1,2})"
_PIECE = rf"第?[\d{_MASK}]{{1,9}}(?:之{_ORDER})?"
_HEAD = re.compile(
    rf"(?<![\d.])\(? ?(?P<year>(?:19|20)\d\d) ?年?度? ?\)? {{0,2}}"
    rf"(?:(?P<court>最高法|[{_PROVINCES}](?: ?{_CODE_DIGITS}{{1,6}})?|[{_MASK}]{{1,4}}\d{{2,4}})"
    rf" ?(?P<code>[{_CODE}]{{1,8}}) ?(?P<zi>字(?= ?第))?"
    rf"|(?P<old>[\u4e00-\u9fff]{{1,12}}?)字(?= ?第))"
    rf" ?(?=第|[\d{_MASK}])"
)
#: Every number begins with its year. It is looked for in the text as it is written, because most
#: have none and folding them all takes longer than the rest of linking's look at numbers.
_YEAR = re.compile(r"(?:[1１][9９]|[2２][0０])\d\d")
_PIECES = re.compile(
    rf" ?({_PIECE})((?: ?[、,和及与至到-] ?{_PIECE}){{0,99}}) ?(号|(?=[、,] ?\((?:19|20)\d\d\)))(?:之{_ORDER}|-\d(?!\d))?"
)
_NEXT = re.compile(
    rf" ?(?P<joint>[、和及与至到-]) ?第?(?P<digits>\d{{2,9}})号(?P<suffix>之{_ORDER})?(?![楼线院门桌庭])"
)
_PART = re.compile(rf"([、,和及与至到-]?) ?(第?)([\d{_MASK}]{{1,9}})(?:之({_ORDER}))?")
_DIGITS = "零一二三四五六七八九"
_LONGEST_RANGE = 100


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """A case number in a text.

    Attributes:
        normal: canonical form with full-width brackets, e.g. "（2024）浙01民终1234号之一";
            unknown digits are ×, a wholly masked number is ×××.
        masked: part of it is hidden, so it names no single case.
        start, end: where it stands in the text; numbers of a range share their stretch.
    """

    normal: str
    masked: bool
    start: int
    end: int


def find(text: str) -> list[CaseNumber]:
    """Return the case numbers of `text` in order; each of several joined ones on its own."""
    if not _YEAR.search(text):
        return []
    folded = text.translate(_FOLD)
    found: list[CaseNumber] = []
    position = 0
    while head := _HEAD.search(folded, position):
        stem = _stem(head)
        pieces = _PIECES.match(folded, head.end()) if stem else None
        if stem is None or pieces is None:
            position = head.start("year") + 4
            continue
        end = _close(folded, head, pieces.end())
        numbers = list(_expand(folded, head, stem, pieces, end))
        found += numbers
        position = end
        shortest = pieces.end(1) - pieces.start(1) - 1
        while (further := _NEXT.match(folded, position)) and further.end("digits") - further.start(
            "digits"
        ) >= shortest:
            found += _further(further, stem, found[-1])
            position = further.end()
    return found


def normalise(text: str) -> str:
    """Return the canonical form of the one case number that `text` is.

    Raises:
        BadInput: it is none, several, or there is other text beside it.
    """
    stripped = text.strip()
    found = find(stripped)
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(stripped)):
        raise BadInput(
            "not a case number", remedy="write one number in full, e.g. （2024）浙01民终1234号"
        )
    return found[0].normal


def _stem(head: re.Match[str]) -> str | None:
    """Canonical text before the digits, or None when the letters are no court's."""
    year = head["year"]
    opened, closed = "(" in head[0], ")" in head[0]
    if head["court"]:
        court = head["court"].replace(" ", "")
        digits = any(c.isdigit() for c in court)
        if _MATTER.search(head["code"]) is None:
            return None
        if opened != closed and not digits:
            return None
        if not opened and not digits and court != "最高法":
            return None
        court = re.sub(rf"[{_MASK}]", "×", court)
        old = "字第" if head["zi"] and not digits else ""
        return f"（{year}）{court}{head['code']}{old}"
    if not (opened and closed):
        return None
    name = head["old"]
    if _OLD_FOREIGN.search(name) or _OLD_CODE.search(name) is None:
        return None
    return f"（{year}）{name}字第"


def _close(folded: str, head: re.Match[str], end: int) -> int:
    """End of the match: takes the bracket in when it wraps the whole number."""
    wrapped = "(" in head[0] and ")" not in head[0]
    return end + 1 if wrapped and folded[end : end + 1] == ")" else end


def _expand(
    folded: str, head: re.Match[str], stem: str, pieces: re.Match[str], end: int
) -> Iterator[CaseNumber]:
    tail = _suffix(folded[pieces.end(3) : pieces.end()].removeprefix("之").removeprefix("-"))
    parts = list(_PART.finditer(folded, pieces.start(1), pieces.start(3)))
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        start = head.start() if place == 0 else part.start(2)
        stop = end if last else part.end()
        joint, digits = part[1], part[3]
        if joint == "-" and len(digits) == 1 and place:
            continue  # 123-1号: taken in by the part before it
        suffix = _suffix(part[4] or "") or (tail if last else "")
        if not last and parts[place + 1][1] == "-" and len(parts[place + 1][3]) == 1:
            suffix, stop = _suffix(parts[place + 1][3]), end
        if joint and joint in "至到-":
            for number in _between(parts[place - 1][3], digits):
                yield CaseNumber(f"{stem}{number}号", False, start, stop)
        number_text = _number(digits)
        normal = f"{stem}{number_text}号{suffix}"
        yield CaseNumber(normal, "×" in normal, start, stop)


def _further(match: re.Match[str], stem: str, before: CaseNumber) -> Iterator[CaseNumber]:
    """A number whose year and court were written once, before a 号 that already ended: 1号、2号."""
    first = before.normal.removeprefix(stem).partition("号")[0]
    if match["joint"] in "至到-":
        for number in _between(first, match["digits"]):
            yield CaseNumber(f"{stem}{number}号", False, match.start("digits"), match.end())
    suffix = _suffix((match["suffix"] or "").removeprefix("之"))
    normal = f"{stem}{int(match['digits'])}号{suffix}"
    yield CaseNumber(normal, False, match.start("digits"), match.end())


def _between(first: str, last: str) -> range:
    """Numbers inside a range; empty when it is masked, backwards or too long to be meant."""
    if not (first.isdigit() and last.isdigit()):
        return range(0)
    inside = range(int(first) + 1, int(last))
    return inside if len(inside) <= _LONGEST_RANGE else range(0)


def _number(digits: str) -> str:
    if digits.isdigit():
        return str(int(digits))
    masked = re.sub(rf"[{_MASK}]", "×", digits)
    return masked if any(character.isdigit() for character in masked) else "×××"


def _suffix(order: str) -> str:
    """之一 for "1" or "一"; "" for ""."""
    if not order:
        return ""
    if not order.isdigit():
        return f"之{order}"
    tens, ones = divmod(int(order) % 100, 10)
    written = ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (
        _DIGITS[ones] if ones else ""
    )
    return f"之{written}"
