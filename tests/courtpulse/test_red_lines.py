"""Red lines (practice.md §6) over the whole program; each room's own are tested beside it.

Columns: tests/records/test_schema.py and tests/contracts. Routes: tests/desk/test_routes.py.
"""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import fields
from pathlib import Path

from domain.annotation import AnnotatedPost, Annotation, CaseLink
from domain.posts import CollectedPost, Post
from nlp import topics

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("alerts", "charts", "courtpulse", "crawlers", "dags", "desk", "domain", "index", "nlp",
         "records", "reports", "text")  # fmt: skip
#: Packages that post, message, automate browsers or buy followers.
_POSTING = re.compile(
    r"tweepy|weibo|wechat|wxpy|itchat|facebook|instagram|telegram|discord|slack|mastodon|praw"
    r"|selenium|playwright|pyppeteer|splinter|twilio|undetected|fake.?useragent|captcha|proxy"
)
_SENDING = {
    "httpx", "requests", "aiohttp", "urllib3", "urllib.request", "http.client", "smtplib",
    "ftplib", "websockets", "elasticsearch", "opensearchpy", "apprise", "huggingface_hub",
}  # fmt: skip
#: Alerts to the house's own channels, the index's cluster, its dashboards, our own pages and
#: Airflow on the loopback; a model downloaded by the command that says so.
_WAYS_OUT = {
    "alerts/outbound.py", "alerts/notifiers/apprise.py", "courtpulse/up.py", "courtpulse/airflow_queue.py",
    "index/dashboards/install.py",
    "index/elasticsearch.py", "index/opensearch.py", "nlp/encoder/hub.py",
}  # fmt: skip
#: What nobody may be sorted by (个人信息保护法 28).
_SENSITIVE = (
    "宗教",
    "信仰",
    "民族",
    "种族",
    "健康",
    "疾病",
    "政治倾向",
    "政治立场",
    "性取向",
    "党派",
)
#: Departments of a court that judge.
_JUDGES = re.compile(r"审判庭|审判团队|合议庭|刑.?庭|民.?庭|行政庭|独任")


def test_a_post_has_no_field_for_a_person() -> None:
    names = {
        field.name for kind in (Post, Annotation, CaseLink, AnnotatedPost) for field in fields(kind)
    }
    assert "published_at" in names
    banned = re.compile(r"author|user|screen|nick|gender|sex|region|province|city|birth|phone")
    assert {name for name in names if banned.search(name)} == {"counts_as_author"}
    assert {field.name for field in fields(CollectedPost)} - {"post"} == {"author_tokens"}


def test_nothing_we_depend_on_posts_anywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = (project["dependencies"], *project["optional-dependencies"].values())
    needed = [name for group in groups for name in group]
    assert len(needed) > 20
    assert [name for name in needed if _POSTING.search(name.lower())] == []


def test_the_ways_out_of_the_house_are_listed() -> None:
    """Whatever imports something that can send: a new one is a decision, not an accident."""
    found = {
        str(module.relative_to(ROOT))
        for room in ROOMS
        for module in (ROOT / room).rglob("*.py")
        if _imports(module) & _SENDING
    }
    assert found == _WAYS_OUT


def test_spiders_only_read() -> None:
    modules = list((ROOT / "crawlers").rglob("*.py"))
    assert any("Request(" in module.read_text(encoding="utf-8") for module in modules)
    for module in modules:
        text = module.read_text(encoding="utf-8")
        assert not re.search(
            r"FormRequest|JsonRequest|method\s*=|['\"](POST|PUT|DELETE)['\"]", text
        ), module


def _imports(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_topics_sort_no_people_and_burden_no_judge() -> None:
    shipped = topics.load().values()
    assert shipped
    for topic in shipped:
        assert not [word for word in _SENSITIVE if word in topic.zh], topic.id
        assert not _JUDGES.search(topic.owner_dept), topic.id
