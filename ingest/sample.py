"""Download events of our own making, as files of the shape that BigQuery exports."""

import csv
import math
import os
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from packages.packed_day import DEFINITION_CHANGED

MAX_PACKAGES = 2000
MIRROR_ONLY = "mirror-only-demo"
NEVER_DOWNLOADED = "never-downloaded-demo"

_BRANDS = (
    "acme blorpy cromwick dazzik elmwick fernix glimbo hobnix inkwop jumbrel kettlo "
    "lumbric mivvik nurble oxwell plinko quuxly rombus snarkle tumbril umberly vexel "
    "wobblio xantho yarrowly zephlin brindle corvo drumlin exampla fabbly gorsely "
    "hazzle ibexia jolliet krumble lorimax mossop nettlo orbix"
)
_TOPICS = (
    "http tables queue auth config cache logs mail forms graph dates parser client "
    "server plots geo images audio video maps money units colors cli tasks storage "
    "search crypto metrics events schema codec testing mocks types docs locale "
    "sessions tokens models vectors streams files sockets rules feeds pages patches "
    "hooks admin"
)

_RELEASES_BEGAN = date(2024, 1, 1)
_SUBCOMMANDS_BEGAN = date(2025, 12, 1)
_WEEKDAYS = (0.97, 1.03, 1.05, 1.04, 0.95, 0.62, 0.64)
_LARGEST, _EXPONENT = 6_000, 1.1
_RELEASE_RUSH = {0: 8.0, 1: 3.0}
_METADATA_SHARE = 0.15

_PLATFORMS = """\
share,ci,system,release,distro,distro_version,id,lib,libc,cpu,pip,uv
.20,,Linux,6.8.0-51-generic,Ubuntu,24.04,noble,glibc,2.39,x86_64,26.0,0.9.18
.13,true,Linux,6.11.0-1018-azure,Ubuntu,24.04,noble,glibc,2.39,x86_64,26.0.1,0.10.2
.16,,Linux,6.1.0-28-cloud,Debian GNU/Linux,12,bookworm,glibc,2.36,x86_64,25.3,0.9.5
.05,true,Linux,5.15.154,Debian GNU/Linux,13,trixie,glibc,2.41,x86_64,25.3,0.9.18
.09,,Linux,6.1.119,Amazon Linux,2023,,glibc,2.34,aarch64,23.2.1,0.8.22
.07,,Linux,5.15.0-1064-aws,Ubuntu,22.04,jammy,glibc,2.35,x86_64,22.0.2,0.7.21
.05,,Linux,6.6.32,Alpine Linux,3.22.1,,,,x86_64,25.0.1,0.9.5
.11,,Darwin,25.1.0,macOS,26.1,,,,arm64,25.2,0.9.18
.11,,Windows,11,,,,,,AMD64,24.0,0.9.5
.02,true,Windows,2022Server,,,,,,AMD64,25.1.1,0.8.22
.004,,FreeBSD,14.2-RELEASE,,,,,,amd64,24.3.1,0.8.22
"""
_OTHERS = """\
mirrors,share,installer,version,python,implementation,system
,.04,poetry,2.2.1,,CPython,Linux
,.008,poetry,1.8.5,,CPython,Darwin
,.012,pdm,2.26.1,,CPython,
,.035,requests,2.32.5,,,
,.015,Browser,,,,
,.005,Homebrew,4.6.18,,,
,.006,setuptools,75.8.0,3.9,,
,.03,,,,,
,.003,,,2.7,,
,.0008,pip,25.3,three,CPython,Linux
,.0006,pip,9.0.1,1,CPython,Linux
,.0012,pip,25.3,3.15.0a2,CPython,Linux
,.0008,uv,0.9.5,3.15.0a2,CPython,Darwin
,.0006,Ünter/nehmens <Build> Farm; of a longer name than anyone would think,7,3.12.4,,
true,.62,bandersnatch,6.6.0,,CPython,Linux
true,.12,bandersnatch,6.5.0,,CPython,Linux
true,.09,Nexus,3.84.1,,,
true,.07,Artifactory,7.111.4,,,
true,.06,devpi,6.17.0,,,
true,.04,z3c.pypimirror,1.0.16,,,
"""
_COUNTRIES = "US US US US US US US DE DE DE FR FR GB GB NL NL IN IN CN JP SG BR CA AU"

_DETAILS = """STRUCT(
    installer STRUCT(name VARCHAR, version VARCHAR, subcommand VARCHAR),
    python VARCHAR,
    implementation STRUCT(name VARCHAR, version VARCHAR),
    distro STRUCT(name VARCHAR, version VARCHAR, id VARCHAR,
                  libc STRUCT(lib VARCHAR, version VARCHAR)),
    system STRUCT(name VARCHAR, release VARCHAR),
    cpu VARCHAR, openssl_version VARCHAR, setuptools_version VARCHAR,
    rustc_version VARCHAR, ci BOOLEAN)"""

