"""The door: raw items in, redacted posts in the inbox, everything else in the quarantine.

Order (architecture.md): clean, check, redact, turn the author into tokens; only then is anything
written. A run is what happens between two commits. Within a run an id counts once:

* the same id with the same title, text and time is a duplicate and is dropped;
* the same id with other words is an edit: the later one wins and carries `edited_at`, its own
  or else the moment it was fetched.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from crawlers.codec import encode_raw
from crawlers.inbox import Inbox
from crawlers.items import RawItem
from crawlers.quarantine import Quarantine
from crawlers.tokens import TokenKeys
from domain.errors import BadInput
from domain.posts import CollectedPost, Engagement, Platform, Post
from domain.time import Clock, as_utc
from text.normalise import clean
from text.redaction import redact
from text.urls import canonical_url, without_account

#: Posts in one segment: five seconds of annotation at the 400 posts/s of one core.
SEGMENT_POSTS = 2_000
#: Longest text in characters; a book-length body is a selector's mistake or an attack.
MAX_TEXT = 100_000
MAX_TITLE = 1_000
#: Clocks of sources run ahead of ours by minutes.
CLOCK_SKEW = timedelta(minutes=10)
#: No post has more likes than there are people; far larger ones overflow a cluster's numbers.
MAX_COUNT = 10**11
#: Nothing on the web is older; earlier dates are a parser's 1970 or a spreadsheet's 1900.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
#: Platforms whose account ids mean the same person in every source.
_SHARED_IDS = frozenset({Platform.WEIBO, Platform.WECHAT})


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run did with its items so far; their sum is what was offered."""

    new: int = 0
    edited: int = 0
    duplicates: int = 0
    rejected: int = 0


