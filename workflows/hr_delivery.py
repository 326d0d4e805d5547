"""HrDeliveryWorkflow: one HR delivery applied to the directory once, then told to the lives it concerns."""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from activities.directory import ApplyDelivery, DirectoryActs
from activities.lives import programme_life
from activities.values import Value
from workflows import policies
from workflows.life import Told, tell
from workflows.programme import ProgrammeWorkflow
from workflows.stages import ProgrammeStart


class DeliveryStart(Value):
    """A delivery by source and key; what it says waits in the database."""

    source: str
    key: str


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
        told = 0
        for news in applied.news:
            key = f"{start.source}/{start.key}/{news.kind.value}"
            told += await tell(news.life, "news", Told(key=key, news=news))
        workflow.set_current_details(
            f"**{applied.event_type}** · {applied.changed} changed · {told} lives told"
        )
        return told

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
