"""Declarations of what is bought: Weibo's subscription stream, comments, a licensed vendor.

Limits are those of the public documentation (docs/sources.md says where).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from crawlers.declared import Common, Duration, Positive, Text, Url, Windowed

Number = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
SourceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]

#: What a stream's run needs besides listening: start, last answer, commit.
_AROUND = timedelta(seconds=15)
#: The vendor allows ten requests a second.
_VENDOR_DELAY = timedelta(milliseconds=100)
#: The vendor is asked for whole days.
_DAY = timedelta(days=1)


def _need(credentials: dict[str, str], *names: str) -> None:
    for name in names:
        if name not in credentials:
            raise ValueError(f"credentials.{name} must name an environment variable")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeiboPushSource(Common):
    """The subscription stream of Weibo's commercial interface (sources.md A, push).

    What is subscribed is set at the platform; here it stands for the ledger and is checked.

    Attributes:
        endpoint: address of ``commercial/push``.
        subid: number of the subscription.
        percentage: share of the matching posts that the subscription delivers, as agreed with the
            platform, (0, 100]. Without one the platform delivers 1 %; it becomes `sample_rate`.
        keywords, users, domains: the subscription's conditions; at least one of all.
        listen: how long a run reads.
        keeps: how long the platform redelivers what was missed (three days; five minutes for the
            older ``datapush/status``).
        lookup: address of ``search/statuses/limited.json``, for re-checks; "" without that grant.
    """

    kind: Literal["weibo_push"]
    endpoint: Url
    subid: Number
    percentage: Annotated[float, Field(gt=0, le=100)]
    keywords: Annotated[tuple[Text, ...], Field(max_length=20_000)] = ()
    users: Annotated[tuple[Number, ...], Field(max_length=10_000)] = ()
    domains: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    listen: Annotated[Duration, Field(ge=timedelta(milliseconds=100))] = timedelta(seconds=90)
    keeps: Duration = timedelta(hours=72)
    lookup: Url | Literal[""] = ""
    robots: Literal["obey", "granted"] = "granted"

    def __post_init__(self) -> None:
        self._check_grant()
        if not (self.keywords or self.users or self.domains):
            raise ValueError("give the subscription's keywords, users or domains")
        if self.listen + _AROUND > self.timeout:
            raise ValueError("timeout must be at least 15s longer than listen")
        if self.lookup:
            _need(self.credentials, "access_token")
        if self.sample_rate not in (1.0, self.percentage / 100):
            raise ValueError("sample_rate contradicts percentage: leave it out")
        # Frozen, but not yet seen by anybody: the one figure that everything else scales by.
        object.__setattr__(self, "sample_rate", self.percentage / 100)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The stream, and the look-up where there is one."""
        return (self.endpoint, self.lookup) if self.lookup else (self.endpoint,)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeiboCommentsSource(Windowed):
    """Comments on public posts: on those named, and on the busiest that a search source saw.

    Attributes:
        endpoint: address of ``comments/show.json``.
        statuses: ids of posts.
        posts_of: sources of kind `weibo_api` whose posts are followed.
        least_comments: comments a post needs to be followed.
        most_posts: posts followed at once, the busiest ones.
        follow: how long after its publication a post is followed.
        count: comments a page.
    """

    kind: Literal["weibo_comments"]
    endpoint: Url
    statuses: Annotated[tuple[Number, ...], Field(max_length=500)] = ()
    posts_of: tuple[SourceName, ...] = ()
    least_comments: Positive = 20
    most_posts: Annotated[int, Field(ge=1, le=500)] = 50
    follow: Duration = timedelta(hours=72)
    count: Annotated[int, Field(ge=1, le=200)] = 50
    robots: Literal["obey", "granted"] = "granted"

    def __post_init__(self) -> None:
        self._check_grant()
        _need(self.credentials, "access_token")
        if not (self.statuses or self.posts_of):
            raise ValueError("give statuses or posts_of")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The interface of comments."""
        return (self.endpoint,)


@dataclass(frozen=True, slots=True, kw_only=True)
class GsdataSource(Windowed):
    """Posts of named accounts through a licensed vendor (sources.md B).

    Attributes:
        endpoint: address of ``/weibo/v1/articles``.
        accounts: Weibo uids of the public accounts that the licence covers.
        count: posts a page, at most 50 by the interface.
        least_span: a day, the shortest that can be asked for.
        lookup: address of Weibo's ``search/statuses/limited.json``, for re-checks; the vendor
            has none. Needs a grant and ``credentials.access_token``.
    """

    kind: Literal["gsdata"]
    endpoint: Url
    accounts: Annotated[tuple[Number, ...], Field(min_length=1)]
    count: Annotated[int, Field(ge=1, le=50)] = 50
    least_span: Duration = _DAY
    lookup: Url | Literal[""] = ""
    robots: Literal["obey", "granted"] = "granted"

    def __post_init__(self) -> None:
        self._check_grant()
        _need(self.credentials, "app_key", "secret")
        if self.lookup:
            _need(self.credentials, "access_token")
        if self.least_span != _DAY:
            raise ValueError("least_span is 1d: the vendor is asked for whole days")
        if self.delay < _VENDOR_DELAY:
            raise ValueError("delay must be at least 100ms: the vendor allows 10 requests a second")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The vendor's interface, and the look-up where there is one."""
        return (self.endpoint, self.lookup) if self.lookup else (self.endpoint,)
