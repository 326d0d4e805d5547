"""What HR delivered reaches the lives concerned, those too that are only being started."""

import asyncio
from datetime import timedelta

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

from activities.directory import AppliedDelivery, ApplyDelivery, News, NewsKind
from activities.lives import mentor_life
from tests.workflows.running import life_of
from tests.workflows.test_pairing import beginning
from tests.workflows.town import Town, lived
from workflows.hr_delivery import DeliveryStart, HrDeliveryWorkflow
from workflows.names import WORKFLOWS
from workflows.pairing import PairingWorkflow
from workflows.stages import Outcome


class Merging:
    """Says that the mentor has left, to a pairing and to a life that has ended long ago."""

    @activity.defn(name="apply-delivery")
    def apply_delivery(self, request: ApplyDelivery) -> AppliedDelivery:
        lives = (life_of("mentee"), mentor_life("digital", request.key))
        news = [News(life=life, kind=NewsKind.LEFT, person_ref="mentor") for life in lives]
        return AppliedDelivery(event_type="terminated", changed=1, news=tuple(news))


async def is_waiting(life: WorkflowHandle[HrDeliveryWorkflow, int]) -> bool:
    history = await life.fetch_history()
    return any(event.event_type == EventType.EVENT_TYPE_TIMER_STARTED for event in history.events)


async def test_pairing_that_is_only_being_started_hears_the_news_later(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.records.append(Merging())
    delivery = DeliveryStart(source="native", key="1", again_after=timedelta(seconds=8))
    async with lived(town, [HrDeliveryWorkflow]):
        merged = await client.start_workflow(
            HrDeliveryWorkflow.run, delivery, id="hr/native/1", task_queue=WORKFLOWS
        )
        async with asyncio.timeout(60):
            while not await is_waiting(merged):  # noqa: ASYNC110 - asked of a server
                await asyncio.sleep(0.05)
        pairing = await client.start_workflow(
            PairingWorkflow.run, start, id=start.state.pairing_id, task_queue=WORKFLOWS
        )
        assert await asyncio.wait_for(pairing.result(), 600) == Outcome.ENDED_EARLY.value
        assert await asyncio.wait_for(merged.result(), 600) == 1
