"""Links to a case's pages on the courts' openness platforms: the court's own hosts, nothing else."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from domain.errors import BadInput

#: The four platforms (practice.md §3); other hosts of the courts are shown by their name.
PLATFORMS = {
    "splcgk.court.gov.cn": "审判流程公开",
    "tingshen.court.gov.cn": "庭审公开",
    "wenshu.court.gov.cn": "裁判文书",
    "zxgk.court.gov.cn": "执行信息公开",
}
_DOMAIN = "court.gov.cn"
_HTTPS = 443
_LONGEST = 500
#: Keys of a query under which sites carry a visitor's account or session.
_ACCOUNT = (
    "account", "auth", "jsessionid", "openid", "passport", "phone", "session", "sid", "ticket",
    "token", "uid", "unionid", "user", "userid", "username",
)  # fmt: skip


def check_link(address: str) -> str:
    """`address`, trimmed, if it is a page of the courts that names nobody's account.

    Raises:
        BadInput: another host, no https, a port, an account, a session or a token in it.
    """
    address = address.strip()
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise _refused("不是网址") from error
    host = (parts.hostname or "").rstrip(".")
    if len(address) > _LONGEST or any(character.isspace() for character in address):
        raise _refused("过长或含有空白")
    if parts.scheme != "https" or port not in (None, _HTTPS):
        raise _refused("不是 https 网址")
    if not host.isascii() or not (host == _DOMAIN or host.endswith(f".{_DOMAIN}")):
        raise _refused("不是法院自己的网站")
    if parts.username is not None or parts.password is not None or ";" in parts.path:
        raise _refused("带有账号部分")
    keys = [key.lower() for part in (parts.query, parts.fragment.partition("?")[2])
            for key, _ in parse_qsl(part, keep_blank_values=True)]  # fmt: skip
    if any(key.replace("_", "").replace("-", "") in _ACCOUNT for key in keys):
        raise _refused("带有账号或会话参数")
    return address


def platform_of(address: str) -> str:
    """What the page calls a checked link."""
    host = urlsplit(address).hostname or ""
    return PLATFORMS.get(host, host)


def _refused(problem: str) -> BadInput:
    return BadInput(
        f"链接{problem}", remedy="只接受 https://….court.gov.cn 的页面地址，去掉账号和会话参数"
    )
