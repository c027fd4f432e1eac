"""Sketches: what they say of two texts is their Jaccard similarity; the same in any batch."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.near_duplicates import similarity
from text.sketches import KEPT, alike, comparable, is_cut, similar, sketches

texts = st.text(alphabet="法院判决开庭公开审理此案请回应。 @!a1#[怒]/:…全文", max_size=40)
#: SHA-256 of two sketches; a change breaks comparison with those kept in data folders.
SKETCHES = "6762d2bb4cb18b352e6dd0629a0bd46518e0b53613577fe0cfbd63fd2f91894e"


def varied(chance: random.Random, length: int, changes: int) -> tuple[str, str]:
    letters = [chr(chance.randint(0x4E00, 0x5E00)) for _ in range(length)]
    other = letters[:]
    for _ in range(changes):
        other[chance.randrange(length)] = chr(chance.randint(0x4E00, 0x5E00))
    return "".join(letters), "".join(other)


@given(st.lists(texts, min_size=1, max_size=8))
def test_a_batch_changes_nothing(batch: list[str]) -> None:
    together = sketches(batch)
    for text, sketch in zip(batch, together, strict=True):
        [alone] = sketches([text])
        assert alone.grams.tobytes() == sketch.grams.tobytes()
        assert alone.copy_keys.tobytes() == sketch.copy_keys.tobytes()
        assert alone.template_keys.tobytes() == sketch.template_keys.tobytes()


@given(texts, texts)
def test_both_comparisons_agree(a: str, b: str) -> None:
    one, two = sketches([a, b])
    assert alike([(one, two)], 0.8) == [similar(one, two, 0.8)] == [similar(two, one, 0.8)]
    assert similar(one, one, 1.0)


@pytest.mark.parametrize("threshold", [0.4, 0.8])
def test_texts_of_a_post_are_compared_exactly(threshold: float) -> None:
    chance, seen = random.Random(7), set()
    for _ in range(300):
        a, b = varied(chance, 100, chance.randint(0, 30))
        truth = similarity(a, b) >= threshold
        assert similar(*sketches([a, b]), threshold) == truth
        seen.add(truth)
    assert seen == {True, False}


def test_long_texts_are_estimated_within_the_stated_error() -> None:
    chance, wrong = random.Random(8), 0
    for _ in range(200):
        a, b = varied(chance, 1500, chance.randint(0, 250))
        truth, (one, two) = similarity(a, b), sketches([a, b])
        assert one.grams.size == KEPT
        if abs(truth - 0.8) > 0.09:  # two standard errors at .8 are .071
            wrong += similar(one, two, 0.8) != (truth >= 0.8)
    assert wrong <= 2


def test_bands_find_what_they_promise() -> None:
    chance, pairs, copies, templates = random.Random(9), 0, 0, 0
    while pairs < 300:
        a, b = varied(chance, 100, chance.randint(2, 8))
        if similarity(a, b) < 0.8:
            continue
        one, two = sketches([a, b])
        pairs += 1
        copies += bool((one.copy_keys == two.copy_keys).any())
        templates += bool((one.template_keys == two.template_keys).any())
    assert copies >= 0.98 * pairs
    assert templates == pairs


def test_what_copies_have_in_common() -> None:
    assert (
        comparable("转发微博//@某人:转//@别人:判得好[赞]，支持！@法院 #开庭# http://t.cn/Ab1 ")
        == "判得好支持"
    )
    assert comparable("１２３ＡＢＣ") == "123abc"
    assert comparable("😡") == "😡"
    assert comparable("#只有话题#") == "#只有话题#"


def test_a_text_cut_short_is_a_copy_of_the_whole() -> None:
    whole = "".join(chr(0x4E00 + 53 * n) for n in range(200))
    one, two = sketches([whole, whole[:60] + "…全文"])
    assert two.cut
    assert similar(one, two, 0.8)
    assert not similar(*sketches([whole, whole[:60]]), 0.8)
    assert not is_cut("为什么……")


def test_sketches_are_the_same_everywhere() -> None:
    digest = hashlib.sha256()
    for sketch in sketches(["江澜市中院今天开庭，希望公开", ""]):
        for part in (sketch.grams, sketch.copy_keys, sketch.template_keys):
            digest.update(part.astype("<u4").tobytes())
    assert digest.hexdigest() == SKETCHES
