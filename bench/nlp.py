"""One table of quality and speed: `python -m bench.nlp [--file LABELLED.jsonl …] [--posts N]`.

The shipped model beside the linear one, SnowNLP, cnsenti, keyword rules and a BERT-base with random
weights (its speed doesn't depend on them). One core, one thread, one run; peers that aren't
installed are named and left out. Quality is on the fictional gold files, or on files given.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import argparse  # noqa: E402
import importlib.util  # noqa: E402
import itertools  # noqa: E402
import json  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from domain.annotation import IRRELEVANT, Annotation, Sentiment, Target  # noqa: E402
from domain.protocols import Reading  # noqa: E402
from nlp import corpus, evaluation, topics, training  # noqa: E402
from nlp.corpus import LabelledText  # noqa: E402
from nlp.topics import FALLBACK  # noqa: E402

GOLD = Path(__file__).parents[1] / "tests" / "gold"
#: Characters of the pool's texts at each twentieth of them (mean 88).
LENGTHS = (8, 11, 13, 15, 16, 17, 20, 25, 31, 37, 43, 48, 53, 67, 82, 103, 131, 157, 218, 483)
METRICS = ("joint_accuracy", "court_negative_f1", "irrelevant_recall", "topics_concern_micro_f1")
COURT_WORDS = ("法院", "法官", "法庭", "判决", "审判", "执行局", "立案", "开庭", "12368", "判")
BAD_WORDS = ("不", "没", "黑", "拖", "差", "乱", "枉", "凭什么", "垃圾", "推", "投诉", "反映")
GOOD_WORDS = ("感谢", "谢谢", "支持", "点赞", "公正", "判得好", "热情", "耐心")
Work = Callable[[Sequence[Reading]], list[Annotation] | None]


def readings(count: int) -> list[Reading]:
    """Fictional texts cut and joined to the lengths of public posts."""
    source = itertools.cycle(training.read_examples())
    made = []
    for length in itertools.islice(itertools.cycle(LENGTHS), count):
        text = next(source)
        joined = text.text
        while len(joined) < length:
            joined += next(source).text
        made.append(Reading(joined[:length], text.platform))
    return made


def labelled(reading: Reading, mood: Sentiment, found: tuple[str, ...] = ()) -> Annotation:
    """What a sentiment tool can say of a court: a court word makes the mood one toward it."""
    if not any(word in reading.text for word in COURT_WORDS):
        return Annotation(Target.OTHER, mood, (IRRELEVANT,))
    return Annotation(Target.COURT, mood, found or (FALLBACK,))


def snownlp() -> Work:
    """SnowNLP's sentiment, trained on shop reviews."""
    from snownlp import SnowNLP

    def mood(text: str) -> Sentiment:
        share = SnowNLP(text).sentiments if text.strip() else 0.5
        if share < 0.4:
            return Sentiment.NEGATIVE
        return Sentiment.POSITIVE if share > 0.6 else Sentiment.NEUTRAL

    return lambda given: [labelled(one, mood(one.text)) for one in given]


def cnsenti() -> Work:
    """cnsenti's dictionary counts."""
    from cnsenti import Sentiment as Counter

    counter = Counter()

    def mood(text: str) -> Sentiment:
        counts = counter.sentiment_count(text)
        difference = counts["pos"] - counts["neg"]
        if difference < 0:
            return Sentiment.NEGATIVE
        return Sentiment.POSITIVE if difference > 0 else Sentiment.NEUTRAL

    return lambda given: [labelled(one, mood(one.text)) for one in given]


def keyword_rules() -> Work:
    """Words of the topic catalogue and a few words of blame and praise."""
    catalogue = [t for t in topics.load().values() if t.id not in (IRRELEVANT, FALLBACK)]

    def one(reading: Reading) -> Annotation:
        found = tuple(t.id for t in catalogue if any(word in reading.text for word in t.keywords))
        bad = sum(word in reading.text for word in BAD_WORDS)
        good = sum(word in reading.text for word in GOOD_WORDS)
        mood = Sentiment.NEGATIVE if bad > good else Sentiment.POSITIVE
        return labelled(reading, mood if bad != good else Sentiment.NEUTRAL, found[:3])

    return lambda given: [one(reading) for reading in given]


