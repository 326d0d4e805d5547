"""How the tests are shared out among processes, and that no example has to hurry."""

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


class Shares(LoadScopeScheduling):  # type: ignore[misc]
    """A file goes to one process, as its servers are; only lives go one by one, as they mostly wait.

    Files with many tests come first and the lives last, where their quick clock has fewer busy neighbours.
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith("tests/workflows/") else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Shares:
    return Shares(config, log)
