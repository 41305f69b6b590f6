"""User agents are read as the public data set reads them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.user_agents import MAX_LENGTH, UNKNOWN, Details, details_of

PIP = (
    'pip/24.3.1 {"ci":null,"cpu":"x86_64","distro":{"id":"bookworm","name":"Debian"},'
    '"installer":{"name":"pip","version":"24.3.1"},"python":"3.11.9",'
    '"system":{"name":"Linux","release":"6.1"}}'
)
UV = (
    'uv/0.5.4 {"installer":{"name":"uv","version":"0.5.4","subcommand":["pip",'
    '"install"]},"python":"3.12.7","system":{"name":"Darwin","release":"23"},"ci":true}'
)

KNOWN = {
    PIP: Details("pip", "3.11.9", "Linux"),
    UV: Details("uv", "3.12.7", "Darwin", ci=True),
    "pip/1.5.6 CPython/2.7.9 Linux/3.16": Details("pip", "2.7.9", "Linux"),
    "poetry/1.8.3 CPython/3.11.9 Windows/10": Details("poetry", system="Windows"),
    "pdm/2.19.3 CPython/3.12.1": Details("pdm"),
    "bandersnatch/6.5.0 (cpython 3.11.9-final0, Linux x86_64)": Details("bandersnatch"),
    "devpi-server/6.14.0 (py3.11; linux)": Details("devpi"),
    "Artifactory/7.90.1": Details("Artifactory"),
    "python-requests/2.32.3": Details("requests"),
    "curl/8.5.0": Details("Browser"),
    "Python-urllib/3.9": Details(python="3.9"),
    'pip/24.0 {"python":3.11,"installer":{"name":5}}': Details("5", "3.11"),
    'pip/24.0 {"installer":{"name":"\\ud800"}}': Details("?"),
}
UNKNOWN_AGENTS = (
    "",
    "-",
    "python-httpx/0.27.2",
    "Artifactory/7.90.1 79001900",
    "uv/0.1.21",
    'pip/24.0 {"installer":{"name":"pip"',
    "pip/24.0 null",
    "pip/24.0 5",
    'pip/24.0 {"installer":5}',
    "pip/24.0 " + "[" * 5000,
    "pip/24.0 " + "9" * 5000,
    "pip/nonsense {}",
    "curl/" + "8" * MAX_LENGTH,
)

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["installer", "name", "python", "system", "ci", "distro"]),
            inner,
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("agent", KNOWN)
def test_known_agents_have_their_details(agent: str) -> None:
    assert details_of(agent) == KNOWN[agent]


@pytest.mark.parametrize("agent", UNKNOWN_AGENTS)
def test_unknown_agents_have_no_details(agent: str) -> None:
    assert details_of(agent) == UNKNOWN


@pytest.mark.parametrize("agent", ["Go-http-client/1.1", "Java/17.0.1", "Scrapy/2.11"])
def test_ignored_agents_are_told_from_unknown_ones(agent: str) -> None:
    assert details_of(agent) is None


@given(st.sampled_from(["pip/24.0 ", "uv/0.5.0 "]), _json)
def test_no_json_makes_it_fail(prefix: str, value: object) -> None:
    details = details_of(prefix + json.dumps(value))

    assert details is not None
    assert all(
        part is None or isinstance(part, bool) or part.encode() is not None
        for part in details
    )


@given(st.text())
def test_no_text_makes_it_fail(agent: str) -> None:
    details_of(agent)
