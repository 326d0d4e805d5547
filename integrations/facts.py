"""The facts a letter tells and the page behind its link shows."""

from collections.abc import Mapping

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.answers import Goal


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Named(_Facts):
    """A person as others may see them: ref, full name and, where it helps, title and site."""

    ref: str
    name: str
    given_name: str
    title: str = ""
    site: str = ""


class Meeting(_Facts):
    """A booked (or offered) meeting; instants are aware UTC, shown in the reader's zone.

    `kind` is what it is for, such as `session` or `kick-off`; `number` that of a session or half-day.
    """

    start: AwareDatetime
    end: AwareDatetime
    number: int = 0
    kind: str = ""
    conference: str = ""


class ProposedPair(_Facts):
    """A pair in the match review, with what speaks for it."""

    mentor: Named
    mentee: Named
    score: int
    reasons: tuple[str, ...] = ()


class NamedIdea(_Facts):
    """An idea handed in, and the sponsor's answer once there is one."""

    id: str
    text: str
    decision: str = ""
    why: str = ""


class Applicant(_Facts):
    """What a coordinator sees of an application."""

    motivation: str
    strengths: Mapping[str, int]
    languages: tuple[str, ...] = ()
    consented: bool = True


class Facts(_Facts):
    """Everything a letter or page may tell its reader; what does not apply is empty.

    `language` is `en` or `fr`; `zone` an IANA name; `role` the reader's role in the matter (mentor, mentee,
    line-manager, coordinator, deputy, sponsor, trainer, assistant). `owner_for` names the one who did not
    answer when the letter is an escalation.
    """

    programme: str
    language: str
    zone: str
    role: str
    reader: Named
    sponsor: Named | None = None
    coordinator: Named | None = None
    mentor: Named | None = None
    mentee: Named | None = None
    partner: Named | None = None
    owner_for: Named | None = None
    reply_address: str = ""
    reminder: int = 0
    escalated: bool = False
    answer_by: AwareDatetime | None = None
    meeting: Meeting | None = None
    meetings: tuple[Meeting, ...] = ()
    session: int = 0
    sessions_planned: int = 0
    session_minutes: int = 0
    session_every_d: int = 28
    sessions_held: int = 0
    people: tuple[Named, ...] = ()
    goals: tuple[Goal, ...] = ()
    suggestions: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    ideas: tuple[NamedIdea, ...] = ()
    pairs: tuple[ProposedPair, ...] = ()
    unmatched: tuple[tuple[Named, str], ...] = ()
    near_misses: tuple[ProposedPair, ...] = ()
    applicant: Applicant | None = None
    materials: str = ""
    reason: str = ""
    task: str = ""
    counts: Mapping[str, int] = {}
    level_gain: Mapping[str, tuple[int, int]] = {}
