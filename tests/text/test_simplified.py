"""Traditional characters compared as simplified ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from text.simplified import simplified


def test_a_traditional_text_reads_as_its_simplified_one() -> None:
    assert (
        simplified("江瀾市中級人民法院開庭審理勞動爭議案") == "江澜市中级人民法院开庭审理劳动争议案"
    )


def test_a_simplified_text_stays() -> None:
    text = "云岫区法院今天宣判，一审驳回 2026"
    assert simplified(text) is text


def test_no_character_is_read_on_to_one_that_is_traditional() -> None:
    table = "".join(map(chr, range(0x4E00, 0xA000)))
    assert simplified(simplified(table)) == simplified(table)


@given(st.text())
def test_it_stays_as_long_and_is_stable(text: str) -> None:
    once = simplified(text)
    assert len(once) == len(text)
    assert simplified(once) == once
