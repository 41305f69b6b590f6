"""The real installers that this machine happens to have."""

import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.package_index import PACKAGE, VERSION, Index

PROBE = (
    "import sys, pip; print('%d.%d %s' % (sys.version_info[:2] + (pip.__version__,)))"
)
OLDEST_PIP = (6, 0)
"""Older ones send no JSON about themselves."""


@dataclass(frozen=True)
class Pip:
    """A Python that has pip, and what its downloads must be counted as."""

    executable: str
    python: str

    def download(self, index: Index, folder: Path, *options: str, ci: bool) -> None:
        command = [self.executable, "-m", "pip", "download", "--no-deps", "-q"]
        command += ["--no-cache-dir", "--disable-pip-version-check"]
        command += ["--trusted-host", "127.0.0.1", "-i", f"{index.url}/simple/"]
        command += ["-d", str(folder), *options, f"{PACKAGE}=={VERSION}"]
        run(command, folder, ci=ci)


def install_with_pip(index: Index, folder: Path, *options: str, ci: bool) -> None:
    """Install, rather than download, with the pip of the tests' own Python."""
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "-q"]
    command += ["--no-cache-dir", "--no-build-isolation", "-i", f"{index.url}/simple/"]
    command += ["--target", str(folder / "target"), *options, PACKAGE]
    run(command, folder, ci=ci)


def install_with_uv(index: Index, folder: Path) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--no-deps", "--no-cache"]
    command += ["--python", sys.executable, "--target", str(folder / "uv-target")]
    command += ["--default-index", f"{index.url}/simple/", f"{PACKAGE}=={VERSION}"]
    run(command, folder, ci=False)


def run(command: list[str], home: Path, *, ci: bool) -> None:
    """Run an installer in an environment that tells it nothing but ``ci``."""
    environment = {"HOME": str(home), "PATH": os.defpath, "PIP_CONFIG_FILE": os.devnull}
    if ci:
        environment["CI"] = "true"
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def pips() -> list[Pip]:
    """The pip of every Python that can be found, one for each minor version."""
    found = [Path(sys.executable), *sorted(_pyenv().glob("versions/*/bin/python"))]
    found += [
        Path(path)
        for minor in range(6, 20)
        if (path := shutil.which(f"python3.{minor}", path=os.defpath))
    ]
    known: dict[str, Pip] = {}
    for executable in found:
        python = _python_with_pip(executable)
        if python:
            known.setdefault(python, Pip(str(executable), python))
    return list(known.values())


def _pyenv() -> Path:
    command = shutil.which("pyenv")
    default = Path(command).parents[1] if command else Path.home() / ".pyenv"
    return Path(os.environ.get("PYENV_ROOT", default))


def _python_with_pip(executable: Path) -> str | None:
    done = subprocess.run(
        [str(executable), "-c", PROBE], capture_output=True, text=True, check=False
    )
    match = re.fullmatch(r"(\d+\.\d+) (\d+)\.(\d+).*", done.stdout.strip())
    if done.returncode or match is None:
        return None
    return match[1] if (int(match[2]), int(match[3])) >= OLDEST_PIP else None


def this_system() -> str:
    return platform.system()


def this_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
