"""What its author wrote of a repost or a comment, which carry what they answer behind “//”.

Comments of one post are no copies of each other, though each carries the post. A repost without a
word of its own is a copy of what it passes on.
"""

from __future__ import annotations

import re

from domain.posts import Post, PostKind

_CARRYING = frozenset({PostKind.REPOST, PostKind.COMMENT})
#: The slashes of a link begin no quotation.
_QUOTATION = re.compile(r"(?<!:)//+")
#: What says nothing: mentions, placeholders, emoticons, links, signs, and that it was passed on.
_SILENT = re.compile(
    r"[@＠][\w·\-]{1,30}|@?〔[^〔〕\n]{1,8}〕|\[[^\W\d_]{1,8}\]|https?:|网页链接|[\W_]+",
    re.IGNORECASE,
)
_PASSED_ON = frozenset(
    ("", "转发微博", "轉發微博", "转发", "轉發", "快转", "转", "repost", "分享", "回复", "回覆")
)


def own_words(text: str) -> str:
    """The first part between “//” that says something; `text` itself when none does."""
    if "//" not in text:
        return text
    parts = _QUOTATION.split(text)
    return next((part for part in parts if _SILENT.sub("", part).lower() not in _PASSED_ON), text)


def compared(post: Post) -> str:
    """The text that tells whether `post` is a copy; a title is part of it."""
    return own_words(post.full_text) if post.kind in _CARRYING else post.full_text
