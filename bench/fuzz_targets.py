"""What `bench.fuzz` runs: one target for each parser that reads bytes from outside.

A target turns an input into what the parser reads, and calls it. What comes out as items goes
through ingest as well, because that is where they go in earnest.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml
import zstandard

from bench import fuzz_files, fuzz_sources
from bench.fuzz_inputs import NOW, Chooser, damaged, document_input, json_bytes, text_input
from courtpulse.case_files import read_cases
from crawlers import codec, inbox
from crawlers.column_mapping import load_mapping
from crawlers.declarations import load
from crawlers.decoding import decode
from crawlers.quarantine import Quarantine
from domain.cases import Litigant
from domain.errors import BadInput
from text import case_numbers, dates, normalise, numbers, redaction, urls, weibo_ids

_HELD = tempfile.TemporaryDirectory()
_FOLDER = Path(_HELD.name)
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Target:
    """A parser under test.

    Attributes:
        run: takes an input; may raise `BadInput` and `ConfigurationError`.
        weight: share of the inputs, larger for fast parsers.
        seeds: inputs to begin with, without the leading byte that chooses their form.
    """

    run: Callable[[bytes], object]
    weight: float
    seeds: tuple[bytes, ...] = ()


def _decoding(data: bytes) -> None:
    headers = (
        "",
        "text/html; charset=gbk",
        "text/html; charset=utf-16",
        "text/html; charset=hz",
        "a",
    )
    decode(data[1:], headers[data[0] % len(headers)] if data else "")


_DATES = text_input(
    ("刚刚", "5分钟前", "今天", "昨天 ", "23:05", "01-03", "11月20日 ", "2026年", "09:15", "2026-11-20T09:15:00",
     "+08:00", "Z", "Fri Nov 20 09:15:32 +0800 2026", "Fri, 20 Nov 2026 09:15:32 GMT", "1763600000", "发布时间：",
     "20261120", "秒前", "小时前", "9" * 20, "零", "-", "/", " ", "　", "年", "月", "日", "31", "29", "02"),
)  # fmt: skip
_NUMBERS = text_input(
    ("1.2", "万", "+", "亿", "3,400", "k", "100万+", "转发", "-", "１２", "e5", "9" * 39)
)
_IDS = text_input(("5367257342596743", "RsdYtpqIu", "0", "-", "z" * 12, "9" * 20, "Z", "４"))
_CASE_NUMBERS = text_input(
    ("（2026）", "(2024)", "浙9902", "浙99", "刑初", "民终", "88", "号", "之一", "、", "×××", "某", "至", "-", "第", "云刑初字第45号",
     "最高法", "〔2013〕9号", "执", "［", "】", "１２３", " ", "\n", "9" * 50),
)  # fmt: skip
_PROSE = text_input(
    ("电话19900001234", "身份证339901199001010011", "住在和平路12号3幢501室", "（2026）浙9902民初88号", "@路人甲 ",
     "车牌浙A12345", "6222020000000000000", "邮箱 a.b@jianglan.example ", "https://a.example/u/1?x=19900001234",
     "0990-1234567", "微信号abc123", "〔手机号〕", "云岫区法院", "小学", "某某的孩子12岁", "　", "\u200b", "\n", "，", "🙂", "＠", "1" * 30),
)  # fmt: skip
_MARKUP = text_input(
    ("<p>", "</p>", "<div", ">", "<br/>", "<script>", "</script>", "<!--", "-->", "&nbsp;", "&#0;", "&#xD800;", "&#99999999999;",
     "<img alt='[doge]'>", "<td>", "<![CDATA[", "]]>", "<?xml ?>", "文", "\x00", "<a href='javascript:1'>", "<svg><math>", "<b " * 50),
)  # fmt: skip
_URLS = text_input(
    ("http://", "https://", "a.example", "[::1]", ":99999", "@", "user:pw@", "/", "?", "&", "=", "#", "%", "%zz", "%E4%BA", "..",
     "weibo.com/u/1000000001", "weibo.com/1000000001/RsdYtpqIu", "云岫.example", "\\", " ", "utm_source=1", ";", "\ud800", "[", "]"),
)  # fmt: skip
_LITIGANTS = (Litigant("梁砚岚", "被告人"), Litigant("某", "原告", minor=True))


def _redaction(data: bytes) -> None:
    text = _PROSE(data)
    once = redaction.redact(text, minors=len(data) % 2 == 0).text
    redaction.redact_names(once, _LITIGANTS)


def _normalise(data: bytes) -> None:
    text = _MARKUP(data)
    clean = normalise.clean(text)
    if normalise.clean(clean) != clean:
        raise AssertionError("cleaning twice is not cleaning once")
    normalise.strip_for_similarity(text)
    normalise.html_to_text(text)


def _urls(data: bytes) -> None:
    text = _URLS(data)
    try:
        urls.canonical_url(text)
    finally:
        urls.without_account(text)


def _ids(data: bytes) -> None:
    text = _IDS(data)
    for read in (weibo_ids.mid_time, weibo_ids.mid_to_bid, weibo_ids.bid_to_mid):
        try:
            read(text)
        except BadInput:
            continue


def _case_numbers(data: bytes) -> None:
    text = _CASE_NUMBERS(data)
    for found in case_numbers.find(text):
        if not 0 <= found.start < found.end <= len(text):
            raise AssertionError("a case number stands outside its text")
    case_numbers.normalise(text)


def _segment_line(data: bytes) -> None:
    codec.decode(_RECORD(data))


def _segment_file(data: bytes) -> None:
    """A segment as bytes on disk: compressed rubbish, or rubbish as such."""
    content = data[1:]
    if data and data[0] % 2:
        content = zstandard.compress(content)
    for line in inbox._lines(io.BytesIO(content)):
        codec.decode(line)


def _quarantined(data: bytes) -> None:
    codec.decode_raw(_RECORD(data))


def _quarantine_file(data: bytes) -> None:
    """A file in the quarantine's folder that is not, or no longer, one of ours."""
    path = _FOLDER / f"{'0' * 32}.item"
    path.write_bytes(_HEAD(data) + b"\nsealed")
    quarantine = Quarantine(_FOLDER, lambda: NOW)
    quarantine.list()
    quarantine.read("0" * 32)


