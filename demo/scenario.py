"""Three weeks in 江澜市, all invented: two behind T0, one ahead.

    A  "filing"    from T0 + 1 minute: the online filing system of 云岫区法院 fails and its staff are
                   rude; twelve people within the first two minutes, then 60 posts/h, fading
    B  "anger"     two days before T0: hundreds of posts against the defendant of 梁某案
    C  "campaign"  five hours before T0: one plea in three wordings, pasted 45 times

Around them lie five cases, talk about courts that belongs to no case, and talk that merely sounds
like courts. The same T0 and seed give the same world; what lies ahead of the clock is not shown.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from demo.cast import BACKGROUND, Cast, cases
from demo.hotline import make_tickets
from demo.model import Article, Author, Notice, Ticket, WeiboPost
from demo.newsroom import make_articles, make_notices
from demo.timeline import background, decaying, fading, spread
from demo.wording import Bank, Writer, read_bank
from domain.cases import Case
from domain.time import as_utc
from text.weibo_ids import mint_mid

#: How far the world reaches beyond T0.
AHEAD = timedelta(days=7)
#: Burst A: people within the first two minutes after T0, and the stream that follows.
FIRST_PEOPLE = 12
FILING_PER_HOUR = 60.0
#: Burst B and C.
ANGER_POSTS = 420
CAMPAIGN_POSTS = 45
_CAMPAIGN_ACCOUNTS = 33
#: Share of posts about a case that forward one of the newest in their scene.
_REPOST_SHARE = 0.08
_RECENT = 20

Mix = dict[str, float]


@dataclass(frozen=True, slots=True)
class Stream:
    """A steady trickle: posts per hour, and which stances they take."""

    bank: str
    scene: str
    per_hour: float
    mix: Mix


_STREAMS = (
    Stream("filing", "background", 0.8, {
        "court_negative": 0.22, "sarcasm": 0.08, "demand": 0.12, "consult": 0.28,
        "positive": 0.16, "neutral": 0.14,
    }),
    Stream("liang", "background", 2.0, {
        "party_negative": 0.45, "punish": 0.12, "event": 0.16, "neutral": 0.15,
        "court_negative": 0.06, "positive": 0.06,
    }),
    Stream("fee", "background", 1.4, {
        "court_negative": 0.25, "party_negative": 0.3, "event": 0.15, "neutral": 0.12,
        "consult": 0.1, "positive": 0.08,
    }),
    Stream("wages", "background", 1.6, {
        "court_negative": 0.28, "sarcasm": 0.08, "party_negative": 0.28, "demand": 0.12,
        "positive": 0.1, "neutral": 0.08, "consult": 0.06,
    }),
    Stream("retrial", "background", 1.1, {
        "court_negative": 0.28, "sarcasm": 0.06, "party_support": 0.16, "demand": 0.16,
        "positive": 0.14, "event": 0.1, "neutral": 0.06, "consult": 0.04,
    }),
    Stream("chatter", "chatter", 2.4, {
        "court_negative": 0.26, "sarcasm": 0.08, "positive": 0.18, "consult": 0.22,
        "neutral": 0.16, "event": 0.1,
    }),
    Stream("noise", "noise", 2.6, {"irrelevant": 1.0}),
)  # fmt: skip
_FILING_MIX: Mix = {"court_negative": 0.58, "sarcasm": 0.18, "demand": 0.18, "consult": 0.06}
_ANGER_MIX: Mix = {
    "party_negative": 0.73, "punish": 0.12, "event": 0.07, "neutral": 0.05, "court_negative": 0.03,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Draft:
    moment: datetime
    author: Author
    text: str
    scene: str
    case_id: str
    stance: str


class World:
    """The fictional city around `t0` (aware; stored by the caller, so that a restart agrees)."""

    def __init__(self, t0: datetime, seed: int = 1) -> None:
        self.t0 = as_utc(t0).replace(microsecond=0)
        self.seed = seed
        self.start = self.t0 - BACKGROUND
        self.end = self.t0 + AHEAD

    @property
    def cases(self) -> tuple[Case, ...]:
        """The five cases of `cases.yml`."""
        return cases(self.t0)

    def posts(self, until: datetime) -> Sequence[WeiboPost]:
        """Return the Weibo posts published up to `until`, oldest first."""
        everything, moments = self._posts
        return everything[: bisect_right(moments, until)]

    def articles(self, until: datetime) -> Sequence[Article]:
        """Return the articles of both news sites published up to `until`, oldest first."""
        return [article for article in self._articles if article.moment <= until]

    def notices(self, until: datetime) -> Sequence[Notice]:
        """Return the items of the court's feed published up to `until`, oldest first."""
        return [notice for notice in self._notices if notice.moment <= until]

    @cached_property
    def tickets(self) -> tuple[Ticket, ...]:
        """The 200 hotline tickets of the two weeks before T0, oldest first."""
        return make_tickets(self._chance("tickets"), self.start, self.t0)

    @cached_property
    def _articles(self) -> tuple[Article, ...]:
        return make_articles(self._chance("articles"), self.start, self.end)

    @cached_property
    def _notices(self) -> tuple[Notice, ...]:
        return make_notices(self._chance("notices"), self.start, self.end)

    @cached_property
    def _cast(self) -> Cast:
        return Cast(self._chance("cast"))

    @cached_property
    def _posts(self) -> tuple[tuple[WeiboPost, ...], list[datetime]]:
        drafts = [draft for stream in _STREAMS for draft in self._trickle(stream)]
        drafts += [*self._filing(), *self._anger(), *self._campaign()]
        drafts.sort(key=lambda draft: (draft.moment, draft.text))
        chance = self._chance("counts")
        posts = [_publish(draft, number, chance) for number, draft in enumerate(drafts)]
        posts = _forward(posts, self._chance("reposts"))
        return tuple(posts), [post.moment for post in posts]

    def _trickle(self, stream: Stream) -> list[_Draft]:
        chance = self._chance(stream.bank)
        moments = background(chance, self.start, self.end, stream.per_hour)
        case_id = stream.bank if stream.scene == "background" else ""
        return self._write(chance, moments, stream.bank, stream.mix, stream.scene, case_id)

    def _filing(self) -> list[_Draft]:
        chance = self._chance("burst A")
        first = spread(
            chance, self.t0 + timedelta(seconds=62), self.t0 + timedelta(seconds=116), FIRST_PEOPLE
        )
        drafts = self._write(chance, first, "filing", _FILING_MIX, "filing", "filing",
                             self._cast.crowd(chance, FIRST_PEOPLE))  # fmt: skip
        later = fading(
            chance, self.t0 + timedelta(minutes=2), FILING_PER_HOUR, timedelta(hours=3), 14
        )
        crowd = self._cast.crowd(chance, min(len(later), 600))
        return drafts + self._write(chance, later, "filing", _FILING_MIX, "filing", "filing", crowd)

    def _anger(self) -> list[_Draft]:
        chance = self._chance("burst B")
        moments = decaying(
            chance, self.t0 - timedelta(hours=50), ANGER_POSTS, timedelta(hours=3),
            timedelta(hours=1),
        )  # fmt: skip
        crowd = self._cast.crowd(chance, int(ANGER_POSTS * 0.85))
        return self._write(chance, moments, "liang", _ANGER_MIX, "anger", "liang", crowd)

    def _campaign(self) -> list[_Draft]:
        chance = self._chance("burst C")
        start = self.t0 - timedelta(hours=5)
        moments = spread(chance, start, start + timedelta(minutes=38), CAMPAIGN_POSTS)
        accounts = self._cast.crowd(chance, _CAMPAIGN_ACCOUNTS)
        repeating = CAMPAIGN_POSTS - _CAMPAIGN_ACCOUNTS
        authors = accounts + [chance.choice(accounts[:5]) for _ in range(repeating)]
        chance.shuffle(authors)
        writer, templates = Writer(chance), read_bank("fee").campaign
        return [
            _Draft(moment, author, writer.copy(chance.choice(templates), 326), "campaign", "fee",
                   "court_negative")
            for moment, author in zip(moments, authors, strict=True)
        ]  # fmt: skip

    def _write(
        self, chance: random.Random, moments: Sequence[datetime], bank_name: str, mix: Mix,
        scene: str, case_id: str, crowd: Sequence[Author] = (),
    ) -> list[_Draft]:  # fmt: skip
        writer, bank = Writer(chance), read_bank(bank_name)
        drafts = []
        for number, moment in enumerate(moments):
            stance = chance.choices(list(mix), list(mix.values()))[0]
            if crowd:
                # Once each in turn; whoever is left over has posted before.
                author = crowd[number] if number < len(crowd) else chance.choice(crowd)
            else:
                author = self._cast.somebody(chance, stance)
            drafts.append(_draft(writer, bank, stance, moment, author, scene, case_id))
        return drafts

    def _chance(self, purpose: str) -> random.Random:
        """Return a generator of its own for each purpose, so that one bank's change moves no other."""
        return random.Random(f"{self.seed}/{purpose}")


