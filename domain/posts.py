"""A post: one public utterance or article, already without identifiers and without its author."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Platform(StrEnum):
    """Where a post was published; `source_type` of the annotation guideline."""

    WEIBO = "weibo"
    WECHAT = "wechat"
    NEWS = "news"
    FORUM = "forum"
    VIDEO_COMMENT = "video_comment"
    HOTLINE = "hotline"
    MAILBOX = "mailbox"


class PostKind(StrEnum):
    """The form of a post."""

    POST = "post"
    REPOST = "repost"
    COMMENT = "comment"
    ARTICLE = "article"
    TICKET = "ticket"
    MEDIA_QUERY = "media_query"  # what a medium asks the spokesperson; not said in public


class VerifiedType(StrEnum):
    """Kind of account by the platform's own verification (Weibo `verified_type`), not of a person."""

    ORDINARY = "ordinary"
    CELEBRITY = "celebrity"
    GOVERNMENT = "government"
    COMPANY = "company"
    MEDIA = "media"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Engagement:
    """Counts the platform shows beside a post; None is unknown, not zero."""

    reposts: int | None = None
    comments: int | None = None
    likes: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One public post after redaction of structured identifiers. It names no author.

    Attributes:
        id: 32 hex digits of SHA-256 over source and native id (or canonical URL); writing twice
            changes nothing.
        source: file stem of the source's YAML.
        text: body, NFC, identifiers replaced (``〔手机号〕`` …); litigants' names only until annotate.
        url: address without account part, query tracking or fragment; "" when the source has none.
        published_at: event time, UTC; drives counts.
        fetched_at: when we saw it, UTC; drives coverage.
        sample_rate: share of the stream the source delivers, (0, 1]; 1 = all of it.
        redactions: how many identifiers of each kind were replaced.
    """

    id: str
    source: str
    platform: Platform
    kind: PostKind
    text: str
    published_at: datetime
    fetched_at: datetime
    title: str = ""
    url: str = ""
    verified_type: VerifiedType = VerifiedType.ORDINARY
    engagement: Engagement = Engagement()
    sample_rate: float = 1.0
    edited_at: datetime | None = None
    redactions: dict[str, int] = field(default_factory=dict)

    @property
    def full_text(self) -> str:
        """Title and body as one text, for linking, search and models."""
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class CollectedPost:
    """A post as it stands in an inbox segment.

    Attributes:
        author_tokens: HMAC of the author's id under today's and yesterday's key (current first);
            empty when the source names no author. Lives only in segments (7 d) and in the
            private 48-hour table; never reaches the index, an export or a log.
    """

    post: Post
    author_tokens: tuple[str, ...] = ()
