"""Meetings as pages tell them, in the reader's language and zone."""

from integrations.facts import Facts, Meeting
from integrations.web.questions import skills
from integrations.wording import when


def meeting_facts(meeting: Meeting | None, facts: Facts, label: str) -> tuple[tuple[str, str], ...]:
    """When a meeting is or was, under its label; nothing where none is known."""
    return ((label, meeting_words(meeting, facts)),) if meeting else ()


def meeting_words(meeting: Meeting, facts: Facts) -> str:
    """Day and hours of a meeting."""
    return when(meeting.start, meeting.end, facts.zone, skills.language_of(facts))
