"""Commands that look: search, doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from courtpulse.cli.printing import Json, local, output, print_json, print_table
from courtpulse.doctor import Finding, examine
from courtpulse.flow import opened
from courtpulse.settings import Settings
from domain.protocols import Query


def search(
    words: Annotated[str, typer.Argument(help="Words; all must occur.")],
    case: Annotated[list[str] | None, typer.Option(help="Only posts of these cases.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: Json = False,
) -> None:
    """Search the index, newest first."""
    with opened() as flow:
        query, store = Query(text=words, cases=tuple(case or ())), flow.rooms.store
        page = store.search(query, limit=limit)
        texts = sum(cell.distinct or 0 for cell in store.counts(query, (), distinct=True))
    if as_json:
        print_json(page)
        return
    print_table(
        ("id", "published", "source", "target", "sentiment", "text"),
        [
            (
                item.post.id[:12], local(item.post.published_at), item.post.source,
                item.annotation.target, item.annotation.sentiment, item.post.full_text[:60],
            )
            for item in page.posts
        ],
    )  # fmt: skip
    output.print(f"{len(page.posts)} of {page.total} posts, {texts} different texts")


def doctor(as_json: Json = False) -> None:
    """Say what is missing on this machine and what to do about it."""
    findings = examine(Settings.load())
    if as_json:
        print_json(findings)
    else:
        print_table(("", "what", "state", "what to do"), [_line(finding) for finding in findings])
    raise typer.Exit(1 if any(finding.broken for finding in findings) else 0)


def _line(finding: Finding) -> tuple[str, str, str, str]:
    mark = "ok" if finding.ok else ("!!" if finding.broken else "--")
    return mark, finding.what, finding.state, finding.remedy


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    app.command()(search)
    app.command()(doctor)
