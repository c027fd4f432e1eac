"""Cleaning and markup: nothing invisible stays, nothing readable is lost."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from text.normalise import clean, html_to_text, strip_for_similarity

anything = st.text(st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  开庭\u3000了 \t吗 ", "开庭 了 吗"),
        ("手\u200b机\u2060号\ufeff", "手机号"),
        ("a\u0301", "á"),
        ("e\u200b\u0301", "é"),
        ("甲\r\n乙\r丙\u2028丁", "甲\n乙\n丙\n丁"),
        ("甲\n\n\n\n乙", "甲\n\n乙"),
        ("甲 \n 乙", "甲\n乙"),
        ("坏\ud800字\udfff符", "坏字符"),
        ("\u202e倒写\u202c", "倒写"),
        ("软\xad连字\x00符\x07", "软连字符"),
        ("非字\ufffe符\uffff", "非字符"),
        ("表情😀与🇨🇳留下", "表情😀与🇨🇳留下"),
        ("", ""),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(anything)
def test_cleaning_twice_is_cleaning_once_and_always_storable(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once == unicodedata.normalize("NFC", once).strip()
    assert json.loads(json.dumps(once).encode("utf-8")) == once
    assert once.encode("utf-8").decode("utf-8") == once


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("没有标记", "没有标记"),
        ("<p>甲</p><p>乙</p>", "甲\n\n乙"),
        ("甲<br/>乙<br>丙", "甲\n乙\n丙"),
        ('等判决<span class="url-icon"><img alt=[思考] src="//x.png" /></span>', "等判决[思考]"),
        ('<a href="/n/x">#某案开庭#</a> 公开', "#某案开庭# 公开"),
        ("<script>alert(1)</script>甲<style>p{}</style>乙", "甲乙"),
        ("<html><head><title>标题</title></head><body>正文</body></html>", "正文"),
        ("1 &lt; 2 &amp;&#20013;&nbsp;文", "1 < 2 &中 文"),
        ("<ul><li>一</li><li>二</li></ul>", "一\n\n二"),
        ("没关的<b>标签", "没关的标签"),
        ("甲<!-- 注 -->乙<?php x ?>丙", "甲乙丙"),
        ('<?xml version="1.0" encoding="GBK"?><p>声明错了编码</p>', "声明错了编码"),
        ('<meta charset="gbk"><p>声明错了编码</p>', "声明错了编码"),
        ("空\x00字\ud800节<b>与</b>代理", "空字节与代理"),
        ("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><p>甲&e;乙</p>", "甲&e;乙"),
        ("", ""),
        ("<p></p>", ""),
    ],
)
def test_html(html: str, expected: str) -> None:
    assert html_to_text(html).endswith(expected)
    assert "hostname" not in html_to_text(html) or "ENTITY" in html_to_text(html)


def test_deeply_nested_markup_loses_no_text() -> None:
    assert html_to_text("<div>" * 1_500 + "底" + "</div>" * 1_500) == "底"
    with pytest.raises(BadInput, match="deeper"):
        html_to_text("<div>" * 20_000 + "底" + "</div>" * 20_000)


@given(anything)
def test_any_markup_gives_clean_text(html: str) -> None:
    for source in (html, f"<p>{html}</p>", f"<img alt='{html}'>"):
        text = html_to_text(source)
        assert text == clean(text)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("江澜市中院，今天开庭！", "江澜市中院今天开庭"),
        ("支持@路人甲 公开[思考]", "支持〔用户〕公开😀"),
        ("看 https://a.example/x 这里", "看网页链接这里"),
        ("ＡＢＣ１２３", "abc123"),
    ],
)
def test_copies_are_alike_after_stripping(a: str, b: str) -> None:
    assert strip_for_similarity(a) == strip_for_similarity(b) != ""


def test_years_in_brackets_stay() -> None:
    assert strip_for_similarity("法发[2013]9号") == "法发20139号"
