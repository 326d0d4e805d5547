"""What is kept of matchings, on every database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from integrations.database.sql.database import Database
from integrations.errors import GoneError


def test_content_is_replaced_only_where_it_still_is_what_it_was(database: Database) -> None:
    pairings = database.pairings
    pairings.save_matching("digital/1", "digital", {"proposal": "a", "before": ""})
    second = {"proposal": "b", "before": "a"}
    assert not pairings.replace_matching("digital/1", second, instead_of={"proposal": "x", "before": ""})
    assert pairings.matching("digital/1") == {"proposal": "a", "before": ""}
    assert pairings.replace_matching("digital/1", second, instead_of={"before": "", "proposal": "a"})
    assert pairings.matching("digital/1") == second
    assert not pairings.replace_matching("digital/2", second, instead_of={})
    with pytest.raises(GoneError):
        pairings.matching("digital/2")


def test_of_racing_replacements_of_the_same_content_one_wins(database: Database) -> None:
    first = {"proposal": "first", "before": ""}
    database.pairings.save_matching("digital/1", "digital", first)

    def replace(number: int) -> bool:
        content = {"proposal": str(number), "before": "first"}
        return database.pairings.replace_matching("digital/1", content, instead_of=first)

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(replace, range(16)))
    assert won.count(True) == 1
    assert database.pairings.matching("digital/1")["proposal"] == str(won.index(True))
