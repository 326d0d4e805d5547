"""A certificate goes out when it is signed, and only then."""

import asyncio

import pytest
from temporalio.client import Client

from activities.letters.catalogue import Letter
from tests.workflows.test_pairing import beginning, pairing
from tests.workflows.test_stuck import until
from tests.workflows.town import Town
from workflows.stages import Outcome


@pytest.mark.parametrize("signs", [True, False])
async def test_reminded_sponsor_signs_or_no_certificate_goes_out(client: Client, *, signs: bool) -> None:
    start = beginning()
    start.state.signed = False
    town = Town(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        await until(lambda: "certificate-unsigned" in town.archive.tasks)
        if signs:
            await handle.signal("certificates-signed")
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert town.post.letters[Letter.CERTIFICATE] == int(signs)
    assert town.post.letters[Letter.THANKS_MENTEE] == 1