def _draft(
    writer: Writer, bank: Bank, stance: str, moment: datetime, author: Author, scene: str,
    case_id: str,
) -> _Draft:  # fmt: skip
    return _Draft(moment, author, writer.post(bank, stance), scene, case_id, stance)


def _publish(draft: _Draft, number: int, chance: random.Random) -> WeiboPost:
    moment = draft.moment.replace(microsecond=0)
    return WeiboPost(
        mid=mint_mid(moment, number),
        moment=moment,
        author=draft.author,
        text=draft.text,
        scene=draft.scene,
        case_id=draft.case_id,
        stance=draft.stance,
        reposts=int(chance.paretovariate(1.1)) - 1,
        comments=int(chance.paretovariate(0.9)) - 1,
        likes=int(chance.paretovariate(0.8)) - 1,
    )


def _forward(posts: list[WeiboPost], chance: random.Random) -> list[WeiboPost]:
    """Let some posts about a case forward a recent one of the same scene, which they comment."""
    recent: dict[tuple[str, str], deque[int]] = defaultdict(lambda: deque(maxlen=_RECENT))
    forwarded = []
    for post in posts:
        candidates = recent[post.scene, post.case_id]
        may_forward = post.case_id and post.scene != "campaign" and candidates
        if may_forward and chance.random() < _REPOST_SHARE:
            forwarded.append(replace(post, original=chance.choice(candidates)))
        else:
            candidates.append(post.mid)
            forwarded.append(post)
    return forwarded
