"""Sentences become posts: a hook that names the case, one or two sentences, a tail, an emoji.

The banks are YAML files in `sentences/`, one sentence a line; ``{slots}`` are filled at random, so
that a few hundred sentences give thousands of different posts.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SENTENCES = Path(__file__).parent / "sentences"
#: Mood of the emoji a stance goes with; "plain" for the rest.
_MOODS = {
    "court_negative": "angry",
    "party_negative": "angry",
    "punish": "angry",
    "sarcasm": "wry",
    "irrelevant": "wry",
    "positive": "warm",
    "party_support": "warm",
}
_PUNCTUATION = "。！？!?…～）)🙂😂"


@dataclass(frozen=True, slots=True)
class Bank:
    """The sentences of one subject.

    Attributes:
        hooks: beginnings that name the subject as its case formula knows it.
        stances: stance → sentences.
        campaign: templates that are posted as they are.
    """

    hooks: tuple[str, ...]
    stances: Mapping[str, tuple[str, ...]]
    campaign: tuple[str, ...] = ()


@cache
def read_sentences(name: str) -> dict[str, Any]:
    """Return a sentence file; blocks of lines become tuples."""
    content = yaml.safe_load((SENTENCES / f"{name}.yml").read_text(encoding="utf-8"))
    return {key: _lines(value) for key, value in content.items()}


def _lines(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(line.strip() for line in value.splitlines() if line.strip())
    return {key: _lines(inner) for key, inner in value.items()}


def read_bank(name: str) -> Bank:
    """Return the bank of a case, or of "chatter" or "noise"."""
    content = read_sentences(name)
    return Bank(content["hooks"], content["stances"], content.get("campaign", ()))


class Writer:
    """Writes texts from the banks; the same seed writes the same texts."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._shared = read_sentences("shared")

    def post(self, bank: Bank, stance: str) -> str:
        """Return a new post in this stance."""
        chance = self._chance
        body = self._sentences(bank.stances[stance], _MOODS.get(stance, "plain"))
        if chance.random() < 0.012:
            body += chance.choice(self._shared["private"])
        if chance.random() < 0.35:
            body += chance.choice(self._shared["tails"])
        text = self._hooked(chance.choice(bank.hooks), self.fill(body))
        if chance.random() < 0.05:
            text += f" {chance.choice(self._shared['handles'])}"
        return text

    def copy(self, template: str, number: int) -> str:
        """Return a campaign's template with the small changes of somebody who pastes it."""
        text = template.replace("{times}", str(number))
        change = self._chance.randrange(5)
        if change == 0:
            text = f"{text}{self._chance.choice(('🙏', '🙏🙏', '[泪]', '❗'))}"
        elif change == 1:
            text = f"转：{text}"
        elif change == 2:
            text = text.replace("，", ",")
        elif change == 3:
            text = text.replace("求转发", "求转")
        return text

    def fill(self, text: str, **given: str) -> str:
        """Fill the slots of `text`; those not given at random."""
        return text.format_map(_Slots(self._chance, given))

    def name(self) -> str:
        """Return an invented screen name."""
        front = self._chance.choice(self._shared["name_front"])
        back = self._chance.choice(self._shared["name_back"])
        number = str(self._chance.randrange(2, 1000)) if self._chance.random() < 0.6 else ""
        return f"{front}{back}{number}"

    def _sentences(self, sentences: Sequence[str], mood: str) -> str:
        wanted = self._chance.choices((1, 2, 3, 5), (38, 40, 15, 7))[0]
        chosen = self._chance.sample(sentences, min(wanted, len(sentences)))
        emoji = self._chance.choice(self._shared["emoji"][mood])
        body = "".join(_closed(sentence) for sentence in chosen)
        return body + (emoji if self._chance.random() < 0.25 else "")

    def _hooked(self, hook: str, body: str) -> str:
        if hook.startswith("#"):
            front = self._chance.random() < 0.6
            return f"{hook}{body}" if front else f"{body} {hook}"
        return f"{hook}{body}"


def _closed(sentence: str) -> str:
    return sentence if sentence[-1] in _PUNCTUATION else f"{sentence}。"


class _Slots(dict[str, str]):
    """Values for ``{slots}``: given ones first, random ones for the rest."""

    def __init__(self, chance: random.Random, given: Mapping[str, str]) -> None:
        super().__init__(given)
        self._chance = chance

    def __missing__(self, slot: str) -> str:
        chance = self._chance
        if slot == "clock":
            return f"{chance.randrange(7, 24)}:{chance.randrange(60):02d}"
        if slot == "phone":
            return f"1990000{chance.randrange(10_000):04d}"
        if slot == "plate":
            return f"浙A0{chance.choice('DFGH')}{chance.randrange(1000):03d}"
        if slot == "idcard":
            return identity_number(chance)
        if slot == "bank":
            return bank_number(chance)
        low, high = _RANGES[slot]
        return str(chance.randrange(low, high))


#: Number slots: from, up to (not including).
_RANGES = {
    "times": (3, 20),
    "days": (5, 240),
    "hours": (2, 7),
    "money": (8, 900),
    "money2": (30, 160),
    "age": (19, 60),
}


def identity_number(chance: random.Random) -> str:
    """Return an 18-digit number with a right check digit and a birth date in the year 1900."""
    digits = f"1101011900{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
    digits += f"{chance.randrange(1000):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return digits + "10X98765432"[total % 11]


def bank_number(chance: random.Random) -> str:
    """Return a 19-digit card number that passes Luhn's check; the issuer's part is all zeros."""
    digits = f"622200000000{chance.randrange(1_000_000):06d}"
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)
