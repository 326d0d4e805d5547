"""How the tests are shared out among processes."""

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]


class Shares(LoadScopeScheduling):  # type: ignore[misc]
    """A file goes to one process, as its servers are; only lives go one by one, as they mostly wait.

    Files with many tests come first and the lives last, where their quick clock has fewer busy neighbours.
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith("tests/workflows/") else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Shares:
    return Shares(config, log)
