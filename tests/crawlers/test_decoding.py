"""Bytes to text: what a Chinese page says about its charset is a hint, not a fact."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.decoding import decode
from domain.errors import BadInput

TEXT = "云岫区人民法院公开审理一批物业服务合同纠纷案，喆、昇、镕等字也读得出。"


# A GBK body that a header calls Big5 is left out: it is valid under both, nothing tells them apart.
@pytest.mark.parametrize("header", ["", "gbk", "utf-8", "iso-8859-1", "x-unknown"])
@pytest.mark.parametrize("meta", ["", "gb2312", "utf-8", "x-unknown"])
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_the_bytes_decide(charset: str, meta: str, header: str) -> None:
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' if meta else ""
    body = f"{head}{TEXT}".encode(charset)
    assert decode(body, f"text/html; charset={header}" if header else "").endswith(TEXT)


def test_big5_is_read_when_it_is_named() -> None:
    text = "法院公開審理物業糾紛案件，庭審同步直播。"
    assert decode(text.encode("big5"), "text/html; charset=big5") == text


@pytest.mark.parametrize("bom", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_byte_order_mark_wins(bom: bytes) -> None:
    charset = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le"}.get(bom, "utf-16-be")
    assert decode(bom + TEXT.encode(charset), "text/html; charset=gbk") == TEXT


def test_a_few_broken_signs_are_the_page_s_own_fault() -> None:
    body = (TEXT * 60).encode() + b"\xff" + TEXT.encode()
    assert decode(body).count("�") == 1
    with pytest.raises(BadInput, match="no charset fits"):
        decode(b"\xff\x80\x00\xff" * 100)


@given(st.text(st.characters(codec="utf-8")))
def test_utf8_is_always_read_as_it_is(text: str) -> None:
    if not text.startswith("\ufeff"):
        assert decode(text.encode()) == text


@given(st.binary(max_size=300), st.text(max_size=30))
def test_no_bytes_break_it(body: bytes, header: str) -> None:
    try:
        text = decode(body, header)
    except BadInput as error:
        text = error.remedy
    assert isinstance(text, str)
    assert text or not body or body in (codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)
