import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.errors import MisconfiguredError
from integrations.links import LinkSigner

OLD, NEW = "an old key of ours", "a newer key of ours"


def test_tokens_are_ours_and_all_different() -> None:
    signer = LinkSigner([NEW])
    tokens = {signer.mint() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(signer.is_ours(token) for token in tokens)


def test_tokens_of_an_older_key_stay_good_while_it_is_kept() -> None:
    token = LinkSigner([OLD]).mint()
    assert LinkSigner([NEW, OLD]).is_ours(token)
    assert not LinkSigner([NEW]).is_ours(token)


def test_every_changed_character_makes_a_token_foreign() -> None:
    signer = LinkSigner([NEW])
    token = signer.mint()
    changed = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(len(token))]
    assert not any(map(signer.is_ours, changed))


@given(st.text(max_size=80))
def test_any_text_is_refused_without_an_error(text: str) -> None:
    assert not LinkSigner([NEW]).is_ours(text)


@pytest.mark.parametrize("keys", [[], ["short"], [NEW, ""]])
def test_weak_keys_are_refused(keys: list[str]) -> None:
    with pytest.raises(MisconfiguredError):
        LinkSigner(keys)
