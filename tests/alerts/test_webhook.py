"""The signed webhook against a receiver that checks signature, time and key."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from alerts.notifiers import webhook
from demo.receivers import Receiver
from demo.receivers.hook import SECRET
from domain.errors import ConfigurationError, NotifyFailure

_spec = importlib.util.spec_from_file_location(
    "alerts_channels", Path(__file__).with_name("channels.py")
)
channels = sys.modules.setdefault("alerts_channels", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(channels)


@pytest.fixture
def receiver():
    running = Receiver("webhook", lambda: channels.NOW)
    yield running
    running.stop()


def test_it_is_signed_and_says_what_it_is(receiver, monkeypatch):
    channels.opened(receiver, monkeypatch, SECRET).send(channels.note(), channels.Counting())
    (taken,) = receiver.taken
    document = json.loads(taken.text)
    assert taken.key == document["key"] == "alert-1-yellow"
    assert document["level"] == "yellow"
    assert document["facts"] == [{"label": "第0项", "value": "38 人，平日 3.1；" * 6}]
    assert document["url"].endswith("/alerts/alert-1")


@pytest.mark.parametrize("secret", ["", "another"])
def test_a_wrong_signature_is_refused(receiver, monkeypatch, secret):
    with pytest.raises(NotifyFailure, match="401"):
        channels.opened(receiver, monkeypatch, secret).send(channels.note(), channels.Counting())


def test_the_second_of_a_key_is_dropped_by_a_receiver_that_remembers(receiver, monkeypatch):
    channel = channels.opened(receiver, monkeypatch, SECRET)
    channel.send(channels.note(), channels.Counting())
    channel.send(channels.note(), channels.Counting())
    assert receiver.requests == 2
    assert len(receiver.taken) == 1


@pytest.mark.parametrize(
    ("url", "options", "word"),
    [
        ("", {"url_env": "HOOK"}, "empty"),
        ("https://desk.example/hook", {}, "url_env"),
        ("ftp://desk.example/hook", {"url_env": "HOOK"}, "http"),
        ("https://desk.example:x/hook", {"url_env": "HOOK"}, "http"),
        ("https://a:b@desk.example/hook", {"url_env": "HOOK"}, "http"),
        ("http://desk.example/hook", {"url_env": "HOOK"}, "clear text"),
        ("https://10.1.2.3/hook", {"url_env": "HOOK"}, "private network"),
        ("http://localhost/hook", {"url_env": "HOOK"}, "private network"),
        ("https://desk.example", {"url_env": "HOOK", "secret_env": "ABSENT_SECRET"}, "empty"),
        ("https://desk.example", {"url_env": "HOOK", "timeout_seconds": 600}, "timeout"),
        ("https://desk.example", {"url_env": "HOOK", "timeout_seconds": True}, "timeout"),
        ("https://desk.example", {"url_env": "HOOK", "allow_private": "yes"}, "true or false"),
        ("https://desk.example", {"url_env": "HOOK", "ca_file": "/absent.pem"}, "ca_file"),
    ],
)
def test_a_wrong_entry_is_refused_without_showing_the_address(monkeypatch, url, options, word):
    monkeypatch.setenv("HOOK", url)
    with pytest.raises(ConfigurationError, match=word) as caught:
        webhook.open_channel(options, "routes.yml", lambda: channels.NOW)
    assert "desk.example" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("https://desk.example/hook", {}),
        ("http://127.0.0.1:9000/hook", {"allow_private": True}),
        ("http://[::1]:9000/hook", {"allow_private": True}),
        ("http://10.1.2.3/hook", {"allow_http": True, "allow_private": True}),
    ],
)
def test_acceptable_addresses(monkeypatch, url, options):
    monkeypatch.setenv("HOOK", url)
    opened = webhook.open_channel({"url_env": "HOOK", **options}, "routes.yml", lambda: 0)
    assert opened.target.url == url
