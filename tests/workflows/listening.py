"""A life that does nothing but hear that its meetings may have changed."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.life import MeetingChanged


@workflow.defn(name="ListeningLife")
class ListeningLife:
    """Hears hints until it is told that it is over; a key that was heard before does nothing."""

    def __init__(self) -> None:
        self._heard: dict[str, str] = {}
        self._over = False

    @workflow.run
    async def run(self) -> list[str]:
        """The meetings of the hints, in order."""
        await workflow.wait_condition(lambda: self._over)
        return list(self._heard.values())

    @workflow.signal(name="meeting-changed")
    def meeting_changed(self, hint: MeetingChanged) -> None:
        """Remembers a hint."""
        self._heard.setdefault(hint.key, hint.meeting)

    @workflow.signal
    def end(self) -> None:
        """Ends the life."""
        self._over = True

    @workflow.query
    def heard(self) -> list[str]:
        """The meetings of the hints so far."""
        return list(self._heard.values())
