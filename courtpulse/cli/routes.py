"""`courtpulse routes`, `courtpulse deliveries`: who is told, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from courtpulse.cli.printing import Json, errors, local, print_facts, print_json, print_table
from courtpulse.flow import opened
from domain.alerts import Level
from domain.errors import ConfigurationError, NotFound
from domain.time import system_clock

app = typer.Typer(help="Who is told of what, over which channel.", no_args_is_help=True)


@app.command()
def check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Check a routes file and show who would be told now. Nothing is sent."""
    from alerts.notices import Kind, Notice, sample
    from alerts.open_routes import load_routes

    now = system_clock()
    routing = load_routes(file)
    print_table(
        ("channel", "kind", "most a minute"),
        [
            (name, channel.notifier.kind, _a_minute(channel.notifier.rates))
            for name, channel in routing.channels.items()
        ],
    )

    def told(level: Level, step: int) -> str:
        notice = Notice(Kind.ALERT, sample(level, now), step=step)
        return ", ".join(routing.channels_for(notice, now)[0]) or "nobody"

    print_table(
        ("level", "told now", "when nobody answers", "then"),
        [(level, told(level, 0), told(level, 1), told(level, 2)) for level in Level],
    )
    print_table(
        ("nobody on duty from", "to"),
        [
            (local(start), local(end))
            for start, end in (routing.roster.holes(now) if routing.roster.shifts else [])
        ],
    )
    courts = sorted({court for route in routing.routes for court in route.courts}) or [""]
    print_table(
        ("no route takes", "of", "from", "to"),
        [
            (level, court or "any court", local(start), local(end))
            for level in Level
            for court in courts
            for start, end in routing.uncovered(level, court, now)
        ],
    )


def _a_minute(rates: tuple[object, ...]) -> str:
    from domain.protocols import Rate

    found = [rate for rate in rates if isinstance(rate, Rate) and rate.per.total_seconds() == 60]
    return str(found[0].messages) if found else "no limit"


@app.command()
def test(channel: str) -> None:
    """Send a message marked as a test over one channel of the routes file, now."""
    from alerts.notices import trial_notice
    from alerts.outbox import send_one

    with opened() as flow:
        rooms = flow.rooms
        if rooms.settings.routes is None:
            raise ConfigurationError(
                "there is no routes file", remedy="write one and set COURTPULSE_ROUTES"
            )
        if channel not in rooms.routing.channels:
            known = ", ".join(rooms.routing.channels) or "none"
            raise NotFound(f"no channel {channel!r}", remedy=f"known: {known}")
        address = f"http://{rooms.settings.host}:{rooms.settings.port}"
        notice = trial_notice(channel, rooms.clock(), address)
        send_one(rooms.records, rooms.routing.channels[channel], notice, rooms.clock)
        print_facts({"channel": channel, "taken": True}, as_json=False)


def deliveries(
    dead: Annotated[bool, typer.Option(help="Only those given up.")] = False,
    resend: Annotated[bool, typer.Option(help="Try those given up again, now.")] = False,
    as_json: Json = False,
) -> None:
    """List notifications and what became of them, newest first."""
    with opened() as flow:
        records = flow.rooms.records.deliveries
        if resend:
            errors.print(f"{records.revive()} revived")
            flow.notify()
        found = records.listed(*(("dead",) if dead else ()))
    if as_json:
        print_json(found)
        return
    print_table(
        ("queued", "about", "channel", "kind", "state", "attempts", "error"),
        [
            (
                local(item.created_at), item.notification.key, item.channel, item.kind, item.state,
                item.attempts, item.error,
            )
            for item in found
        ],
    )  # fmt: skip


def add_to(root: typer.Typer) -> None:
    """Register the commands of this file."""
    root.add_typer(app, name="routes")
    root.command()(deliveries)
