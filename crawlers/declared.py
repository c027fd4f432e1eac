"""What a source's YAML says, as frozen dataclasses without Scrapy in them.

The same dataclasses validate the YAML (`crawlers.declarations`) and travel to the spider's process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer

from crawlers.placeholders import meant, meant_reference
from domain.posts import Platform

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _read_duration(value: object) -> object:
    """``90s``, ``5m``, ``24h`` → timedelta; a bare number is refused by the caller's strictness."""
    if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
        return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    if isinstance(value, int | float):
        raise ValueError(f"{value} has no unit: write 30s, 5m or 24h")
    return value


def _check_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an http(s) address")
    if parts.username or parts.password:
        raise ValueError("holds a user name or password: put credentials into the environment")
    return value


def _check_template(value: str) -> str:
    if value and "{page}" not in value:
        raise ValueError("holds no {page}")
    return _check_url(value) if value else value


Text = Annotated[str, Field(min_length=1)]
Meant = Annotated[str, Field(min_length=1), AfterValidator(meant)]
Duration = Annotated[
    timedelta,
    BeforeValidator(_read_duration),
    PlainSerializer(lambda value: f"{value.total_seconds()}s"),
    Field(ge=timedelta(0)),
]
Url = Annotated[str, AfterValidator(_check_url)]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Natural = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strict:
    """Unknown keys and values of the wrong type are errors."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(Strict):
    """When the source is asked: exactly one of the two.

    Attributes:
        every: interval, e.g. ``5m``.
        cron: five fields, Asia/Shanghai.
    """

    every: Duration | None = None
    cron: Annotated[str, Field(pattern=r"^(\S+ ){4}\S+$")] | None = None

    def __post_init__(self) -> None:
        if (self.every is None) == (self.cron is None):
            raise ValueError("give either every or cron")
        if self.every is not None and self.every < timedelta(seconds=1):
            raise ValueError("every is shorter than a second")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect(Strict):
    """What a healthy source looks like; outside these bounds it counts as blind.

    Attributes:
        min_items: items a run must see. Default: 1 for feed and site, whose lists are never
            empty, 0 for a search. An unchanged feed (304) is exempt.
        max_items: more than this in one run means that the page changed and rubbish was read.
        min_items_per_day: new items in the last 24 hours, checked after a day of running.
        max_silence: longest time since the newest item's publication.
        min_text_chars: a shorter body is a failed extraction and goes to the quarantine.
    """

    min_items: Natural | None = None
    max_items: Positive | None = None
    min_items_per_day: Positive | None = None
    max_silence: Duration | None = None
    min_text_chars: Natural = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors(Strict):
    """CSS selectors; those of the article may stay empty, then the extractor reads it.

    Attributes:
        link: the links of the list page.
        next: link to the next list page.
        title, published, text: parts of the article.
    """

    link: Text
    next: str = ""
    title: str = ""
    published: str = ""
    text: str = ""


def _kept(retention: timedelta) -> timedelta:
    if not timedelta(days=7) <= retention <= timedelta(days=180):
        raise ValueError(
            "is 7d to 180d: rejected items stay seven days whatever their source, so less can't be "
            "promised, and no post is kept longer than 180 days"
        )
    return retention


@dataclass(frozen=True, slots=True, kw_only=True)
class Common(Strict):
    """Keys that every kind has.

    Attributes:
        source: file stem; the name of the source everywhere.
        title: Chinese name for pages and reports.
        basis: legal footing in words (which public page, licence or contract).
        license_ref: number of the contract or grant.
        license_until: its last day (Asia/Shanghai); the day after, the source stops.
        retention: how long its posts are kept: 7 days, as rejected items are, to the 180 days of
            practice.md §6.
        robots: "obey"; "granted" only for an interface that we call under a written grant.
        owner: who in the house answers for this source.
        timeout: the whole run is killed after it.
        pool: name of the Airflow pool; "" means one for the host.
        hosts: further hosts that links and redirects may lead to.
        delay: least time between two requests to one host; AutoThrottle only lengthens it.
        sample_rate: share of the stream the source delivers, (0, 1].
        credentials: what for → name of the environment variable.
        backfill: how far the first run looks back.
        max_bytes: largest body accepted.
    """

    source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    platform: Platform
    basis: Meant
    owner: Meant
    schedule: Schedule
    license_ref: str = ""
    license_until: date | None = None
    retention: Annotated[Duration, AfterValidator(_kept)] = timedelta(days=180)
    robots: Literal["obey", "granted"] = "obey"
    enabled: bool = True
    timeout: Duration = timedelta(minutes=2)
    pool: str = ""
    hosts: tuple[str, ...] = ()
    delay: Duration = timedelta(seconds=1)
    sample_rate: Annotated[float, Field(gt=0, le=1)] = 1.0
    credentials: dict[str, EnvironmentName] = field(default_factory=dict)
    expect: Expect = field(default_factory=Expect)
    backfill: Duration = timedelta(hours=24)
    max_bytes: Positive = 5_000_000

    @property
    def addresses(self) -> tuple[str, ...]:
        """Addresses the source is asked at first; none for an import."""
        return ()

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Hosts that requests may go to; anything else is refused, redirects included."""
        own = {urlsplit(url).hostname or "" for url in self.addresses}
        return frozenset(own | {host.lower() for host in self.hosts})

    @property
    def pool_name(self) -> str:
        """Name of the pool that keeps two sources of one host apart in time."""
        host = urlsplit(self.addresses[0]).hostname if self.addresses else None
        return self.pool or (host or self.source).replace(".", "_")

    def _check_grant(self) -> None:
        if not self.license_ref:
            raise ValueError(f"license_ref is required for kind {getattr(self, 'kind', '')}")
        if self.enabled:  # the templates that ship are disabled and say what belongs there
            meant_reference(self.license_ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crawled(Common):
    """Public pages: robots.txt is always obeyed."""

    urls: Annotated[tuple[Url, ...], Field(min_length=1)]

    def __post_init__(self) -> None:
        if self.robots != "obey":
            raise ValueError("robots: only obey is possible for public pages")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The feeds or list pages."""
        return self.urls


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource(_Crawled):
    """RSS or Atom; also how public accounts arrive, through a feed bridge."""

    kind: Literal["feed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSource(_Crawled):
    """List page → article.

    Attributes:
        pages: address of list page n ≥ 2, with ``{page}``; only with one address in `urls`.
        max_pages: list pages read at most; what lies beyond becomes a gap.
    """

    kind: Literal["site"]
    selectors: Selectors
    pages: Annotated[str, AfterValidator(_check_template)] = ""
    max_pages: Annotated[int, Field(ge=1, le=100)] = 3

    def __post_init__(self) -> None:
        # Named class, because slots=True makes a new class that bare super() doesn't know.
        _Crawled.__post_init__(self)
        if self.pages and (self.selectors.next or len(self.urls) > 1):
            raise ValueError("pages goes with one address in urls and without selectors.next")


@dataclass(frozen=True, slots=True, kw_only=True)
class Windowed(Common):
    """Interfaces that are asked for a stretch of publication time.

    Attributes:
        max_pages: pages read of one search, at most as many as the interface shows; a window that
            holds more is asked for in pieces.
        overlap: how far a window reaches into the one before; searches index late.
        least_span: shortest piece of time a window is cut into.
        max_requests: requests a run makes at most; what is left is gone on with in the next.
    """

    max_pages: Annotated[int, Field(ge=1, le=200)] = 20
    overlap: Duration = timedelta(minutes=10)
    least_span: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(seconds=10)
    max_requests: Positive = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class WeiboSource(Windowed):
    """Official search of the Weibo open platform (sources.md A), under a grant.

    Attributes:
        endpoint: address of ``statuses.json`` or ``statuses/limited.json``.
        queries: search words; each is a request of its own.
        count: posts a page, at most 50 by the interface.
    """

    kind: Literal["weibo_api"]
    endpoint: Url
    queries: Annotated[tuple[Text, ...], Field(min_length=1)]
    count: Annotated[int, Field(ge=1, le=50)] = 50
    robots: Literal["obey", "granted"] = "granted"

    def __post_init__(self) -> None:
        self._check_grant()
        if "access_token" not in self.credentials:
            raise ValueError("credentials.access_token must name an environment variable")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The search interface."""
        return (self.endpoint,)


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonSource(Windowed):
    """Public hashtag timelines of a Mastodon-compatible server (sources.md G).

    Attributes:
        instance: address of the server, without a path.
        tags: hashtags without ``#``; each is a timeline of its own.
        limit: statuses a page, at most 40 by the interface.
        local: only what was written on this server.
    """

    kind: Literal["mastodon"]
    instance: Url
    tags: Annotated[tuple[Text, ...], Field(min_length=1)]
    limit: Annotated[int, Field(ge=1, le=40)] = 40
    local: bool = False

    def __post_init__(self) -> None:
        if self.robots == "granted":
            self._check_grant()
        if urlsplit(self.instance).path.strip("/"):
            raise ValueError("instance has a path: give the server's address alone")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The first page of each timeline."""
        local = "&local=true" if self.local else ""
        root = self.instance.rstrip("/")
        return tuple(
            f"{root}/api/v1/timelines/tag/{quote(tag, safe='')}?limit={self.limit}{local}"
            for tag in self.tags
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSource(Common):
    """Files of a licensed vendor, the hotline or the court's own inbox.

    Attributes:
        files: glob patterns, relative to the import folder of the settings.
        mapping: name of a column mapping in ``crawlers/mappings`` or path of one.
    """

    kind: Literal["import"]
    files: Annotated[tuple[Text, ...], Field(min_length=1)]
    mapping: Text

    def __post_init__(self) -> None:
        self._check_grant()
