"""The ids of lives, which are also their workflow ids: the same life always gets the same one."""


def programme_life(programme_id: str) -> str:
    """The id of a programme's life."""
    return f"programme/{programme_id}"


def mentor_life(programme_id: str, mentor_ref: str) -> str:
    """The id of a mentor's life in a programme."""
    return f"mentor/{programme_id}/{mentor_ref}"


def pairing_life(programme_id: str, mentee_ref: str, attempt: int) -> str:
    """The id of the life of a mentee's pairing; `attempt` counts the proposals made for the seat from 1."""
    return f"pairing/{programme_id}/{mentee_ref}/{attempt}"


def is_pairing(life: str) -> bool:
    """Whether this is the id of a pairing's life."""
    return life.startswith("pairing/")
