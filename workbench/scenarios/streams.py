"""Named streams of random numbers: the same name gives the same numbers, whatever else is drawn.

Two scenarios that differ in one place use the same numbers everywhere else, so that their
difference shows the place and not chance. Designs of many columns: `uniforms.py`.
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
            If the number is negative.
        """
        _refuse_negative("number", number)
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
        If the seed is negative.
    """
    _refuse_negative("seed", seed)
    return Streams(seed)


def _refuse_negative(name: str, value: int) -> None:
    from workbench.errors import ParameterError

    if value < 0:
        message = f"a {name} is not negative"
        raise ParameterError(message, where=f"{name}={value}", do="give 0 or more")
