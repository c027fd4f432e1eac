"""What the models say about a post; labels as in the annotation guideline."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.posts import Post


class Target(StrEnum):
    """Whom the attitude (or information) of a text is about."""

    COURT = "court"
    PARTY = "party"
    EVENT = "event"
    OTHER = "other"


class Sentiment(StrEnum):
    """Attitude toward the target, not the mood of the text."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class Demand(StrEnum):
    """The one explicit demand of a text."""

    ACCOUNTABILITY = "accountability"
    CORRECT = "correct"
    SPEED_UP = "speed_up"
    DISCLOSE = "disclose"
    PROTECT = "protect"
    SERVICE = "service"
    PUNISH = "punish"
    SUGGEST = "suggest"
    CONSULT = "consult"
    NONE = "none"


class Emotion(StrEnum):
    """Mood of a text, whomever it is about; the six classes of SMP2020-EWECT."""

    ANGRY = "angry"
    HAPPY = "happy"
    NEUTRAL = "neutral"
    SURPRISE = "surprise"
    SAD = "sad"
    FEAR = "fear"


class Certainty(StrEnum):
    """Whether an attitude may be counted as what it says (decision 0006)."""

    SURE = "sure"
    UNSURE = "unsure"  # the calibrated score lies below the threshold
    MIXED = "mixed"  # praise and blame of courts in one text, not told apart


#: What `Annotation.unsure` may name. "stance" is relevance, target and sentiment, decided together.
STANCE = "stance"
UNSURE_FIELDS = (STANCE, "topics", "demand", "irony", "emotion")

#: Topic id of texts that have nothing to do with a court; excludes all others.
IRRELEVANT = "irrelevant"


@dataclass(frozen=True, slots=True)
class Topic:
    """An entry of the topic catalogue (`nlp/concern_topics.yaml`).

    Attributes:
        group: "concern" (counts in the ranking) or "context" (volume only).
        articles: numbers of the articles of 法发〔2013〕9号 it belongs to.
        owner_dept: department that answers for it; never a trial division (Art. 5).
    """

    id: str
    zh: str
    group: str
    articles: tuple[int, ...]
    owner_dept: str
    keywords: tuple[str, ...] = ()
    negative_keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    """Labels of one post.

    Attributes:
        topics: 1–3 topic ids, main topic first; ("irrelevant",) stands alone.
        scores: the model's own confidence per field ("target", "sentiment", and those of
            `UNSURE_FIELDS`; "topics" is the first topic's), 0–1. Not calibrated unless the annotator's card says so.
        model: name and version of the annotator.
        emotion: None when the annotator doesn't tell emotions.
        unsure: those of `UNSURE_FIELDS` whose score lies below its threshold. The labels are then
            still the likeliest ones; they are counted apart.
        mixed: the text praises one court or case and blames another; what holds for each case is
            its link's aspect, if it has one.
    """

    target: Target
    sentiment: Sentiment
    topics: tuple[str, ...]
    demand: Demand = Demand.NONE
    irony: bool = False
    scores: dict[str, float] = field(default_factory=dict)
    model: str = ""
    emotion: Emotion | None = None
    unsure: tuple[str, ...] = ()
    mixed: bool = False

    @property
    def relevant(self) -> bool:
        """Whether the text concerns a Chinese court or a case before one."""
        return IRRELEVANT not in self.topics

    @property
    def stance(self) -> Stance:
        """What counts of the whole text."""
        certainty = Certainty.UNSURE if STANCE in self.unsure else Certainty.SURE
        return Stance(self.target, self.sentiment, Certainty.MIXED if self.mixed else certainty)

    @property
    def court_negative(self) -> bool:
        """Counts in the court-negative rate of the whole text."""
        return self.relevant and self.stance.court_negative


@dataclass(frozen=True, slots=True)
class Stance:
    """An attitude toward someone and whether it may be counted: of a text, or of a text on a case."""

    target: Target
    sentiment: Sentiment
    certainty: Certainty = Certainty.SURE

    @property
    def court_negative(self) -> bool:
        """Negative toward the court, surely; unsure and mixed ones are counted apart."""
        return self == Stance(Target.COURT, Sentiment.NEGATIVE)


@dataclass(frozen=True, slots=True)
class Aspect:
    """Attitude in what a text says about one case.

    Attributes:
        score: the annotator's confidence in the target, on these clauses alone, 0–1.
        unsure: the annotator marked the stance of these clauses unsure.
    """

    target: Target
    sentiment: Sentiment
    score: float
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class CaseLink:
    """Why a post belongs to a case.

    Attributes:
        reason: "number", "alias" or "formula".
        matched: the words that matched, as they stand in the case's registry entry.
        counts_as_author: the post is its author's first on this case within 24 h, so it counts
            in detection. Decided once, at annotate; re-running a segment gives the same flag.
        aspect: set when what the text says about this case differs from the whole text; it then
            counts for this case instead of the annotation's target and sentiment.
    """

    case_id: str
    reason: str
    matched: tuple[str, ...]
    counts_as_author: bool = True
    aspect: Aspect | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """The near-duplicates a post belongs to, by the first text of them that came in.

    Attributes:
        copies: id of those nearly the same (Jaccard of character 3-grams ≥ .8, or cut short).
        template: id of those of one template (≥ .4); copies of one text share it.
    """

    copies: str
    template: str


@dataclass(frozen=True, slots=True)
class AnnotatedPost:
    """What the index holds: a fully redacted post, its labels, the cases it belongs to.

    Attributes:
        family: None when nobody looked for near-duplicates: it then counts as a text of its own.
    """

    post: Post
    annotation: Annotation
    links: tuple[CaseLink, ...] = ()
    family: Family | None = None

    @property
    def copies(self) -> str:
        """Id of the family of copies; its own id while nobody looked for near-duplicates."""
        return self.family.copies if self.family else self.post.id

    def links_to(self, case_id: str) -> bool:
        """Whether it belongs to that case."""
        return any(link.case_id == case_id for link in self.links)

    def aspect(self, case_id: str) -> Aspect | None:
        """Attitude in what the text says about a case, where it differs from the whole text."""
        return next((link.aspect for link in self.links if link.case_id == case_id), None)

    def stance(self, case_id: str) -> Stance:
        """What counts for a case: the aspect of its link, else the whole text's stance."""
        aspect = self.aspect(case_id)
        if aspect is None:
            return self.annotation.stance
        certainty = Certainty.UNSURE if aspect.unsure else Certainty.SURE
        return Stance(aspect.target, aspect.sentiment, certainty)

    def court_negative(self, case_id: str) -> bool:
        """Whether the post counts in the court-negative rate of a case."""
        return self.annotation.relevant and self.stance(case_id).court_negative
