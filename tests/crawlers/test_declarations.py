"""A source's YAML is read strictly: what isn't understood stops, and says where and what to do."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from crawlers.declarations import SITES, adapter, load, load_all
from crawlers.declared import (
    Expect,
    FeedSource,
    ImportSource,
    Schedule,
    Selectors,
    SiteSource,
    WeiboSource,
)
from domain.errors import ConfigurationError
from domain.posts import Platform

SITE = """\
title: 江澜新闻网
kind: site
platform: news
basis: 公开网页，遵守 robots.txt
owner: 新闻办公室
schedule: {every: 5m}
urls: ["https://news.jianglan.example/list.html"]
selectors: {link: "ul a"}
expect: {max_silence: 24h, min_items: 1}
"""
WEIBO = """\
title: 微博检索
kind: weibo_api
platform: weibo
basis: 授权
license_ref: 合同一号
owner: 新闻办公室
schedule: {cron: "*/5 * * * *"}
endpoint: https://api.weibo.example/2/search/statuses.json
queries: [云岫区 法院]
credentials: {access_token: WEIBO_TOKEN}
"""
IMPORT = """\
title: 热线工单
kind: import
platform: hotline
basis: 本院数据
license_ref: 内部规定一号
owner: 诉讼服务中心
schedule: {cron: "0 8 * * *"}
files: ["hotline-*.xlsx"]
mapping: hotline_12368
"""


def write(folder: Path, text: str, stem: str = "trial") -> Path:
    path = folder / f"{stem}.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key_arrives_with_its_type(tmp_path: Path) -> None:
    source = load(write(tmp_path, SITE))
    assert isinstance(source, SiteSource)
    assert source.source == "trial"
    assert source.platform is Platform.NEWS
    assert source.schedule.every == timedelta(minutes=5)
    assert source.expect.max_silence == timedelta(hours=24)
    assert source.urls == ("https://news.jianglan.example/list.html",)
    assert source.allowed_hosts == {"news.jianglan.example"}
    assert source.pool_name == "news_jianglan_example"
    assert source.robots == "obey"


def test_the_other_kinds_load_too(tmp_path: Path) -> None:
    weibo = load(write(tmp_path, WEIBO))
    assert isinstance(weibo, WeiboSource)
    assert weibo.schedule.cron == "*/5 * * * *"
    assert weibo.robots == "granted"
    ticket = load(write(tmp_path, IMPORT))
    assert isinstance(ticket, ImportSource)
    assert ticket.allowed_hosts == frozenset()


@pytest.mark.parametrize("text", [SITE, WEIBO, IMPORT])
def test_a_declaration_survives_the_way_to_the_spider(tmp_path: Path, text: str) -> None:
    source = load(write(tmp_path, text))
    assert adapter().validate_json(adapter().dump_json(source)) == source


@pytest.mark.parametrize(
    ("line", "named", "remedy"),
    [
        ("expects: {min_items: 1}", "unknown key expects", "spelling"),
        ("robots: ignore", "robots", "correct"),
        ("robots: granted", "only obey", "correct"),
        ("timeout: 5", "5 has no unit", "correct"),
        ("timeout: 2018-01-01", "timeout", "correct"),
        ("delay: -1s", "delay", "correct"),
        ("sample_rate: 2", "sample_rate", "correct"),
        ("sample_rate: 0", "sample_rate", "correct"),
        ("max_pages: '3'", "max_pages", "correct"),
        ("pages: https://news.jianglan.example/list.html", "{page}", "correct"),
        ("hosts: news.jianglan.example", "hosts", "correct"),
        ("credentials: {cookie: abc}", "credentials.cookie", "correct"),
        ("source: other", "unknown key source", "file's name"),
        ("title: 又一个", "'title' stands twice", "correct"),
        ("owner2: [", "is not YAML", "correct"),
    ],
)
def test_what_is_not_understood_is_named(
    tmp_path: Path, line: str, named: str, remedy: str
) -> None:
    path = write(tmp_path, f"{SITE}{line}\n")
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert named in str(caught.value)
    assert remedy in caught.value.remedy
    assert caught.value.where == str(path)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("kind: site", "kind: blog", "unknown kind"),
        ("kind: site\n", "", "missing key kind"),
        ("basis: 公开网页，遵守 robots.txt\n", "", "missing key basis"),
        ("basis: 公开网页，遵守 robots.txt", "basis: ''", "basis"),
        ("title: 江澜新闻网", f"title: {'江' * 201}", "title"),
        ("max_silence", "max_silent", "unknown key expect.max_silent"),
        ("{every: 5m}", "{every: 5m, cron: '* * * * *'}", "either every or cron"),
        ("{every: 5m}", "{}", "either every or cron"),
        ("https://news", "ftp://news", "http(s)"),
        ("https://news", "https://me:secret@news", "credentials into the environment"),
    ],
)
def test_wrong_values_are_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(write(tmp_path, SITE.replace(old, new)))
    assert named in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", [WEIBO, IMPORT])
def test_what_needs_a_grant_is_refused_without_one(tmp_path: Path, text: str) -> None:
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("license_ref"))
    with pytest.raises(ConfigurationError, match="license_ref is required"):
        load(write(tmp_path, bare))


def test_a_secret_in_the_yaml_is_refused_without_repeating_it(tmp_path: Path) -> None:
    text = WEIBO.replace("WEIBO_TOKEN", "2.00abcSecret")
    with pytest.raises(ConfigurationError) as caught:
        load(write(tmp_path, text))
    assert "2.00abcSecret" not in str(caught.value)


def test_files_that_are_no_declarations(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not a mapping"):
        load(write(tmp_path, "- a\n- b\n"))
    gbk = tmp_path / "gbk.yml"
    gbk.write_bytes("title: 江澜".encode("gbk"))
    with pytest.raises(ConfigurationError, match="save as UTF-8"):
        load(gbk)
    with pytest.raises(ConfigurationError, match="can't be read"):
        load(tmp_path / "absent.yml")


def test_a_source_may_be_declared_once(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    write(one, SITE, "news_a")
    write(one, WEIBO, "weibo_b")
    assert [source.source for source in load_all(one)] == ["news_a", "weibo_b"]
    write(two, SITE, "news_a")
    with pytest.raises(ConfigurationError, match="also declared"):
        load_all(one, two)
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_all(tmp_path / "none")


def test_what_ships_needs_no_grant_to_stay_quiet() -> None:
    shipped = load_all(SITES)
    assert {type(source) for source in shipped} >= {FeedSource, SiteSource, WeiboSource}
    assert not [source.source for source in shipped if source.enabled]


def test_every_key_is_documented() -> None:
    words = (SITES.parents[1] / "docs" / "sources.md").read_text(encoding="utf-8")
    kinds = (FeedSource, SiteSource, WeiboSource, ImportSource, Expect, Selectors, Schedule)
    keys = {field.name for kind in kinds for field in fields(kind)} - {"source"}
    assert sorted(key for key in keys if f"`{key}`" not in words and key not in words) == []
