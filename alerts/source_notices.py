"""What is said of a source's change of state: what, since when, what to do. No figures of posts."""

from __future__ import annotations

from alerts.notices import Kind, Notice
from domain.alerts import Level, Notification
from domain.time import SHANGHAI
from records.source_changes import SourceChange, Subject

#: Head of the message when it begins, and when it is over.
_HEADS = {
    Subject.SILENCE: ("信息源失联", "信息源恢复"),
    Subject.VOLUME: ("信息源数量偏少", "信息源数量恢复"),
    Subject.LICENCE: ("信息源授权到期", "信息源授权恢复"),
    Subject.NOTICE: ("信息源授权将到期", "信息源授权已续"),
    Subject.ROBOTS: ("robots.txt 不允许采集", "robots.txt 恢复允许"),
}
_MEANING = {
    Subject.SILENCE: "其间没有数据，不等于没有帖文。",
    Subject.VOLUME: "可能是来源变化，也可能确实平静，请人工核对。",
    Subject.LICENCE: "停止期间没有数据，不等于没有帖文。",
    Subject.NOTICE: "到期前不影响采集。",
    Subject.ROBOTS: "停止期间没有数据，不等于没有帖文。",
}


def of_change(change: SourceChange, title: str, address: str) -> Notice:
    """The notice of a change; the same change gives the same notice.

    Args:
        title: of the source.
        address: where the pages are, e.g. "http://127.0.0.1:8080".
    """
    head = _HEADS[change.subject][0 if change.bad else 1]
    facts = [("信息源", title), ("起", f"{change.began.astimezone(SHANGHAI):%m-%d %H:%M}")]
    if not change.bad:
        facts.append(("止", f"{change.at.astimezone(SHANGHAI):%m-%d %H:%M}"))
    if change.detail:
        facts.append(("情况", change.detail))
    return Notice(
        Kind.SILENCE,
        Notification(
            key=change.key,
            title=f"【{head}】{title}",
            level=Level.YELLOW if change.bad else Level.BLUE,
            url=f"{address.rstrip('/')}/sources/{change.source}",
            created_at=change.noticed_at,
            facts=(*facts, ("说明", _MEANING[change.subject])),
        ),
    )
