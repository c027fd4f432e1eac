"""Who wrote a letter stays out of it: names and telephones of its sender, wherever they stand.

What the export's own columns (or a mail's header) say of the sender is replaced literally; what a
letter says of itself, in the forms letters have, is read and replaced too. Other identifiers are
the business of `text.redaction`, which every text passes anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

#: What stands in place of the sender.
PLACEHOLDER = "〔来信人〕"
#: A single character would be replaced all over the text.
_SHORTEST = 2
_LONGEST = 40
_SAID = re.compile(
    r"(?:姓名|来信人|留言人|反映人|投诉人|申请人|联系人|记者|采访人|署名)\s{0,2}[:：]\s{0,2}"
    r"([\u4e00-\u9fff·]{2,6})"
)
_CLOSING = re.compile(
    r"(?:此致\s{0,4}敬礼[!！。]?|敬上|谢谢[!！。]?|盼复[!！。]?|祝好[!！。]?)\s{0,6}\n\s{0,6}([\u4e00-\u9fff·]{2,4})\s{0,4}(?:\n|\Z)"
)
#: Where a mail ends and what it answers, or a signature, begins.
_END = re.compile(
    r"^(?:-- ?$|-{3,}\s?(?:原始邮件|Original Message|转发邮件|Forwarded)|发件人[:：]|From:|在.{4,60}写道[:：]\s*$|On .{4,80}wrote:\s*$)",
    re.MULTILINE,
)
_QUOTED = re.compile(r"^>.*\n?", re.MULTILINE)


def without_sender(text: str, known: Iterable[str]) -> str:
    """`text` with the sender's names and numbers replaced.

    Args:
        known: what other columns or the header say of the sender.
    """
    named = {name for value in known if (name := value.strip())}
    said = {found for pattern in (_SAID, _CLOSING) for found in pattern.findall(text)}
    for form in sorted(_forms(named | said), key=lambda form: (-len(form), form)):
        text = text.replace(form, PLACEHOLDER)
    return text


def own_words(text: str) -> str:
    """A mail's text without what it quotes and without the signature behind ``--``."""
    found = _END.search(text)
    return _QUOTED.sub("", text[: found.start()] if found else text).strip()


def _forms(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        if _SHORTEST <= len(value) <= _LONGEST and value != PLACEHOLDER:
            yield value
            bare = value.removesuffix("先生").removesuffix("女士").removesuffix("记者")
            if len(bare) >= _SHORTEST:
                yield bare
