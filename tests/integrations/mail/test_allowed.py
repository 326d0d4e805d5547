from integrations.mail.allowed import Allowed
from integrations.mail.mail import Message


class Pile:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.checked = 0

    def check(self) -> None:
        self.checked += 1

    def send(self, message: Message, key: str) -> str:
        self.sent.append(message.to_address)
        return key


def message(address: str) -> Message:
    return Message(to_address=address, to_name="A", subject="s", text="t", html="<p>t</p>")


def test_letters_go_to_allowed_addresses_and_domains_only() -> None:
    pile = Pile()
    mailer = Allowed(pile, ["Trial.example", "me@corp.example"])
    addresses = ("a@trial.example", "ME@corp.example", "you@corp.example", "a@sub.trial.example")
    receipts = [mailer.send(message(address), "k") for address in addresses]
    assert pile.sent == ["a@trial.example", "ME@corp.example"]
    assert receipts == ["k", "k", "held back", "held back"]


def test_check_asks_the_provider() -> None:
    pile = Pile()
    Allowed(pile, ["trial.example"]).check()
    assert pile.checked == 1
