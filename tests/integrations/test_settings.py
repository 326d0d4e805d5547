"""What settings refuse because it would be unsafe."""

import pytest
from pydantic import ValidationError

from integrations.settings import Settings

OPEN = {"inbox_host": "0.0.0.0", "answers_smtp_port": 2525, "answers_address": "office@corp.example"}  # noqa: S104


def test_mailbox_of_answers_that_anybody_could_feed_is_refused() -> None:
    with pytest.raises(ValidationError, match="answers_relay or answers_smtp_peers"):
        Settings.model_validate(OPEN)


@pytest.mark.parametrize(
    "more",
    [
        {"answers_relay": "mx.corp.example"},
        {"answers_smtp_peers": ["10.0.0.0/8"]},
        {"inbox_host": "127.0.0.1"},
    ],
)
def test_mailbox_of_answers_behind_a_relay_is_accepted(more: dict[str, object]) -> None:
    assert Settings.model_validate({**OPEN, **more}).answers_smtp_port == OPEN["answers_smtp_port"]


@pytest.mark.parametrize(
    "way", [{"answers_smtp_port": 2525}, {"answers_hook_secrets": ["a secret of the hook"]}]
)
def test_way_to_a_mailbox_without_an_address_is_refused(way: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="answers_address"):
        Settings.model_validate(way)


def test_organizer_is_the_sender_where_there_is_no_other() -> None:
    sender = {"sender_address": "programme@corp.example"}
    assert Settings.model_validate(sender).organizer.address == "programme@corp.example"
    other = Settings.model_validate({**sender, "organizer_address": "office@corp.example"})
    assert other.organizer.address == "office@corp.example"
