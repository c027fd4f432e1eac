"""Does a rejected item hold a deleted post's words? For items whose id was never known.

A quarantined fragment is raw: tags, escapes, any charset. The post we hold is redacted. So what is
looked for is a run of its words that nothing was taken out of.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from domain.posts import Post

#: Characters of a run: twelve in a row hardly ever occur in two unrelated Chinese texts.
_RUN = 12
_LEAST = 4
_WORDS = re.compile(r"\w+")
_TAG = re.compile(r"<[^<>]*>")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def traces(posts: Iterable[Post]) -> frozenset[str]:
    """Runs of words by which the posts can be found again, at most one of title and text each.

    A text without a run of four is left out: it can't be told from others.
    """
    found = set()
    for post in posts:
        for words in (post.title, post.text):
            longest = max(_WORDS.findall(words), key=len, default="")
            middle = max(0, (len(longest) - _RUN) // 2)
            found.add(longest[middle : middle + _RUN])
    return frozenset(run for run in found if len(run) >= _LEAST)


def holds(raw: bytes, runs: Iterable[str]) -> bool:
    """Whether any of `runs` stands in `raw`, whatever its charset, tags and escapes."""
    for charset in ("utf-8", "gb18030"):
        text = raw.decode(charset, "replace")
        bare = _TAG.sub("", html.unescape(_ESCAPE.sub(_character, text)))
        if any(run in text or run in bare for run in runs):
            return True
    return False


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16))
