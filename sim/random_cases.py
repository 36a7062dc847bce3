"""Random cases by their name: ``dense-1042`` is a network of linear layers, ``maps-1042`` one of maps."""

from __future__ import annotations

from model.base.errors import UserError
from sim.random_maps import MAPS, random_map_case
from sim.random_networks import DENSE, RandomCase, random_case


def named_cases(made_of: str, first_seed: int, count: int) -> list[str]:
    """Names of cases with consecutive seeds."""
    return [f"{made_of}-{first_seed + index}" for index in range(count)]


def case_of_name(name: str) -> RandomCase:
    """Draw the case of a name; all of them can be built by HLS and by the event engine.

    Raises:
        UserError: no such name.
    """
    made_of, _, seed = name.rpartition("-")
    if not (seed.isascii() and seed.isdigit()) or made_of not in (DENSE, MAPS):
        raise UserError(f"{name!r} names no random network; write {DENSE}-SEED or {MAPS}-SEED, such as {MAPS}-1042")
    return random_case(int(seed)) if made_of == DENSE else random_map_case(int(seed), for_core=True)
