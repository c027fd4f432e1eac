"""What a spider or importer hands over: one item as the source gave it, before redaction.

It lives in memory only; `crawlers.ingest` turns it into a `domain.posts.CollectedPost`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.posts import Engagement, Platform, PostKind, VerifiedType


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item of a source.

    Attributes:
        source: file stem of the source's YAML.
        native_id: the source's own id; "" when it has none (then `url` identifies the item).
        text: body as plain text (HTML already turned into text), not redacted.
        published_at: aware; an unparsable or naive time is a `BadInput`, never "now".
        author_id: the source's id of the account, "" when there is none; becomes an HMAC token.
    """

    source: str
    native_id: str
    platform: Platform
    kind: PostKind
    text: str
    published_at: datetime
    fetched_at: datetime
    title: str = ""
    url: str = ""
    author_id: str = ""
    verified_type: VerifiedType = VerifiedType.ORDINARY
    engagement: Engagement = Engagement()  # noqa: RUF009 - frozen
    sample_rate: float = 1.0
    edited_at: datetime | None = None
