"""What settings refuse because it would be unsafe."""

import pytest
from pydantic import ValidationError

from integrations.settings import Settings

OPEN = {"inbox_host": "0.0.0.0", "answers_smtp_port": 2525}  # noqa: S104 - what is tested


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
