"""Lets every property of a test run try but a few examples, always the same, and look for no smaller ones.

As a plugin of pytest (`-p bench.few_examples`) it makes it bearable to run tests against hundreds of mutants.
"""

from typing import Final

import pytest
from hypothesis import Phase, settings

_MOST: Final = 40
_OF_A_TEST: Final = "_hypothesis_internal_use_settings"


def pytest_configure() -> None:
    """Applies to properties that have no settings of their own."""
    settings.register_profile("few", _few(settings()))
    settings.load_profile("few")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Applies to properties that ask for more."""
    for item in items:
        if isinstance(item, pytest.Function) and (own := vars(item.function).get(_OF_A_TEST)):
            setattr(item.function, _OF_A_TEST, _few(own))


def _few(usual: settings) -> settings:
    return settings(
        usual,
        max_examples=min(usual.max_examples, _MOST),
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
    )
