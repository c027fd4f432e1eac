"""Settings from the environment."""

from __future__ import annotations

import pytest

from courtpulse.settings import Settings
from domain.errors import ConfigurationError


@pytest.mark.parametrize("name", ["ROUTES", "POLICY", "MODEL", "THETA", "PORT", "STORE_URL"])
def test_an_empty_variable_is_no_setting(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"COURTPULSE_{name}", "")
    field = name.lower()
    assert getattr(Settings.load(), field) == Settings.model_fields[field].default


def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURTPULSE_PORT", "0")
    with pytest.raises(ConfigurationError) as caught:
        Settings.load()
    assert caught.value.where == "COURTPULSE_PORT"
