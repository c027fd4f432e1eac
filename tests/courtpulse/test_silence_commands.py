"""`courtpulse silences`: what is mistyped is refused, for it would silence nothing, or everything."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from courtpulse.cli import app
from domain.cases import Case
from domain.time import system_clock
from records import Records


@pytest.fixture
def call(tmp_path):
    records = Records.open(f"sqlite:///{tmp_path}/records.db", system_clock)
    since = system_clock() - timedelta(days=3)
    records.cases.save(Case("liang", "梁某案", "云岫区人民法院", since))
    records.close()
    environment = {
        "COURTPULSE_DATA": str(tmp_path),
        "COURTPULSE_RECORDS": f"sqlite:///{tmp_path}/records.db",
    }
    return lambda *words: CliRunner().invoke(app, ["silences", *words], env=environment)


@pytest.mark.parametrize(
    ("scope", "value", "known"),
    [
        ("level", "ornage", "orange"),
        ("case", "laing", "liang"),
        ("court", "云岫区法院", "云岫区人民法院"),
        ("topic", "sentencing", "sentencing_dispute"),
    ],
)
def test_what_does_not_exist_is_refused_and_what_does_is_named(call, scope, value, known):
    said = call("add", scope, value, "跟进", "--by", "甲")
    assert said.exit_code == 1, said.output
    assert known in said.stderr
    assert json.loads(call("list", "--json").stdout) == []
    made = call("add", scope, known, "跟进", "--by", "甲")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["value"] == known


def test_a_name_longer_than_the_records_keep_is_refused_whole(call):
    said = call("add", "case", "liang", "跟进", "--by", "甲" * 65)
    assert said.exit_code == 1, said.output
    assert "the name has 65 characters, 64 at most" in said.stderr
    assert json.loads(call("list", "--json").stdout) == []