def bert_base() -> Work:
    """BERT-base in torch fp32, batches of 16 sorted by length, at most 96 tokens."""
    import torch
    from transformers import BertConfig, BertModel

    torch.set_num_threads(1)
    model = BertModel(BertConfig(vocab_size=21128), add_pooling_layer=False).eval()

    def work(given: Sequence[Reading]) -> None:
        lengths = sorted(min(96, len(one.text) + 2) for one in given)
        with torch.no_grad():
            for start in range(0, len(lengths), 16):
                batch = lengths[start : start + 16]
                mask = torch.tensor([[int(i < n) for i in range(batch[-1])] for n in batch])
                model(input_ids=mask * 100, attention_mask=mask)

    return work


def neural() -> Work:
    """The model that ships."""
    from nlp.encoder.serving import NeuralAnnotator

    return NeuralAnnotator.load().annotate


def linear() -> Work:
    """The linear model."""
    from nlp.linear import LinearAnnotator

    return LinearAnnotator.load().annotate


#: Name, what makes it, module it needs, share of the posts its speed is measured on.
PEERS: tuple[tuple[str, Callable[[], Work], str, float], ...] = (
    ("shipped", neural, "onnxruntime", 1.0),
    ("linear", linear, "sklearn", 1.0),
    ("SnowNLP", snownlp, "snownlp", 0.25),
    ("cnsenti", cnsenti, "cnsenti", 0.25),
    ("keyword rules", keyword_rules, "yaml", 1.0),
    ("BERT-base fp32", bert_base, "torch", 0.04),
)


def main() -> None:
    """Measure and print one JSON object a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, action="append", help="labelled texts")
    parser.add_argument("--posts", type=int, default=2000)
    given = parser.parse_args()
    files = given.file or [GOLD / "annotation.jsonl", GOLD / "annotation_hard.jsonl"]
    sets = {file.stem: [t for t in corpus.read(file) if not t.unsure] for file in files}
    posts = readings(given.posts)
    # First: a child's peak memory counts what its parent held when it was started.
    print(json.dumps({"name": "start of the shipped model", **start()}), flush=True)
    for name, make, needed, share in PEERS:
        if importlib.util.find_spec(needed) is None:
            print(json.dumps({"name": name, "left out": f"{needed} isn't installed"}))
            continue
        work = make()
        row: dict[str, Any] = {"name": name}
        some = posts[: max(20, int(len(posts) * share))]
        row["posts_per_second"] = round(rate(work, some), 1)
        row["quality"] = {stem: quality(work, texts) for stem, texts in sets.items()}
        print(json.dumps(row, ensure_ascii=False), flush=True)


def rate(work: Work, posts: Sequence[Reading]) -> float:
    """Posts a second of processor time, best of three; a busy machine doesn't blur it."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for first in range(0, len(posts), 256):
            work(posts[first : first + 256])
        best = min(best, time.process_time() - began)
    return len(posts) / best


def quality(work: Work, texts: Sequence[LabelledText]) -> dict[str, float | None] | None:
    """The headlines; None of what only shows speed."""
    said = work([text.reading for text in texts])
    if said is None:
        return None
    found = evaluation.measure(texts, said, resamples=1)
    return {name: found[name]["value"] for name in METRICS}


def start() -> dict[str, float]:
    """Seconds from the start of a process to its first annotation, and its memory, best of three."""
    script = (
        "import json, resource, time\n"
        "from nlp.encoder.serving import NeuralAnnotator\n"
        "from domain.protocols import Reading\n"
        "from domain.posts import Platform\n"
        "NeuralAnnotator.load().annotate([Reading('法院判得好', Platform.WEIBO)] * 300)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"
    )
    seconds, memory = [], 0.0
    for _ in range(3):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        seconds.append(time.perf_counter() - began)
        memory = float(np.round(float(done.stdout), 1))
    return {"seconds_to_300_posts": round(min(seconds), 2), "memory_mb": memory}


if __name__ == "__main__":
    main()
