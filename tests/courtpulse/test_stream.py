"""A bought stream through the whole chain: counted by its share, deleted when it says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from courtpulse.flow import opened
from courtpulse.settings import Settings
from crawlers.inbox import Inbox
from demo.model import Author, WeiboPost
from demo.servers.licensed import start_licensed
from demo.servers.weibo_push import Subscription
from domain.deletion import DeletionReason
from domain.protocols import Query
from domain.sources import Health
from text.weibo_ids import mint_mid


class Board:
    """Three posts, a minute apart."""

    def __init__(self) -> None:
        self.held: list[WeiboPost] = []
        for number in range(3):
            moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10 - number)
            text = f"云岫区法院物业费案第{number}次开庭，独一无二的话{number}号"
            author = Author(1_000_000_001 + number, "示例用户", 7)
            self.held.append(WeiboPost(mint_mid(moment, number), moment, author, text, "noise"))

    def posts(self, until: datetime) -> list[WeiboPost]:
        return [post for post in self.held if post.moment <= until]

    def articles(self, until: datetime) -> list[Any]:
        return []

    def notices(self, until: datetime) -> list[Any]:
        return []


def declare(folder: Path, url: str) -> None:
    folder.mkdir()
    document = {
        "title": "微博推送", "kind": "weibo_push", "platform": "weibo", "owner": "新闻办公室",
        "basis": "微博商业数据订阅合同，限本院舆情工作使用", "license_ref": "试验合同第1号",
        "schedule": {"every": "5m"}, "endpoint": f"{url}/commercial/push", "subid": "10542",
        "percentage": 10, "keywords": ["法院"], "listen": "300ms", "delay": "0s",
    }  # fmt: skip
    text = yaml.safe_dump(document, allow_unicode=True)
    (folder / "push.yml").write_text(text, encoding="utf-8")


def told(settings: Settings) -> int:
    """How many posts lie in the inbox."""
    inbox = Inbox(str(settings.folder / "inbox"))
    return sum(1 for name in inbox.pending() for _ in inbox.read(name))


def test_a_deletion_in_the_stream_reaches_every_place(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    board = Board()
    with start_licensed(board, order=Subscription(quiet=0.1)) as servers:
        declare(tmp_path / "sources", servers.urls["push"])
        settings = Settings(data=tmp_path / "data", sources=(tmp_path / "sources",))
        with opened(settings) as flow:
            flow.register_sources()
            while flow.collect("push").gap is None and len(board.held) > told(settings):
                pass
            for batch in flow.batches():
                flow.annotate(batch)
            assert flow.rooms.store.total(Query()) == 3
            [status] = flow.rooms.records.runs.statuses()
            assert (status.health, status.sample_rate) == (Health.SAMPLED, 0.1)
            servers.delete(board.held[1].mid)
            while not flow.rooms.records.deletions.recent():
                assert flow.collect("push").gap is None
            left = flow.rooms.store.search(Query()).posts
            assert sorted(item.post.text[-2:] for item in left) == ["0号", "2号"]
            [deletion] = flow.rooms.records.deletions.recent()
            assert (deletion.reason, deletion.source) == (DeletionReason.PUSHED, "push")
        inbox = Inbox(str(settings.folder / "inbox"))
        kept = [one.post.text for name in inbox.committed() for one in inbox.read(name)]
        assert len(kept) == 2
        for path in settings.folder.rglob("*"):
            if path.is_file():
                assert "独一无二的话1号".encode() not in path.read_bytes(), path
