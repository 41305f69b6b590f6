"""Packages are tracked by name, by requirements file and by lock file."""

import io
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from ingest import named_packages, requirement_files
from packages.models import Package

pytestmark = pytest.mark.django_db


def tracked() -> list[str]:
    return [package.normalized_name for package in Package.objects.tracked()]


def write(path: Path, text: str) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return str(path)


def refused(*arguments: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as raised:
        call_command("track", *arguments)
    assert tracked() == []
    return raised.value.returncode, str(raised.value)


def test_track_untrack_and_list(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("track", "Django", "Flask", "a.b_c")
    call_command("untrack", "flask")
    call_command("track", "A-B-C", "--remove")
    capsys.readouterr()

    call_command("track", "--list")

    assert capsys.readouterr().out == "django\n"


def test_tracking_twice_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Package.objects.create(normalized_name="seen")
    call_command("track", "django", "seen")
    call_command("track", "Django", "django", "flask")
    call_command("untrack", "django", "never-seen")
    call_command("untrack", "django")

    assert tracked() == ["flask", "seen"]
    assert capsys.readouterr().out.splitlines() == [
        "2 packages named: 2 tracked from now on, 0 were tracked already.",
        "2 packages named: 1 tracked from now on, 1 were tracked already.",
        "2 packages named: 1 no longer tracked, 1 were not tracked.",
        "1 packages named: 0 no longer tracked, 1 were not tracked.",
    ]
    assert not Package.objects.filter(normalized_name="never-seen").exists()


@pytest.mark.parametrize("command", ["track", "untrack"])
@pytest.mark.parametrize("number", [2, 4])
def test_queries_do_not_grow_with_names(
    command: str, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    names = [f"package-{n}" for n in range(number)]
    Package.objects.create(normalized_name="package-0")

    # The savepoint's two among them.
    with django_assert_num_queries({"track": 5, "untrack": 3}[command]):
        call_command(command, *names)


def test_more_names_than_a_statement_may_have() -> None:
    call_command("track", *[f"package-{n}" for n in range(2000)])
    call_command("untrack", *[f"package-{n}" for n in range(1, 2000)])

    assert tracked() == ["package-0"]


def test_nothing_is_tracked_when_one_name_is_wrong() -> None:
    assert refused("django", "no name") == (2, "'no name' is no package name.")


@pytest.mark.parametrize(
    "arguments", [[], ["--from-lock", "-", "--from-requirements", "-"]]
)
def test_nothing_named_is_wrong_usage(arguments: list[str]) -> None:
    code, message = refused(*arguments)
    assert (code, message.startswith("Name at least one")) == (2, True)


REQUIREMENTS = """\
# a comment
Django[argon2] >=5.2,<6 ; python_version >= "3.11"  # another
flask == 3.0 \\
    --hash=sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 \\
    --hash=sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7
--index-url https://index.example.org/simple
-c constraints.txt
zope.interface~=7.0 --config-settings "a=b"
-e ./mine
--editable=git+https://example.org/theirs.git#egg=theirs
./wheels/local-1.0-py3-none-any.whl
beside-1.0-py3-none-any.whl[extra] ; python_version > "3"
https://example.org/plain-1.0.tar.gz
elsewhere @ https://example.org/elsewhere-1.0.zip
-r more/others.txt
--requirement=more/others.txt
-r https://example.org/remote.txt
"""


def test_requirements_file_is_read_as_pip_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "requirements.txt", REQUIREMENTS)
    write(tmp_path / "more/others.txt", "\ufeffrequests\n-r ../requirements.txt\n-r x")
    write(tmp_path / "more/x", "urllib3 # the last")

    call_command("track", "numpy", "--from-requirements", file)

    assert tracked() == [
        *("django", "flask", "numpy", "requests", "urllib3", "zope-interface")
    ]
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == (
        "6 packages named: 6 tracked from now on, 0 were tracked already."
    )
    skipped = [line.partition(f"{file}, ")[2] for line in told[:-1]]
    assert skipped == [
        "line 9: -e ./mine",
        "line 10: --editable=git+https://example.org/theirs.git#egg=theirs",
        "line 11: ./wheels/local-1.0-py3-none-any.whl",
        'line 12: beside-1.0-py3-none-any.whl[extra] ; python_version > "3"',
        "line 13: https://example.org/plain-1.0.tar.gz",
        "line 14: elsewhere @ https://example.org/elsewhere-1.0.zip",
        "line 17: -r https://example.org/remote.txt",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flask\n\ndjango >=< 5\n", "line 3: django >=< 5 is no requirement"),
        ("a \\\n\\\nb\n", "line 1: a b is no requirement"),
        (f"{'a' * 300}\n", "has a name that no package can have"),
        (f'a; {"(" * 9999}python_version > "3"', "is no requirement"),
        ("-r\n", "is no file"),
        ("-r gone.txt\n", "gone.txt is no file"),
        ("flask\n\x00\n", "is no requirement"),
        ("-r a\x00b\n", "line 1: -r a?b is no requirement"),
        ("\x1b[2Jflask ==\n", "line 1: ?[2Jflask == is no requirement"),
        (f"-r {'a' * 300}\n", "cannot be read: File name too long."),
        (f"a{' ' * 100_000}b\n", "is no requirement"),
    ],
)
def test_line_that_cannot_be_read_is_named(
    tmp_path: Path, text: str, message: str
) -> None:
    file = write(tmp_path / "requirements.txt", text)

    code, told = refused("numpy", "--from-requirements", file)

    assert code == 1
    assert message in told
    assert len(told) < 700


def test_includes_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirement_files, "MAX_FILES", 3)
    for number in range(5):
        write(tmp_path / f"{number}", f"-r {number + 1}\n")

    _, told = refused("--from-requirements", str(tmp_path / "0"))

    assert told == f"{tmp_path / '0'} includes more than 3 files."