# Every draw is a hash of what it is drawn for, so threads cannot change the outcome: a
# cell's count is its expectation, rounded up or down by chance, then spelled out.
_EVENTS = f"""
WITH clients AS (
    SELECT unnest(CAST($clients AS STRUCT(
        id INTEGER, share DOUBLE, mirrors BOOLEAN, metadata DOUBLE,
        details {_DETAILS})[]), max_depth := 2)
), packages AS (
    SELECT unnest(CAST($packages AS STRUCT(
        project VARCHAR, people DOUBLE, mirrors DOUBLE, versions VARCHAR[])[]),
        max_depth := 2)
), cells AS (
    SELECT project, versions, c.id, c.mirrors AS mirrored, metadata, details,
        hash($salt, project, c.id) AS chance,
        share * if(c.mirrors, p.mirrors, people) AS expected
    FROM packages AS p CROSS JOIN clients AS c
), draws AS (
    SELECT *, (hash(chance, number) >> 1)::BIGINT AS draw
    FROM (SELECT *, unnest(range(floor(expected + (chance >> 40) / 16777216)::BIGINT))
              AS number
          FROM cells)
), choices AS (
    SELECT *,
        (draw & 1048575) / 1048576 AS moment,
        ((draw >> 20) & 1023) / 1024 AS aged, ((draw >> 30) & 1023) / 1024 AS kind,
        (draw >> 40) & 4095 AS place, (draw >> 52) / 2048 AS safe,
        1 + floor(aged ** 3 * len(versions))::INTEGER AS back,
        versions[if(mirrored, 1, back)] AS version,
        kind < metadata AS is_metadata,
        NOT is_metadata AND kind > if(mirrored, .55, .9) AS is_sdist,
        concat(replace(project, '-', '_'), '-', version,
            if(is_sdist, '.tar.gz', '-py3-none-any.whl'),
            if(is_metadata, '.metadata', '')) AS filename,
        sha256(filename) AS digest
    FROM draws
)
SELECT
    (CAST($day AS TIMESTAMP) + to_seconds(least(86399, floor(
        86400 * (moment + .06 * sin(2 * pi() * moment)))::BIGINT)))::TIMESTAMPTZ
        AS timestamp,
    $countries[1 + place % len($countries)] AS country_code,
    concat('/packages/', digest[:2], '/', digest[3:4], '/', digest[5:], '/', filename)
        AS url,
    project,
    {{'filename': filename, 'project': project, 'version': version,
      'type': if(is_sdist, 'sdist', 'bdist_wheel')}} AS file,
    details,
    if(safe < .93, 'TLSv1.3', 'TLSv1.2') AS tls_protocol,
    if(safe < .93, 'TLS_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256')
        AS tls_cipher
FROM choices
ORDER BY project, id, number
"""


