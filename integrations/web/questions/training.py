"""Training and certificate: attendance, materials, the observed dry run, the sponsor's signature."""

from integrations.facts import Facts
from integrations.web.fields import Checks, Line, LongText, Option, OptionGroup
from integrations.web.languages import Say
from integrations.web.pages import Page
from integrations.web.questions import choices, skills
from integrations.web.questions.meetings import meeting_facts


def attendance(facts: Facts) -> Page:
    """Asks the trainer who came to a half-day."""
    say = skills.say_to(facts)
    return Page(
        title=say("Who came to the training?", "Qui est venu à la formation ?"),
        facts=meeting_facts(facts.meeting, facts, say("Half-day", "Demi-journée")),
        parts=(
            choices.answer(
                say,
                ("held", say("The half-day took place", "La demi-journée a eu lieu")),
                ("not-held", say("It did not take place", "Elle n'a pas eu lieu")),
            ),
            Checks(
                ("present",),
                say("Present from start to end", "Présents du début à la fin"),
                when=("held",),
                groups=(OptionGroup("", tuple(Option(p.ref, p.name) for p in facts.people)),),
            ),
        ),
        buttons=choices.send(say),
        thanks={
            "held": say(
                "Who missed the half-day is offered the next date.",
                "Les absents se verront proposer la prochaine date.",
            ),
            "": say("We look for a new date and write to everybody.", "Nous cherchons une nouvelle date."),
        },
    )


def materials(facts: Facts) -> Page:
    """Asks a mentor for their own session materials."""
    say = skills.say_to(facts)
    return Page(
        title=say("Your session materials", "Vos supports de séance"),
        lead=(
            say(
                "The kit for your first session, as you have prepared it: where can the trainer find it?",
                "Le kit de votre première séance, tel que vous l'avez préparé : où le trouver ?",
            ),
        ),
        parts=(
            _reference(say),
            LongText(("note",), say("A note for the trainer", "Un mot pour la formation"), optional=True),
        ),
        buttons=choices.only("hand-in", say("Hand in my materials", "Remettre mes supports")),
        thanks={
            "": say(
                "The trainer looks at them and gives a verdict after your practice session.",
                "Ils seront relus, et vous aurez un avis après votre séance d'essai.",
            )
        },
    )


def _reference(say: Say) -> Line:
    return Line(
        ("reference",),
        say("Link or place of the file", "Lien ou emplacement du fichier"),
        hint=say(
            "A link the trainer may open, or a folder and a file name.",
            "Un lien accessible à la formatrice ou au formateur, ou un dossier et un nom de fichier.",
        ),
        longest=500,
        shortest=3,
    )


def dry_run(facts: Facts) -> Page:
    """Asks the trainer for the verdict on materials and dry run."""
    say = skills.say_to(facts)
    name = facts.mentor.name if facts.mentor else say("the mentor", "le mentor")
    told = ((say("Materials", "Supports"), facts.materials),) if facts.materials else ()
    return Page(
        title=say(f"Practice session: {name}", f"Séance d'essai : {name}"),
        lead=(
            say(
                "No pairing begins before its mentor is certified.",
                "Aucun binôme ne commence avant le certificat de son mentor.",
            ),
        ),
        facts=told,
        parts=(
            choices.choose(
                say("Your verdict", "Votre avis"),
                ("ready", say("Ready", "Prêt pour les séances")),
                ("once-more", say("Once more", "Encore un essai")),
                ("not-now", say("Not now", "Pas maintenant")),
            ),
            LongText(("note",), say("What you saw", "Ce que vous avez vu"), optional=True),
        ),
        buttons=choices.send(say),
        thanks=_after_dry_run(say),
    )


def _after_dry_run(say: Say) -> dict[str, str]:
    return {
        "ready": say("The mentor hears that they are certified.", "Le mentor apprend qu'il est certifié."),
        "once-more": say(
            "The mentor is asked for materials again, then you for another verdict.",
            "Le mentor est invité à revoir ses supports, puis nous vous demanderons un nouvel avis.",
        ),
        "": say(
            "The mentor is released kindly; nothing is held against anyone.",
            "Le mentor est remercié avec tact ; rien n'est retenu contre personne.",
        ),
    }


def certificate_signing(facts: Facts) -> Page:
    """Asks the sponsor to sign the certificates of these mentors."""
    say = skills.say_to(facts)
    return Page(
        title=say("Certificates to sign", "Certificats à signer"),
        lead=(
            say(
                "These mentors have seen their pairing through to the closing review.",
                "Ces mentors ont mené leur binôme jusqu'au bilan final.",
            ),
        ),
        points=tuple(map(skills.introduced, facts.people)),
        buttons=(
            Option("sign", say("Sign them all", "Tout signer")),
            Option("talk", say("I want to talk first", "Je veux en parler d'abord")),
        ),
        thanks={
            "sign": say(
                "Each mentor gets the certificate with your name on it.",
                "Chaque mentor reçoit son certificat, à votre nom.",
            ),
            "": say("The coordinator gets in touch with you.", "La coordination prend contact avec vous."),
        },
    )