UV = """\
version = 1
revision = 3
requires-python = ">=3.11"
[[package]]
name = "django"
version = "5.2"
source = { registry = "https://index.example.org/simple" }
dependencies = [{ name = "asgiref" }]
[[package]]
name = "my-project"
source = { editable = "." }
"""
POETRY = """\
[[package]]
name = "Django"
version = "5.2"
optional = false
files = [{file = "django-5.2-py3-none-any.whl", hash = "sha256:00"}]
[[package]]
name = "flask"
source = { type = "legacy", url = "https://index.example.org/simple", reference = "x" }
[[package]]
name = "my-project"
source = { type = "git", url = "https://example.org/x.git", reference = "HEAD" }
[metadata]
lock-version = "2.1"
content-hash = "00"
"""
PDM = """\
[metadata]
lock_version = "4.5.0"
[[package]]
name = "django"
requires_python = ">=3.10"
files = [{file = "django-5.2-py3-none-any.whl", hash = "sha256:00"}]
[[package]]
name = "my-project"
path = "."
editable = true
"""
PYLOCK = """\
lock-version = "1.0"
created-by = "some-tool"
[[packages]]
name = "django"
index = "https://index.example.org/simple"
wheels = [{ name = "django-5.2-py3-none-any.whl", url = "https://example.org/x.whl" }]
[[packages]]
name = "my-project"
[packages.vcs]
type = "git"
url = "https://example.org/x.git"
"""
PIPFILE = """\
{"_meta": {"hash": {"sha256": "00"}, "pipfile-spec": 6},
 "default": {"django": {"hashes": ["sha256:00"], "version": "==5.2"}},
 "develop": {"my-project": {"editable": true, "path": "."}}}
"""


@pytest.mark.parametrize("text", [UV, POETRY, PDM, PYLOCK, PIPFILE])
def test_lock_file_is_known_by_its_content(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "any name", text)

    call_command("track", "--from-lock", file)

    assert tracked() == ["django", "flask"] if text == POETRY else ["django"]
    assert capsys.readouterr().out.splitlines()[0] == (
        f"Skipped, as it comes from no index: {file}: my-project"
    )


UV_SOURCE = '{ registry = "https://index.example.org/simple" }'
PDM_SOURCE = 'requires_python = ">=3.10"'