class Ingest:
    """Turns raw items into inbox segments; one per run and process."""

    def __init__(
        self, inbox: Inbox, tokens: TokenKeys, quarantine: Quarantine, clock: Clock
    ) -> None:
        self._inbox = inbox
        self._tokens = tokens
        self._quarantine = quarantine
        self._clock = clock
        self._buffer: dict[str, CollectedPost] = {}
        self._digests: dict[str, bytes] = {}
        self._segments: list[str] = []
        self._tally = Tally()

    @property
    def tally(self) -> Tally:
        """Counts since the last commit."""
        return self._tally

    @property
    def ids(self) -> frozenset[str]:
        """Ids of the posts taken in since the last commit."""
        return frozenset(self._digests)

    def accept(self, item: RawItem, where: str = "") -> bool:
        """Take one item; never raises for what is wrong with it.

        Args:
            where: row or page, for the quarantine.

        Returns:
            True when the post is new in this run; False for a duplicate, for an edit (which is
            kept) and for an item that went to the quarantine.
        """
        try:
            post = self._post(item)
        except BadInput as error:
            place = where or error.where or item.url or f"{item.source} {item.native_id}"
            self._reject(item.source, encode_raw(item), error, place, _id_if_any(item))
            return False
        return self._keep(post, item)

    def reject(self, source: str, raw: bytes | str, error: BadInput, where: str = "") -> None:
        """Put something that never became an item into the quarantine."""
        self._reject(source, raw, error, where, "")

    def set_aside(self, item: RawItem, error: BadInput) -> None:
        """Put an item into the quarantine that nobody dares to take in."""
        place = item.url or f"{item.source} {item.native_id}"
        self._reject(item.source, encode_raw(item), error, place, _id_if_any(item))

    def commit(self) -> list[str]:
        """Write what is still held; return the names of all segments of this run.

        The next item begins a new run.
        """
        self._flush()
        return self._begin()

    def abandon(self) -> None:
        """Drop what isn't written yet, because it will be read again as a whole.

        The next item begins a new run.
        """
        self._buffer.clear()
        self._begin()

    def _begin(self) -> list[str]:
        segments, self._segments = self._segments, []
        self._digests.clear()
        self._tally = Tally()
        return segments

    def _keep(self, post: Post, item: RawItem) -> bool:
        digest = _digest(post)
        known = self._digests.get(post.id)
        if known == digest:
            self._tally = replace(self._tally, duplicates=self._tally.duplicates + 1)
            return False
        if known is None:
            self._tally = replace(self._tally, new=self._tally.new + 1)
        else:
            self._tally = replace(self._tally, edited=self._tally.edited + 1)
            post = replace(post, edited_at=post.edited_at or post.fetched_at)
        self._digests[post.id] = digest
        tokens = self._tokens.tokens(item.author_id, _name_space(item))
        self._buffer[post.id] = CollectedPost(post, tokens)
        if len(self._buffer) >= SEGMENT_POSTS:
            self._flush()
        return known is None

    def _flush(self) -> None:
        if self._buffer:
            self._segments.append(self._inbox.write(list(self._buffer.values())))
            self._buffer.clear()

    def _reject(
        self, source: str, raw: bytes | str, error: BadInput, where: str, post_id: str
    ) -> None:
        self._quarantine.add(source, raw, error, where, post_id=post_id)
        self._tally = replace(self._tally, rejected=self._tally.rejected + 1)

    def _post(self, item: RawItem) -> Post:
        text, title = clean(item.text), clean(item.title)
        _check_words(text, title)
        _check_counts(item.engagement)
        published_at = self._moment(item.published_at)
        if not 0 < item.sample_rate <= 1:
            raise BadInput(
                f"the sample rate {item.sample_rate} is not within (0, 1]",
                remedy="set sample_rate in the source's YAML to the share it delivers",
            )
        body, head = redact(text), redact(title)
        counts = {
            kind: body.counts.get(kind, 0) + head.counts.get(kind, 0)
            for kind in sorted({*body.counts, *head.counts})
        }
        return Post(
            id=post_id_of(item),
            source=item.source,
            platform=item.platform,
            kind=item.kind,
            text=body.text,
            title=head.text,
            url=without_account(item.url) if item.url else "",
            published_at=published_at,
            fetched_at=as_utc(item.fetched_at),
            verified_type=item.verified_type,
            engagement=item.engagement,
            sample_rate=item.sample_rate,
            edited_at=None if item.edited_at is None else self._moment(item.edited_at),
            redactions=counts,
        )

    def _moment(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise BadInput(
                "the time of publication has no zone",
                remedy="parse it with text.dates.parse_moment, which attaches one",
            )
        try:
            utc = as_utc(moment)
        except OverflowError as error:
            raise BadInput(
                "the time of publication lies outside the calendar",
                remedy="check the source's date format",
            ) from error
        if utc < EARLIEST:
            raise BadInput(
                f"the time of publication lies before 1990: {utc:%Y-%m-%d}",
                remedy="check the source's date format",
            )
        if utc > self._clock() + CLOCK_SKEW:
            raise BadInput(
                f"the time of publication lies in the future: {utc:%Y-%m-%dT%H:%MZ}",
                remedy="check the source's zone and date format, and this machine's clock",
            )
        return utc


def post_id_of(item: RawItem) -> str:
    """Return the id of the item's post: 32 hex digits of SHA-256 over source and identity.

    Raises:
        BadInput: the item has neither a native id nor a URL.
    """
    identity = item.native_id or (canonical_url(item.url) if item.url else "")
    if not identity:
        raise BadInput(
            "the item has neither an id nor a link",
            remedy="map a column or element that identifies it to native_id or url",
        )
    return post_id(item.source, identity)


def post_id(source: str, identity: str) -> str:
    """The id of a post: 32 hex digits; `identity` is its native id or canonical address."""
    name = f"{source}\x1f{identity}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(name).hexdigest()[:32]


def _id_if_any(item: RawItem) -> str:
    try:
        return post_id_of(item)
    except BadInput:  # the very reason why it is rejected
        return ""


def _check_words(text: str, title: str) -> None:
    if not text:
        raise BadInput("the item has no text", remedy="check the source's selector or column")
    if len(text) > MAX_TEXT:
        raise BadInput(f"the text has {len(text)} characters, the limit is {MAX_TEXT}")
    if len(title) > MAX_TITLE:
        raise BadInput(
            f"the title has {len(title)} characters, the limit is {MAX_TITLE}",
            remedy="check the source's title selector or column",
        )


def _check_counts(engagement: Engagement) -> None:
    for name in ("reposts", "comments", "likes"):
        count = getattr(engagement, name)
        if count is None:
            continue
        # True or 3.5 from a spider of the court's own could be written, but never read again, and
        # would take the other posts of its segment along.
        if type(count) is not int or not 0 <= count <= MAX_COUNT:
            raise BadInput(
                f"the count of {name} is no whole number, negative or larger than any count can be",
                remedy="check the source's field or column; leave unknown counts out",
            )


def _digest(post: Post) -> bytes:
    words = f"{post.title}\x1f{post.text}\x1f{post.published_at.isoformat()}"
    return hashlib.sha256(words.encode()).digest()[:16]


def _name_space(item: RawItem) -> str:
    if item.platform in _SHARED_IDS:
        return item.platform.value
    return f"{item.platform.value}\x1f{item.source}"
