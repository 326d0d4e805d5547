"""Reports as acts: numbers about groups, never about a person."""

from abc import ABC, abstractmethod

from temporalio import activity

from activities.values import Value


class WriteReport(Value):
    """The programme to be reported on."""

    programme_id: str
    report_id: str


class WrittenReport(Value):
    """The report's id and how many figures had to be withheld because the group was too small."""

    report_id: str
    withheld: int


class Reports(ABC):
    """The acts that count. Blocking: runs on the records queue."""

    @activity.defn(name="write-report")
    @abstractmethod
    def write_report(self, request: WriteReport) -> WrittenReport:
        """Counts the programme's figures for groups of at least five and keeps them for the letters."""
