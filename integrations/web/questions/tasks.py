"""Tasks: what needs their owner's word, and what each word does."""

from dataclasses import dataclass
from typing import Final

from integrations.facts import Facts
from integrations.web.fields import LongText
from integrations.web.languages import Say
from integrations.web.pages import Page
from integrations.web.questions import choices, skills

_UNANSWERED: Final = "-unanswered"


@dataclass(frozen=True)
class _Matter:
    title: str
    lead: str
    done: str
    waive: str = ""
    remind: str = ""
    next: str = ""


def task(facts: Facts) -> Page:
    """Asks the owner of a task what became of it."""
    say = skills.say_to(facts)
    matter = _matter(facts, say)
    about = ", ".join(map(skills.introduced, facts.people))
    silent = skills.introduced(facts.owner_for) if facts.owner_for else ""
    words = tuple(
        (value, label)
        for value, label in (("done", matter.done), ("waive", matter.waive), ("remind", matter.remind))
        if label
    )
    note = LongText(("note",), say("A note", "Une note"), optional=True)
    asked = (choices.choose(say("What became of it?", "Qu'en est-il ?"), *words), note)
    alone = len(words) == 1
    return Page(
        title=matter.title,
        lead=(matter.lead,),
        facts=_told(facts, about, silent, say),
        parts=asked[1:] if alone else asked,
        buttons=choices.only(*words[0]) if alone else choices.send(say),
        thanks={
            "": matter.next or say("The service goes on from there.", "Le service reprend à partir de là.")
        },
    )


def _told(facts: Facts, about: str, silent: str, say: Say) -> tuple[tuple[str, str], ...]:
    pair = " - ".join(person.name for person in (facts.mentor, facts.mentee) if person)
    told = (
        (say("Pairing", "Binôme"), pair if facts.mentor and facts.mentee else ""),
        (say("About", "Concerne"), about),
        (say("No answer from", "Sans réponse de"), silent),
        (say("What would help", "Ce qui aiderait"), " ".join(facts.suggestions)),
    )
    return tuple((label, value) for label, value in told if value)


def _matter(facts: Facts, say: Say) -> _Matter:
    if facts.task.endswith(_UNANSWERED):
        return _unanswered(say)
    known = {
        "no-common-slot": _no_common_slot,
        "no-show": _no_show,
        "contact-wanted": _contact_wanted,
        "mentor-not-certified": _not_certified,
        "agreement-talk": _agreement_talk,
        "certificate-unsigned": _unsigned,
        "no-candidate-left": _no_candidate,
        "act-failed": _act_failed,
        "undeliverable": _undeliverable,
        "training-not-held": _training_not_held,
        "role-successor": _role_successor,
    }
    return known[facts.task](say) if facts.task in known else _other(say)


def _unanswered(say: Say) -> _Matter:
    return _Matter(
        title=say("A question without an answer", "Une question sans réponse"),
        lead=say(
            "Our reminders have brought no answer. A word in person helps most.",
            "Nos rappels sont restés sans réponse. Un mot de vive voix aide le plus.",
        ),
        done=say("Dealt with: the answer will come", "C'est réglé : la réponse viendra"),
        waive=say("We can do without the answer", "On peut se passer de la réponse"),
        remind=say("Ask once more", "Redemander une fois"),
    )


def _no_common_slot(say: Say) -> _Matter:
    return _Matter(
        title=say("No common hour found", "Aucun créneau commun"),
        lead=say(
            "Ask both to free an hour in their calendars in the next weeks; then have us look again.",
            "Demandez aux deux de libérer une heure dans leur agenda ces prochaines semaines, puis "
            "faites-nous chercher à nouveau.",
        ),
        done=say("There is room now: look again", "Il y a de la place : cherchez à nouveau"),
        next=say("We look again at once.", "Nous cherchons aussitôt à nouveau."),
    )


def _no_show(say: Say) -> _Matter:
    return _Matter(
        title=say("Sessions that did not take place", "Des séances qui n'ont pas eu lieu"),
        lead=say(
            "Several sessions in a row did not take place. Talk to both apart: do they want to go on?",
            "Plusieurs séances de suite n'ont pas eu lieu. Parlez à chacun : souhaitent-ils continuer ?",
        ),
        done=say("They go on", "Le binôme continue"),
        waive=say("The pairing ends", "Le binôme s'arrête"),
    )


