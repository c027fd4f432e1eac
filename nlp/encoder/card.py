"""The card of a neural model: what it was made from, how good it is, what it must not do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from domain.errors import ConfigurationError
from nlp.encoder.material import Material
from nlp.encoder.settling import Settled

_TEMPLATE = Path(__file__).with_name("card.template.md")
Metric = Mapping[str, float | None]
_BY_A_MODEL = (
    "**The shipped labels were given by a language model that read\n"
    "  each text by `nlp/annotation_guideline.md`, not by people.**"
)
_BY_OTHERS = (
    "Labels of the pool came from other files than those that\n"
    "  ship: who gave them is for whoever trained to say here."
)


@dataclass(frozen=True)
class Making:
    """How a network was made, in words and numbers of this run.

    Attributes:
        base: hub name, or name of its folder.
        base_network, network: shapes of the base and of what ships.
        longest: tokens read of a text.
        shipped_labels: whether the pool's labels are those that ship.
        layers: layers of the teacher that the student kept; empty: there was no student.
        inner: inner units that each of them kept.
    """

    base: str
    base_network: str
    network: str
    longest: int
    shipped_labels: bool
    layers: tuple[int, ...]
    inner: int

    @property
    def recipe(self) -> str:
        """The stages that ran."""
        ground = "ground (emotions, stance toward given targets)"
        labels = "court labels, fictional texts"
        if not self.layers:
            return f"{ground} → the base fine-tuned ({labels}), which is the model."
        kept = ", ".join(str(number + 1) for number in self.layers)
        return (
            f"{ground} → teacher, the base fine-tuned ({labels}) → student of its\n"
            f"layers {kept} with {self.inner:,} inner units each, those that matter most, taught by\n"
            "labels and by the teacher's probabilities of the pool."
        )


def shape(config: object) -> str:
    """Layers, widths and vocabulary of a `transformers` configuration, in words."""
    names = (
        ("model_type", "{}"),
        ("num_hidden_layers", "{} layers"),
        ("hidden_size", "width {:,}"),
        ("intermediate_size", "inner width {:,}"),
        ("vocab_size", "{:,} tokens"),
    )
    return ", ".join(
        text.format(getattr(config, name)) for name, text in names if hasattr(config, name)
    )


def write(path: Path, name: str, settled: Settled, inputs: Material, making: Making) -> None:
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
            base=making.base,
            base_network=making.base_network,
            network=making.network,
            longest=making.longest,
            recipe=making.recipe,
            labellers=_BY_A_MODEL if making.shipped_labels else _BY_OTHERS,
            pool_use="labelled by the teacher network in training (self-training)"
            if making.layers
            else "of which only the characters were used",
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
