"""Whether a source may run now: its licence must hold. Asked at every door, before any request."""

from __future__ import annotations

from datetime import datetime

from crawlers.declared import Common
from crawlers.failures import SourceBlind
from domain.ledger import LicenceState, RobotsReading, RobotsVerdict, licence_state
from domain.sources import GapReason


def stopped(declaration: Common, now: datetime) -> SourceBlind | None:
    """Why the source may not run at `now`, in words that say what to do; None when it may.

    A declaration without a basis never gets here: it is refused when it is read.
    """
    until = declaration.license_until
    if licence_state(declaration.license_ref, until, now) is not LicenceState.EXPIRED:
        return None
    assert until is not None
    named = f"（{declaration.license_ref}）" if declaration.license_ref else ""
    return SourceBlind(
        GapReason.LICENCE_EXPIRED,
        f"授权{named}已于 {until.year}年{until.month}月{until.day}日到期，已停止采集；"
        "续签后在声明文件中更新 license_until",
        where=declaration.source,
    )


def unasked(declaration: Common, now: datetime, *, crawled: bool) -> RobotsReading | None:
    """The reading of a source whose robots.txt is not asked; None when it is asked.

    Args:
        crawled: requests are made at all; an import only reads files.
    """
    if not crawled:
        return RobotsReading("", RobotsVerdict.NOT_CRAWLED, now, detail="文件导入，不访问网站")
    if declaration.robots == "granted":
        return RobotsReading(
            "",
            RobotsVerdict.GRANTED,
            now,
            detail=f"凭书面授权（{declaration.license_ref}）调用接口",
        )
    return None