def package_names(packages: int) -> list[str]:
    """Return so many made-up names, the most downloaded first; all are normalized."""
    brands, topics = _BRANDS.split(), _TOPICS.split()
    pairs = ((i % len(brands), i // len(brands)) for i in range(packages))
    return [f"{brands[b]}-{topics[(7 * b + t) % len(topics)]}" for b, t in pairs]


def catalogue(packages: int) -> list[str]:
    """Name all there is to follow: the packages and the two that show a rare case."""
    return [*package_names(packages), MIRROR_ONLY, NEVER_DOWNLOADED]


def write_day(path: Path, day: date, packages: int, seed: int) -> int:
    """Write the events of ``day`` to ``path`` and return how many there are.

    The events follow from the other arguments alone. ``path`` holds all of them or
    stays as it was, then with an ``OSError``.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    values: dict[str, Any] = {
        "day": day,
        "salt": f"{seed}/{day}",
        "countries": [*_COUNTRIES.split(), None],
        "clients": _clients(day),
        "packages": _packages(day, packages, seed),
        "path": str(unfinished),
    }
    try:
        unfinished.touch()  # says plainly what is wrong with the folder
        with duckdb.connect() as db:
            db.execute("SET TimeZone = 'UTC'")
            copy = f"COPY ({_EVENTS}) TO $path (FORMAT parquet, USE_TMP_FILE false)"
            (events,) = db.execute(copy, values).fetchall()[0]
        unfinished.replace(path)
    except duckdb.IOException as error:
        raise OSError(str(error)) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return int(events)


def _packages(day: date, packages: int, seed: int) -> list[dict[str, Any]]:
    people = [_LARGEST / (rank + 2) ** _EXPONENT for rank in range(packages)]
    names = package_names(packages)
    sizes = [*zip(names, people, strict=True), (MIRROR_ONLY, 0.0)]
    return [_package(name, size, day, seed) for name, size in sizes]


def _package(name: str, size: float, day: date, seed: int) -> dict[str, Any]:
    habits = Random(f"{seed}/{name}")  # noqa: S311 - repeatable, nothing to protect
    luck = Random(f"{seed}/{name}/{day}")  # noqa: S311 - as above
    every = habits.randint(14, 120)
    since = (day - _RELEASES_BEGAN).days + habits.randrange(every)
    releases, age = divmod(since, every)
    years = max(-5.0, min(5.0, _years_since(_RELEASES_BEGAN, day)))
    growth = math.pow(habits.uniform(0.95, 1.4), years)
    people = size * growth * _WEEKDAYS[day.weekday()] * luck.uniform(0.9, 1.1)
    return {
        "project": name,
        "people": people,
        "mirrors": (10 + people / 100) * _RELEASE_RUSH.get(age, 1.0),
        "versions": [f"1.{max(0, releases - back)}.0" for back in range(4)],
    }


def _clients(day: date) -> list[dict[str, Any]]:
    clients = [*_pip_and_uv(day), *map(_other, csv.DictReader(_OTHERS.splitlines()))]
    for number, client in enumerate(clients):
        client["id"] = number
    return clients


def _pip_and_uv(day: date) -> list[dict[str, Any]]:
    years = _years_since(_RELEASES_BEGAN, day)
    uv = 0.1 + 0.06 * max(0.0, min(5.0, years))
    side_files = _METADATA_SHARE if day < DEFINITION_CHANGED else 0.0
    pip = (0.84 - uv) / (1 - side_files)
    platforms = list(csv.DictReader(_PLATFORMS.splitlines()))
    return [
        {
            "share": share * part * float(platform["share"]),
            "mirrors": False,
            "metadata": side_files if installer == "pip" else 0.0,
            "details": _installed(installer, python, platform, day),
        }
        for installer, share in (("pip", pip), ("uv", uv))
        for python, part in _pythons(day).items()
        for platform in platforms
    ]


def _pythons(day: date) -> dict[str, float]:
    """Share of each Python: most used some two years after it came out."""
    weights = {"2.7.18": 0.01}
    for minor in range(7, 20):
        age = _years_since(date(2011 + minor, 10, 5), day)
        if age >= 0:
            version = f"3.{minor}.{min(13, int(age * 6))}"
            popularity = math.exp(-(((age - 2.4) / 1.7) ** 2)) + math.exp(-age / 3) / 9
            weights[version] = popularity * min(1.0, age + 0.05)
    total = sum(weights.values())
    return {version: weight / total for version, weight in weights.items()}


def _installed(
    installer: str, python: str, platform: dict[str, str], day: date
) -> dict[str, Any]:
    is_pip = installer == "pip"
    subcommand = "install" if is_pip else "pip install"
    libc = {"lib": platform["lib"], "version": platform["libc"]}
    distro = {
        "name": platform["distro"],
        "version": platform["distro_version"],
        "id": platform["id"] or None,
        "libc": libc if libc["lib"] else None,
    }
    return {
        "installer": {
            "name": installer,
            "version": platform[installer],
            "subcommand": subcommand if day >= _SUBCOMMANDS_BEGAN else None,
        },
        "python": python,
        "implementation": _named("CPython", python),
        "distro": distro if distro["name"] else None,
        "system": {"name": platform["system"], "release": platform["release"]},
        "cpu": platform["cpu"],
        "openssl_version": "OpenSSL 3.0.16 11 Feb 2025" if is_pip else None,
        "setuptools_version": "75.8.0" if is_pip and platform["ci"] else None,
        "rustc_version": "1.84.0" if is_pip and platform["ci"] else None,
        "ci": True if platform["ci"] else None,
    }


def _other(row: dict[str, str]) -> dict[str, Any]:
    details = {
        "installer": _named(row["installer"], row["version"]),
        "python": row["python"] or None,
        "implementation": _named(row["implementation"]),
        "system": _named(row["system"]),
    }
    known = row["installer"] or row["python"]
    return {
        "share": float(row["share"]),
        "mirrors": bool(row["mirrors"]),
        "metadata": 0.0,
        "details": details if known else None,
    }


def _named(name: str, version: str = "") -> dict[str, str | None] | None:
    return {"name": name, "version": version or None} if name else None


def _years_since(start: date, day: date) -> float:
    return (day - start).days / 365.25
