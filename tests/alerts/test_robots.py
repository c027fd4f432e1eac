"""The three robots against receivers that refuse what the real ones refuse."""

from __future__ import annotations

import importlib.util
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from demo.receivers import Mode, start
from demo.receivers.dingtalk import SECRET as DINGTALK_SECRET
from demo.receivers.feishu import SECRET as FEISHU_SECRET
from domain.alerts import Level
from domain.errors import ConfigurationError, NotifyFailure

_spec = importlib.util.spec_from_file_location(
    "alerts_channels", Path(__file__).with_name("channels.py")
)
channels = sys.modules.setdefault("alerts_channels", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(channels)
Counting, note, opened = channels.Counting, channels.note, channels.opened

SECRETS = {"wecom": "", "dingtalk": DINGTALK_SECRET, "feishu": FEISHU_SECRET}
ROBOTS = tuple(SECRETS)


@pytest.fixture
def receivers():
    with start(lambda: channels.NOW) as running:
        yield running


@pytest.fixture
def channel(receivers, monkeypatch):
    def make(kind: str, **options):
        return opened(receivers[kind], monkeypatch, SECRETS[kind], **options)

    return make


def failure(channel, notification=None) -> NotifyFailure:
    with pytest.raises(NotifyFailure) as caught:
        channel.send(notification or note(), Counting())
    return caught.value


@pytest.mark.parametrize("kind", ROBOTS)
def test_it_is_taken_and_reads_well(kind, receivers, channel):
    channel(kind).send(note(), Counting())
    (taken,) = receivers[kind].taken
    assert "梁某案" in taken.text
    assert "第0项" in taken.text
    assert "38 人，平日 3.1" in taken.text
    assert "http://127.0.0.1:8080/alerts/alert-1" in taken.text


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("kind", ROBOTS)
def test_every_level_has_a_form_the_robot_takes(kind, level, receivers, channel):
    channel(kind).send(note(level=level), Counting())
    assert len(receivers[kind].taken) == 1


@pytest.mark.parametrize(("kind", "limit"), [("wecom", 4096), ("dingtalk", 9000), ("feishu", 9000)])
def test_a_long_one_is_several_messages_within_the_limit(kind, limit, receivers, channel):
    channel(kind).send(note(facts=120), Counting())
    texts = [taken.text for taken in receivers[kind].taken]
    assert len(texts) > 1
    assert all(len(text.encode()) <= limit + 200 for text in texts)
    said = "".join(texts)
    assert [n for n in range(120) if f"第{n}项" not in said] == []
    assert all(f"（{n}/{len(texts)}）" in text for n, text in enumerate(texts, 1))


@pytest.mark.parametrize("kind", ROBOTS)
def test_what_was_taken_of_a_long_one_is_not_sent_again(kind, receivers, channel):
    progress, long_one = Counting(), note(facts=120)
    channel(kind).send(long_one, progress)
    whole = [taken.text for taken in receivers[kind].taken]
    receivers[kind].taken.clear()
    channel(kind).send(long_one, Counting(done=1))
    assert [taken.text for taken in receivers[kind].taken] == whole[1:]


@pytest.mark.parametrize("kind", ROBOTS)
def test_markup_and_mentions_from_outside_stay_words(kind, receivers, channel):
    evil = "<@all> [奖品](http://evil.example/) **梁某案** <at id=all></at> <font color=red>"
    channel(kind).send(note(title=evil, facts=0), Counting())
    text = receivers[kind].taken[0].text
    if kind != "feishu":  # its card is plain text: the receiver refuses any other
        assert "<@" not in text
        assert "](http://evil" not in text
        assert "<at" not in text
    assert "奖品" in text


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_code_other_than_0_is_a_refusal_though_http_says_200(kind, receivers, monkeypatch):
    other = receivers["webhook"]  # answers 401: its document has no code at all
    receiver = receivers[kind]
    wrong = receiver.url.replace("demo-", "other-")
    monkeypatch.setattr(receiver, "url", wrong)
    error = failure(opened(receiver, monkeypatch, SECRETS[kind]))
    assert not error.retryable
    assert "code" in error.problem
    assert receiver.taken == []
    assert other.requests == 0


@pytest.mark.parametrize(("kind", "code"), [("dingtalk", "310000"), ("feishu", "19021")])
def test_a_wrong_secret_is_told_and_tried_again_because_clocks_are_set_right(
    kind, code, receivers, monkeypatch
):
    error = failure(opened(receivers[kind], monkeypatch, "not-the-secret"))
    assert error.retryable
    assert code in error.problem
    assert "clock" in error.remedy


@pytest.mark.parametrize(
    ("kind", "allowed", "pause"),
    [("wecom", 20, timedelta(minutes=1)), ("dingtalk", 20, timedelta(minutes=10)),
     ("feishu", 5, timedelta(minutes=1))],
)  # fmt: skip
def test_too_many_messages_ask_for_a_pause(kind, allowed, pause, receivers, channel):
    robot = channel(kind)
    for n in range(allowed):
        robot.send(note(f"alert-{n}"), Counting())
    error = failure(robot)
    assert error.retryable
    assert error.retry_after == pause
    assert len(receivers[kind].taken) == allowed


@pytest.mark.parametrize("kind", ROBOTS)
@pytest.mark.parametrize(
    ("mode", "retryable", "word"),
    [
        (Mode.BROKEN, True, "HTTP 500"),
        (Mode.UNAVAILABLE, True, "HTTP 503"),
        (Mode.REDIRECTS, False, "redirects"),
        (Mode.HANGS_UP, True, "connection failed"),
        (Mode.SIGN_ON, True, "holds no"),
    ],
)
def test_ways_to_fail(kind, mode, retryable, word, receivers, channel):
    receivers[kind].mode = mode
    error = failure(channel(kind))
    assert error.retryable is retryable
    assert word in error.problem
    assert receivers[kind].requests == 1
    if mode is Mode.UNAVAILABLE:
        assert error.retry_after == timedelta(minutes=2)


@pytest.mark.parametrize(("kind", "retryable"), [("wecom", True), ("dingtalk", True)])
def test_a_busy_server_is_tried_again(kind, retryable, receivers, channel):
    receivers[kind].mode = Mode.BUSY
    assert failure(channel(kind)).retryable is retryable


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_slow_one_is_left_in_time(kind, receivers, channel):
    receivers[kind].mode = Mode.SLOW
    assert "no answer within 0.3 s" in failure(channel(kind, timeout_seconds=0.3)).problem


@pytest.mark.parametrize("kind", ROBOTS)
def test_neither_address_nor_secret_is_ever_shown(kind, receivers, channel, caplog):
    caplog.set_level("DEBUG")
    robot = channel(kind)
    robot.send(note(), Counting())
    shown = [repr(robot), str(robot), caplog.text]
    for mode in (Mode.BROKEN, Mode.HANGS_UP, Mode.SIGN_ON, Mode.REDIRECTS):
        receivers[kind].mode = mode
        error = failure(robot)
        shown += [str(error), repr(error), repr(error.__cause__)]
    secrets = ["demo-key", "demo-token", "demo-hook", "sign=", SECRETS[kind] or "demo-key"]
    assert [word for word in secrets for text in shown if word in text] == []


@pytest.mark.parametrize(
    ("kind", "url", "word"),
    [
        ("wecom", "https://evil.example/cgi-bin/webhook/send?key=k", "doesn't lie under"),
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/gettoken?key=k", "isn't that of a wecom"),
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "no key"),
        ("wecom", "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=k", "lie under"),
        ("wecom", "https://a:b@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", "http"),
        ("dingtalk", "http://oapi.dingtalk.com/robot/send?access_token=t", "clear text"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send", "access_token"),
        ("feishu", "https://open.feishu.cn/open-apis/im/v1/messages", "isn't that of a feishu"),
    ],
)  # fmt: skip
def test_an_address_elsewhere_is_refused_without_being_shown(kind, url, word, monkeypatch):
    from importlib import import_module

    monkeypatch.setenv("CHANNEL_URL", url)
    module = import_module(f"alerts.notifiers.{kind}")
    with pytest.raises(ConfigurationError, match=word) as caught:
        module.open_channel({"url_env": "CHANNEL_URL"}, "routes.yml", lambda: channels.NOW)
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=t"),
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/h"),
    ],
)
def test_the_vendors_addresses_are_accepted(kind, url, monkeypatch):
    from importlib import import_module

    monkeypatch.setenv("CHANNEL_URL", url)
    module = import_module(f"alerts.notifiers.{kind}")
    channel = module.open_channel({"url_env": "CHANNEL_URL"}, "routes.yml", lambda: channels.NOW)
    assert channel.target.url == url
    assert channel.kind == kind
