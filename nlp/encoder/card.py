"""The card of a neural model: what it was made from, how good it is, what it must not do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from string import Template

from domain.errors import ConfigurationError
from nlp.encoder.material import Material
from nlp.encoder.settling import Settled

_TEMPLATE = Path(__file__).with_name("card.template.md")
Metric = Mapping[str, float | None]


def write(path: Path, name: str, settled: Settled, inputs: Material) -> None:
    """Fill the template.

    Raises:
        ConfigurationError: the template is missing.
    """
    try:
        template = Template(_TEMPLATE.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            "the template of the model card can't be read", where=_TEMPLATE.name
        ) from error
    collected = inputs.collected
    path.write_text(
        template.substitute(
            name=name,
            collected=f"{len(collected):,}",
            unsure=sum(text.unsure for text in collected),
            examples=f"{len(inputs.examples):,}",
            ironic=sum(text.irony for text in [*collected, *inputs.examples]),
            pool=f"{len(inputs.pool):,}",
            held=f"{len(inputs.held):,}",
            emotions=", ".join(
                f"{one.name} {len(one.seen):,} (held out {len(one.held):,})"
                for one in inputs.emotions
            ),
            metrics=_table(settled.metrics),
            emotion_metrics=_table(
                {
                    f"emotion_{which}_{metric}": value
                    for which, metrics in settled.emotion_metrics.items()
                    for metric, value in metrics.items()
                }
            ),
            topics=_topics(settled, inputs),
        ),
        encoding="utf-8",
    )


def _table(metrics: Mapping[str, Metric]) -> str:
    rows = ["| metric | value | 95 % interval |", "|---|---|---|"]
    rows += [f"| {name} | {_value(one)} | {_interval(one)} |" for name, one in metrics.items()]
    return "\n".join(rows)


def _topics(settled: Settled, inputs: Material) -> str:
    real = Counter(topic for text in inputs.collected for topic in text.topics)
    written = Counter(topic for text in inputs.examples for topic in text.topics)
    rows = ["| topic | collected texts | fictional texts | threshold |", "|---|---|---|---|"]
    rows += [
        f"| {topic} | {real[topic]} | {written[topic]} | {least:.2f} |"
        for topic, least in settled.thresholds.topics.items()
    ]
    return "\n".join(rows)


def _value(metric: Metric) -> str:
    value = metric["value"]
    return "–" if value is None else f"{value:.3f}"


def _interval(metric: Metric) -> str:
    low, high = metric["low"], metric["high"]
    return "–" if low is None or high is None else f"{low:.3f} – {high:.3f}"
