"""From the inbox to the lives: HR deliveries start workflows, answers become signals."""

from collections.abc import Iterable
from datetime import timedelta

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.lives import programme_life
from integrations.answers import Purpose
from integrations.calendars.notices import NoticeKind
from integrations.database.answers import AnswerRecord
from integrations.errors import InvalidError, MisconfiguredError, RetryableError
from workflows.calendar_notices import CalendarNotice, CalendarNoticesWorkflow, NoticesStart
from workflows.hr_delivery import DeliveryStart, HrDeliveryWorkflow
from workflows.life import Answered, MeetingChanged
from workflows.mentor import MentorWorkflow
from workflows.names import ATTRIBUTES, STAGE, WORKFLOWS, delivery_id, notices_id
from workflows.stages import MentorStart

_AT_ONCE = timedelta(seconds=2)


class Dispatch:
    """Implements the inbox's EventSink on a Temporal client.

    Everything here may be repeated: deliveries are rejected as duplicates by their workflow id, answers by
    their id in the life that hears them. Raises RetryableError while Temporal cannot be reached.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def deliver(self, source: str, key: str, event_type: str) -> None:
        """Starts the workflow of a delivery that the database holds; one already started is fine."""
        try:
            await self._client.start_workflow(
                HrDeliveryWorkflow.run,
                DeliveryStart(source=source, key=key),
                id=delivery_id(source, key),
                task_queue=WORKFLOWS,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=event_type,
                rpc_timeout=_AT_ONCE,
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise _unreachable(error) from error

    async def answered(self, answer: AnswerRecord) -> None:
        """Tells the life that asked; an application starts a mentor's life; an ended life needs nothing."""
        try:
            if answer.purpose is Purpose.APPLICATION:
                await self._applied(answer)
            else:
                handle = self._client.get_workflow_handle(answer.life)
                await handle.signal("answered", _said(answer), rpc_timeout=_AT_ONCE)
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            if _is_down(error):
                raise _unreachable(error) from error

    async def meeting_changed(self, life: str, meeting: str, key: str) -> None:
        """Has the life look at one of its meetings at once; a life that has ended needs nothing."""
        try:
            handle = self._client.get_workflow_handle(life)
            hint = MeetingChanged(key=key, meeting=meeting)
            await handle.signal("meeting-changed", hint, rpc_timeout=_AT_ONCE)
        except RPCError as error:
            if _is_down(error):
                raise _unreachable(error) from error

    async def calendar_changed(self, provider: str, kind: NoticeKind) -> None:
        """Hands a provider's notice over to its workflow, which is started where it does not run."""
        try:
            await self._client.start_workflow(
                CalendarNoticesWorkflow.run,
                NoticesStart(provider=provider),
                id=notices_id(provider),
                task_queue=WORKFLOWS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal="changed",
                start_signal_args=[CalendarNotice(kind=kind)],
                static_summary=f"push of {provider}",
                rpc_timeout=_AT_ONCE,
            )
        except RPCError as error:
            raise _unreachable(error) from error

    async def watch_calendars(self, providers: Iterable[str]) -> None:
        """Has the push of these providers kept coming; what was missed while the service was down is read."""
        for provider in providers:
            await self.calendar_changed(provider, NoticeKind.STARTED)

    async def _applied(self, answer: AnswerRecord) -> None:
        if answer.choice != "apply":
            return
        await self._client.start_workflow(
            MentorWorkflow.run,
            MentorStart(programme_id=answer.programme_id, mentor_ref=answer.person_ref),
            id=answer.life,
            task_queue=WORKFLOWS,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=f"mentor {answer.person_ref}",
            rpc_timeout=_AT_ONCE,
        )


class Checkup:
    """What the doctor asks Temporal: whether it knows the namespace and our search attributes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def missing_attributes(self) -> tuple[str, ...]:
        """The search attributes that the namespace does not know; MisconfiguredError without a namespace."""
        request = ListSearchAttributesRequest(namespace=self._client.namespace)
        try:
            known = await self._client.operator_service.list_search_attributes(
                request, retry=False, timeout=_AT_ONCE
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise MisconfiguredError(
                    f"Temporal has no namespace {self._client.namespace}; make it or set TEMPORAL_NAMESPACE"
                ) from error
            raise _unreachable(error) from error
        return tuple(name for name in ATTRIBUTES if name not in known.custom_attributes)


class Doors:
    """Whether a programme can be opened or stopped, asked before an operator is told that it is."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def may_open(self, programme_id: str) -> None:
        """Raises InvalidError where the programme is open already, or has been: its id is used up."""
        status = await self._status(programme_id)
        if status is WorkflowExecutionStatus.RUNNING:
            raise InvalidError(f"{programme_id} is open already; nothing was changed")
        if status:
            raise InvalidError(f"{programme_id} was opened before and has ended; give the programme a new id")

    async def may_stop(self, programme_id: str) -> None:
        """Raises InvalidError where the programme does not run."""
        status = await self._status(programme_id)
        if status is not WorkflowExecutionStatus.RUNNING:
            was = "has ended" if status else "was never opened"
            raise InvalidError(f"{programme_id} {was}; there is nothing to stop")

    async def _status(self, programme_id: str) -> WorkflowExecutionStatus | None:
        handle = self._client.get_workflow_handle(programme_life(programme_id))
        try:
            return (await handle.describe(rpc_timeout=_AT_ONCE)).status
        except RPCError as error:
            if _is_down(error):
                raise _unreachable(error) from error
            return None


class Overview:
    """What Temporal's own visibility says of a programme's lives; implements the rehearsal's Lives."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def stages(self, programme_id: str) -> dict[str, str]:
        """The stage of every pairing by workflow id, and of the programme under its own; may lag a moment."""
        query = f"Programme = '{programme_id}' AND WorkflowType IN ('PairingWorkflow', 'ProgrammeWorkflow')"
        found: dict[str, str] = {}
        async for run in self._client.list_workflows(query):
            if run.status is not WorkflowExecutionStatus.CONTINUED_AS_NEW:
                found[run.id] = str(run.typed_search_attributes.get(STAGE) or "")
        return found

    async def outcomes(self, programme_id: str) -> dict[str, str]:
        """How every pairing ended, by workflow id; `running` where it has not, the status where it failed."""
        query = f"Programme = '{programme_id}' AND WorkflowType = 'PairingWorkflow'"
        found: dict[str, str] = {}
        async for run in self._client.list_workflows(query):
            if run.status is WorkflowExecutionStatus.COMPLETED:
                found[run.id] = str(await self._client.get_workflow_handle(run.id).result())
            elif run.status is not WorkflowExecutionStatus.CONTINUED_AS_NEW:
                found[run.id] = run.status.name.lower() if run.status else "unknown"
        return found


def _said(answer: AnswerRecord) -> Answered:
    return Answered(
        ask_key=answer.ask_key, answer_id=answer.id, choice=answer.choice, person_ref=answer.person_ref
    )


def _is_down(error: RPCError) -> bool:
    """Whether Temporal could not take it at all; a life that has ended is no such thing."""
    return error.status is not RPCStatusCode.NOT_FOUND or "namespace" in error.message.lower()


def _unreachable(error: RPCError) -> RetryableError:
    return RetryableError(
        f"Temporal did not take it ({error.status.name}); try again", after=timedelta(seconds=5)
    )
