"""Commands that look into labels: label texts by hand, explain what the model says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from courtpulse.cli.printing import Json, output, print_error, print_json, print_table
from courtpulse.flow import Flow, opened
from domain.annotation import Annotation
from domain.errors import BadInput, CourtpulseError, NotFound
from domain.posts import Platform
from domain.protocols import Reading

if TYPE_CHECKING:
    from nlp.labelling.answers import Label

_POST_ID = 32


def label(
    texts: Annotated[
        Path | None, typer.Argument(help="Texts with id and text, JSONL, plain or .xz.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Label file; ids and labels, no texts.")] = Path(
        "labels.jsonl"
    ),
    labelling_round: Annotated[int, typer.Option("--round", min=1, help="Kept with labels.")] = 1,
    limit: Annotated[int, typer.Option(min=1, help="Texts to ask at most.")] = 50,
    show_guess: Annotated[
        bool, typer.Option(help="Show the model's guess before the answer; Enter accepts it.")
    ] = False,
    again: Annotated[
        Path | None, typer.Option(help="Second blind pass: ask the texts of this label file.")
    ] = None,
    agreement: Annotated[
        tuple[Path, Path] | None, typer.Option(help="Print κ of two label files and stop.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Label texts by keyboard, the most useful first; goes on where it stood."""
    if agreement is not None:
        _print_agreement(agreement, as_json)
        return
    if texts is None:
        raise BadInput("no texts named", remedy="courtpulse label TEXTS.jsonl --out FILE")
    with opened() as flow:
        _Session(flow, out, labelling_round, show_guess).run(texts, again, limit)


def explain(
    text: Annotated[str, typer.Argument(help="A text, or the id of a post in the index.")],
    platform: Annotated[Platform, typer.Option(help="Where the text stood.")] = Platform.WEIBO,
    words: Annotated[int, typer.Option(min=1, help="Words per label at most.")] = 5,
    as_json: Json = False,
) -> None:
    """Say why the model labels a text as it does: label, score, threshold, words with weights."""
    from courtpulse.explain import LabelExplainer

    with opened() as flow:
        reading = _reading(flow, text, platform)
        found = LabelExplainer(flow.rooms.annotator).all_fields(reading, words)
    if as_json:
        print_json(found)
        return
    print_table(
        ("field", "label", "score", "threshold", "", "words (log-odds lost without them)"),
        [
            (
                one.field, one.label, f"{one.score:.2f}",
                "" if one.threshold is None else f"{one.threshold:.2f}",
                "unsure" if one.unsure else "",
                "  ".join(f"{word} {weight:+.2f}" for _, word, weight in one.words),
            )
            for one in found
        ],
    )  # fmt: skip


def _reading(flow: Flow, text: str, platform: Platform) -> Reading:
    if len(text) == _POST_ID and set(text) <= set("0123456789abcdef"):
        found = flow.rooms.store.get([text])
        if not found:
            raise NotFound(f"no post {text} in the index", remedy="courtpulse search shows ids")
        return Reading(found[0].post.full_text, found[0].post.platform)
    return Reading(text, platform)


def _print_agreement(files: tuple[Path, Path], as_json: bool) -> None:
    from nlp.labelling.agreement import agreement
    from nlp.labelling.answers import read_labels

    one, other = (read_labels(file) for file in files)
    found = agreement(one, other)
    if as_json:
        print_json(found)
        return
    print_table(
        ("field", "n", "same", "κ", "95 % low", "high"),
        [
            (a.field, a.n, f"{a.same:.3f}", _figure(a.kappa), _figure(a.low), _figure(a.high))
            for a in found
        ],
    )


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


class _Session:
    """Asks text after text; every answer is on the disk before the next is shown."""

    def __init__(self, flow: Flow, out: Path, labelling_round: int, show_guess: bool) -> None:
        from nlp.labelling.answers import read_labels

        self._annotator, self._topics = flow.rooms.annotator, flow.rooms.topics
        self._ids = tuple(self._topics)
        self._out, self._round, self._show = out, labelling_round, show_guess
        self._done = read_labels(out)

    def run(self, texts: Path, again: Path | None, limit: int) -> None:
        """Ask until `limit` texts are labelled, none is left, or the labeller stops."""
        from nlp.labelling.answers import read_labels
        from nlp.labelling.keys import menu
        from nlp.labelling.queue import order, read_texts

        items = read_texts(texts)
        if again is not None:
            wanted = read_labels(again)
            items = [item for item in items if item.id in wanted]
        waiting = order([item for item in items if item.id not in self._done], self._annotator)
        for line in menu([topic.zh for topic in self._topics.values()]):
            output.print(escape(line))
        place, asked = 0, waiting[:limit]
        while place < len(asked):
            item, guess = asked[place]
            output.rule(f"{place + 1}/{len(asked)}  {item.reading.platform}")
            output.print(escape(item.reading.text))
            if self._show:
                output.print(f"模型：{escape(_words(guess))}")
            step = self._ask(item.id, guess)
            if step is None:
                break
            place = max(0, place + step)
        output.print(f"{self._out}: {len(self._done)}")

    def _ask(self, item_id: str, guess: Annotation) -> int | None:
        """How many texts to go on; None to stop."""
        from nlp.labelling.answers import add_label
        from nlp.labelling.keys import read

        while True:
            try:
                line = input("> ").strip()
            except EOFError:
                return None
            if line in ("q", "s", "b"):
                return {"q": None, "s": 1, "b": -1}[line]
            if line == "?":
                output.print(escape(_guideline()))
                continue
            try:
                label = (
                    _accepted(item_id, guess, self._round)
                    if self._takes(line)
                    else read(line or "-", item_id, self._ids, self._round)
                )
            except CourtpulseError as error:
                print_error(error)
                continue
            add_label(self._out, label)
            self._done[item_id] = label
            if not self._show:
                output.print(f"模型：{escape(_words(guess))}")
            return 1

    def _takes(self, line: str) -> bool:
        return self._show and not line


def _accepted(item_id: str, guess: Annotation, labelling_round: int) -> Label:
    from nlp.labelling.answers import Label

    return Label(
        item_id, guess.target.value, guess.sentiment.value, guess.topics, guess.demand.value,
        guess.irony, False, 1, labelling_round,
    )  # fmt: skip


def _words(guess: Annotation) -> str:
    irony = " 反讽" if guess.irony else ""
    return f"{guess.target}/{guess.sentiment} {'、'.join(guess.topics)} {guess.demand}{irony}"


def _guideline() -> str:
    import nlp

    return (Path(nlp.__file__).parent / "annotation_guideline.md").read_text(encoding="utf-8")


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    app.command()(label)
    app.command()(explain)
