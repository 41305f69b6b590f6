"""Settings are read with their types, from the environment or a file."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from pypistats_site.env import env_bool, env_float, env_int, env_list, env_str


def test_values_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", " 7 ")

    assert (env_str("X"), env_int("X", 1), env_int("Y", 1)) == ("7", 7, 1)
    assert (env_float("X", 1), env_float("Y", 6.25)) == (7.0, 6.25)


def test_value_from_a_file_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "secret"
    path.write_text("from file\n")
    monkeypatch.setenv("X", "from environment")
    monkeypatch.setenv("X_FILE", str(path))

    assert env_str("X") == "from file"


def test_missing_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_FILE", "/no/such/file")

    with pytest.raises(ImproperlyConfigured, match="X_FILE names /no/such/file"):
        env_str("X")


def test_lists_leave_out_what_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "a, b,,")

    assert env_list("X") == ["a", "b"]


def test_wrong_values_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "many")

    with pytest.raises(ImproperlyConfigured, match="X must be a whole number"):
        env_int("X", 1)
    with pytest.raises(ImproperlyConfigured, match="X must be a number"):
        env_float("X", 1)
    with pytest.raises(ImproperlyConfigured, match="X must be true or false"):
        env_bool("X", default=True)
