"""YAML as people write it: each key once, no aliases, and errors that name the line."""

from __future__ import annotations

import pytest
import yaml

from text.strict_yaml import problem_of, read_yaml


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: key 'a' stands twice, first in line 1"),
        ("{a: 1, a: 2}", "line 1: key 'a' stands twice, first in line 1"),
        ("top:\n  18:00: x\n  1080: y\n", "line 3: key 1080 stands twice, first in line 2"),
        ("- a: 1\n- b: 1\n  b: 1\n", "line 3: key 'b' stands twice, first in line 2"),
        ("a: &x [1]\nb: *x\n", "line 2: aliases are not understood: write the value out"),
        ("[" * 60, "line 1: it is nested deeper than 50 levels"),
        ("? [1]\n: 2\n", "line 1: found unhashable key"),
        ("a: 2026-13-45\n", "a value can't be read: ValueError"),
        ("a: [", "line 1: expected the node content, but found '<stream end>'"),
    ],
)
def test_what_a_person_would_not_write_is_refused_with_its_line(written: str, said: str) -> None:
    with pytest.raises(yaml.YAMLError) as caught:
        read_yaml(written)
    assert problem_of(caught.value) == said


def test_the_same_key_in_two_mappings_is_none_repeated() -> None:
    assert read_yaml("- {a: 1}\n- {a: 2}\n") == [{"a": 1}, {"a": 2}]


def test_an_error_without_a_line_is_named_by_its_kind() -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        b"\xff".decode("utf-8")
    assert problem_of(caught.value) == "UnicodeDecodeError"