def _yaml(data: bytes, name: str, read: Callable[[Path], object], sample: str) -> None:
    path = _FOLDER / name
    if data and data[0] % 2:
        chooser = Chooser(data[1:])
        document = damaged(yaml.safe_load(sample), chooser)
        path.write_bytes(json_bytes(document, chooser))  # JSON is YAML
    else:
        path.write_bytes(data[1:])
    read(path)


def _documents(*samples: object) -> Callable[[bytes], bytes]:
    return document_input(samples)


_POST = {
    "id": "0" * 32, "source": "trial", "platform": "weibo", "kind": "post", "text": "开庭", "title": "",
    "url": "", "published_at": NOW.isoformat(), "fetched_at": NOW.isoformat(), "verified_type": "ordinary",
    "engagement": {"reposts": 1, "comments": None, "likes": 2}, "sample_rate": 1.0, "edited_at": None,
}  # fmt: skip
_RECORD = _documents(
    {**_POST, "redactions": {"mobile": 1}, "author_tokens": ["ab"]}, {**_POST, "native_id": "1"}
)
_HEAD = _documents(
    {
        "id": "0" * 32, "source": "trial", "where": "row 3", "error": "x", "remedy": "y",
        "rejected_at": NOW.isoformat(), "size": 4, "complete": True, "post_id": "",
    }
)  # fmt: skip
_DECLARATION = (ROOT / "crawlers/sites/example_news_utf8.yml").read_text(encoding="utf-8")
_WEIBO = (ROOT / "crawlers/sites/weibo_official.yml").read_text(encoding="utf-8")
_MAPPING = (ROOT / "crawlers/mappings/hotline_12368.yml").read_text(encoding="utf-8")
_CASES = (ROOT / "demo/cases.yml").read_text(encoding="utf-8")


def _declaration(data: bytes) -> None:
    _yaml(data, "trial.yml", load, _WEIBO if len(data) % 2 else _DECLARATION)


def _mapping(data: bytes) -> None:
    _yaml(data, "mapping.yml", load_mapping, _MAPPING)


def _cases(data: bytes) -> None:
    _yaml(data, "cases.yml", lambda path: read_cases(path, NOW), _CASES)


#: Name → target; order is that of the table.
TARGETS: dict[str, Target] = {
    **{name: Target(*about) for name, about in fuzz_sources.TARGETS.items()},
    **{name: Target(*about) for name, about in fuzz_files.TARGETS.items()},
    "declarations": Target(_declaration, 3, (_DECLARATION.encode(), _WEIBO.encode())),
    "mappings": Target(_mapping, 4, (_MAPPING.encode(),)),
    "case files": Target(_cases, 3, (_CASES.encode()[:2000],)),
    "segment lines": Target(_segment_line, 80, (json.dumps(_POST).encode(),)),
    "segment files": Target(_segment_file, 60, (b'{"end":0}\n',)),
    "quarantined items": Target(_quarantined, 80),
    "quarantine files": Target(_quarantine_file, 15),
    "decoding": Target(_decoding, 100, ("云岫区法院".encode("gb18030"), b"\xff\xfea\x00")),
    "dates": Target(lambda data: dates.parse_moment(_DATES(data), NOW), 100),
    "counts": Target(lambda data: numbers.parse_count(_NUMBERS(data)), 100),
    "weibo ids": Target(_ids, 100),
    "case numbers": Target(_case_numbers, 80),
    "redaction": Target(_redaction, 60),
    "normalise": Target(_normalise, 60),
    "urls": Target(_urls, 80),
}