def _contact_wanted(say: Say) -> _Matter:
    return _Matter(
        title=say("Somebody wishes to be contacted", "Quelqu'un souhaite vous parler"),
        lead=say(
            "Get in touch within two working days. What you hear stays with you.",
            "Prenez contact sous deux jours ouvrés. Ce que vous entendrez reste entre vous.",
        ),
        done=say("We have talked", "Nous nous sommes parlé"),
        waive=say("No longer needed", "Ce n'est plus nécessaire"),
    )


def _not_certified(say: Say) -> _Matter:
    return _Matter(
        title=say("A mentor without a certificate", "Un mentor sans certificat"),
        lead=say(
            "The pairing waits for it. Settle it with the trainer first: if the certificate is missing when "
            "you answer, the pairing ends.",
            "Le binôme l'attend. Voyez d'abord avec la formation : si le certificat manque quand vous "
            "répondez, le binôme s'arrête.",
        ),
        done=say("The mentor is certified", "Le mentor est certifié"),
        waive=say("There will be no certificate", "Il n'y aura pas de certificat"),
    )


def _agreement_talk(say: Say) -> _Matter:
    return _Matter(
        title=say("A talk before signing", "Un échange avant de signer"),
        lead=say(
            "One of the pair wishes to talk before signing the agreement.",
            "L'un des deux souhaite en parler avant de signer la convention.",
        ),
        done=say("We have talked, they begin", "Nous avons parlé, le binôme commence"),
        next=say("Both get the agreement.", "Tous deux reçoivent la convention."),
    )


def _unsigned(say: Say) -> _Matter:
    return _Matter(
        title=say("A certificate is not signed", "Un certificat n'est pas signé"),
        lead=say(
            "The sponsor has not signed yet. The certificate goes out as soon as it is signed.",
            "La signature manque encore. Le certificat partira dès qu'il sera signé.",
        ),
        done=say("I have reminded the sponsor", "J'ai relancé la personne qui signe"),
    )


def _no_candidate(say: Say) -> _Matter:
    return _Matter(
        title=say("A mentee without a mentor", "Un mentoré sans mentor"),
        lead=say(
            "No further mentor fits. Tell the mentee in person.",
            "Aucun autre mentor ne convient. Dites-le au mentoré de vive voix.",
        ),
        done=say("I have told the mentee", "Je l'ai dit au mentoré"),
    )


def _act_failed(say: Say) -> _Matter:
    return _Matter(
        title=say("A step that failed", "Une étape qui a échoué"),
        lead=say(
            "Whoever operates the service sees the reason in the Temporal UI.",
            "La personne qui exploite le service en voit la raison dans l'interface de Temporal.",
        ),
        done=say("The cause is mended: try again", "La cause est réglée : réessayez"),
        next=say("It is tried again at once.", "L'étape est tentée aussitôt à nouveau."),
    )


def _undeliverable(say: Say) -> _Matter:
    return _Matter(
        title=say("An address that mail cannot reach", "Une adresse que le courrier n'atteint pas"),
        lead=say(
            "Have the work address corrected in the HR system first.",
            "Faites d'abord corriger l'adresse professionnelle dans le système RH.",
        ),
        done=say("It is corrected: write again", "Elle est corrigée : écrivez à nouveau"),
        waive=say("We do without this person", "On se passe de cette personne"),
    )


def _training_not_held(say: Say) -> _Matter:
    return _Matter(
        title=say("Training that was not held", "Une formation qui n'a pas eu lieu"),
        lead=say(
            "See with the trainer which weeks are free.",
            "Voyez avec le formateur quelles semaines sont libres.",
        ),
        done=say("There is room now: look for a date", "Il y a de la place : cherchez une date"),
        next=say("We look for a date at once.", "Nous cherchons aussitôt une date."),
    )


def _role_successor(say: Say) -> _Matter:
    return _Matter(
        title=say("A role without its holder", "Un rôle sans titulaire"),
        lead=say(
            "A colleague stands in for now. Name a successor, and have the programme file changed.",
            "Une ou un collègue remplace pour l'instant. Nommez une personne pour succéder et faites "
            "modifier le fichier du programme.",
        ),
        done=say("A successor is named", "La succession est assurée"),
    )


def _other(say: Say) -> _Matter:
    return _Matter(
        title=say("A matter that needs you", "Un point qui vous attend"),
        lead=say("Please look into it.", "Merci de vous en occuper."),
        done=say("Dealt with", "C'est réglé"),
        waive=say("Nothing to be done", "Il n'y a rien à faire"),
    )
