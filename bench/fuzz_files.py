"""Targets of `bench.fuzz` for files that people hand in: tables through a column mapping."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

from bench.fuzz_inputs import NOW, bytes_input, document_input
from bench.fuzz_sources import fresh_ingest
from crawlers.column_mapping import Mapping, load_mapping
from crawlers.imports import import_file

_HELD = tempfile.TemporaryDirectory()
_FOLDER = Path(_HELD.name)
_HOTLINE = load_mapping("hotline_12368")
_HEADER = (
    "工单号",
    "受理时间",
    "来电人",
    "来电号码",
    "诉求类别",
    "诉求标题",
    "诉求内容",
    "承办单位",
)
_ROW = (
    "GD1",
    "2026-11-20 09:30",
    "川女士",
    "19900001234",
    "投诉",
    "立案",
    "系统打不开",
    "云岫区人民法院",
)


def _import(mapping: Mapping, suffix: str, content: bytes) -> None:
    path = _FOLDER / f"file{suffix}"
    path.write_bytes(content)
    report = import_file(path, mapping, fresh_ingest(), lambda: NOW)
    if report.new + report.edited + report.duplicates + report.rejected != report.rows:
        raise AssertionError("rows got lost")


def _table(separator: str) -> bytes:
    return f"{separator.join(_HEADER)}\r\n{separator.join(_ROW)}\r\n".encode()


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(_HEADER)
    sheet.append(_ROW)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _parts(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


_WORKBOOK = _workbook()
_PARTS = _parts(_WORKBOOK)
_SHEETS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml")
_CELLS = (
    b'<c r="A3" t="s"><v>99</v></c>', b'<c r="A2"><v>1e999</v></c>', b'<c t="d"><v>9</v></c>', b"<f>1+1</f>", b'<c r="XFE1"/>',
    b'<row r="99999999">', b"</row>", b'<c r="A1" t="e">', b'<c r="A1" t="b"><v>x</v></c>', b"<!DOCTYPE", b"<![CDATA[", b'numFmtId="14"', b"\x00",
    b'<c r="B2" s="1"><v>99999999999</v></c>', b'<c r="B2" t="n"><v>-1</v></c>', b"<mergeCell/>", b'sheetId="x"',
)  # fmt: skip
_LINES = (
    b'"', b'""', b",", b"\t", b";", b"\r", b"\n", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"=1+1", b"\xd4\xc6", b"\\", b"'", b"GD2,2026",
    "工单号".encode(), "受理时间".encode("gb18030"),
)  # fmt: skip


def _xlsx() -> Callable[[bytes], object]:
    """A workbook with one of its parts damaged: the archive stays whole, or nothing is read."""
    makers = {name: bytes_input((_PARTS[name],), _CELLS) for name in _SHEETS}
    raw = bytes_input((_WORKBOOK,), (b"PK\x03\x04", b"\x00" * 8, b"\xff" * 4))

    def run(data: bytes) -> None:
        if len(data) % 5 == 0:
            _import(_HOTLINE, ".xlsx", raw(data))
            return
        name = _SHEETS[len(data) % len(_SHEETS)]
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for part, content in _PARTS.items():
                archive.writestr(part, makers[name](data) if part == name else content)
        _import(_HOTLINE, ".xlsx", held.getvalue())

    return run


def _csv() -> tuple[Callable[[bytes], object], tuple[bytes, ...]]:
    tables = tuple(_table(separator) for separator in (",", "\t", ";"))
    make = bytes_input((*tables, _table(",").decode().encode("gb18030")), _LINES)
    return lambda data: _import(_HOTLINE, ".csv", make(data)), tables


def _jsonl() -> Callable[[bytes], object]:
    row: dict[str, Any] = dict(zip(_HEADER, _ROW, strict=True))
    make = document_input((row, {**row, "诉求内容": {"a": [1]}}))
    return lambda data: _import(_HOTLINE, ".jsonl", make(data) + b"\n" + json.dumps(row).encode())


_MAIL = (
    "Message-ID: <1@x>\r\nDate: Fri, 20 Nov 2026 09:15:00 +0800\r\nSubject: =?utf-8?b?5omn6KGM?=\r\n"
    "From: =?gb2312?q?=B0=D7?= <a@x.example>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n\r\n执行款何时到账\r\n--b1\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--b1--\r\n"
).encode()
_MAIL_PARTS = (
    b"Content-Type: multipart/mixed; boundary=b1\r\n", b"--b1\r\n", b"--b1--", b"=?x-unknown?b?5omn?=", b"=?utf-8?b?!!!!?=",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n", b"Date: 99\r\n", b"Date: Fri, 31 Feb 2026 99:99 +9999\r\n",
    b"From: ", b"From: @@<<>>,;\r\n", b"\r\n\r\n", b"\nFrom x\n", b"Content-Type: message/rfc822\r\n\r\n", b"charset=utf-7", b"charset=\"\"",
    b"\xff\xfe", b"\x00", b"Content-Disposition: attachment; filename*=utf-8''%zz\r\n", b"begin 644 x\nM", "执".encode("gb18030"),
)  # fmt: skip


def _mails() -> Callable[[bytes], object]:
    make = bytes_input((_MAIL, b"From x\n" + _MAIL + b"\nFrom y\n" + _MAIL), _MAIL_PARTS)
    mapping = load_mapping("court_mailbox_mail")
    return lambda data: _import(mapping, (".eml", ".mbox")[len(data) % 2], make(data))


#: Name → what `bench.fuzz_targets.Target` takes.
TARGETS: dict[str, tuple[Any, ...]] = {
    "csv": (_csv()[0], 20, _csv()[1]),
    "jsonl": (_jsonl(), 25),
    "mails": (_mails(), 25, (_MAIL,)),
    "xlsx": (_xlsx(), 2, (_WORKBOOK,)),
}
