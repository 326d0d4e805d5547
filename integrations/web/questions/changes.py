"""What solving a matching again has changed, in words."""

from typing import Final

from integrations.web.languages import Say
from integrations.web.resolving import Change, Comparison

_TOLD: Final = 20
"""The most changes told one by one; the table shows them all."""


def changed(compared: Comparison, say: Say) -> tuple[str, ...]:
    """What has become of all scores together, then every mentee whose mentor is another one."""
    if not compared.changes:
        return (say("Nothing: these are the same pairs.", "Rien : ce sont les mêmes binômes."),)
    more = len(compared.changes) - _TOLD
    return (
        _points(compared, say),
        *(_change(change, say) for change in compared.changes[:_TOLD]),
        *([say(f"And {more} more.", f"Et {more} de plus.")] if more > 0 else []),
    )


def _points(compared: Comparison, say: Say) -> str:
    before, after = compared.points_before, compared.points_after
    if before == after:
        return say(
            f"All scores together are {after} points, as before.",
            f"Tous les scores réunis font {after} points, comme avant.",
        )
    return say(
        f"All scores together are {after} points; they were {before}.",
        f"Tous les scores réunis font {after} points ; ils en faisaient {before}.",
    )


def _change(change: Change, say: Say) -> str:
    mentee = change.mentee.name
    before = change.before.name if change.before else ""
    after = change.after.name if change.after else ""
    if before and after:
        return say(f"{mentee}: {after} instead of {before}.", f"{mentee} : {after} au lieu de {before}.")
    if after:
        return say(f"{mentee}: {after}; had nobody before.", f"{mentee} : {after} ; personne auparavant.")
    return say(f"{mentee}: nobody; had {before} before.", f"{mentee} : personne ; {before} auparavant.")
