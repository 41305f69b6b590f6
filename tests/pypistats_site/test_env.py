"""Settings are read with their types, from the environment or a file."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from pypistats_site.env import (
    env_bool,
    env_choice,
    env_database,
    env_float,
    env_folder,
    env_int,
    env_list,
    env_path,
    env_str,
)

LEVELS = ["DEBUG", "INFO"]


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


def test_choices_are_told_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "debug")
    monkeypatch.setenv("EMPTY", "")

    assert env_choice("X", "INFO", LEVELS) == "DEBUG"
    assert env_choice("EMPTY", "INFO", LEVELS) == "INFO"


def test_wrong_choice_names_the_allowed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "loud")

    with pytest.raises(ImproperlyConfigured) as caught:
        env_choice("X", "INFO", LEVELS)
    assert str(caught.value) == "X must be one of DEBUG, INFO, not 'loud'."


def test_folder_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("X", str(tmp_path / "a" / "b"))

    assert env_folder("X", tmp_path) == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()


def test_empty_path_is_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("X", "")

    assert env_path("X", tmp_path) == tmp_path


def test_folder_that_is_a_file_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.touch()
    monkeypatch.setenv("X", str(path))

    with pytest.raises(ImproperlyConfigured) as caught:
        env_folder("X", tmp_path)
    assert str(caught.value) == (
        f"X must be a folder that can be written, and {path} cannot be made:"
        " File exists."
    )


def test_address_of_a_database_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "X", "postgresql://me:s%40@db.example.org:5433/n?sslmode=require"
    )

    found = env_database("X", "sqlite:///default")

    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == (
        "db.example.org",
        5433,
        "s@",
    )
    assert (found["NAME"], found["OPTIONS"]) == ("n", {"sslmode": "require"})


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("mysql://me:secret@db/name", "its scheme is another one"),
        ("secret", "its scheme is another one"),
        ("postgres://me:secret@db:port/name", "its port is no number"),
        ("postgres://me:secret@db:99999/name", "its port is no number"),
        ("postgres://me:secret@db/", "it names no database"),
        ("postgres://me:secret@db/name?sslmod=require", 'option "sslmod". Allowed'),
    ],
)
def test_wrong_address_of_a_database_is_explained(
    monkeypatch: pytest.MonkeyPatch, address: str, reason: str
) -> None:
    monkeypatch.setenv("X", address)

    with pytest.raises(ImproperlyConfigured) as caught:
        env_database("X", "sqlite:///default")

    text = str(caught.value)
    assert text.startswith("X ")
    assert reason in text
    assert "me:secret" not in text
    assert "secret'" not in text
