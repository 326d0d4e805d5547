"""How long an act may take and how it is tried again, named once.

A crash of the worker is noticed by `start_to_close`, so that is the time to recovery. Whether an error is
worth another try is decided in `activities/failures.py`, never here.
"""

from datetime import timedelta
from typing import Final, NotRequired, TypedDict

from temporalio.common import RetryPolicy

from workflows.names import CALENDARS, MAIL, RECORDS


class Policy(TypedDict):
    """The keyword arguments of an activity call."""

    task_queue: str
    start_to_close_timeout: timedelta
    heartbeat_timeout: NotRequired[timedelta]
    retry_policy: RetryPolicy


_PATIENT: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=5)
)

RECORD: Final = Policy(
    task_queue=RECORDS, start_to_close_timeout=timedelta(seconds=20), retry_policy=_PATIENT
)
# Ten thousand people take 6 s to pair without a sign of life, and as long again to explain with many.
SOLVE: Final = Policy(
    task_queue=RECORDS,
    start_to_close_timeout=timedelta(minutes=10),
    heartbeat_timeout=timedelta(seconds=60),
    retry_policy=_PATIENT,
)
CALENDAR: Final = Policy(
    task_queue=CALENDARS, start_to_close_timeout=timedelta(seconds=30), retry_policy=_PATIENT
)
LETTER: Final = Policy(task_queue=MAIL, start_to_close_timeout=timedelta(seconds=30), retry_policy=_PATIENT)
MAILING: Final = Policy(
    task_queue=MAIL,
    start_to_close_timeout=timedelta(minutes=5),
    heartbeat_timeout=timedelta(seconds=60),
    retry_policy=_PATIENT,
)
