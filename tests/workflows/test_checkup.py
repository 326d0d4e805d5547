"""What the doctor is told of Temporal by a server that has our search attributes."""

import pytest
from temporalio.client import Client

from integrations.errors import MisconfiguredError
from workflows.dispatch import Checkup


async def test_namespace_with_our_search_attributes_lacks_none(client: Client) -> None:
    assert await Checkup(client).missing_attributes() == ()


async def test_unknown_namespace_is_told(client: Client) -> None:
    elsewhere = await Client.connect(client.service_client.config.target_host, namespace="elsewhere")
    with pytest.raises(MisconfiguredError, match="elsewhere"):
        await Checkup(elsewhere).missing_attributes()
