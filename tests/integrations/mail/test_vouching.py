"""Whether the domain of a message's sender has vouched for it."""

import pytest

from integrations.mail.incoming import Incoming
from integrations.mail.vouching import by_relay, by_sendgrid


def mail(sender: str = "zoe@corp.example", *results: str) -> Incoming:
    return Incoming(sender=sender, answers=(), results=results)


@pytest.mark.parametrize(
    ("dkim", "spf", "envelope"),
    [
        ("{@corp.example : pass}", "fail", "{}"),
        ("{@other.example : fail, @corp.example : pass}", "none", ""),
        ("{@mail.corp.example : pass}", "none", ""),
        ("{@CORP.example:PASS}", "none", ""),
        ("none", "pass", '{"to":["i@p.example"],"from":"zoe@corp.example"}'),
        ("none", " Pass ", '{"from":"bounce+1@bounces.corp.example"}'),
    ],
)
def test_a_domain_that_signed_or_sent_has_vouched(dkim: str, spf: str, envelope: str) -> None:
    assert by_sendgrid(dkim=dkim, spf=spf, envelope=envelope)(mail())


@pytest.mark.parametrize(
    ("dkim", "spf", "envelope"),
    [
        ("none", "none", ""),
        ("{@evil.example : pass}", "none", ""),
        ("{@corp.example : fail}", "softfail", '{"from":"zoe@corp.example"}'),
        ("{@notcorp.example : pass}", "none", ""),
        ("{@example : pass}", "none", ""),
        ("none", "pass", '{"from":"zoe@evil.example"}'),
        ("none", "pass", '{"from":""}'),
        ("none", "pass", '{"from":["zoe@corp.example"]}'),
        ("none", "pass", '["zoe@corp.example"]'),
        ("none", "pass", "no json"),
        ("none", "pass", "[" * 100_000),
        ("a" * 1_000_000, "none", ""),
    ],
)
def test_another_domain_or_a_failed_check_vouches_for_nobody(dkim: str, spf: str, envelope: str) -> None:
    assert not by_sendgrid(dkim=dkim, spf=spf, envelope=envelope)(mail())


def test_the_company_above_a_senders_domain_has_vouched() -> None:
    assert by_sendgrid(dkim="{@corp.example : pass}", spf="", envelope="")(mail("zoe@fr.corp.example"))


@pytest.mark.parametrize(
    "line",
    [
        "mx.corp.example; dkim=pass header.d=corp.example",
        "MX.corp.example 1;\r\n\tspf=fail smtp.mailfrom=x.org;\r\n\tdmarc=pass (ok) header.from=corp.example",
        'mx.corp.example; spf=pass smtp.mailfrom="zoe@corp.example"',
        "mx.corp.example; dkim=pass header.i=@corp.example header.s=s1",
    ],
)
def test_the_relays_word_counts(line: str) -> None:
    assert by_relay("mx.corp.example")(mail("zoe@corp.example", "other; dkim=none", line))


@pytest.mark.parametrize(
    "line",
    [
        "mx.evil.example; dkim=pass header.d=corp.example",
        "mx.corp.example.evil.example; dkim=pass header.d=corp.example",
        "mx.corp.example; dkim=fail header.d=corp.example",
        "mx.corp.example; dkim=pass header.d=evil.example",
        "mx.corp.example; dkim=fail (dkim=pass header.d=corp.example)",
        'mx.corp.example; spf=pass smtp.mailfrom="zoe@corp.example"@evil.test',
        'mx.corp.example; spf=pass smtp.mailfrom="x; dkim=pass header.d=corp.example y"@evil.test',
        "mx.corp.example; dkim=none (a (b); dkim=pass header.d=corp.example )",
        "mx.corp.example; spf=pass smtp.mailfrom=a@evil.test header.from=corp.example",
        r"mx.corp.example; spf=pass smtp.mailfrom=x\(y; dkim=pass header.d=corp.example",
        "mx.corp.example; none",
        "",
        ";",
    ],
)
def test_nobody_elses_word_does(line: str) -> None:
    assert not by_relay("mx.corp.example")(mail("zoe@corp.example", line))


def test_a_relay_without_a_name_is_trusted() -> None:
    assert by_relay("")(mail())
    assert not by_relay("mx.corp.example")(mail())
