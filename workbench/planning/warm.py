"""Compile the kernels of this room once, on a small example."""

from __future__ import annotations

import numpy as np
import pandas as pd


def compile_all() -> None:
    """Call every compiled kernel, for draws of both sizes; what is compiled is kept on disk."""
    from workbench.planning.effects import Effect
    from workbench.planning.held import Draws, Held
    from workbench.planning.limits import Limit
    from workbench.planning.prepared import Rules, prepare
    from workbench.planning.tiers import Goal
    from workbench.planning.tree import Tree
    from workbench.planning.year_ahead import along_curve

    tree = Tree.from_table(pd.DataFrame({"node": ["c", "a", "b"], "parent": [None, "c", "c"]}))
    values = np.arange(1, 17).reshape(2, 2, 4)
    along_curve(np.arange(3.0), np.ones(2))
    effect = Effect("k", np.array([0]), np.ones(2), np.full(4, 0.1))
    for dtype in (np.float32, np.int16):
        held = Held(values.astype(dtype), np.ones((2, 2), np.float32), None, True)
        rate = Held(held.values, held.scale, np.ones((3, 2)), False)  # an average
        draws = Draws(tree, pd.Index(["2027-01", "2027-02"]), {"k": held, "rate": rate})
        goals = [Goal("k", value=60.0, unit=1.0), Goal("rate", value=8.0, unit=1.0)]
        ready = prepare(draws, tree, goals)
        rules = Rules((Limit("a", "lock", 20.0, kpi="k"),), residual="manager")
        ready.change(rules=rules, padding={"region": 0.1}, effects=[effect]).table()
        ready.change(effects=[Effect("k", np.arange(2), np.ones(2), np.full(4, 0.1))])
