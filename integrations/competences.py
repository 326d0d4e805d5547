"""The digital competences people teach and learn, and their four levels.

The structure is DigComp 3.0, © European Union 2025, CC BY 4.0; the short names are ours.
"""

from collections.abc import Mapping
from typing import Final

ATTRIBUTION: Final[Mapping[str, str]] = {
    "en": "Competences and levels follow DigComp 3.0, © European Union 2025, CC BY 4.0.",
    "fr": "Compétences et niveaux d'après DigComp 3.0, © Union européenne 2025, CC BY 4.0.",
}

AREAS: Final[Mapping[str, Mapping[str, str]]] = {
    "1": {
        "en": "Information search, evaluation and management",
        "fr": "Rechercher, évaluer et gérer l'information",
    },
    "2": {"en": "Communication and collaboration", "fr": "Communication et collaboration"},
    "3": {"en": "Content creation", "fr": "Création de contenus"},
    "4": {
        "en": "Safety, wellbeing and responsible use",
        "fr": "Sécurité, bien-être et usage responsable",
    },
    "5": {"en": "Problem identification and solving", "fr": "Identifier et résoudre les problèmes"},
}

COMPETENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "1.1": {"en": "Browsing, searching and filtering information", "fr": "Naviguer, chercher, filtrer"},
    "1.2": {"en": "Evaluating information", "fr": "Évaluer l'information"},
    "1.3": {"en": "Managing information", "fr": "Gérer l'information"},
    "2.1": {"en": "Interacting through digital technologies", "fr": "Échanger avec le numérique"},
    "2.2": {"en": "Sharing through digital technologies", "fr": "Partager avec le numérique"},
    "2.3": {"en": "Engaging in citizenship", "fr": "S'engager en citoyen"},
    "2.4": {"en": "Collaborating through digital technologies", "fr": "Collaborer avec le numérique"},
    "2.5": {"en": "Digital behaviour", "fr": "Savoir-vivre numérique"},
    "2.6": {"en": "Managing digital identity", "fr": "Gérer son identité numérique"},
    "3.1": {"en": "Developing digital content", "fr": "Créer des contenus numériques"},
    "3.2": {"en": "Integrating and re-elaborating content", "fr": "Intégrer et retravailler des contenus"},
    "3.3": {"en": "Copyright and licences", "fr": "Droit d'auteur et licences"},
    "3.4": {"en": "Computational thinking and programming", "fr": "Pensée informatique et programmation"},
    "4.1": {"en": "Protecting devices", "fr": "Protéger les appareils"},
    "4.2": {"en": "Protecting personal data and privacy", "fr": "Protéger les données et la vie privée"},
    "4.3": {"en": "Supporting wellbeing", "fr": "Préserver le bien-être"},
    "4.4": {"en": "Environmental impacts", "fr": "Impact sur l'environnement"},
    "5.1": {"en": "Solving technical problems", "fr": "Résoudre les problèmes techniques"},
    "5.2": {"en": "Identifying needs and digital responses", "fr": "Cerner les besoins et y répondre"},
    "5.3": {"en": "Finding creative digital solutions", "fr": "Trouver des solutions créatives"},
    "5.4": {"en": "Identifying digital competence needs", "fr": "Cerner ses besoins de compétences"},
}

LEVELS: Final[Mapping[int, Mapping[str, str]]] = {
    1: {"en": "Basic", "fr": "Débutant"},
    2: {"en": "Intermediate", "fr": "Intermédiaire"},
    3: {"en": "Advanced", "fr": "Avancé"},
    4: {"en": "Highly advanced", "fr": "Expert"},
}
