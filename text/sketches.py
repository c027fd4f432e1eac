"""What is kept of a text to find its near-duplicates later, computed for many texts at once.

Of each text two things are made from its character 3-grams: a bottom-k sketch, from which the
Jaccard similarity of two texts follows (exactly, up to 32-bit collisions, while neither has more
than `KEPT` different 3-grams; beyond that with a standard error of √(J(1−J)/128), at most .045), and
keys of MinHash bands, by which candidates are found (Broder 1997; Leskovec et al., Mining of Massive
Datasets, ch. 3). Both are the same on every machine and in any batch.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

from text.normalise import clean
from text.simplified import simplified

Words = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]

#: Different 3-grams kept of a text.
KEPT = 128
#: Bands and rows: a pair at .8 shares one of the copy bands with probability .985, at .85 .998; a
#: pair at .4 one of the template bands with .80, at .5 .96, at .6 .997.
COPY_BANDS, COPY_ROWS = 8, 4
TEMPLATE_BANDS, TEMPLATE_ROWS = 24, 3
#: Characters a copy that was cut short still shares with the whole: one more key for copies.
OPENING = 32
#: A text cut short is a copy of what contains so much of it, if it has that many 3-grams itself.
CONTAINED, LEAST_CONTAINED = 0.9, 30

_VALUES = TEMPLATE_BANDS * TEMPLATE_ROWS
_TOP = np.uint32(0xFFFFFFFF)
_MASK = (1 << 64) - 1
#: Texts hashed together: their arrays stay within the processor's cache.
_TEXTS = 256

_NAME = r"(?:@[\w·\-]{1,30}|@?〔[^〔〕\n]{1,8}〕)"
_FORWARD = re.compile(
    rf"^\s*(?:(?:转发微博|轉發微博|转发|轉發|快转|转|repost|分享)?[\s,，。!！~…]*//\s*{_NAME}\s*[:：]?\s*)+",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"(?:…|\.{3,}|。{3,})\s*(?:查看|阅读|展开)?(?:全文|展开)[cC]?\s*(?:https?://[!-~]+)?\s*$"
    r"|(?:…|\.{3,})\s*(?:https?://[!-~]+)?\s*$"
)
# One pass takes out tags, links, @mentions, placeholders, emoticons, and all that is no letter.
_NOISE = re.compile(
    r"[#＃][^#＃\s]{1,40}[#＃]|https?://[!-~]+|\b(?:t|url)\.cn/[!-~]+|网页链接|[@＠][\w·\-]{1,30}"
    r"|〔[^〔〕\n]{1,8}〕|\[[^\W\d_]{1,8}\]|(?:[^\w#＃@＠〔\[]|_)+|[#＃@＠〔\[]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sketch:
    """One text's share of a batch.

    Attributes:
        grams: its `KEPT` smallest 3-gram hashes, ascending; all of them unless `whole` is False.
        copy_keys, template_keys: one key per band.
        cut: the platform shows only its beginning (“…全文”).
        plain: what was compared (`comparable`); "" where it isn't known any more.
    """

    grams: Words
    whole: bool
    copy_keys: Words
    template_keys: Words
    cut: bool
    plain: str = ""


def comparable(text: str) -> str:
    """What two copies of `text` have in common: letters and digits, NFKC, lower case, simplified.

    Left out are hashtags, links, @mentions, emoticons, placeholders of the redaction, and the
    chain of names in front of a forward. A text of nothing else stays as it is.
    """
    bare = _FORWARD.sub("", text, count=1) if "//" in text else text
    kept = _NOISE.sub(
        "", _CUT.sub("", bare) if bare[-40:].find("…") >= 0 or "..." in bare else bare
    )
    if not kept.isascii() and not unicodedata.is_normalized("NFKC", kept):
        kept = unicodedata.normalize("NFKC", kept)
    return simplified(kept.lower()) or clean(text)


def is_cut(text: str) -> bool:
    """Whether `text` ends as a platform shortens a long one, and is long enough to tell."""
    return len(text) >= OPENING and bool(_CUT.search(text[-120:]))


def sketches(texts: Sequence[str]) -> list[Sketch]:
    """A sketch of each text."""
    made: list[Sketch] = []
    for start in range(0, len(texts), _TEXTS):
        made += _batch(texts[start : start + _TEXTS])
    return made


def similar(a: Sketch, b: Sketch, threshold: float) -> bool:
    """What `alike` says of one pair; quicker for a few."""
    if a.whole and b.whole:
        if a.grams.size == b.grams.size and bool((a.grams == b.grams).all()):
            return True
        ours, theirs = a.grams, b.grams
    else:
        limit = np.uint32(min(_limit(a), _limit(b)))
        ours, theirs = a.grams[a.grams <= limit], b.grams[b.grams <= limit]
    if not (ours.size and theirs.size):
        return False
    places = np.minimum(theirs.searchsorted(ours), theirs.size - 1)
    common = int(np.count_nonzero(theirs[places] == ours))
    if common >= threshold * (ours.size + theirs.size - common):
        return True
    smaller = min(ours.size, theirs.size)
    return (a.cut or b.cut) and smaller >= LEAST_CONTAINED and common >= CONTAINED * smaller


def alike(pairs: Sequence[tuple[Sketch, Sketch]], threshold: float) -> list[bool]:
    """Whether each pair is at least `threshold` similar, or one is the other cut short."""
    if not pairs:
        return []
    limits = np.array([min(_limit(a), _limit(b)) for a, b in pairs], dtype=np.uint64)
    sizes_a, left = _tagged([a for a, _ in pairs], limits)
    sizes_b, right = _tagged([b for _, b in pairs], limits)
    both = np.concatenate([left, right])
    both.sort()
    twice = both[1:][both[1:] == both[:-1]] >> np.uint64(32)
    common = np.bincount(twice.astype(np.int64), minlength=len(pairs))
    every = np.maximum(sizes_a + sizes_b - common, 1)
    smaller = np.minimum(sizes_a, sizes_b)
    cut = np.array([a.cut or b.cut for a, b in pairs])
    contained = cut & (smaller >= LEAST_CONTAINED) & (common >= CONTAINED * smaller)
    return [bool(one) for one in (common >= threshold * every) | contained]


def _limit(sketch: Sketch) -> int:
    """Up to this hash the sketch knows every 3-gram of its text."""
    return int(_TOP) if sketch.whole else int(sketch.grams[-1])


def _tagged(parts: Sequence[Sketch], limits: Keys) -> tuple[npt.NDArray[np.int64], Keys]:
    """How many hashes of each part lie within its limit, and those, marked by the part's number."""
    lengths = np.array([part.grams.size for part in parts])
    places = np.repeat(np.arange(len(parts), dtype=np.uint64), lengths)
    hashes = np.concatenate([part.grams for part in parts]).astype(np.uint64)
    within = hashes <= limits[places.astype(np.int64)]
    places, hashes = places[within], hashes[within]
    return np.bincount(places.astype(np.int64), minlength=len(parts)), places << np.uint64(
        32
    ) | hashes


