"""What the fictional world consists of, and what the servers ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from text.weibo_ids import mid_to_bid

SiteName = Literal["utf8", "gbk"]


@dataclass(frozen=True, slots=True)
class Author:
    """An invented account.

    Attributes:
        verified_type: as Weibo numbers it (−1 ordinary … 3 media).
        province, city: codes as its search takes them; 100 is 其他, 1000 no city given.
    """

    uid: int
    name: str
    followers: int
    verified_type: int = -1
    province: str = "100"
    city: str = "1000"


@dataclass(frozen=True, slots=True)
class WeiboPost:
    """An invented Weibo post.

    Attributes:
        mid: holds the second of `moment`, as real ids do.
        case_id: id of the case in `cases.yml` it is about, "" for none.
        scene: "background", "chatter" (court, no case), "noise" (no court) or a burst's name.
        stance: what its sentence bank calls it, e.g. "court_negative".
        original: mid of the post it forwards, 0 for none.
    """

    mid: int
    moment: datetime
    author: Author
    text: str
    scene: str
    case_id: str = ""
    stance: str = ""
    reposts: int = 0
    comments: int = 0
    likes: int = 0
    original: int = 0

    @property
    def bid(self) -> str:
        """The id in links."""
        return mid_to_bid(self.mid)


@dataclass(frozen=True, slots=True)
class Article:
    """A news article of one of the two sites."""

    number: int
    site: SiteName
    moment: datetime
    title: str
    paragraphs: tuple[str, ...]
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """An item of the court's own feed."""

    number: int
    moment: datetime
    title: str
    body: str
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket of the 12368 hotline; `mood` is "consult", "negative" or "positive"."""

    number: str
    moment: datetime
    category: str
    title: str
    text: str
    court: str
    caller: str
    phone: str
    mood: str
    case_id: str = ""


class Published(Protocol):
    """A world as the servers see it: what is public at `until`, oldest first."""

    def posts(self, until: datetime) -> Sequence[WeiboPost]: ...
    def articles(self, until: datetime) -> Sequence[Article]: ...
    def notices(self, until: datetime) -> Sequence[Notice]: ...
