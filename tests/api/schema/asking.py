"""How schemathesis is made to ask this service."""

from collections.abc import Callable
from typing import Any

import hypothesis
import schemathesis
from schemathesis.generation.hypothesis.builder import (
    HypothesisTestConfig,
    HypothesisTestMode,
    create_test,
)

SETTINGS = hypothesis.settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
PLAIN = {"accept-encoding": "identity"}
"""Its client of WSGI applications does not decompress."""

Ask = Callable[[schemathesis.Case[Any]], None]


def ask_all(
    document: schemathesis.BaseSchema, path: str, method: str, ask: Ask
) -> None:
    """Make up requests of one operation: its examples, its edges, and any others."""
    config = HypothesisTestConfig(
        project=document.config, modes=list(HypothesisTestMode), settings=SETTINGS
    )
    create_test(operation=document[path][method], test_func=ask, config=config)()
