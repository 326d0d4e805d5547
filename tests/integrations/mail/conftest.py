"""Real servers on loopback for both adapters."""

from collections.abc import Iterator

import pytest

from integrations.mail.mail import Message
from tests.integrations.mail.posts import Post, SendGridPost, SmtpPost


@pytest.fixture(params=[SmtpPost, SendGridPost], ids=["smtp", "sendgrid"])
def post(request: pytest.FixtureRequest) -> Iterator[Post]:
    post: Post = request.param()
    yield post
    post.stop()


@pytest.fixture
def smtp() -> Iterator[SmtpPost]:
    post = SmtpPost()
    yield post
    post.stop()


@pytest.fixture
def sendgrid() -> Iterator[SendGridPost]:
    post = SendGridPost()
    yield post
    post.stop()


@pytest.fixture
def message() -> Message:
    return Message(
        to_address="zoe@acme.example",
        to_name="Zoé Dupont",
        subject="Votre séance de mardi",
        text="Bonjour Zoé,\n\nvotre séance est mardi.\n.\nÀ bientôt",
        html="<!doctype html><html lang='fr'><p>Bonjour Zoé, votre séance est mardi.</p></html>",
        reply_to="coordination@acme.example",
        headers={"List-Unsubscribe": "<https://mentoring.acme.example/r/" + "x" * 120 + ">"},
    )
