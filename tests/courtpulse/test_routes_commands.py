"""`courtpulse routes`, `courtpulse deliveries`, and a wrong routes file noticed before anything runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from alerts.open_routes import load_routes
from courtpulse.cli import app
from demo.receivers import Mode, Receiver
from domain.alerts import Level, Notification
from domain.time import system_clock
from records import Records

ROOT = Path(__file__).resolve().parents[2]
ROUTES = """
channels:
  duty: {kind: wecom, url_env: ROOM, base_url: %s, allow_private: true}
  late: {kind: wecom, url_env: OTHER_ROOM, base_url: %s, allow_private: true}
people: {duty-a: {name: 值班员甲, channels: [duty]}}
shifts: [{name: all-day, people: [duty-a]}]
routes: [{name: all, to: [on-duty], escalate: [[late]]}]
otherwise: [late]
"""


@pytest.fixture
def receiver():
    running = Receiver("wecom", system_clock)
    yield running
    running.stop()


@pytest.fixture
def run(tmp_path, monkeypatch, receiver):
    routes = tmp_path / "routes.yml"
    routes.write_text(ROUTES % (receiver.base, receiver.base), "utf-8")
    monkeypatch.setenv("COURTPULSE_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("COURTPULSE_ROUTES", str(routes))
    monkeypatch.setenv("ROOM", receiver.url)
    monkeypatch.setenv("OTHER_ROOM", f"{receiver.url}-geheim")

    def command(*words: str):
        return CliRunner().invoke(app, list(words))

    return command


def test_check_says_who_is_told_and_shows_no_address(run, tmp_path):
    result = run("routes", "check", str(tmp_path / "routes.yml"))
    assert result.exit_code == 0, result.output
    assert "duty" in result.output
    assert "late" in result.output
    assert "20" in result.output
    assert "demo-key" not in result.output


def test_check_says_at_which_hours_no_route_takes_an_alert(run, tmp_path):
    path = tmp_path / "routes.yml"
    text = path.read_text("utf-8")
    assert "blue" not in run("routes", "check", str(path)).output.split("no route takes")[1]
    path.write_text(
        text.replace("to: [on-duty]", "to: [on-duty], hours: {from: 08:00, to: 20:00}"), "utf-8"
    )
    said = run("routes", "check", str(path)).output.split("no route takes")[1]
    assert "blue" in said
    assert "20:00" in said


def test_a_test_message_arrives_and_says_that_it_is_one(run, receiver):
    assert run("routes", "test", "duty").exit_code == 0
    assert "测试" in receiver.taken[0].text
    assert json.loads(run("deliveries", "--json").output)[0]["kind"] == "test"


def test_a_channel_that_refuses_is_said_so(run):
    process = subprocess.run(
        [sys.executable, "-m", "courtpulse", "routes", "test", "late"],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert process.returncode == 1
    assert "93000" in process.stderr
    assert "geheim" not in process.stdout + process.stderr


def test_what_was_given_up_is_listed_and_sent_again(run, tmp_path, receiver):
    records = Records.open(f"sqlite:///{tmp_path}/var/records.db")
    note = Notification("k", "【较大·黄】梁某案", Level.YELLOW, "http://127.0.0.1/", system_clock())
    records.deliveries.put(note, "duty", "alert")
    records.deliveries.failed("k", "duty", "wecom host: refused (code 93004)", None)
    (listed,) = json.loads(run("deliveries", "--dead", "--json").output)
    assert "93004" in listed["error"]
    assert run("deliveries", "--resend").exit_code == 0
    assert records.deliveries.tally() == {"sent": 1}
    assert "梁某案" in receiver.taken[0].text
    records.close()


def test_a_wrong_file_stops_a_run_and_is_found_by_the_doctor(run, tmp_path, receiver):
    receiver.mode = Mode.BROKEN
    (tmp_path / "routes.yml").write_text("routes: [{name: all, to: [nobody]}]", "utf-8")
    process = subprocess.run(
        [sys.executable, "-m", "courtpulse", "run"],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert process.returncode == 1
    assert "nobody" in process.stderr
    findings = {one["what"]: one for one in json.loads(run("doctor", "--json").output)}
    assert findings["routes"]["broken"]
    assert "no channel, person or shift called nobody" in findings["routes"]["state"]
    assert receiver.requests == 0


def test_the_example_file_is_good(monkeypatch, tmp_path):
    path = ROOT / "docs" / "examples" / "routes.yml"
    addresses = {
        "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k",
        "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=t",
        "feishu": "https://feishu.court.example/open-apis/bot/v2/hook/h",
        "apprise": "mailtos://a:b@mail.court.example?to=chief@court.example",
        "webhook": "https://archive.court.example/in",
    }
    text = path.read_text("utf-8").replace("    ca_file: /etc/ssl/court.pem\n", "")
    document = yaml.safe_load(text)
    for channel in document["channels"].values():
        monkeypatch.setenv(channel["url_env"], addresses[channel["kind"]])
        if "secret_env" in channel:
            monkeypatch.setenv(channel["secret_env"], "geheim")
    copy = tmp_path / "routes.yml"
    copy.write_text(text, "utf-8")
    routing = load_routes(copy)
    assert {channel.notifier.kind for channel in routing.channels.values()} == set(addresses)
    assert routing.roster.holes(system_clock()) == []
