"""The spider's process: ``python -m crawlers.child RESULT < job.json``.

A process of its own for each run, because Twisted's reactor can't be started twice, and because
what a hostile page makes a parser do then dies with the run.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess

from crawlers.heap import settle
from crawlers.inbox import Inbox
from crawlers.ingest import Ingest
from crawlers.jobs import Job, Outcome, job_form, outcome_form
from crawlers.kinds import recheck_class, spider_class
from crawlers.quarantine import Quarantine
from crawlers.report import Report, fault_of
from crawlers.scrapy_settings import settings_for
from crawlers.state import SourceState
from crawlers.tokens import TokenKeys
from domain.errors import ConfigurationError, CourtpulseError
from domain.time import Clock


def main(result: Path) -> int:
    """Run the job on standard input and write its outcome to `result`, even when it fails."""
    job = job_form().validate_json(sys.stdin.buffer.read())
    try:
        outcome = crawl(job)
    except (CourtpulseError, OSError) as error:
        outcome = _outcome(job, Report(fault=error))
    result.write_bytes(outcome_form().dump_json(outcome))
    return 0


def crawl(job: Job) -> Outcome:
    """Run the declared spider to its end.

    Raises:
        CourtpulseError, OSError: folders can't be used, a spider's file is wrong.
    """
    clock = _clock_from(job.now)
    places = job.places
    ingest = Ingest(
        Inbox(places.inbox, clock),
        TokenKeys(places.tokens, clock),
        Quarantine(places.quarantine, clock),
        clock,
    )
    state = SourceState.load(job.state_path)
    settings = settings_for(job.declaration, job.contact)
    if job.recheck:
        # Nothing is collected, so nothing is judged, committed or remembered.
        settings |= {"ITEM_PIPELINES": {}}
        spider_type = recheck_class(job.declaration)
    elif job.ask_robots:
        from crawlers.spiders.robots_check import RobotsCheck

        settings |= {"ITEM_PIPELINES": {}, "COURTPULSE_ASK_ROBOTS": True}
        spider_type = RobotsCheck
    else:
        spider_type = spider_class(job.declaration, *([places.sites] if places.sites else []))
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(spider_type)
    process.crawl(crawler, job=job, state=state, ingest=ingest, clock=clock)
    settle()
    process.start()
    spider: Any = crawler.spider
    if spider is None:
        raise ConfigurationError(
            "the spider did not start", remedy="see the log above", where=job.declaration.source
        )
    return replace(_outcome(job, spider.report), robots=tuple(spider.robots.readings()))


def _outcome(job: Job, report: Report) -> Outcome:
    blind = report.blind
    covered_from = report.covered_from or job.window_start
    return Outcome(
        requests=report.asked,
        seen=report.seen,
        new=report.new,
        rejected=report.rejected,
        covered_from=max(covered_from, job.window_start),
        reason=blind.reason if blind else None,
        detail=blind.detail if blind else "",
        segments=tuple(report.segments),
        fault=fault_of(report.fault) if report.fault else None,
        gone=tuple(report.gone),
        present=report.present,
        hearings=tuple(report.hearings.values()),
        volumes=tuple(report.volumes),
        planned=report.planned,
        holes=tuple(report.holes),
        unfinished=report.unfinished,
        captures=tuple(report.captures),
        heard_until=report.heard_until,
    )


def _clock_from(now: datetime) -> Clock:
    """A clock that goes on from the caller's, which may be a test's or a replay's."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
