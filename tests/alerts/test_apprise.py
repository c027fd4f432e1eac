"""E-mail through apprise, against a small real SMTP server on loopback."""

from __future__ import annotations

import importlib.util
import socketserver
import sys
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from alerts.notifiers.apprise import open_channel
from domain.errors import ConfigurationError, NotifyFailure

_spec = importlib.util.spec_from_file_location(
    "alerts_channels", Path(__file__).with_name("channels.py")
)
channels = sys.modules.setdefault("alerts_channels", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(channels)


class _Post(socketserver.StreamRequestHandler):
    """Says as much SMTP as it takes to accept one message, or to refuse the recipient."""

    def handle(self) -> None:
        self._say("220 mail.example")
        while line := self.rfile.readline().strip().upper():
            if line.startswith((b"EHLO", b"HELO", b"MAIL", b"RSET")):
                self._say("250 ok")
            elif line.startswith(b"RCPT"):
                self._say("550 no" if self.server.refuses else "250 ok")
            elif line.startswith(b"DATA"):
                self._say("354 go on")
                text = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    text += part
                self.server.letters.append(text)
                self._say("250 taken")
            elif line.startswith(b"QUIT"):
                self._say("221 bye")
                return

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def post() -> Iterator[socketserver.ThreadingTCPServer]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Post)
    server.daemon_threads, server.letters, server.refuses = True, [], False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def channel(post, monkeypatch):
    port = post.server_address[1]
    url = f"mailto://127.0.0.1:{port}?from=desk@court.example&to=duty@court.example"
    monkeypatch.setenv("MAIL", url)
    return open_channel({"url_env": "MAIL", "allow_private": True}, "routes.yml", None)


def test_a_letter_arrives(post, channel):
    channel.send(channels.note(), channels.Counting())
    (letter,) = post.letters
    parsed = message_from_bytes(letter)
    assert "梁某案" in str(make_header(decode_header(parsed["Subject"])))
    text = parsed.get_payload(decode=True) or parsed.get_payload()[0].get_payload(decode=True)
    assert "38 人，平日 3.1" in text.decode()
    assert "/alerts/alert-1" in text.decode()


def test_its_no_is_believed_and_tried_again(post, channel, caplog):
    caplog.set_level("DEBUG")
    post.refuses = True
    with pytest.raises(NotifyFailure, match="apprise couldn't deliver") as caught:
        channel.send(channels.note(), channels.Counting())
    assert caught.value.retryable
    assert "desk@court.example" not in f"{caught.value} {channel!r} {caplog.text}"


def test_a_server_in_a_private_network_needs_a_word(monkeypatch):
    monkeypatch.setenv("MAIL", "mailto://127.0.0.1:25?from=a@court.example&to=b@court.example")
    hidden = open_channel({"url_env": "MAIL"}, "routes.yml", None)
    with pytest.raises(NotifyFailure, match="network we don't send to"):
        hidden.send(channels.note(), channels.Counting())


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("nonsense://x", "doesn't understand"),
        ("wecombot://abcdef", "kind of its own"),
        ("feishu://abcdef", "kind of its own"),
        ("json://host/path", "kind of its own"),
    ],
)
def test_what_it_is_not_for(monkeypatch, url, word):
    monkeypatch.setenv("MAIL", url)
    with pytest.raises(ConfigurationError, match=word) as caught:
        open_channel({"url_env": "MAIL"}, "routes.yml", None)
    assert "abcdef" not in str(caught.value)
