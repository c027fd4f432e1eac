"""Scrapy's settings for one run: polite, bounded, and closed to everything a crawl doesn't need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from scrapy.settings import default_settings

from crawlers.declared import Common

#: Slowest answer waited for; slower than any news site, faster than the run's own limit.
DOWNLOAD_TIMEOUT = 20.0
#: What the spider keeps for closing and committing, out of the declaration's timeout.
CLOSING_TIME = timedelta(seconds=10)
#: Longest pause AutoThrottle may choose.
MAX_DELAY = 30.0
#: Site → list page → article, and the list's paging, one step a page.
#: A query's pieces follow each other, too: `max_requests` bounds them, not this.
DEPTH_LIMIT = 210
REDIRECTS = 5
#: Left out of Scrapy's own tables. Switching them off by name would import each of them first:
#: together 0.9 s of start-up, because the remote control brings aiohttp and cookies tldextract.
_UNUSED_EXTENSIONS = (
    "scrapy.extensions.telnet.TelnetConsole",
    "scrapy.extensions.remote_control.RemoteControl",
    "scrapy.extensions.memdebug.MemoryDebugger",
    "scrapy.extensions.memusage.MemoryUsage",
    "scrapy.extensions.feedexport.FeedExporter",
    "scrapy.extensions.logstats.LogStats",
    "scrapy.extensions.spiderstate.SpiderState",
)
_UNUSED_MIDDLEWARES = (
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware",
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware",
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware",
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware",
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware",
)


def user_agent(contact: str) -> str:
    """Say who we are and where to complain."""
    return f"courtpulse/0.1 (+{contact})" if contact else "courtpulse/0.1"


def settings_for(declaration: Common, contact: str) -> dict[str, Any]:
    """Everything that differs from Scrapy's defaults, as plain values.

    Args:
        contact: address of a page or mailbox, required for pages of others by politeness.
    """
    delay = declaration.delay.total_seconds()
    limit = declaration.timeout.total_seconds()
    closing = min(CLOSING_TIME.total_seconds(), limit / 4)
    return {
        # Manners.
        "USER_AGENT": user_agent(contact),
        "ROBOTSTXT_OBEY": declaration.robots == "obey",
        "ROBOTSTXT_USER_AGENT": "courtpulse",
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_MAX_DELAY": max(MAX_DELAY, delay),
        "DOWNLOAD_DELAY": delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
        "DEFAULT_REQUEST_HEADERS": {"Accept-Language": "zh-CN,zh;q=0.9"},
        # Bounds. A timeout is not retried: the next run is minutes away.
        "DOWNLOAD_TIMEOUT": min(DOWNLOAD_TIMEOUT, limit / 2),
        "DOWNLOAD_MAXSIZE": declaration.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DNS_TIMEOUT": 10,
        "DEPTH_LIMIT": max(DEPTH_LIMIT, getattr(declaration, "max_requests", 0)),
        "REDIRECT_MAX_TIMES": REDIRECTS,
        "RETRY_TIMES": 1,
        "RETRY_HTTP_CODES": [500, 502, 503, 504],
        "RETRY_EXCEPTIONS": [
            "scrapy.exceptions.DownloadFailedError",
            "scrapy.exceptions.ResponseDataLossError",
        ],
        "CLOSESPIDER_TIMEOUT": limit - closing,
        # Nothing may vanish without a word: our own guards answer what Scrapy would drop.
        "HTTPERROR_ALLOW_ALL": True,
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "DOWNLOADER_MIDDLEWARES_BASE": _without(
            default_settings.DOWNLOADER_MIDDLEWARES_BASE, _UNUSED_MIDDLEWARES
        ),
        "DOWNLOADER_MIDDLEWARES": {
            "crawlers.guards.AllowedHosts": 50,
            "crawlers.guards.Robots": 100,
        },
        "ITEM_PIPELINES": {"crawlers.pipeline.IngestPipeline": 100},
        # Closed doors; cookies, telnet and remote control are off by the tables above.
        "DOWNLOAD_HANDLERS": {"file": None, "data": None, "ftp": None, "s3": None},
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        # Logs name ids, never a text.
        "LOG_LEVEL": "WARNING",
        "LOG_FORMATTER": "crawlers.guards.QuietFormatter",
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "EXTENSIONS_BASE": _without(default_settings.EXTENSIONS_BASE, _UNUSED_EXTENSIONS),
        "STATS_DUMP": False,
    }


def _without(table: Mapping[str, int], unused: Sequence[str]) -> dict[str, int]:
    """One of Scrapy's tables of components without what we replace or don't need.

    Raises:
        KeyError: Scrapy has renamed a component that must stay closed.
    """
    kept = dict(table)
    for name in unused:
        del kept[name]
    return kept
