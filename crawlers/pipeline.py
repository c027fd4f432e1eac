"""Where spiders end: items into ingest, and, when the spider closes, one commit.

The order makes a kill harmless: first the segment, then what was deleted, then the state, last the
parent's run log. Who dies in between delivers again what was delivered, and the same post has the
same id.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

from crawlers.deaths import deadly, item_place
from crawlers.deletions import Deletions
from crawlers.failures import SourceBlind
from crawlers.ingest import Ingest
from crawlers.items import RawItem
from crawlers.report import Malformed, Report, judge
from crawlers.state import SourceState, key_of
from domain.errors import BadInput, CourtpulseError
from domain.sources import GapReason


class IngestPipeline:
    """Hands items over, skips versions that were delivered before, commits once."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self.finish, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> IngestPipeline:
        """Scrapy's way of making a pipeline."""
        return cls(crawler)

    def process_item(self, item: RawItem | Malformed) -> RawItem | Malformed:
        """Take one item. An error of ours gives the run up: it is kept for the parent to raise."""
        spider = self._spider
        if spider.report.fault is not None:
            return item
        try:
            if isinstance(item, Malformed):
                self._reject(item)
            else:
                self._accept(item)
        except (CourtpulseError, OSError) as error:
            spider.report.fault = error
            # Not awaited: closing waits for this very item to be done.
            self._closing = asyncio.ensure_future(
                self._crawler.engine.close_spider_async(reason="fault")
            )
        return item

    def finish(self, reason: str) -> None:
        """Commit the segment, judge the run, save the state; in this order.

        On Scrapy's last signal, because only that tells why the spider closed.
        """
        spider = self._spider
        report: Report = spider.report
        state: SourceState = spider.state
        if report.fault is not None:
            return
        if reason == "closespider_timeout":
            report.fail(SourceBlind(GapReason.TIMEOUT, "超过本来源的时限，已保存取得的部分"))
        elif reason != "finished":
            report.fail(SourceBlind(GapReason.NOT_RUN, f"采集被中止（{reason}）"))
        now = spider.clock()
        try:
            report.segments = self._ingest.commit()
            Deletions(spider.job.places.state, spider.name).add(report.gone)
            spider.settle()
            state.note_run(now, report.new, report.newest)
            judge(report, spider.declaration, state, now)
            if report.blind is not None:
                # "Unchanged" next time would say that all is well again.
                state.validators.clear()
            state.save(spider.job.state_path)
        except (CourtpulseError, OSError) as error:
            report.fault = error

    def _accept(self, item: RawItem) -> None:
        report, state = self._spider.report, self._spider.state
        report.seen += 1
        key = key_of(item)
        content = f"{item.title}\x1f{item.text}\x1f{item.published_at.isoformat()}"
        if state.knows_version(key, content):
            report.note_published(item.published_at)
            return
        if state.knows(key) and item.edited_at is None:
            item = replace(item, edited_at=item.fetched_at)
        before = self._ingest.tally
        place = item_place(key)
        if place in self._spider.left_out:
            self._ingest.set_aside(item, deadly())
        else:
            with self._spider.place.at(place):
                self._ingest.accept(item)
        after = self._ingest.tally
        report.new += after.new - before.new
        report.rejected += after.rejected - before.rejected
        if after.rejected == before.rejected:
            # A rejected date (1970, the future) must not pass for the source's latest sign of life.
            report.note_published(item.published_at)
        state.remember(key, content)

    def _reject(self, item: Malformed) -> None:
        report, state = self._spider.report, self._spider.state
        report.seen += 1
        key, content = f"malformed {item.key}", repr(item.raw)
        if state.knows_version(key, content):
            return
        error = BadInput(item.problem, remedy=item.remedy, where=item.where)
        self._ingest.reject(self._spider.declaration.source, item.raw, error, item.where)
        report.rejected += 1
        state.remember(key, content)

    @property
    def _spider(self) -> Any:
        return self._crawler.spider

    @property
    def _ingest(self) -> Ingest:
        ingest: Ingest = self._spider.ingest
        return ingest
