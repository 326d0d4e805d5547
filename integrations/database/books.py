"""All the ports of the database together, as acts and commands are given them."""

from dataclasses import dataclass

from integrations.database.answers import Answers
from integrations.database.bookings import Bookings
from integrations.database.deliveries import Deliveries
from integrations.database.ideas import Ideas
from integrations.database.ledger import Ledger
from integrations.database.links import Links
from integrations.database.mail_replies import MailReplies
from integrations.database.pairings import Pairings
from integrations.database.people import Directory
from integrations.database.programmes import Programmes
from integrations.database.subscriptions import Subscriptions
from integrations.database.tasks import Tasks


@dataclass(frozen=True)
class Books:
    """The service's books; safe to share between threads."""

    directory: Directory
    programmes: Programmes
    pairings: Pairings
    ideas: Ideas
    links: Links
    answers: Answers
    ledger: Ledger
    bookings: Bookings
    tasks: Tasks
    deliveries: Deliveries
    subscriptions: Subscriptions
    mail_replies: MailReplies
