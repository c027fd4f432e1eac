"""The ledger as a sheet for the file: one row a source, credentials by name only."""

from __future__ import annotations

from datetime import datetime

from desk.services import Services
from desk.views.ledger import VERDICTS, LedgerLine, lines
from desk.wording import PLATFORMS
from domain.time import SHANGHAI
from text.sheets import as_csv

HEADINGS = (
    "信息源", "名称", "平台", "类型", "启用", "采集依据", "授权编号", "授权截止", "授权状态",
    "robots 结论", "robots 询问", "责任人", "保存期限（天）", "采样比例", "凭据变量", "采集地址", "状态",
    "近 7 天覆盖", "声明文件", "导出时间",
)  # fmt: skip


def ledger_csv(services: Services) -> str:
    """The whole ledger as of now."""
    stamp = services.clock().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return as_csv(HEADINGS, [(*_row(line), stamp) for line in lines(services)])


def _row(line: LedgerLine) -> tuple[str, ...]:
    entry = line.entry
    platforms = {platform.value: word for platform, word in PLATFORMS.items()}
    return (
        entry.source,
        entry.title,
        platforms.get(entry.platform, entry.platform),
        entry.kind,
        "是" if entry.enabled else "否",
        entry.basis,
        entry.license_ref,
        entry.license_until.isoformat() if entry.license_until else "",
        line.licence[1],
        "；".join(VERDICTS[one.reading.verdict][1] for one in line.verdicts) or "尚未询问",
        "；".join(_asked(one.reading.address, one.reading.fetched_at) for one in line.verdicts),
        entry.owner,
        str(entry.retention.days),
        f"{entry.sample_rate:g}",
        "；".join(f"{use}={name}" for use, name in sorted(entry.credentials.items())),
        "；".join(entry.addresses),
        line.sign.words if line.sign else "未启用",
        line.week.words,
        entry.declared_in,
    )


def _asked(address: str, at: datetime) -> str:
    return f"{address or '—'}（{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}）"
