"""What the robots of WeCom, DingTalk and Feishu have in common: an address, and an error code.

All three answer HTTP 200 to a message they refuse; only the code in the body says that it was
taken. An unknown code is a refusal, never a success.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from alerts.options import from_environment, http_target
from alerts.outbound import Answer, Target
from domain.errors import ConfigurationError, NotifyFailure

HEADERS = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "courtpulse"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error code means.

    Attributes:
        retry: whether the same message may be taken later.
        after: how long the robot wants to be left alone.
    """

    problem: str
    remedy: str
    retry: bool = False
    after: timedelta | None = None


def body_of(document: Mapping[str, object]) -> bytes:
    """`document` as compact JSON in UTF-8; the same bytes for the same document."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def robot_target(
    options: Mapping[str, object], where: str, kind: str, base: str, path: str
) -> Target:
    """The robot's address, which must lie under the vendor's or the configured base address.

    Args:
        base: the vendor's address; the option `base_url` replaces it, for an office's own
            installation of the vendor's server.
        path: what the robot's path begins with.

    Raises:
        ConfigurationError: the address lies elsewhere, or isn't acceptable.
    """
    url = from_environment(options, "url_env", where, required=True)
    target = http_target(options, where, kind, url)
    named = options.get("base_url", base)
    if not isinstance(named, str) or not urlsplit(named).hostname:
        raise ConfigurationError(
            "base_url isn't an address", remedy=f"leave it out for {base}", where=where
        )
    asked, wanted = urlsplit(url), urlsplit(named)
    if (asked.scheme, asked.netloc.lower()) != (wanted.scheme, wanted.netloc.lower()):
        raise ConfigurationError(
            f"the address in {options.get('url_env')} doesn't lie under {named}",
            remedy="copy the robot's address again, or set base_url to your own installation",
            where=where,
        )
    if not asked.path.startswith(wanted.path.rstrip("/") + path):
        raise ConfigurationError(
            f"the address in {options.get('url_env')} isn't that of a {kind} robot",
            remedy=f"it looks like {base}{path}…", where=where,
        )  # fmt: skip
    return target


def read_code(answer: Answer, key: str, target: Target) -> int:
    """The error code of an answer; 0 = taken.

    Raises:
        NotifyFailure: there is none: something between us and the robot answered.
    """
    try:
        document = json.loads(answer.body)
    except ValueError:
        document = None
    code = document.get(key) if isinstance(document, dict) else None
    if isinstance(code, bool) or not isinstance(code, int):
        raise NotifyFailure(
            f"the answer holds no {key}",
            retryable=True, remedy="does a proxy or a sign-on page answer?", where=target.where,
        )  # fmt: skip
    return code


def refuse(code: int, known: Mapping[int, Refusal], target: Target, answer: Answer) -> None:
    """Raise what `code` means, unless it is 0.

    Raises:
        NotifyFailure: always but for 0. The receiver's own words are left out: they may repeat
            what was sent to it.
    """
    if code == 0:
        return
    refusal = known.get(code, Refusal("refused", "look the code up in the receiver's manual"))
    raise NotifyFailure(
        f"{refusal.problem} (code {code})",
        retryable=refusal.retry,
        retry_after=answer.retry_after or refusal.after,
        remedy=refusal.remedy,
        where=target.where,
    )


def secret_and_keyword(options: Mapping[str, object], where: str) -> tuple[str, str]:
    """What signs a robot's messages and the word it insists on; "" where there is none.

    Raises:
        ConfigurationError: the secret's variable isn't set, or the keyword isn't a word.
    """
    secret = from_environment(options, "secret_env", where, required=False)
    keyword = options.get("keyword", "")
    if not isinstance(keyword, str):
        raise ConfigurationError("keyword isn't a word", remedy="keyword: 预警", where=where)
    return secret, keyword
