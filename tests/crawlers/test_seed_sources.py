"""Listed hearings and outside news volume over a real server: days and numbers, no posts, no persons."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.jobs import Outcome
from crawlers.quarantine import Quarantine
from crawlers.replay import reread
from domain.errors import BadInput, ConfigurationError
from domain.sources import GapReason
from domain.time import system_clock

JUDGE, LITIGANT = "示例法官白某", "原告岑某"


def entry(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "caseId": str(9_900_000_000 + number), "title": f"{LITIGANT}诉某公司一案",
        "courtName": "望川区人民法院", "caseNo": f"（2026）浙9902民初{number}号",
        "caseCause": "物业服务合同纠纷", "judge": JUDGE, "beginTime": "2026-11-23 09:00:00",
    } | changes  # fmt: skip


class Court:
    """The platform's list, paged; remembers what was told besides posts."""

    def __init__(self, crawl: Any, local_site: Any, page: Any) -> None:
        self.crawl, self.site, self.page = crawl, local_site, page
        self.entries: list[dict[str, Any]] = []
        self.blank: set[int] = set()
        self.told: list[Outcome] = []
        local_site.pages["/search/a/revmor/full"] = page(make=self.answer)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        query = {k: v[0] for k, v in parse_qs(urlsplit(handler.path).query).items()}
        assert query["dataType"] == "2"
        page, size = int(query["pageNumber"]), int(query["pageSize"])
        shown = [] if page in self.blank else self.entries[(page - 1) * size : page * size]
        total = -(-len(self.entries) // size)
        body = {"resultList": shown, "paging": {"pageNumber": page, "pageTotal": total}}
        self.site.answer(handler, self.page(json.dumps(body).encode()))

    def run(self, **keys: Any) -> Any:
        source = self.crawl.declare(
            "hearings", endpoint=f"{self.site.url}/search/a/revmor/full", page_size=2, **keys
        )
        return self.crawl.run(source, told=self.told.append)


@pytest.fixture
def court(crawl: Any, local_site: Any, page: Any) -> Court:
    return Court(crawl, local_site, page)


def held(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_hearings_are_told_and_nobody_is_kept(court: Court) -> None:
    court.entries = [
        entry(1), entry(2, caseNo="（2026）浙9902民初×××号"), entry(3, beginTime="今天 09:30"),
        entry(4, beginTime="2026-12-24 09:00:00"), entry(5),
    ]  # fmt: skip
    run = court.run()
    assert (run.gap, run.seen, run.new, run.rejected) == (None, 5, 0, 1)
    [told] = court.told
    assert [hearing.number for hearing in told.hearings] == [
        "（2026）浙9902民初1号", "（2026）浙9902民初4号", "（2026）浙9902民初5号",
    ]  # fmt: skip
    assert told.hearings[0].begins_at == datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert told.hearings[0].link == f"{court.site.url}/live/9900000001"
    assert court.crawl.posts == []
    assert not any(name in repr(told) for name in (JUDGE, LITIGANT))
    stored = held(court.crawl.data)
    assert not any(name.encode() in stored for name in (JUDGE, LITIGANT))


def test_only_the_newest_pages_are_read_and_a_hole_is_a_gap(court: Court) -> None:
    court.entries = [entry(number) for number in range(1, 10)]
    assert court.run(max_pages=2).gap is None
    assert len(court.told[0].hearings) == 4
    court.blank = {2}
    assert court.run(max_pages=3).gap is GapReason.BLANK_PAGE
    court.blank = {1}
    assert court.run().gap is GapReason.BLANK_PAGE


def test_each_court_is_a_list_of_its_own(court: Court) -> None:
    court.entries = [entry(1)]
    assert court.run(court_codes=["3901", "3902"]).gap is None
    codes = [parse_qs(urlsplit(path).query)["courtCode"] for path in court.site.paths]
    assert codes == [["3901"], ["3902"]]
    assert len(court.told[0].hearings) == 1


def test_a_broken_entry_read_again_is_refused_and_stays_for_its_week(court: Court) -> None:
    """There is no post to make of it; the next run reads the list anew."""
    court.entries = [entry(1), entry(2, caseNo="不是案号")]
    court.run()
    source = court.crawl.declare("hearings", endpoint=f"{court.site.url}/search/a/revmor/full")
    quarantine = Quarantine(court.crawl.data / "quarantine", system_clock)
    [reject] = quarantine.list()
    read: list[bytes] = []
    quarantine.replay(reject.id, read.append)
    with pytest.raises(BadInput, match="no post"):
        reread(source, read[0], reject.where, system_clock())


def test_hearings_obey_robots(court: Court) -> None:
    with pytest.raises(ConfigurationError, match="only obey"):
        court.crawl.declare(
            "hearings", endpoint="https://a.example/", robots="granted", license_ref="x"
        )
    court.entries = [entry(1)]
    court.site.pages["/robots.txt"] = court.page(b"User-agent: *\nDisallow: /\n")
    assert court.run().gap is GapReason.ROBOTS


def timeline(values: list[Any], resolution: str = "day") -> bytes:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    data = [
        {"date": f"{start + timedelta(days=day):%Y%m%dT%H%M%SZ}", "value": value, "norm": 10**5}
        for day, value in enumerate(values)
    ]
    return json.dumps(
        {"query_details": {"title": "x", "date_resolution": resolution},
         "timeline": [{"series": "Article Count", "data": data}]}
    ).encode()  # fmt: skip


@pytest.mark.parametrize(
    ("body", "reason", "buckets"),
    [
        (timeline([4, 0, 9]), None, 3),
        (timeline([]), GapReason.BLANK_PAGE, 0),
        (timeline([1, -1]), GapReason.BAD_BODY, 0),
        (timeline([1, 10**40]), GapReason.BAD_BODY, 0),
        (timeline([1, "7"]), GapReason.BAD_BODY, 0),
        (timeline([1], "century"), GapReason.BAD_BODY, 0),
        (timeline([4, 0, 9])[:-9], GapReason.BAD_BODY, 0),
        (b"Your query was too short or too long.", GapReason.BAD_BODY, 0),
        (b"{}", GapReason.BAD_BODY, 0),
        (b"", GapReason.BAD_BODY, 0),
    ],
)
def test_gdelt_gives_numbers_or_says_why_not(
    crawl: Any, local_site: Any, page: Any, body: bytes, reason: GapReason | None, buckets: int
) -> None:
    local_site.pages["/api/v2/doc/doc"] = page(body)
    source = crawl.declare(
        "gdelt", endpoint=f"{local_site.url}/api/v2/doc/doc", query="法院",
        robots="granted", license_ref="试验", delay="5s",  # else five seconds lie between robots.txt and this
    )  # fmt: skip
    told: list[Outcome] = []
    run = crawl.run(source, told=told.append)
    assert (run.gap, run.new, len(told[0].volumes)) == (reason, 0, buckets)
    assert crawl.posts == []
    [asked] = [parse_qs(urlsplit(path).query) for path in local_site.paths]
    assert (asked["mode"], asked["format"]) == (["timelinevolraw"], ["json"])


def test_gdelt_is_not_asked_in_haste_or_beyond_its_window(crawl: Any) -> None:
    for keys in ({"delay": "1s"}, {"window": "120d"}, {"window": "1d"}):
        with pytest.raises(ConfigurationError):
            crawl.declare("gdelt", endpoint="https://a.example/", query="法院", **keys)
