"""Near-duplicates: similarity is a measure, signatures are stable, clusters agree with it."""

from __future__ import annotations

import hashlib
import random
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.near_duplicates import clusters, signature, similarity

texts = st.text(alphabet="法院判决开庭公开审理此案请回应。 @!a1", max_size=24)
WORDS = [
    "法院",
    "判决",
    "开庭",
    "江澜",
    "云岫",
    "物业",
    "业主",
    "执行",
    "立案",
    "拖延",
    "公开",
    "审理",
    "回应",
    "通报",
    "证据",
    "上诉",
    "改判",
    "工资",
    "医院",
    "学校",
    "道路",
    "补偿",
]

#: SHA-256 of two signatures; a change breaks comparison with signatures kept elsewhere.
SIGNATURES = "7bb1b451cbcc842beac5886446a17a028d75bfb01aa89981c0634668cf3e4801"


def sentence(seed: int, length: int = 30) -> str:
    return "".join(random.Random(seed).choices(WORDS, k=length))


@given(texts, texts)
def test_similarity_is_symmetric_and_bounded(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a)
    assert 0.0 <= similarity(a, b) <= 1.0
    assert similarity(a, a) == 1.0


def test_copies_templates_and_strangers() -> None:
    base = "江澜市中级人民法院今天上午公开开庭审理物业费案，希望法院依法公正判决，还业主公道"
    assert similarity(base, base + "！！[怒] @小明 http://t.cn/AxYz") == 1.0
    assert similarity(base, base.replace("今天上午", "今早")) >= 0.7
    assert similarity(base, "周末去青崖县爬山，天气很好，路上有点堵车") < 0.05


def test_texts_of_emoji_alone_are_alike_only_when_equal() -> None:
    assert similarity("😀😀", "😀😀") == 1.0
    assert similarity("😀😀", "😡") == 0.0
    assert clusters(["😀😀", "😡", "😀😀"]) == [0, 1, 0]


def test_signatures_are_the_same_everywhere() -> None:
    digest = hashlib.sha256(signature("江澜市中院今天开庭，希望公开") + signature("")).hexdigest()
    assert digest == SIGNATURES
    assert len(signature("短")) == 512


def test_signatures_estimate_similarity() -> None:
    for seed in range(20):
        a = sentence(seed, 60)
        b = a[: 60 + 2 * seed] + sentence(seed + 1000, 60)[60 + 2 * seed :]
        values = [np.frombuffer(signature(text), "<u4") for text in (a, b)]
        assert float((values[0] == values[1]).mean()) == pytest.approx(similarity(a, b), abs=0.16)


@given(st.lists(texts, max_size=12), st.sampled_from([0.4, 0.6, 0.8, 1.0]))
def test_clusters_follow_their_leaders(many: list[str], threshold: float) -> None:
    found = clusters(many, threshold)
    assert len(found) == len(many)
    for index, leader in enumerate(found):
        assert leader <= index
        assert found[leader] == leader
        assert similarity(many[index], many[leader]) >= threshold
    assert clusters(many, threshold) == found


@given(st.lists(texts, max_size=10), st.sampled_from([0.4, 0.8]))
def test_banding_misses_nothing_brute_force_finds(many: list[str], threshold: float) -> None:
    brute: list[int] = []
    for index, text in enumerate(many):
        leaders = [j for j in range(index) if brute[j] == j]
        near = [j for j in leaders if similarity(text, many[j]) >= threshold]
        brute.append(near[0] if near else index)
    assert clusters(many, threshold) == brute


@given(st.lists(texts, min_size=1, max_size=10))
def test_exact_copies_share_a_cluster(many: list[str]) -> None:
    found = clusters(many + many)
    assert found[len(many) :] == found[: len(many)]


def test_a_campaign_among_strangers() -> None:
    campaign = "请江澜市中院公开物业费案全部庭审视频，还业主一个公道，全城都在等一个说法"
    many = [campaign + "！" * (n % 3) + "顶" * (n % 2) for n in range(200)] + [
        sentence(n) for n in range(300)
    ]
    random.Random(3).shuffle(many)
    found = clusters(many)
    first = next(index for index, text in enumerate(many) if text.startswith(campaign))
    assert {found[index] for index, text in enumerate(many) if text.startswith(campaign)} == {first}
    assert sum(leader == index for index, leader in enumerate(found)) == 301


def test_ten_thousand_texts_take_seconds() -> None:
    many = [sentence(n % 7000, 40) for n in range(10_000)]
    start = time.process_time()
    found = clusters(many)
    assert time.process_time() - start < 30
    assert sum(leader == index for index, leader in enumerate(found)) == 7000


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.1])
def test_a_threshold_outside_its_range(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        clusters(["a"], threshold)
