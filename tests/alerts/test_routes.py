"""The routes file: what is understood, and that nothing else is."""

from __future__ import annotations

import pytest

from alerts.routes import kinds, load_routes
from domain.alerts import Level
from domain.errors import ConfigurationError

GOOD = """
routes:
  - name: duty-room
    kind: webhook
    min_level: yellow
    url_env: HOOK
    secret_env: HOOK_SECRET
  - name: archive
    kind: webhook
    url_env: HOOK
"""


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setenv("HOOK", "https://desk.example/hook")
    monkeypatch.setenv("HOOK_SECRET", "geheim")


def load(tmp_path, text):
    path = tmp_path / "routes.yml"
    path.write_text(text, "utf-8")
    return load_routes(path)


def test_it_reads_routes_in_order(tmp_path):
    first, second = load(tmp_path, GOOD)
    assert (first.name, first.min_level, first.notifier.kind) == (
        "duty-room", Level.YELLOW, "webhook",
    )  # fmt: skip
    assert [first.wants(level) for level in Level] == [False, True, True, True]
    assert second.wants(Level.BLUE)


def test_every_kind_is_a_module_with_its_options():
    assert "webhook" in kinds()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("routes: [", "can't be read"),
        ("[]", "one key"),
        ("routes: []\nextra: 1", "one key"),
        ("routes: {}", None),
        ("routes: {a: b}", "list"),
        ("routes: [1]", "mapping"),
        (GOOD.replace("name: archive", "name: duty-room"), "two routes"),
        (GOOD.replace("name: archive", "name: 值班室"), "name"),
        (GOOD.replace("min_level: yellow", "min_level: amber"), "no level"),
        (GOOD.replace("kind: webhook", "kind: pigeon", 1), "no kind"),
        (GOOD.replace("secret_env: HOOK_SECRET", "secret: geheim"), "unknown key 'secret'"),
        (GOOD.replace("secret_env: HOOK_SECRET", "secret_env: ABSENT"), "empty"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path, text, word):
    if word is None:
        assert load(tmp_path, text) == ()
        return
    with pytest.raises(ConfigurationError, match=word):
        load(tmp_path, text)


def test_a_missing_or_binary_file(tmp_path):
    with pytest.raises(ConfigurationError, match="can't be read"):
        load_routes(tmp_path / "absent.yml")
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="can't be read"):
        load_routes(tmp_path / "binary.yml")
