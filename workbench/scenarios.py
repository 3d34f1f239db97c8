"""Named streams of random numbers: the same name gives the same numbers, whatever else is drawn.

Two scenarios that differ in one place use the same numbers everywhere else, so that their
difference shows the place and not chance.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Streams:
    """Random generators by name, all from one seed.

    Parameters
    ----------
    seed : int
        Not negative.

    Examples
    --------
    >>> once, again = streams(7)["risk/key_account_loss"], streams(7)["risk/key_account_loss"]
    >>> bool(once.random() == again.random())
    True
    """

    seed: int

    def __getitem__(self, name: str) -> np.random.Generator:
        """A new generator at the start of the stream; keep it to draw on."""
        digest = hashlib.sha256(name.encode()).digest()
        words = [int.from_bytes(digest[place : place + 4], "big") for place in range(0, 16, 4)]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, *words])))


def streams(seed: int) -> Streams:
    """Named streams of a seed.

    Raises
    ------
    ParameterError
        If the seed is negative.
    """
    from workbench.errors import ParameterError

    if seed < 0:
        raise ParameterError("a seed is not negative", where=f"seed={seed}", do="give 0 or more")
    return Streams(seed)
