"""The 12368 hotline of the fictional court: tickets, and the CSV its ticket system exports."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from demo.cast import COURTS
from demo.model import Ticket
from demo.timeline import spread
from demo.wording import Writer, read_sentences
from domain.time import SHANGHAI

TICKETS = 200
#: Columns of the export, as the mapping `crawlers/mappings/hotline_12368.yml` reads them.
COLUMNS = (
    "工单号", "受理时间", "来电人", "来电号码", "诉求类别", "诉求标题", "诉求内容", "承办单位",
    "办理状态",
)  # fmt: skip
_MOODS = {"consult": 0.5, "negative": 0.38, "positive": 0.12}
_SURNAMES = "江云岫崖川榆澜石"
#: Words by which a ticket names a case.
_CASES = {"贺某再审案": "retrial", "青崖工资执行案": "wages", "锦棠里物业费案": "fee"}
_FILING_COURT = "云岫区人民法院"
_COURT_OF = {"retrial": COURTS[0], "wages": "青崖县人民法院", "fee": COURTS[0]}


def make_tickets(chance: random.Random, start: datetime, end: datetime) -> tuple[Ticket, ...]:
    """Return `TICKETS` tickets within [start, end), oldest first; some callers call again."""
    writer = Writer(chance)
    phones = [f"1990000{chance.randrange(10_000):04d}" for _ in range(160)]
    tickets = []
    for number, moment in enumerate(spread(chance, start, end, TICKETS), 1):
        mood = chance.choices(list(_MOODS), list(_MOODS.values()))[0]
        line = chance.choice(read_sentences("tickets")[mood])
        case_id = next((case for words, case in _CASES.items() if words in line), "")
        court = _COURT_OF.get(case_id) or chance.choice(COURTS)
        if "网上立案" in line and (mood == "negative" or court == _FILING_COURT):
            court, case_id = _FILING_COURT, "filing"
        category, title, text = writer.fill(line, court=court).split("|")
        tickets.append(
            Ticket(
                number=f"GD{moment.astimezone(SHANGHAI):%Y%m%d}{number:04d}",
                moment=moment.replace(microsecond=0),
                category=category,
                title=title,
                text=text,
                court=court,
                caller=f"{chance.choice(_SURNAMES)}{chance.choice(('先生', '女士'))}",
                phone=chance.choice(phones),
                mood=mood,
                case_id=case_id,
            )
        )
    return tuple(tickets)


def write_tickets(tickets: Iterable[Ticket], path: Path) -> None:
    """Write the export as UTF-8 CSV with a byte-order mark, as spreadsheets want it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for ticket in tickets:
            received = ticket.moment.astimezone(SHANGHAI)
            writer.writerow(
                (
                    ticket.number, f"{received:%Y-%m-%d %H:%M:%S}", ticket.caller, ticket.phone,
                    ticket.category, ticket.title, ticket.text, ticket.court, "办理中",
                )
            )  # fmt: skip
