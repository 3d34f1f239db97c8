"""Draws made in a worker process: only what workers import, so that they start quickly."""

from __future__ import annotations

import numpy as np
import scipy.stats.qmc  # noqa: F401 - loaded once, before workers are forked

from workbench.scenarios import dependence, uniforms

DRAWS = 3000


def draw_block(task: tuple[str, slice]) -> bytes:
    """Draw rows of a design by a method: plain numbers, and a t copula of three."""
    method, rows = task
    plain = uniforms(DRAWS, ["a", "b"], seed=3, name="work", method=method, rows=rows)
    joint = dependence("xyz", {("x", "y"): 0.6, ("y", "z"): -0.3}, copula="t", df=4)
    joined = joint.uniforms(DRAWS, seed=3, name="joint", method=method, rows=rows)
    return np.hstack([plain, joined]).tobytes()
