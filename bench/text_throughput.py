"""Posts per second of the text room on generated fictional posts; prints a table.

Run: ``python -m bench.text_throughput [posts]`` (default 5,000; one process, one core).
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from text.bigrams import index_terms
from text.case_numbers import find
from text.near_duplicates import clusters, signature
from text.normalise import clean
from text.redaction import redact

PLACES = ("江澜市", "云岫区", "青崖县", "望川区", "白榆县")
CLAUSES = (
    "法院今天公开开庭审理物业费案", "立案排了三次队还没立上", "执行款到现在没有发", "希望公开庭审视频", "判决书写得很清楚",
    "12368打了一上午没人接", "网上立案系统又打不开", "合议庭当庭宣判", "这个结果大家不服", "给耐心解释的法官点赞",
    "二审什么时候有消息", "欠的工资终于拿到了", "一审判了三年", "说好的十日内答复呢", "旁听席坐满了人",
)  # fmt: skip
IDENTIFIERS = (
    "电话138{:08d}", "身份证33990119900101{:04d}", "住在和平路{}号3幢501室", "（2026）浙0106民初{}号", "@路人{} ", "车牌浙A{:05d}",
)  # fmt: skip
CAMPAIGN = "请公开物业费案全部庭审视频，还业主一个公道，全城都在等一个说法"


def posts(number: int) -> list[str]:
    """Fictional posts of 20–140 characters: 30 % hold identifiers, 20 % copy one campaign."""
    chance = random.Random(137)
    made: list[str] = []
    for _ in range(number):
        if chance.random() < 0.2:
            made.append(CAMPAIGN + "！" * chance.randrange(4))
            continue
        words = chance.sample(CLAUSES, chance.randint(2, 9))
        if chance.random() < 0.3:
            words.insert(1, chance.choice(IDENTIFIERS).format(chance.randrange(10000)))
        made.append(chance.choice(PLACES) + "，".join(words) + "。")
    return made


def each(function: Callable[[str], object]) -> Callable[[list[str]], object]:
    """Apply `function` to every post."""
    return lambda texts: [function(text) for text in texts]


def main(number: int) -> None:
    """Time each operation over the same posts and print posts/s."""
    texts = posts(number)
    operations: dict[str, Callable[[list[str]], object]] = {
        "clean": each(clean),
        "redact": each(redact),
        "find case numbers": each(find),
        "index terms": each(index_terms),
        "signature": each(signature),
        "clusters (0.8)": clusters,
    }
    characters = sum(map(len, texts)) / len(texts)
    table = Table(title=f"{number:,} fictional posts, {characters:.0f} characters on average")
    table.add_column("operation")
    table.add_column("posts/s", justify="right")
    table.add_column("µs/post", justify="right")
    for name, operation in operations.items():
        start = time.process_time()
        operation(texts)
        seconds = time.process_time() - start
        table.add_row(name, f"{number / seconds:,.0f}", f"{seconds / number * 1e6:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
