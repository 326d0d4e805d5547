"""What reasons say in English and French; fields in braces are filled in by `in_words`."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "pinned": {
        "en": "This pair stood before the matching.",
        "fr": "Ce binôme existait avant l'appariement.",
    },
    "pinned/fixed": {
        "en": "Fixed in the review.",
        "fr": "Fixé lors de la relecture.",
    },
    "against/past-or-declined": {
        "en": "Against a rule: an earlier or declined pairing.",
        "fr": "Contre une règle : binôme passé ou refusé.",
    },
    "against/declared-conflict": {
        "en": "Against a rule: a declared conflict.",
        "fr": "Contre une règle : conflit déclaré.",
    },
    "against/mentor-admitted": {
        "en": "Against a rule: the mentor is neither certified nor in training.",
        "fr": "Contre une règle : mentor ni certifié ni en formation.",
    },
    "against/place-left": {
        "en": "Against a rule: the mentor has more mentees than places.",
        "fr": "Contre une règle : le mentor a plus de mentorés que de places.",
    },
    "against/stays-long-enough": {
        "en": "Against a rule: one of them leaves too soon.",
        "fr": "Contre une règle : départ trop proche de l'un des deux.",
    },
    "against/reporting-line": {
        "en": "Against a rule: the same reporting line.",
        "fr": "Contre une règle : même ligne hiérarchique.",
    },
    "against/common-manager": {
        "en": "Against a rule: a common manager close by.",
        "fr": "Contre une règle : responsable commun proche.",
    },
    "against/level-gap": {
        "en": "Against a rule: too few levels apart.",
        "fr": "Contre une règle : écart de niveau insuffisant.",
    },
    "against/shared-language": {
        "en": "Against a rule: no shared language.",
        "fr": "Contre une règle : aucune langue commune.",
    },
    "against/common-hours": {
        "en": "Against a rule: too few common working hours.",
        "fr": "Contre une règle : trop peu d'heures de travail communes.",
    },
    "part/needs": {
        "en": "Strong in what is needed ({competences}): {points}.",
        "fr": "Points forts qui répondent aux besoins ({competences}) : {points}.",
    },
    "part/mentee-wish": {
        "en": "The mentee wished for this mentor: {points}.",
        "fr": "Mentor souhaité par le mentoré : {points}.",
    },
    "part/mentor-wish": {
        "en": "The mentor wished for this mentee: {points}.",
        "fr": "Mentoré souhaité par le mentor : {points}.",
    },
    "part/interests": {
        "en": "Interests in common ({competences}): {points}.",
        "fr": "Intérêts communs ({competences}) : {points}.",
    },
    "part/other-function": {
        "en": "They work in different functions: {points}.",
        "fr": "Métiers différents : {points}.",
    },
    "part/other-site": {
        "en": "They work at different sites: {points}.",
        "fr": "Sites différents : {points}.",
    },
    "part/preferred-hours": {
        "en": "They like to meet at the same hours: {points}.",
        "fr": "Horaires préférés en commun : {points}.",
    },
    "rank/only": {
        "en": "The only mentor who fits.",
        "fr": "Le seul mentor possible.",
    },
    "rank/best": {
        "en": "The best of {of} mentors who fit.",
        "fr": "Le meilleur des {of} mentors possibles.",
    },
    "rank/lower": {
        "en": "Number {rank} of {of} mentors who fit.",
        "fr": "Numéro {rank} des {of} mentors possibles.",
    },
    "runner-up/behind": {
        "en": "Next would be {who}, {points} behind.",
        "fr": "Ensuite viendrait {who}, avec {points} de moins.",
    },
    "runner-up/level": {
        "en": "{who} would fit as well.",
        "fr": "{who} conviendrait tout autant.",
    },
    "runner-up/ahead": {
        "en": "{who} would fit better by {points}.",
        "fr": "{who} conviendrait mieux, avec {points} de plus.",
    },
    "better-taken": {
        "en": "A better fit, but with other mentees: {who}.",
        "fr": "Plus adaptés, mais avec d'autres mentorés : {who}.",
    },
    "no-mentors": {
        "en": "There are no mentors to choose from.",
        "fr": "Il n'y a aucun mentor disponible.",
    },
    "first-rule/past-or-declined": {
        "en": "Ruled out by an earlier or declined pairing: {mentors} of {of}.",
        "fr": "Écartés, binôme passé ou refusé : {mentors} sur {of}.",
    },
    "first-rule/declared-conflict": {
        "en": "Ruled out by a declared conflict: {mentors} of {of}.",
        "fr": "Écartés, conflit déclaré : {mentors} sur {of}.",
    },
    "first-rule/mentor-admitted": {
        "en": "Neither certified nor in training: {mentors} of {of}.",
        "fr": "Ni certifiés ni en formation : {mentors} sur {of}.",
    },
    "first-rule/place-left": {
        "en": "Without a place left: {mentors} of {of}.",
        "fr": "Sans place libre : {mentors} sur {of}.",
    },
    "first-rule/stays-long-enough": {
        "en": "One of the two leaves too soon: {mentors} of {of}.",
        "fr": "Départ trop proche de l'un des deux : {mentors} sur {of}.",
    },
    "first-rule/reporting-line": {
        "en": "In the same reporting line: {mentors} of {of}.",
        "fr": "Dans la même ligne hiérarchique : {mentors} sur {of}.",
    },
    "first-rule/common-manager": {
        "en": "Too close to a common manager: {mentors} of {of}.",
        "fr": "Trop proches d'un responsable commun : {mentors} sur {of}.",
    },
    "first-rule/level-gap": {
        "en": "Too few levels apart: {mentors} of {of}.",
        "fr": "Écart de niveau insuffisant : {mentors} sur {of}.",
    },
    "first-rule/shared-language": {
        "en": "Without a shared language: {mentors} of {of}.",
        "fr": "Sans langue commune : {mentors} sur {of}.",
    },
    "first-rule/common-hours": {
        "en": "With too few common working hours: {mentors} of {of}.",
        "fr": "Trop peu d'heures de travail communes : {mentors} sur {of}.",
    },
    "only-rule/mentor-admitted": {
        "en": "Possible once certified or in training: {who}.",
        "fr": "Possible après certification ou début de formation : {who}.",
    },
    "only-rule/place-left": {
        "en": "Possible with one mentee more each: {who}.",
        "fr": "Possible avec un mentoré de plus chacun : {who}.",
    },
    "only-rule/common-manager": {
        "en": "Possible but for a common manager close by: {who}.",
        "fr": "Possible sans responsable commun proche : {who}.",
    },
    "only-rule/level-gap": {
        "en": "Possible with a level gap of {enough} instead of {needed}: {who}.",
        "fr": "Possible avec un écart de niveau de {enough} au lieu de {needed} : {who}.",
    },
    "only-rule/shared-language": {
        "en": "Possible with a shared language ({languages}): {who}.",
        "fr": "Possible avec une langue commune ({languages}) : {who}.",
    },
    "only-rule/common-hours": {
        "en": "Possible with {enough} of common working time a week instead of {needed}: {who}.",
        "fr": "Possible avec {enough} de travail en commun par semaine au lieu de {needed} : {who}.",
    },
    "shortage": {
        "en": "{mentees} share {places}: {who}.",
        "fr": "{mentees} se partagent {places} : {who}.",
    },
    "quota": {
        "en": "The quotas leave no place.",
        "fr": "Les quotas ne laissent pas de place.",
    },
    "load/spared": {
        "en": "A better fit, but with a mentee already, and one more would cost as much as it gains: {who}.",
        "fr": "Plus adaptés, mais déjà pris une fois ; un de plus coûterait autant qu'il apporte : {who}.",
    },
    "load/shared": {
        "en": "This mentor has {mentees}; that they share one counts {points} less.",
        "fr": "Ce mentor a {mentees} ; ce partage compte {points} de moins.",
    },
    "quota-missed/mentees": {
        "en": "The quota of at least {least} with a mentee of {who} cannot be met together with the others.",
        "fr": "Le quota d'au moins {least} avec un mentoré de {who} n'est pas compatible avec le reste.",
    },
    "quota-missed/mentors": {
        "en": "The quota of at least {least} with a mentor of {who} cannot be met together with the others.",
        "fr": "Le quota d'au moins {least} avec un mentor de {who} n'est pas compatible avec le reste.",
    },
    "tempted": {
        "en": "In {cases} a mentor and a mentee would both be better served by each other than by what these "
        "pairs give them, most of all {who}. All pairs together would gain nothing by it.",
        "fr": "Dans {cases}, un mentor et un mentoré se conviendraient mieux l'un à l'autre que dans ces "
        "binômes, surtout {who}. L'ensemble des binômes n'y gagnerait rien.",
    },
    "tempted/nobody": {
        "en": "No mentor and mentee would both be better served by each other than by these pairs.",
        "fr": "Aucun mentor et aucun mentoré ne se conviendraient mieux l'un à l'autre que dans ces binômes.",
    },
    "tempted/within-quotas": {
        "en": "In {cases} that the quotas allow, a mentor and a mentee would both be better served by each "
        "other than by what these pairs give them, most of all {who}. All pairs together would gain nothing "
        "by it.",
        "fr": "Dans {cases} que les quotas permettent, un mentor et un mentoré se conviendraient mieux l'un "
        "à l'autre que dans ces binômes, surtout {who}. L'ensemble des binômes n'y gagnerait rien.",
    },
    "tempted/nobody-within-quotas": {
        "en": "Within the quotas, no mentor and mentee would both be better served by each other than by "
        "these pairs.",
        "fr": "Dans le cadre des quotas, aucun mentor et aucun mentoré ne se conviendraient mieux l'un à "
        "l'autre que dans ces binômes.",
    },
    "unknown-names": {
        "en": "In confidence, people named {names} they would rather not be paired with whom the directory "
        "does not know. Ask all who take part to check what they wrote.",
        "fr": "En confidence, {names} à ne pas réunir ont été indiquées que l'annuaire ne connaît pas. "
        "Demandez à tous les participants de vérifier leur saisie.",
    },
}

COUNTED: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "points": {"en": ("point", "points"), "fr": ("point", "points")},
    "mentors": {"en": ("mentor", "mentors"), "fr": ("mentor", "mentors")},
    "mentees": {"en": ("mentee", "mentees"), "fr": ("mentoré", "mentorés")},
    "least": {"en": ("pair", "pairs"), "fr": ("binôme", "binômes")},
    "cases": {"en": ("case", "cases"), "fr": ("cas", "cas")},
    "names": {"en": ("person", "people"), "fr": ("personne", "personnes")},
    "places": {"en": ("place", "places"), "fr": ("place", "places")},
}
"""A thing and several of it; French says the singular for zero and one, English for one only."""

AND_MORE: Final[Mapping[str, str]] = {"en": "and {count} more", "fr": "et {count} de plus"}
