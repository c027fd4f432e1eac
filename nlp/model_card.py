"""The card beside a model file: what it was made from, how good it is, what it must not do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template

from domain.annotation import Sentiment, Target
from domain.errors import ConfigurationError
from nlp.corpus import LabelledText
from nlp.model_file import LinearModel

#: Card of the shipped model.
CARD = Path(__file__).with_name("models") / "court-v1" / "card.md"
_METRIC_ROW = re.compile(r"^\| (\w+) \| (\d\.\d+) \| \d\.\d+ – \d\.\d+ \|$", re.MULTILINE)
_TEMPLATE = Path(__file__).with_name("model_card.template.md")
Metrics = Mapping[str, Mapping[str, float | None]]


def write(
    path: Path,
    model: LinearModel,
    metrics: Metrics,
    *,
    collected: Sequence[LabelledText],
    examples: Sequence[LabelledText],
    baseline: Metrics,
) -> None:
    """Fill the template and write the card.

    Raises:
        ConfigurationError: the template is missing.
    """
    try:
        template = Template(_TEMPLATE.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            "the template of the model card can't be read", where=_TEMPLATE.name
        ) from error
    irony = metrics["irony_recall"]
    card = template.substitute(
        name=model.name,
        collected=f"{len(collected):,}",
        unsure=sum(text.unsure for text in collected),
        examples=f"{len(examples):,}",
        ironic=sum(text.irony for text in collected),
        court_positive=_count(collected, Target.COURT, Sentiment.POSITIVE),
        ngrams=f"{len(model.ngrams.slots):,}",
        words=f"{len(model.word_vectors.vocabulary.slots):,}",
        metrics=_metric_table(metrics),
        baseline=", ".join(
            f"{name} {_value(baseline[name])}"
            for name in ("joint_accuracy", "court_negative_f1", "irrelevant_recall")
        ),
        topics=_topic_table(model, collected, examples),
        demands=_demand_line(collected, examples),
        irony=_value(irony),
        court_negative_offset=model.thresholds.court_negative,
        irrelevant_offset=model.thresholds.irrelevant,
    )
    path.write_text(card, encoding="utf-8")


def _count(texts: Iterable[LabelledText], target: Target, sentiment: Sentiment) -> int:
    return sum(
        text.relevant and text.target is target and text.sentiment is sentiment for text in texts
    )


def _metric_table(metrics: Metrics) -> str:
    rows = ["| metric | value | 95 % interval |", "|---|---|---|"]
    rows += [f"| {name} | {_value(one)} | {_interval(one)} |" for name, one in metrics.items()]
    return "\n".join(rows)


def _topic_table(
    model: LinearModel, collected: Sequence[LabelledText], examples: Sequence[LabelledText]
) -> str:
    real = Counter(topic for text in collected for topic in text.topics)
    written = Counter(topic for text in examples for topic in text.topics)
    rows = ["| topic | collected texts | fictional texts | threshold |", "|---|---|---|---|"]
    rows += [
        f"| {topic} | {real[topic]} | {written[topic]} | {model.thresholds.topics[topic]:.2f} |"
        for topic in model.topic_ids
    ]
    return "\n".join(rows)


def _demand_line(collected: Sequence[LabelledText], examples: Sequence[LabelledText]) -> str:
    real = Counter(str(text.demand) for text in collected)
    written = Counter(str(text.demand) for text in examples)
    return ", ".join(f"{name} {real[name]}+{written[name]}" for name in sorted(real | written))


def _value(metric: Mapping[str, float | None]) -> str:
    value = metric["value"]
    return "–" if value is None else f"{value:.3f}"


def _interval(metric: Mapping[str, float | None]) -> str:
    low, high = metric["low"], metric["high"]
    return "–" if low is None or high is None else f"{low:.3f} – {high:.3f}"


def read_metrics(card: Path = CARD) -> dict[str, float]:
    """Metric → value, from the table of a written card; the card is where quality is stated.

    Raises:
        ConfigurationError: the card is missing or holds no such table.
    """
    try:
        text = card.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            "the model's card can't be read", remedy="restore it, or train anew", where=card.name
        ) from error
    found = {name: float(value) for name, value in _METRIC_ROW.findall(text)}
    if "court_negative_f1" not in found:
        raise ConfigurationError(
            "the model's card states no court_negative_f1", remedy="train anew", where=card.name
        )
    return found
