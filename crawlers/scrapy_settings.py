"""Scrapy's settings for one run: polite, bounded, and closed to everything a crawl doesn't need."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crawlers.declared import Common

#: Slowest answer waited for; slower than any news site, faster than the run's own limit.
DOWNLOAD_TIMEOUT = 20.0
#: What the spider keeps for closing and committing, out of the declaration's timeout.
CLOSING_TIME = timedelta(seconds=10)
#: Longest pause AutoThrottle may choose.
MAX_DELAY = 30.0
#: Site → list page → article, and the list's paging, one step a page.
DEPTH_LIMIT = 210
REDIRECTS = 5
#: Switched off by name, so that they aren't even imported: together 0.9 s of start-up, because
#: the remote control brings aiohttp and cookies bring tldextract.
_UNUSED_EXTENSIONS = dict.fromkeys(
    (
        "scrapy.extensions.telnet.TelnetConsole",
        "scrapy.extensions.remote_control.RemoteControl",
        "scrapy.extensions.memdebug.MemoryDebugger",
        "scrapy.extensions.memusage.MemoryUsage",
        "scrapy.extensions.feedexport.FeedExporter",
        "scrapy.extensions.logstats.LogStats",
        "scrapy.extensions.spiderstate.SpiderState",
    )
)
_UNUSED_MIDDLEWARES = dict.fromkeys(
    (
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
        "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware",
        "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware",
        "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware",
    )
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
        "DEPTH_LIMIT": DEPTH_LIMIT,
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
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "crawlers.guards.AllowedHosts": 50,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawlers.guards.Robots": 100,
            **_UNUSED_MIDDLEWARES,
        },
        "ITEM_PIPELINES": {"crawlers.pipeline.IngestPipeline": 100},
        # Closed doors; cookies, telnet and remote control are off by the tables above.
        "DOWNLOAD_HANDLERS": {"file": None, "data": None, "ftp": None, "s3": None},
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        # Logs name ids, never a text.
        "LOG_LEVEL": "WARNING",
        "LOG_FORMATTER": "crawlers.guards.QuietFormatter",
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "EXTENSIONS": _UNUSED_EXTENSIONS,
        "STATS_DUMP": False,
    }
