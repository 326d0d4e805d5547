"""Tasks in words: what happened, and what is expected of the one whose task it is."""

from collections.abc import Mapping
from typing import Final

_UNANSWERED: Final = "-unanswered"

_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "no-common-slot": {
        "en": "a session without a common hour",
        "fr": "une séance sans créneau commun",
    },
    "no-show": {
        "en": "sessions that did not take place",
        "fr": "des séances qui n'ont pas eu lieu",
    },
    "contact-wanted": {
        "en": "someone would like to hear from you",
        "fr": "quelqu'un souhaite vous parler",
    },
    "mentor-not-certified": {
        "en": "a certificate that is still missing",
        "fr": "un certificat qui manque encore",
    },
    "agreement-talk": {
        "en": "a conversation before the agreement is signed",
        "fr": "un échange avant la signature de la convention",
    },
    "no-candidate-left": {
        "en": "a mentee without a mentor",
        "fr": "un mentoré sans mentor",
    },
    "certificate-unsigned": {
        "en": "a certificate that is not signed yet",
        "fr": "un certificat qui n'est pas encore signé",
    },
    "ideas-left-open": {
        "en": "ideas without an answer",
        "fr": "des idées restées sans réponse",
    },
    "report-held-back": {
        "en": "a report that was held back",
        "fr": "un rapport laissé en suspens",
    },
    "act-failed": {
        "en": "a step of the service that failed for good",
        "fr": "une étape du service qui a échoué",
    },
    "undeliverable": {
        "en": "an address that mail cannot reach",
        "fr": "une adresse que le courrier n'atteint pas",
    },
    "training-not-held": {
        "en": "a half-day of training that was not held",
        "fr": "une demi-journée de formation qui n'a pas eu lieu",
    },
    "role-successor": {
        "en": "a role in the programme without its holder",
        "fr": "un rôle du programme sans titulaire",
    },
}

_EXPECTED: Final[Mapping[str, Mapping[str, str]]] = {
    "no-common-slot": {
        "en": "Please find out from both which weeks suit them, and have an hour kept free in both "
        "calendars. Once you say that it is dealt with, the service looks again and books.",
        "fr": "Merci de voir avec les deux quelles semaines leur conviennent, et de faire libérer une heure "
        "commune dans leurs agendas. Dès que vous indiquez que c'est réglé, le service cherche à nouveau "
        "et réserve.",
    },
    "no-show": {
        "en": "Please speak with each of them apart, and find out whether they want to go on and what would "
        "help. “Dealt with” means that the sessions go on.",
        "fr": "Merci de parler à chacun séparément, de comprendre s'ils souhaitent continuer et ce qui les "
        "aiderait. « C'est réglé » veut dire que les séances continuent.",
    },
    "contact-wanted": {
        "en": "Please get in touch within two days and listen first. What you hear stays with you; here we "
        "only need to know that you have spoken.",
        "fr": "Merci de prendre contact sous deux jours et d'écouter d'abord. Ce que vous entendrez reste "
        "entre vous ; ici, il suffit d'indiquer que l'échange a eu lieu.",
    },
    "mentor-not-certified": {
        "en": "A pairing begins only once its mentor holds the certificate. Please see with the trainer what "
        "is missing. If the certificate is not there when you close this matter, the pairing ends and the "
        "mentee is offered another mentor.",
        "fr": "Un binôme ne commence qu'avec un mentor certifié. Merci de voir avec le formateur ce qui "
        "manque. Si le certificat n'est pas là quand vous clôturez ce point, le binôme s'arrête et un autre "
        "mentor est proposé.",
    },
    "agreement-talk": {
        "en": "Please speak with both about the mentoring agreement before they begin: what it asks, and "
        "what would make it right for them.",
        "fr": "Merci de parler avec les deux de la convention de mentorat avant qu'ils ne commencent : ce "
        "qu'elle demande, et ce qui la rendrait juste à leurs yeux.",
    },
    "no-candidate-left": {
        "en": "No further mentor fits at the moment. Please tell the mentee in person, and agree whether to "
        "wait for the next programme.",
        "fr": "Aucun autre mentor ne convient pour le moment. Merci de le dire de vive voix à la personne "
        "mentorée, et de convenir avec elle d'attendre, ou non, le prochain programme.",
    },
    "certificate-unsigned": {
        "en": "The sponsor has been asked to sign and has not done so yet. A word from you will help; the "
        "certificate goes out as soon as it is signed.",
        "fr": "Le sponsor a été sollicité et n'a pas encore signé. Un mot de votre part aidera ; le "
        "certificat part dès la signature.",
    },
    "ideas-left-open": {
        "en": "A digest of ideas was answered by nobody, and its pairs have been told so. Please take "
        "the ideas up with the sponsor in person, and let the pairs know what becomes of them.",
        "fr": "Personne n'a répondu à un recueil d'idées, et les binômes concernés le savent. "
        "Merci d'en parler de vive voix au sponsor, puis de dire aux binômes ce que leurs idées deviennent.",
    },
    "report-held-back": {
        "en": "The report of the programme was put before you several times and never approved. It is not "
        "put before you again: the sponsor gets none from us. Please tell the sponsor in person how the "
        "programme went, and what was wrong with the report.",
        "fr": "Le rapport du programme vous a été présenté plusieurs fois sans être validé. Il ne le sera "
        "plus : le sponsor n'en reçoit pas de notre part. Merci de lui dire de vive voix comment le "
        "programme s'est passé, et ce qui n'allait pas dans le rapport.",
    },
    "act-failed": {
        "en": "The service could not take a step, and trying again by itself will not help. Whoever "
        "operates it sees the reason in the Temporal UI, under “needs an operator”. Once you say that "
        "the cause is mended, the step is tried again.",
        "fr": "Le service n'a pas pu franchir une étape, et réessayer de lui-même n'y changera rien. La "
        "personne qui l'exploite en voit la raison dans l'interface de Temporal, sous « needs an "
        "operator ». Dès que vous indiquez que la cause est réglée, l'étape est tentée à nouveau.",
    },
    "undeliverable": {
        "en": "The mail server refuses this person's work address, so they have not heard of the programme. "
        "Please have it corrected in the HR system. Once you say that it is dealt with, the letter "
        "goes out.",
        "fr": "Le serveur de courrier refuse l'adresse professionnelle de cette personne, qui n'a donc rien "
        "reçu du programme. Merci de la faire corriger dans le système RH. Dès que vous indiquez que "
        "c'est réglé, la lettre part.",
    },
    "training-not-held": {
        "en": "No hour suited, or the half-day was called off; nobody has missed anything by it. Please see "
        "with the trainer which weeks are free. Once you say that it is dealt with, the service looks "
        "for a date.",
        "fr": "Aucun créneau ne convenait, ou la demi-journée a été annulée ; personne n'a rien manqué. "
        "Merci de voir avec le formateur quelles semaines sont libres. Dès que vous indiquez que "
        "c'est réglé, le service cherche une date.",
    },
    "role-successor": {
        "en": "Somebody with a role in the programme is leaving, and a colleague who runs it stands in from "
        "now on. Please name a successor, and have the programme file changed.",
        "fr": "Une personne qui tient un rôle dans le programme s'en va ; une ou un collègue qui le fait "
        "vivre la remplace désormais. Merci de nommer une personne pour lui succéder et de faire modifier "
        "le fichier du programme.",
    },
}

_QUESTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "call-for-mentors": {"en": "the call for mentors", "fr": "l'appel à mentors"},
    "mentee-invitation": {"en": "the invitation to the programme", "fr": "l'invitation au programme"},
    "line-manager-consent": {"en": "the line manager's consent", "fr": "l'accord du responsable"},
    "mentor-screening": {"en": "a mentor's application", "fr": "une candidature de mentor"},
    "training-attendance": {"en": "attendance at the training", "fr": "les présences à la formation"},
    "materials": {"en": "the session materials", "fr": "les supports de séance"},
    "dry-run": {"en": "the practice session", "fr": "la séance d'essai"},
    "match-review": {"en": "the proposed pairings", "fr": "les binômes proposés"},
    "proposal-to-mentee": {"en": "a proposed pairing", "fr": "une proposition de binôme"},
    "proposal-to-mentor": {"en": "a proposed pairing", "fr": "une proposition de binôme"},
    "agreement": {"en": "the mentoring agreement", "fr": "la convention de mentorat"},
    "needs": {"en": "the mentee's wishes", "fr": "les souhaits du mentoré"},
    "goals": {"en": "the goals of a pairing", "fr": "les objectifs d'un binôme"},
    "goals-agreement": {"en": "the agreement on goals", "fr": "l'accord sur les objectifs"},
    "session-happened": {"en": "a session's outcome", "fr": "le déroulement d'une séance"},
    "pulse": {"en": "how the sessions are going", "fr": "le ressenti sur les séances"},
    "slot-choice": {"en": "another hour for a session", "fr": "un autre créneau de séance"},
    "mid-review": {"en": "the mid-term review", "fr": "le bilan de mi-parcours"},
    "idea": {"en": "ideas for the company", "fr": "les idées pour l'entreprise"},
    "idea-agreement": {"en": "an idea to be handed in", "fr": "une idée à transmettre"},
    "ideas-digest": {"en": "the ideas handed in", "fr": "les idées transmises"},
    "closing-review": {"en": "the closing review", "fr": "le bilan final"},
    "certificate-signing": {"en": "certificates to be signed", "fr": "les certificats à signer"},
    "follow-up": {"en": "the two questions afterwards", "fr": "les deux questions de suivi"},
    "report-approval": {"en": "the programme's report", "fr": "le rapport du programme"},
    "rematch-offer": {"en": "the offer of a new partner", "fr": "la proposition d'un nouveau binôme"},
    "stop-confirmation": {"en": "ending the programme", "fr": "l'arrêt du programme"},
    "task": {"en": "an open matter", "fr": "un point ouvert"},
    "go-no-go": {"en": "the start of the programme", "fr": "le lancement du programme"},
}

_NO_ANSWER: Final = {"en": "no answer yet: {}", "fr": "sans réponse : {}"}
_SPEAK: Final = {
    "en": "The reminders have gone out. A word in person usually helps more than another one. Then say "
    "whether it is dealt with, whether we can do without the answer, or whether we should ask once more.",
    "fr": "Les rappels sont partis. Un mot de vive voix aide souvent plus qu'un autre rappel. "
    "Dites-nous ensuite si c'est réglé, si l'on peut se passer de la réponse, ou s'il faut redemander.",
}
_LOOK: Final = {
    "en": "Please look into it, and say what became of it.",
    "fr": "Merci de vous en occuper, puis de nous dire ce qu'il en est.",
}


def is_unanswered(kind: str) -> bool:
    """Whether a task is there because a question found no answer."""
    return kind.endswith(_UNANSWERED)


def name(kind: str, language: str) -> str:
    """What happened, in a few words; a kind nobody has words for is named as it is."""
    if is_unanswered(kind):
        question = _QUESTIONS.get(kind.removesuffix(_UNANSWERED))
        return _NO_ANSWER[language].format(question[language]) if question else kind
    words = _NAMES.get(kind)
    return words[language] if words else kind


def expected(kind: str, language: str) -> str:
    """What is expected of the owner, in a sentence or two."""
    if is_unanswered(kind):
        return _SPEAK[language]
    return _EXPECTED.get(kind, _LOOK)[language]
