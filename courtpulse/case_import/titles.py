"""What a case is called where its name goes out with alerts: persons by surname, as in public rulings.

A court's system calls a case 梁砚岚诉邬启崧离婚纠纷一案, often without naming the parties anywhere
else. So the parties are also found by the form of such a title: what stands before the cause, taken
apart at 诉, 与, 被告人 and the like. Without a cause only what begins with a surname counts as a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.cases import Litigant
from text import causes
from text.masking import SURNAMES, mask_person

#: The end that says which instance and kind: 一审民事一案.
_END = re.compile(
    r"(?:首次|恢复)?(?:一审|二审|再审|执行|申请再审)?(?:刑事|民事|行政)?(?:一?案件?|纠纷案)?$"
)
_BETWEEN = re.compile(
    r"(\s+|[诉与和及、，,;；:：]|涉嫌|犯(?!罪)|申请执行|(?<!被)申请(?!人|执行人)"
    r"|(?:被?上诉|被?申请|被?执行|申请执行|第三)人|原告|被告人?|罪犯)"
)


def masked_title(title: str, litigants: Iterable[Litigant]) -> str:
    """`title` with every person in it by surname; offices and companies stay."""
    for one in sorted(litigants, key=lambda one: -len(one.name)):
        title = title.replace(one.name, mask_person(one.name))
    body = title[: match.start()] if (match := _END.search(title)) else title
    cause = next((at for at in range(len(body)) if causes.kind_of_case(body[at:])), None)
    head = body if cause is None else body[:cause]
    parts = _BETWEEN.split(head)
    sure = cause is not None or len(parts) > 1
    for place in range(0, len(parts), 2):  # what stands between them is at the odd places
        if sure or parts[place][:1] in SURNAMES:
            parts[place] = mask_person(parts[place])
    return "".join(parts) + title[len(head) :]