@pytest.mark.parametrize(
    ("text", "before", "elsewhere"),
    [
        (UV, UV_SOURCE, '{ virtual = "." }'),
        (UV, UV_SOURCE, '{ git = "https://example.org/x.git?rev=main#00" }'),
        (UV, UV_SOURCE, '{ url = "https://example.org/django-5.2.tar.gz" }'),
        (POETRY, "optional = false", 'source = { type = "directory", url = "x" }'),
        (PDM, PDM_SOURCE, 'git = "https://example.org/x.git"'),
        (PDM, PDM_SOURCE, 'url = "https://example.org/django-5.2.tar.gz"'),
        (PYLOCK, PYLOCK.splitlines()[4], 'directory = { path = "." }'),
        (PYLOCK, PYLOCK.splitlines()[4], 'archive = { path = "django-5.2.tar.gz" }'),
        (PIPFILE, '"version": "==5.2"', '"file": "https://example.org/x.tar.gz"'),
        (PIPFILE, '"version": "==5.2"', '"git": "https://example.org/x.git"'),
    ],
)
def test_locked_package_from_elsewhere_is_skipped(
    tmp_path: Path, text: str, before: str, elsewhere: str
) -> None:
    assert before in text
    file = write(tmp_path / "lock", text.replace(before, elsewhere))

    call_command("track", "--from-lock", file)

    assert tracked() == (["flask"] if text == POETRY else [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no lock file of a known kind: uv.lock, poetry.lock"),
        ("django==5.2\n", "is neither JSON nor TOML"),
        ('{"default": {}}', "is no lock file of a known kind"),
        ('{"a": ' * 99_999, "is neither JSON nor TOML"),
        (f"a = {'[' * 99_999}", "is neither JSON nor TOML"),
        (UV.replace('"django"', '"no name"'), "names 'no name', which is no package"),
        (UV.replace('"django"', "[1]"), "names [1], which is no package name"),
        ('lock-version = "1.0"\npackages = [1]', "names None, which is no package"),
        ('{"_meta": {}, "default": {"": 1}}', "names '', which is no package"),
    ],
)
def test_lock_file_that_cannot_be_read(tmp_path: Path, text: str, message: str) -> None:
    file = write(tmp_path / "lock", text)

    code, told = refused("numpy", "--from-lock", file)

    assert code == 1
    assert told.startswith(file)
    assert message in told


@pytest.mark.parametrize("content", [b"\xff\xff", b"\xff\xfea"])
def test_file_of_bytes_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)

    _, told = refused("--from-requirements", str(tmp_path / "x"))

    assert told == f"{tmp_path / 'x'} is no text in UTF-8 or UTF-16."


def test_file_written_by_powershell_is_read(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_bytes("django==5.2\r\nflask==3.0 \\\r\n  --hash=x\r\n".encode("utf-16"))

    call_command("track", "--from-requirements", str(file))

    assert tracked() == ["django", "flask"]


def test_links_in_a_circle_are_no_file(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.symlink_to(tmp_path / "requirements.txt")

    assert refused("--from-requirements", str(file))[1] == f"{file} is no file."


def test_name_that_no_terminal_can_show_is_shown_in_part() -> None:
    assert refused("--from-lock", "\udcff\x1b[2J")[1] == "??[2J is no file."


def test_included_dash_is_a_file_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "requirements.txt", "-r -")
    write(tmp_path / "-", "flask")

    call_command("track", "--from-requirements", "requirements.txt")

    assert tracked() == ["flask"]


def test_file_of_any_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named_packages, "MAX_BYTES", 2_000_000)
    file = write(tmp_path / "x", "a" * 2_000_001)

    assert refused("--from-lock", file)[1] == f"{file} is larger than 2 MB."


def test_device_is_no_file() -> None:
    assert refused("--from-lock", "/dev/zero")[1] == "/dev/zero is no file."


@pytest.mark.parametrize(
    ("option", "text"), [("--from-requirements", "django"), ("--from-lock", PIPFILE)]
)
def test_standard_input_is_read(
    monkeypatch: pytest.MonkeyPatch, option: str, text: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    call_command("track", option, "-")

    assert tracked() == ["django"]


def test_what_a_file_names_can_be_untracked(tmp_path: Path) -> None:
    file = write(tmp_path / "requirements.txt", "django\nflask\n")
    call_command("track", "numpy", "--from-requirements", file)

    call_command("untrack", "--from-requirements", file)

    assert tracked() == ["numpy"]
