"""Texts to token numbers: one reader for training and serving."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from domain.errors import ConfigurationError
from domain.posts import Platform

Tokens = npt.NDArray[np.int64]
#: Tokens read of a text. Half of the pool's texts have at most 41; the n-gram part reads further.
LONGEST = 64
#: Of a longer text so much of the beginning is read, and the rest from its end: posts name their
#: matter first and their demand last.
_HEAD_SHARE = 0.65
#: Characters that are tokenized at most for each token read, from both ends: a character is a token,
#: unless words of Latin letters stand in the text, of which the encoder knows little anyway.
_CHARACTERS = 2
#: Names of the opening and closing token in the tokenizers of BERT and of RoBERTa.
_OPENING, _CLOSING = ("[CLS]", "<s>"), ("[SEP]", "</s>")
_RARE = 5


class Reader:
    """Turns prepared texts (`nlp.features.prepare`) into token numbers of at most `longest`."""

    def __init__(self, tokenizer: Tokenizer, longest: int = LONGEST) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        self.longest = longest
        self._opening = _known(tokenizer, _OPENING)
        self._closing = _known(tokenizer, _CLOSING)
        # Where a text stands tells how to read it; BERT keeps tokens free for such uses.
        free = (tokenizer.token_to_id(f"[unused{n}]") for n, _ in enumerate(Platform, start=1))
        self._platforms = dict(zip(Platform, free, strict=True))

    @classmethod
    def load(cls, file: Path, longest: int = LONGEST) -> Reader:
        """Read a `tokenizer.json`.

        Raises:
            ConfigurationError: the file is missing or no tokenizer.
        """
        try:
            content = file.read_text(encoding="utf-8")
            json.loads(content)["model"]
            return cls(Tokenizer.from_str(content), longest)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"the tokenizer can't be read: {type(error).__name__}",
                remedy="restore the file, or export the model again",
                where=file.name,
            ) from error

    def read(
        self, prepared: Sequence[str], platforms: Sequence[Platform], pairs: Sequence[str] = ()
    ) -> list[Tokens]:
        """Token numbers of each text.

        Args:
            pairs: a second text for each, read whole (at most a third of the room).
        """
        bodies = self._pieces(prepared)
        seconds = self._pieces(pairs) if pairs else [[]] * len(bodies)
        return [
            self._framed(body, platform, second)
            for body, platform, second in zip(bodies, platforms, seconds, strict=True)
        ]

    def _pieces(self, prepared: Sequence[str]) -> list[list[int]]:
        # A lone half of a surrogate pair is no character; tokenizers refuses the whole batch for it.
        cut = [
            _both_ends(text, _CHARACTERS * self.longest).encode("utf-8", "replace").decode("utf-8")
            for text in prepared
        ]
        return [one.ids for one in self.tokenizer.encode_batch_fast(cut, add_special_tokens=False)]

    def _framed(self, body: Sequence[int], platform: Platform, second: Sequence[int]) -> Tokens:
        opening = [self._opening]
        mark = self._platforms[platform]
        if mark is not None:
            opening.append(mark)
        tail = [self._closing]
        if second:
            tail += [*second[: self.longest // 3], self._closing]
        room = self.longest - len(opening) - len(tail)
        return np.array([*opening, *_both_ends(body, room), *tail], np.int64)


def _both_ends(sequence: Any, room: int) -> Any:
    if len(sequence) <= room:
        return sequence
    head = int(room * _HEAD_SHARE)
    return sequence[:head] + sequence[len(sequence) - (room - head) :]


def _known(tokenizer: Tokenizer, names: Sequence[str]) -> int:
    for name in names:
        number = tokenizer.token_to_id(name)
        if number is not None:
            return int(number)
    raise ConfigurationError(f"the tokenizer knows none of {', '.join(names)}")


def pruned(tokenizer: Tokenizer, texts: Iterable[str]) -> tuple[Tokenizer, Tokens]:
    """The tokenizer with only those tokens that stand in `texts` (prepared) often enough.

    Returns:
        The smaller tokenizer, and for each of its tokens the number it had before. Tokenizers other
        than WordPiece are returned as they are.
    """
    content = json.loads(tokenizer.to_str())
    if content["model"]["type"] != "WordPiece":
        return tokenizer, np.arange(tokenizer.get_vocab_size(), dtype=np.int64)
    counts: Counter[int] = Counter()
    block: list[str] = []
    for text in texts:
        block.append(text)
        if len(block) == 10_000:
            counts.update(_occurrences(tokenizer, block))
            block.clear()
    counts.update(_occurrences(tokenizer, block))
    free = {f"[unused{n}]" for n, _ in enumerate(Platform, start=1)}
    special = {one["content"] for one in content["added_tokens"]} | free
    vocabulary: dict[str, int] = content["model"]["vocab"]
    kept = sorted(
        (number, token)
        for token, number in vocabulary.items()
        if token in special or counts[number] >= _RARE
    )
    renumbered = {token: index for index, (_, token) in enumerate(kept)}
    content["model"]["vocab"] = renumbered
    for one in content["added_tokens"]:
        one["id"] = renumbered[one["content"]]
    for one in (content["post_processor"] or {}).get("special_tokens", {}).values():
        one["ids"] = [renumbered[token] for token in one["tokens"]]
    smaller = Tokenizer.from_str(json.dumps(content, ensure_ascii=False))
    return smaller, np.array([number for number, _ in kept], np.int64)


def _occurrences(tokenizer: Tokenizer, texts: Sequence[str]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for one in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False):
        counts.update(one.ids)
    return counts
