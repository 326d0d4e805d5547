"""What an event is called and says: neutral words, in the language of its people."""

from collections.abc import Mapping

from activities.scheduling import MeetingKind

_TITLES: Mapping[str, Mapping[MeetingKind, str]] = {
    "en": {
        MeetingKind.BRIEFING: "Digital programme: briefing",
        MeetingKind.TRAINING: "Digital programme: training",
        MeetingKind.KICK_OFF: "Digital session: first meeting",
        MeetingKind.SESSION: "Digital session",
        MeetingKind.SUPERVISION: "Digital programme: mentors' round",
        MeetingKind.CLOSING_REVIEW: "Digital session: closing",
    },
    "fr": {
        MeetingKind.BRIEFING: "Programme numérique : présentation",
        MeetingKind.TRAINING: "Programme numérique : formation",
        MeetingKind.KICK_OFF: "Séance numérique : premier rendez-vous",
        MeetingKind.SESSION: "Séance numérique",
        MeetingKind.SUPERVISION: "Programme numérique : réunion des mentors",
        MeetingKind.CLOSING_REVIEW: "Séance numérique : bilan",
    },
}
OF_A_PAIR = frozenset({MeetingKind.SESSION, MeetingKind.KICK_OFF, MeetingKind.CLOSING_REVIEW})
"""The meetings that follow their people's calendars."""
_DECLINE: Mapping[str, str] = {
    "en": "If the hour does not suit, decline it: the programme then looks for another one.",
    "fr": "Si l'heure ne convient pas, refusez-la : le programme en cherche alors une autre.",
}
# What attendees can do differs: CalDAV gives them an event of their own to move, Exchange lets them propose a
# time, and what they propose to Google its API does not tell (calendar/v3 has no such field).
_NOTES: Mapping[str, Mapping[str, str]] = {
    "caldav": {
        "en": "If the hour does not suit, decline it or move it here: the programme follows your calendar.",
        "fr": "Si l'heure ne convient pas, refusez-la ou déplacez-la ici : le programme suit votre agenda.",
    },
    "microsoft": {
        "en": "If the hour does not suit, decline or propose a new time: the programme goes by your answer.",
        "fr": "Si l'heure ne convient pas, refusez ou proposez-en une autre : le programme en tient compte.",
    },
}


def title(kind: MeetingKind, language: str) -> str:
    """What the event is called."""
    return _TITLES[language][kind]


def note(kind: MeetingKind, provider: str, language: str) -> str:
    """What it says of declining and moving it, which depends on the provider that carries it.

    Nothing for meetings of a group, as those go on without somebody who declines.
    """
    return _NOTES.get(provider, _DECLINE)[language] if kind in OF_A_PAIR else ""
