"""HrDeliveryWorkflow: one HR delivery applied to the directory once, then told to the lives it concerns."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from activities.directory import ApplyDelivery, DirectoryActs, News
from activities.lives import is_pairing, programme_life
from activities.values import Value
from workflows import policies
from workflows.life import Told, tell
from workflows.programme import ProgrammeWorkflow
from workflows.stages import ProgrammeStart


class DeliveryStart(Value):
    """A delivery by source and key; what it says waits in the database.

    `again_after` is how long a pairing that is not there yet has to be started until it is told once more.
    """

    source: str
    key: str
    again_after: timedelta = timedelta(minutes=1)


@workflow.defn(name="HrDeliveryWorkflow")
class HrDeliveryWorkflow:
    """The way of one HR delivery; its id makes a repeated delivery the same one."""

    @workflow.run
    async def run(self, start: DeliveryStart) -> int:
        """Applies the delivery and tells the lives; returns how many heard of it."""
        applied = await workflow.execute_activity_method(
            DirectoryActs.apply_delivery,
            ApplyDelivery(source=start.source, key=start.key),
            summary="merge into the directory",
            **policies.RECORD,
        )
        if applied.open_programme:
            await self._open(applied.open_programme)
        told = sum([await self._tell(start, news) for news in applied.news])
        workflow.set_current_details(
            f"**{applied.event_type}** · {applied.changed} changed · {told} lives told"
        )
        return told

    async def _tell(self, start: DeliveryStart, news: News) -> bool:
        """Tells one life; a pairing that is not there yet is being started, and hears it a little later."""
        told = Told(key=f"{start.source}/{start.key}/{news.kind.value}", news=news)
        if await tell(news.life, "news", told):
            return True
        if not is_pairing(news.life):
            return False
        await workflow.sleep(start.again_after, summary="a pairing is being started")
        return await tell(news.life, "news", told)

    async def _open(self, programme: str) -> None:
        """Starts the programme's life; one that was opened before stays as it is."""
        try:
            await workflow.start_child_workflow(
                ProgrammeWorkflow.run,
                ProgrammeStart(programme_id=programme),
                id=programme_life(programme),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary=f"programme {programme}",
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("programme.already-open", extra={"programme": programme})
