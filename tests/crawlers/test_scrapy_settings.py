"""What Scrapy offers and a crawl doesn't need is neither switched on nor imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

COMPONENTS = """
import json, sys
from pathlib import Path
from scrapy.settings import Settings
from crawlers.declarations import load
from crawlers.scrapy_settings import settings_for

settings = Settings(settings_for(load(Path(sys.argv[1])), ""))
tables = [settings.get_component_priority_dict_with_base(name)
          for name in ("EXTENSIONS", "DOWNLOADER_MIDDLEWARES")]
names = [name.rpartition(".")[2] for table in tables for name in table]
print(json.dumps([names, [name for name in ("aiohttp", "tldextract") if name in sys.modules]]))
"""


def test_closed_doors_cost_nothing(tmp_path: Path) -> None:
    declaration = tmp_path / "trial_feed.yml"
    declaration.write_text(
        "{title: 江澜试验来源, kind: feed, platform: news, basis: 公开网页, owner: 新闻办公室,"
        ' schedule: {every: 5m}, urls: ["http://127.0.0.1/rss"]}',
        encoding="utf-8",
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", COMPONENTS, str(declaration)]
    names, heavy = json.loads(subprocess.check_output(command, cwd=root, timeout=60))
    doors = {
        "TelnetConsole", "RemoteControl", "FeedExporter", "CookiesMiddleware",
        "HttpAuthMiddleware", "HttpCacheMiddleware", "MetaRefreshMiddleware",
        "OffsiteMiddleware", "RobotsTxtMiddleware",
    }  # fmt: skip
    assert doors.isdisjoint(names)
    assert {"AllowedHosts", "Robots", "RetryMiddleware", "CloseSpider", "AutoThrottle"} <= {*names}
    assert heavy == []
