"""Addresses of posts: one form per page, and nothing in it that names an account."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

from domain.errors import BadInput
from text.identifiers import ACCOUNT_KEYS
from text.weibo_ids import bid_to_mid

_LONGEST = 2048
_PORTS = {"http": 80, "https": 443}
# Only keys that nobody uses to name a page: dropping one too many makes two pages one.
_TRACKING = re.compile(
    r"utm_\w+|spm|fbclid|gclid|yclid|msclkid|mc_[ce]id|_hsenc|_hsmi|ref_src|vd_source|mpshare|"
    r"isappinstalled|share_(?:token|from|source|medium|times)|sharer_\w+",
    re.IGNORECASE,
)
#: The one query of a WeChat article that names it; the rest says how it was opened.
_WECHAT_HOST = "mp.weixin.qq.com"
_WECHAT_KEYS = frozenset(("__biz", "mid", "idx", "sn", "album_id", "action"))
_FROM_APP = frozenset(
    ["timeline", "groupmessage", "singlemessage", "weibo", "wechat", "weixin", "qq", "qzone", "app"]
)
_ACCOUNT = re.compile(ACCOUNT_KEYS, re.IGNORECASE)
_WEIBO_HOSTS = frozenset(
    ["weibo.com", "www.weibo.com", "m.weibo.cn", "weibo.cn", "www.weibo.cn", "m.weibo.com"]
)
_WEIBO_POST = re.compile(
    r"/(?:detail|status|statuses/show|comment|repost|attitude|\d{5,12})/([0-9A-Za-z]{6,20})/?"
)
#: A comment has no page of its own; the post's opens at it. Only the number, never the query.
_WEIBO_COMMENT = re.compile(r"\bcid=\d{6,20}(?=&|$)")
# What we make of Weibo's links, and what its spider gives: nothing is left to do.
_DONE = re.compile(r"https://weibo\.com/detail/[0-9]{1,20}")
_WEIBO_PROFILE = re.compile(r"/(?:(?:u|n|p|profile)/[^/]+|[^/]+)(?:/home|/profile)?/?")
_MASTODON_POST = re.compile(r"/(?:@[^/]+|users/[^/]+/statuses)/(\d{1,20})/?")
_X_POST = re.compile(r"/[^/]+/status/(\d{1,20}).*")
_X_HOSTS = frozenset(["x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com"])
_PROFILE = re.compile(r"/(?:@|users?/|u/|people/|space/|profile/|member/)[^/]+")
_REMEDY = "give an absolute http or https address of at most 2048 characters"


def canonical_url(url: str) -> str:
    """Return `url` in one form: lower-case host, no fragment, credentials, default port or tracking.

    Raises:
        BadInput: not an absolute http(s) address, or longer than 2,048 characters.
    """
    parts = _split(url)
    host = (parts.hostname or "").rstrip(".")
    port = _port(parts)
    shown = f"[{host}]" if ":" in host else host
    if port and port != _PORTS[parts.scheme]:
        shown += f":{port}"
    query = urlencode(
        [(key, value) for key, value in parse_qsl(parts.query, True) if _names(host, key, value)]
    )
    whole = urlunsplit((parts.scheme, shown, parts.path or "/", query, ""))
    try:
        return str(canonicalize_url(whole))
    except ValueError as error:  # a host in brackets that is no address
        raise BadInput("an address is malformed", remedy=_REMEDY) from error


def without_account(url: str) -> str:
    """Return the canonical form of `url` without the part that names an account.

    Weibo's six ways to link a post become ``https://weibo.com/detail/<mid>``, with ``?cid=<id>``
    for a comment under it; a Mastodon post
    becomes ``/statuses/<id>`` of its host; the address of a profile loses its path.

    Raises:
        BadInput: as :func:`canonical_url`.
    """
    if _DONE.fullmatch(url):
        return url
    parts = urlsplit(canonical_url(url))
    if parts.hostname in _WEIBO_HOSTS:
        return _weibo(parts)
    if parts.hostname in _X_HOSTS and (match := _X_POST.fullmatch(parts.path)):
        return f"https://x.com/i/status/{match[1]}"
    if match := _MASTODON_POST.fullmatch(parts.path):
        return urlunsplit((parts.scheme, parts.netloc, f"/statuses/{match[1]}", "", ""))
    path = "/" if _PROFILE.match(parts.path) else parts.path
    return urlunsplit((parts.scheme, parts.netloc, path, _without_account_keys(parts.query), ""))


def _split(url: str) -> SplitResult:
    text = url.strip()
    if len(text) > _LONGEST:
        raise BadInput("an address is too long", remedy=_REMEDY)
    try:
        text.encode()  # JSON can smuggle in half of a character, which no address holds
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError as error:
        raise BadInput("an address is malformed", remedy=_REMEDY) from error
    if parts.scheme not in _PORTS or not host:
        raise BadInput("an address is not http(s)", remedy=_REMEDY)
    return parts


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise BadInput("an address has no valid port", remedy="correct or drop the port") from error


def _names(host: str, key: str, value: str) -> bool:
    """Whether the pair helps to name the page, rather than saying how a reader came to it."""
    if host == _WECHAT_HOST:
        return key in _WECHAT_KEYS
    if key.lower() == "from":
        return value.lower() not in _FROM_APP
    return _TRACKING.fullmatch(key) is None


def _without_account_keys(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(key, value) for key, value in pairs if not _ACCOUNT.fullmatch(key)])


def _weibo(parts: SplitResult) -> str:
    if match := _WEIBO_POST.fullmatch(parts.path):
        comment = _WEIBO_COMMENT.search(parts.query)
        return (
            f"https://weibo.com/detail/{_weibo_mid(match[1])}{f'?{comment[0]}' if comment else ''}"
        )
    if _WEIBO_PROFILE.fullmatch(parts.path):
        return "https://weibo.com/"
    query = _without_account_keys(parts.query)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _weibo_mid(name: str) -> str:
    """The decimal id when `name` is or decodes to one; a bid that doesn't decode stays as it is."""
    if name.isdigit():
        return name
    try:
        return str(bid_to_mid(name))
    except BadInput:
        return name
