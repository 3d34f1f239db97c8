"""Named streams of random numbers: the same name gives the same numbers, whatever else is drawn.

Two scenarios that differ in one place use the same numbers everywhere else, so that their
difference shows the place and not chance. Designs of many columns: `uniforms.py`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

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
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self._words(name))))

    def block(self, name: str, number: int) -> np.random.Generator:
        """A new generator for one block of a stream, so that workers share a stream.

        It is keyed by name and number, so no block waits for another: whichever worker takes a
        block, and in whatever order, draws the same numbers. Blocks and the stream itself do not
        overlap.

        Parameters
        ----------
        name : str
            Of the stream.
        number : int
            Of the block, from 0; a fixed part of the work, not of the worker.

        Raises
        ------
        ParameterError
            If the number is no whole number, or negative.
        """
        _refuse_other("number", number)
        words = np.random.SeedSequence(self._words(name), spawn_key=(number,))
        return np.random.Generator(np.random.PCG64(words))

    def _words(self, name: str) -> list[int]:
        digest = hashlib.sha256(name.encode()).digest()
        return [
            self.seed,
            *(int.from_bytes(digest[place : place + 4], "big") for place in range(0, 16, 4)),
        ]


def streams(seed: int) -> Streams:
    """Named streams of a seed.

    Raises
    ------
    ParameterError
        If the seed is no whole number, or negative.
    """
    _refuse_other("seed", seed)
    return Streams(int(seed))


def _refuse_other(name: str, value: Any) -> None:
    """Refuse what is no whole number from 0."""
    from workbench.errors import ParameterError

    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < 0:
        raise ParameterError(
            f"a {name} is a whole number from 0", where=f"{name}={value!r}", do="give 0 or more"
        )
