"""Articles of the two news sites and items of the court's feed."""

from __future__ import annotations

import random
from datetime import datetime

from demo.cast import COURTS
from demo.model import Article, Notice
from demo.timeline import background
from demo.wording import read_sentences
from domain.time import SHANGHAI

_ARTICLES_PER_HOUR = {"utf8": 3 / 24, "gbk": 2 / 24}
_NOTICES_PER_HOUR = 1.6 / 24
_FIRST_ARTICLE = {"utf8": 8_800_001, "gbk": 40_100_001}
_FIRST_NOTICE = 52_001


def make_articles(chance: random.Random, start: datetime, end: datetime) -> tuple[Article, ...]:
    """Return the articles of both sites within [start, end), oldest first."""
    articles: list[Article] = []
    for moment in background(chance, start, end, _ARTICLES_PER_HOUR["utf8"]):
        number = _FIRST_ARTICLE["utf8"] + len(articles)
        articles.append(_article(chance, number, "utf8", moment))
    for moment in background(chance, start, end, _ARTICLES_PER_HOUR["gbk"]):
        number = _FIRST_ARTICLE["gbk"] + len(articles)
        articles.append(_article(chance, number, "gbk", moment))
    return tuple(sorted(articles, key=lambda article: (article.moment, article.number)))


def make_notices(chance: random.Random, start: datetime, end: datetime) -> tuple[Notice, ...]:
    """Return the court's own announcements within [start, end), oldest first."""
    statements = read_sentences("news")["statements"]
    notices: list[Notice] = []
    for moment in background(chance, start, end, _NOTICES_PER_HOUR):
        subject = chance.choice([*statements, "general", "general"])
        title, _, body = chance.choice(statements[subject]).partition("|")
        words = _words(chance, moment)
        notices.append(
            Notice(
                number=_FIRST_NOTICE + len(notices),
                moment=moment.replace(microsecond=0),
                title=title.format(**words),
                body=body.format(**words),
                case_id="" if subject == "general" else subject,
            )
        )
    return tuple(notices)


def _article(chance: random.Random, number: int, site: str, moment: datetime) -> Article:
    news = read_sentences("news")
    case_id = chance.choice(list(news["cases"])) if chance.random() < 0.6 else ""
    source = news["cases"][case_id] if case_id else news["general"]
    words = _words(chance, moment)
    # A general article's title brings its own lead; a case has one lead for all its titles.
    title, _, own_lead = chance.choice(source["titles"]).partition("|")
    lead, *rest = (own_lead, *source["paragraphs"]) if own_lead else source["paragraphs"]
    chosen = [lead, *chance.sample(rest, 3)]
    return Article(
        number=number,
        site="gbk" if site == "gbk" else "utf8",
        moment=moment.replace(microsecond=0),
        title=title.format(**words),
        paragraphs=tuple(paragraph.format(**words) for paragraph in chosen),
        case_id=case_id,
    )


def _words(chance: random.Random, moment: datetime) -> dict[str, str]:
    day = moment.astimezone(SHANGHAI)
    return {"d": f"{day.month}月{day.day}日", "court": chance.choice(COURTS)}
