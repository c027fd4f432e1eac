"""One status, whatever JSON holds: read, or refused with a reason that quotes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawlers.weibo_status import Status, is_public, read_status, without_account
from domain.errors import BadInput
from domain.time import SHANGHAI
from text.weibo_ids import mint_mid

NOW = datetime(2026, 11, 23, 4, 0, 0, tzinfo=UTC)
MOMENT = NOW - timedelta(hours=1)
GOOD: dict[str, Any] = {
    "created_at": MOMENT.astimezone(SHANGHAI).strftime("%a %b %d %H:%M:%S +0800 %Y"),
    "id": mint_mid(MOMENT, 5),
    "idstr": str(mint_mid(MOMENT, 5)),
    "text": "云岫区法院今天开庭",
    "user": {"id": 1000000001, "screen_name": "示例用户", "gender": "m", "verified_type": 1},
    "reposts_count": "1.2万",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
FIELDS = st.sampled_from(
    ["created_at", "id", "idstr", "text", "user", "reposts_count", "isLongText", "longText",
     "retweeted_status", "visible", "deleted", "mid"]
)  # fmt: skip


def test_a_good_status_is_read() -> None:
    status = read_status(GOOD, NOW)
    assert (status.mid, status.published_at) == (GOOD["idstr"], MOMENT)
    assert (status.author_id, status.engagement.reposts) == ("1000000001", 12000)
    assert (status.engagement.comments, status.original) == (None, "")


def _read(fragment: Any) -> Status | BadInput:
    try:
        return read_status(fragment, NOW)
    except BadInput as error:
        return error


@given(st.dictionaries(FIELDS, JSON, max_size=4))
def test_any_field_may_hold_anything(changes: dict[str, Any]) -> None:
    fragment = {**GOOD, **changes}
    result = _read(fragment)
    assert isinstance(result, Status) or "云岫区" not in result.problem
    assert is_public(fragment) in (True, False)


@given(JSON)
def test_anything_may_stand_for_a_status(fragment: Any) -> None:
    result = _read(fragment)
    assert isinstance(result, Status) or result.remedy


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_the_quarantine_never_sees_the_account(more: dict[str, Any]) -> None:
    inner = {**GOOD, "retweeted_status": {**GOOD, **more, "user": GOOD["user"]}}
    kept = json.dumps(without_account({**inner, "source": "某手机", "geo": {}}), ensure_ascii=False)
    for forbidden in ("示例用户", "gender", "screen_name", "某手机", "geo"):
        assert forbidden not in kept or forbidden in json.dumps(more, ensure_ascii=False)