def _batch(texts: Sequence[str]) -> list[Sketch]:
    plain = [comparable(text) for text in texts]
    hashes, starts = _hashes(plain)
    values = np.empty((len(plain), _VALUES), dtype=np.uint32)
    for number in range(_VALUES):
        np.minimum.reduceat(hashes * _FACTORS[number] + _OFFSETS[number], starts,
                            out=values[:, number])  # fmt: skip
    copies = np.empty((len(plain), COPY_BANDS + 1), dtype=np.uint32)
    copies[:, :COPY_BANDS] = _bands(values[:, : COPY_BANDS * COPY_ROWS], COPY_ROWS)
    copies[:, COPY_BANDS] = [crc32(one[:OPENING].encode("utf-8", "surrogatepass")) for one in plain]
    templates = _bands(values, TEMPLATE_ROWS)
    grams, lasts, whole = _smallest(hashes, starts)
    firsts = np.concatenate([[0], lasts[:-1]])
    return [
        Sketch(grams[first:last], all_, copies[number], templates[number], is_cut(text), bare)
        for number, (first, last, all_, text, bare) in enumerate(
            zip(firsts.tolist(), lasts.tolist(), whole.tolist(), texts, plain, strict=True)
        )
    ]


def _hashes(plain: Sequence[str]) -> tuple[Words, npt.NDArray[np.int64]]:
    """Hashes of all 3-grams, text after text, and where each text begins."""
    padded = [one + "\0" * (3 - len(one)) if len(one) < 3 else one for one in plain]
    lengths = np.array([len(one) for one in padded], dtype=np.int64)
    codes = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    wide = codes.astype(np.uint64)
    mixed = wide[:-2] * _MIX[0] + wide[1:-1] * _MIX[1] + wide[2:] * _MIX[2]
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX[3]
    ends = np.cumsum(lengths)
    # The two 3-grams that reach over the end of a text belong to none.
    inside = np.ones(mixed.size, dtype=bool)
    inside[np.concatenate([ends[:-1] - 2, ends[:-1] - 1])] = False
    starts = np.concatenate([[0], np.cumsum(lengths - 2)[:-1]])
    return (mixed >> np.uint64(32)).astype(np.uint32)[inside], starts


def _bands(values: Words, rows: int) -> Words:
    """`rows` neighbouring values mixed into one key."""
    wide = values.astype(np.uint64).reshape(len(values), -1, rows)
    key = wide[:, :, 0] * _MIX[0]
    for row in range(1, rows):
        key ^= key >> np.uint64(31)
        key = (key + wide[:, :, row]) * _MIX[row % len(_MIX)]
    folded: Words = (key >> np.uint64(32)).astype(np.uint32)
    return folded


def _smallest(
    hashes: Words, starts: npt.NDArray[np.int64]
) -> tuple[Words, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The `KEPT` smallest different hashes of each text, where each ends, whether it is all."""
    count = len(starts)
    lengths = np.diff(np.append(starts, hashes.size))
    tagged = np.repeat(np.arange(count, dtype=np.uint64), lengths) << np.uint64(32)
    tagged |= hashes
    tagged.sort()
    fresh = np.concatenate([[True], tagged[1:] != tagged[:-1]])
    tagged = tagged[fresh]
    owners = (tagged >> np.uint64(32)).astype(np.int64)
    sizes = np.bincount(owners, minlength=count)
    rank = np.arange(owners.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    kept = rank < KEPT
    return (
        tagged[kept].astype(np.uint32),
        np.cumsum(np.minimum(sizes, KEPT)),
        sizes <= KEPT,
    )


def _splitmix(count: int, seed: int) -> Keys:
    """Fixed pseudo-random odd numbers (SplitMix64), so that no library version changes a key."""
    numbers = np.empty(count, dtype=np.uint64)
    for place in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) & _MASK
        z = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        numbers[place] = (z ^ (z >> 31)) | 1
    return numbers


_MIX = _splitmix(4, seed=41)
_FACTORS = (_splitmix(_VALUES, seed=137) >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
_OFFSETS = (_splitmix(_VALUES, seed=2015) >> np.uint64(32)).astype(np.uint32)
